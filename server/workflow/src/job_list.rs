//! Matrices that no workflow holds: a job reads a list of tests from a YAML file of the repository and hands it on, as in
//! `matrix: ${{ fromJSON(needs.load.outputs.matrix) }}`. The log's job name tells the list's entry.

use std::sync::Arc;

use text::Span;

use crate::data::Data;
use crate::files::{Files, YamlFile};
use crate::matrix::Leg;
use crate::yaml::Node;

/// Folder of the lists.
const FOLDER: &str = "tests/pipeline_reorg";
/// Runner labels of each kind of machine.
const MACHINES: &str = ".github/sku_config.yaml";
const MAX_FILES: usize = 200;

/// An entry of a list, as the leg of the matrix that it becomes.
pub(crate) struct Listed {
    pub(crate) leg: Leg,
}

/// The one entry whose name the job's name ends in: `name [machine]`. Where several have it, none is told.
///
/// `mentions` are texts that may name the list that is read, the surest first.
pub(crate) fn leg(
    files: &Files<'_>,
    job: &Node,
    job_name: &str,
    mentions: &[&str],
) -> Option<Listed> {
    let key = matrix_key(job)?;
    let (name, machine) = match job_name
        .strip_suffix(']')
        .and_then(|it| it.rsplit_once(" ["))
    {
        Some((name, machine)) => (name, Some(machine)),
        None => (job_name, None),
    };
    let mut found = Vec::new();
    let names = files.workspace.list(FOLDER);
    for file in names.iter().take(MAX_FILES) {
        if !(file.ends_with(".yaml") || file.ends_with(".yml")) {
            continue;
        }
        let Some(file) = files.yaml(&format!("{FOLDER}/{file}")) else {
            continue;
        };
        entries(&file, name, &mut found);
    }
    // The same name may stand in several lists: what the entry runs on, and the list that the workflow reads, tell them apart.
    let logical = machine.map(|machine| logical_machines(files, machine));
    if let Some(logical) = &logical {
        prefer(&mut found, |(_, entry)| {
            logical.iter().any(|it| entry.at(&["skus", it]).is_some())
        });
    }
    for text in mentions {
        prefer(&mut found, |(file, _)| text.contains(&file.source.path));
    }
    let [(_, entry)] = &found[..] else {
        return None;
    };
    let Data::Map(fields) = Data::from_node(entry) else {
        return None;
    };
    let mut values: Vec<(String, Data)> = Vec::new();
    for (field, value) in &fields.entries {
        match field.as_str() {
            "skus" => {}
            "name" => values.push(("name".to_owned(), Data::text(job_name))),
            _ => values.push((field.clone(), value.clone())),
        }
    }
    if let Some(machine) = machine {
        values.push(("sku".to_owned(), Data::text(machine)));
        let own = logical.iter().flatten().find_map(|logical| {
            let Some(Data::Map(skus)) = fields.get("skus") else {
                return None;
            };
            Some((logical, skus.get(logical)?.clone()))
        });
        if let Some((logical, Data::Map(own))) = own {
            if logical != machine {
                values.push(("logical_sku".to_owned(), Data::text(logical)));
            }
            for (field, value) in &own.entries {
                values.retain(|(name, _)| name != field);
                values.push((field.clone(), value.clone()));
            }
        }
        if let Some(labels) = labels(files, machine) {
            values.push(("runs_on".to_owned(), labels.clone()));
            values.push(("runner_labels".to_owned(), labels));
        }
    }
    fill_placeholders(&mut values);
    Some(Listed {
        // What the loader adds besides is not written anywhere.
        leg: vec![(key, Data::map(values, true), Span::at(0))],
    })
}

/// `test-group` of `matrix: { test-group: ${{ fromJSON(needs...) }} }`.
fn matrix_key(job: &Node) -> Option<String> {
    let matrix = job.at(&["strategy", "matrix"])?;
    if from_needs(matrix) {
        // The whole matrix comes from there: the job's name says under which key.
        let name = job.get("name")?.text()?;
        let (_, rest) = name.split_once("matrix.")?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))?;
        return rest[end..].starts_with('.').then(|| rest[..end].to_owned());
    }
    let entry = matrix
        .entries()
        .iter()
        .find(|entry| from_needs(&entry.value))?;
    Some(entry.key.clone())
}

fn from_needs(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains("needs."))
}

fn entries(file: &Arc<YamlFile>, name: &str, found: &mut Vec<(Arc<YamlFile>, Arc<Node>)>) {
    for item in file.roots.iter().flat_map(|root| root.items()) {
        let is_named = item
            .get("name")
            .and_then(|it| it.text())
            .is_some_and(|it| it == name);
        if is_named {
            found.push((Arc::clone(file), Arc::clone(item)));
        }
    }
}

/// Leaves those that meet the wish, if any do.
fn prefer<T>(found: &mut Vec<T>, wish: impl Fn(&T) -> bool) {
    if found.len() > 1 && found.iter().any(&wish) {
        found.retain(|it| wish(it));
    }
}

/// The names under which a list may know a machine: its own, and those for which it stands in the merge queue.
fn logical_machines(files: &Files<'_>, machine: &str) -> Vec<String> {
    let mut names = vec![machine.to_owned()];
    let file = files.yaml(MACHINES);
    let skus = file.as_ref().and_then(|file| file.root()?.get("skus"));
    for entry in skus.map_or(&[][..], |skus| skus.entries()) {
        let stand_in = entry.value.get("merge_queue_sku").and_then(|it| it.text());
        if stand_in == Some(machine) {
            names.push(entry.key.clone());
        }
    }
    names
}

fn labels(files: &Files<'_>, machine: &str) -> Option<Data> {
    let file = files.yaml(MACHINES)?;
    let root = file.root()?;
    let entry = root.get(machine).or_else(|| root.at(&["skus", machine]))?;
    let node = ["runs_on", "runner_labels", "labels", "runner_label"]
        .iter()
        .find_map(|key| entry.get(key))?;
    Some(Data::from_node(node))
}

/// `{placeholder}` of a command is the entry's field of that name.
fn fill_placeholders(values: &mut [(String, Data)]) {
    let known: Vec<(String, String)> = values
        .iter()
        .filter_map(|(name, value)| Some((format!("{{{name}}}"), value.printed()?)))
        .collect();
    for (name, value) in values {
        if let ("cmd", Data::Text(text)) = (name.as_str(), &*value) {
            let mut filled = text.to_string();
            for (mark, with) in &known {
                if filled.contains(mark) && mark != "{cmd}" {
                    filled = filled.replace(mark.as_str(), with);
                }
            }
            *value = Data::text(filled);
        }
    }
}
