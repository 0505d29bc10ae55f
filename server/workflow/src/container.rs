//! The container that a job or an action runs in, and what its options say.

use log::{Fact, Job};
use text::{Origin, OriginKind, Value};

use crate::environment::{Environment, layer};
use crate::expression::{self, Contexts};
use crate::files::YamlFile;
use crate::yaml::Node;
use crate::{Container, JobConfiguration, Obstacle, ObstacleKind};

/// `container:` of a job.
pub(crate) fn read(
    file: &YamlFile,
    node: &Node,
    contexts: &Contexts,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) {
    let value = |node: &Node| expression::expand(node.text().unwrap_or_default(), contexts).value();
    let image = value(node.get("image").map_or(node, |image| image));
    if image.known() == Some("") {
        // `image: ${{ matrix.image }}` without one: the job runs on the machine itself.
        return;
    }
    let origin = file.source.origin(OriginKind::Container, node.span);
    let options = node.get("options").map(|options| value(options));
    if let (Some(options), Some(at)) = (&options, node.get("options")) {
        let place = file.source.origin(OriginKind::Container, at.span);
        self::options(options.text(), &place, environment, answer);
    }
    if let Some(env) = node.get("env") {
        layer(
            file,
            env,
            OriginKind::Container,
            &mut contexts.clone(),
            environment,
        );
    }
    let volumes = node.get("volumes").map_or(Vec::new(), |volumes| {
        volumes
            .strings()
            .into_iter()
            .map(|(text, _)| expression::expand(text, contexts).text())
            .collect()
    });
    let known = answer.container.take();
    let mounts = known.map_or(Vec::new(), |container| container.volumes);
    answer.container = Some(Container {
        image,
        options,
        volumes: volumes.into_iter().chain(mounts).collect(),
        origin,
    });
}

/// The container that the log alone tells of: the job's image, and what `docker create` gave it.
pub(crate) fn of_log(job: &Job, answer: &mut JobConfiguration) {
    let Some(image) = job.image.as_ref().filter(|_| answer.container.is_none()) else {
        return;
    };
    let origin = |fact: &Fact| Origin {
        kind: OriginKind::Container,
        path: String::new(),
        line: fact.line,
        span: fact.span,
    };
    if let Some(command) = &job.container {
        // Its variables are the log's own.
        let mut aside = Environment::default();
        options(&command.text, &origin(command), &mut aside, answer);
    }
    let known = answer.container.take();
    let mut volumes = known.map_or(Vec::new(), |container| container.volumes);
    volumes.retain(|volume| !is_the_runners(volume));
    answer.container = Some(Container {
        image: Value::printed(&image.text),
        options: None,
        volumes,
        origin: origin(image),
    });
}

/// Whether GitHub's runner mounts it into each container: its own folders, and docker's socket.
fn is_the_runners(volume: &str) -> bool {
    let target = volume.split(':').nth(1).unwrap_or(volume);
    let folders = ["/__w", "/__e", "/__t", "/github/"];
    target == "/var/run/docker.sock" || folders.iter().any(|folder| target.starts_with(folder))
}

/// `-e X=v`, `--device d`, `-v a:b` of docker's options.
pub(crate) fn options(
    text: &str,
    origin: &Origin,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) {
    let words = words(text);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word.as_str(), None),
        };
        let mut value = || match joined {
            Some(value) => value.to_owned(),
            None => words.next().cloned().unwrap_or_default(),
        };
        match flag {
            "-e" | "--env" => {
                let pair = value();
                match pair.split_once('=') {
                    Some((name, value)) if value.contains("${{") => {
                        environment.set(name, Value::Unresolved(value.to_owned()), origin.clone());
                    }
                    Some((name, value)) => {
                        environment.set(name, Value::printed(value), origin.clone());
                    }
                    // Handed on from the machine: from the job's own environment, where that has it.
                    None if environment.get(&pair).is_none() && !pair.is_empty() => environment
                        .set(
                            &pair,
                            Value::Unresolved(format!("{pair} of the CI machine")),
                            origin.clone(),
                        ),
                    None => {}
                }
            }
            "--device" | "--gpus" => {
                let device = value();
                answer.obstacles.push(Obstacle {
                    kind: ObstacleKind::Hardware,
                    what: format!("device {device}"),
                    why:
                        "the container was given this device; a test that opens it fails elsewhere"
                            .to_owned(),
                    stand_in:
                        "run where the device is; set `runner` in reprolens.toml to get there"
                            .to_owned(),
                    origin: origin.clone(),
                });
            }
            "-v" | "--volume" => {
                let volume = value();
                match &mut answer.container {
                    Some(container) => container.volumes.push(volume),
                    None => {
                        answer.container = Some(Container {
                            image: Value::Unresolved("the image".to_owned()),
                            options: None,
                            volumes: vec![volume],
                            origin: origin.clone(),
                        });
                    }
                }
            }
            _ => {}
        }
    }
}

/// Words as docker's options are split: quotes group, `${{ }}` is one piece.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_open = false;
    let mut quote = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("${{")
            && let Some(end) = rest.find("}}")
        {
            word.push_str(&rest[..end + 2]);
            rest = &rest[end + 2..];
            is_open = true;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                is_open = true;
            }
            (None, c) if c.is_whitespace() => {
                if is_open {
                    words.push(std::mem::take(&mut word));
                }
                is_open = false;
            }
            (_, c) => {
                word.push(c);
                is_open = true;
            }
        }
    }
    if is_open {
        words.push(word);
    }
    words
}
