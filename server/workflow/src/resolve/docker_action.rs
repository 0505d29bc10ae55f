//! Actions that run a script in a container of their own.

use log::Step;
use text::{Origin, OriginKind, Value, Variable};

use super::Found;
use crate::command::Written;
use crate::environment::Environment;
use crate::expression::{self, Contexts};
use crate::{Container, JobConfiguration, container, steps};

/// An action that runs a script in a container: its `options` say what the tests see of the environment.
pub(super) fn apply(
    logged: &Step,
    flat: Option<(&steps::Flat, Contexts)>,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
    found: &mut Found,
) {
    let Some(uses) = &logged.uses else { return };
    let with: Vec<(String, String, Option<Origin>)> = match &flat {
        Some((flat, contexts)) if flat.node.get("with").is_some() => flat
            .node
            .get("with")
            .map_or(&[][..], |with| with.entries())
            .iter()
            .map(|entry| {
                let text = entry.value.text().unwrap_or_default();
                let origin = flat
                    .file
                    .source
                    .origin(OriginKind::Container, entry.value.span);
                (
                    entry.key.clone(),
                    expression::expand(text, contexts).text(),
                    Some(origin),
                )
            })
            .collect(),
        _ => Vec::new(),
    };
    let here = Origin {
        kind: OriginKind::Container,
        path: String::new(),
        line: logged.line,
        span: logged.span,
    };
    let value = |key: &str| -> Option<(String, Origin)> {
        let shown = uses.with.iter().find(|(name, _)| name == key);
        let own = with.iter().find(|(name, _, _)| name == key);
        let origin = own
            .and_then(|(_, _, origin)| origin.clone())
            .unwrap_or_else(|| here.clone());
        let text = shown
            .map(|(_, text)| text.clone())
            .or_else(|| own.map(|(_, text, _)| text.clone()))?;
        Some((text, origin))
    };
    let (Some((options, origin)), Some((run, place))) = (
        value("options").or_else(|| value("docker_opts")),
        value("run").or_else(|| value("run_args")),
    ) else {
        return;
    };
    // Nothing of the machine's environment is seen inside but what the options hand on.
    let outside = std::mem::take(environment);
    for name in handed_on(&options) {
        let printed = || logged.env.iter().find(|it| it.name == name);
        if let Some(variable) = outside.get(&name).or_else(printed) {
            environment.variables.push(variable.clone());
        }
    }
    container::options(&options, &origin, environment, answer);
    if origin == here {
        // The log has a line for each of them.
        for variable in &mut environment.variables {
            let same = |it: &&Variable| it.name == variable.name && it.value == variable.value;
            if let Some(shown) = logged.env.iter().find(same) {
                variable.origin = shown.origin.clone();
            }
        }
    }
    if let Some((image, origin)) = value("image") {
        let volumes = answer.container.take().map_or(Vec::new(), |it| it.volumes);
        answer.container = Some(Container {
            image: if image.contains("${{") {
                Value::Unresolved(image)
            } else {
                Value::printed(image)
            },
            options: Some(Value::printed(options)),
            volumes,
            origin,
        });
    }
    found.script = Some(Written { text: run, place });
    found.is_inside = true;
}

/// The names of `-e NAME` without a value.
fn handed_on(options: &str) -> Vec<String> {
    let mut words = options.split_whitespace();
    let mut names = Vec::new();
    while let Some(word) = words.next() {
        if matches!(word, "-e" | "--env")
            && let Some(name) = words.next()
            && !name.contains('=')
        {
            names.push(name.trim_matches(['"', '\'']).to_owned());
        }
    }
    names
}
