//! `find_ids FOLDER IDS.json`: what is found for each id, as JSON on standard output, and the time on standard error.
//! For comparing with what pytest itself collects; `tests/oracle/record.py` writes such ids.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use text::Workspace;

struct Disk(PathBuf);

#[expect(
    clippy::disallowed_methods,
    reason = "a tool for developers, not part of the program"
)]
impl Workspace for Disk {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        let bytes = std::fs::read(self.0.join(path)).ok()?;
        Some(Arc::from(String::from_utf8_lossy(&bytes).as_ref()))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_folder = entry.path().is_dir();
                if is_folder { format!("{name}/") } else { name }
            })
            .collect();
        names.sort();
        names
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tool for developers, not part of the program"
)]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "its output")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, ids] = arguments.as_slice() else {
        return Err("usage: find_ids FOLDER IDS.json".into());
    };
    let workspace = Disk(Path::new(folder).to_owned());
    let ids: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(ids)?)?;
    let mut out = Vec::new();
    let mut times = Vec::new();
    for id in &ids {
        let Some(id) = id["id"].as_str() else {
            continue;
        };
        let start = Instant::now();
        let found = reprolens_python::find(&workspace, &[], id);
        times.push(start.elapsed().as_micros());
        out.push(match found {
            Ok(test) => {
                let path = test.defined_in.as_deref().unwrap_or(&test.path);
                let text = workspace.read(path).unwrap_or_default();
                let line = text::LineIndex::new(&text).line_of(test.span.start) + 1;
                let params: Vec<_> = test
                    .params
                    .iter()
                    .map(|param| {
                        serde_json::json!({"name": param.name, "value": param.value, "path": param.path,
                            "indirect": param.indirect, "id": param.id})
                    })
                    .collect();
                let fixtures: Vec<_> = test.fixtures.iter().map(|it| it.name.as_str()).collect();
                let marks: Vec<_> = test.marks.iter().map(|it| it.name.as_str()).collect();
                let problems: Vec<_> = test.problems.iter().map(|it| it.message.as_str()).collect();
                serde_json::json!({"asked": id, "line": line, "path": path, "params": params,
                    "fixtures": fixtures, "marks": marks, "sets": test.param_sets, "problems": problems})
            }
            Err(why) => serde_json::json!({"asked": id, "error": format!("{why:?}")}),
        });
    }
    println!("{}", serde_json::to_string(&out)?);
    times.sort_unstable();
    if let (Some(median), Some(last)) = (times.get(times.len() / 2), times.last()) {
        eprintln!("{} ids, median {median} us, longest {last} us", times.len());
    }
    Ok(())
}
