//! The hooks of conftests that have a say in parameters: who makes their ids, who makes them.

use crate::fixtures;
use crate::items::Found;
use crate::params::parametrize::IdHook;
use crate::params::value::Code;
use crate::project::{Project, Resolved, join};
use crate::scope::BindingKind;
use crate::source::Module;

/// So many folders are looked through for a conftest whose hook may have made an id.
const MAX_FOLDERS: usize = 300;

/// The hook by which a conftest makes ids, the nearest one.
pub(super) fn id_hook<'s>(project: &Project<'s>, module: &'s Module) -> Option<IdHook<'s>> {
    fixtures::conftests(project, &module.path)
        .into_iter()
        .rev()
        .filter(|conftest| conftest.text.contains("pytest_make_parametrize_id"))
        .find_map(|conftest| hook_of(project, conftest))
}

/// The hooks of conftests that are not above the test's file, and at last none.
pub(super) fn other_hooks<'s>(
    project: &Project<'s>,
    module: &'s Module,
) -> Vec<Option<IdHook<'s>>> {
    let above: Vec<&str> = fixtures::conftests(project, &module.path)
        .into_iter()
        .map(|conftest| conftest.path.as_str())
        .collect();
    let mut hooks = Vec::new();
    let mut folders: Vec<String> = project.roots.clone();
    let mut at = 0;
    while at < folders.len().min(MAX_FOLDERS) {
        let folder = folders[at].clone();
        at += 1;
        let path = join(&folder, "conftest.py");
        if !above.contains(&path.as_str())
            && project.sources.is_file(&path)
            && project
                .sources
                .text(&path)
                .is_some_and(|text| text.contains("pytest_make_parametrize_id"))
            && let Some(conftest) = project.module(&path)
            && let Some(hook) = hook_of(project, conftest)
        {
            hooks.push(Some(hook));
        }
        for name in project.sources.list(&folder) {
            if let Some(name) = name.strip_suffix('/')
                && !name.starts_with('.')
            {
                let below = join(&folder, name);
                if !folders.contains(&below) {
                    folders.push(below);
                }
            }
        }
    }
    hooks
}

fn hook_of<'s>(project: &Project<'s>, conftest: &'s Module) -> Option<IdHook<'s>> {
    match project
        .scope(conftest)
        .get("pytest_make_parametrize_id")?
        .kind
    {
        BindingKind::Function(node) => Some(IdHook {
            function: Code {
                module: conftest,
                node,
            },
        }),
        _ => None,
    }
}

/// Whether code makes parameters for the test: a `pytest_generate_tests` of its class, file or conftests.
pub(super) fn generates<'s>(project: &Project<'s>, found: &Found<'s>) -> bool {
    !generators(project, found).is_empty()
}

/// The `pytest_generate_tests` of a test's class, file and conftests.
pub(super) fn generators<'s>(project: &Project<'s>, found: &Found<'s>) -> Vec<Code<'s>> {
    let name = "pytest_generate_tests";
    let mut hooks = Vec::new();
    if let Some(class) = found.classes.last()
        && let Some((owner, binding)) = project.member(*class, name)
        && let BindingKind::Function(node) = binding.kind
    {
        hooks.push(Code {
            module: owner.module,
            node,
        });
    }
    let conftests = fixtures::conftests(project, &found.module.path);
    for module in conftests.into_iter().chain([found.module]).rev() {
        if module.text.contains(name)
            && let Some(Resolved::Definition(definition)) = project.lookup(module, name)
            && let BindingKind::Function(node) = definition.binding.kind
        {
            hooks.push(Code {
                module: definition.module,
                node,
            });
        }
    }
    hooks
}
