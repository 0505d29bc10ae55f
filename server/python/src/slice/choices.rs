//! Names that a file binds in one of several branches (`try: import a` / `except ImportError: ...`): the branch that was taken.

use super::bring::Bring;
use crate::model::Level;
use crate::scope::{Binding, BindingKind};
use crate::source::Module;

/// A name's bindings, and whether they are those of one branch that was taken, so that they stand without the branch's header.
pub(super) struct Choice<'t> {
    pub(super) bindings: Vec<Binding<'t>>,
    pub(super) taken: bool,
}

impl<'s> Bring<'s, '_> {
    /// A traced run tells which branch it was. Without one, what a `try` imports is there, unless its handler imports something
    /// else by that name: the test did run.
    pub(super) fn choice(&self, module: &'s Module, all: Vec<Binding<'s>>) -> Choice<'s> {
        let undecided = |bindings| Choice {
            bindings,
            taken: false,
        };
        let on_path = |binding: &Binding<'_>| {
            let outermost = outermost(binding);
            self.rows.get(&module.path).is_some_and(|rows| {
                rows.iter().any(|row| {
                    outermost.start_position().row <= *row && *row <= outermost.end_position().row
                })
            })
        };
        if self.level > Level::Conservative
            || all.is_empty()
            || !all.iter().all(|binding| binding.conditional)
            || all.iter().any(on_path)
        {
            return undecided(all);
        }
        let (ran, _) = self.traced(&module.path);
        let mut ran_of_them: Vec<Binding<'s>> = all
            .iter()
            .filter(|binding| ran.contains(&binding.statement.start_position().row))
            .cloned()
            .collect();
        // The import that raised ran, too; then its handler did.
        if ran_of_them.iter().any(|binding| binding.fallback) {
            ran_of_them.retain(|binding| binding.fallback);
        }
        let chosen = if ran_of_them.is_empty() {
            let guarded = all.iter().all(|binding| {
                outermost(binding).kind() == "try_statement"
                    && (binding.fallback || !is_import(binding) || !below_if(binding))
            });
            let second_import = all
                .iter()
                .any(|binding| binding.fallback && is_import(binding));
            if !guarded || second_import {
                return undecided(all);
            }
            all.iter()
                .filter(|binding| !binding.fallback)
                .cloned()
                .collect()
        } else {
            ran_of_them
        };
        match chosen.as_slice() {
            [only] if is_import(only) || is_plain(module, only) => Choice {
                bindings: chosen,
                taken: true,
            },
            _ => undecided(all),
        }
    }
}

fn is_import(binding: &Binding<'_>) -> bool {
    matches!(binding.kind, BindingKind::Import { .. })
}

/// `has_it = True`: an assignment that stands for itself.
fn is_plain(module: &Module, binding: &Binding<'_>) -> bool {
    match &binding.kind {
        BindingKind::Assign { value, unpack } => {
            unpack.is_empty() && !module.source(*value).contains('\n')
        }
        _ => false,
    }
}

/// The statement of the file that holds a binding.
fn outermost<'t>(binding: &Binding<'t>) -> tree_sitter::Node<'t> {
    let mut node = binding.statement;
    while let Some(parent) = node.parent() {
        if parent.parent().is_none() {
            break;
        }
        node = parent;
    }
    node
}

fn below_if(binding: &Binding<'_>) -> bool {
    let mut node = Some(binding.statement);
    while let Some(inner) = node {
        if inner.kind() == "if_statement" {
            return true;
        }
        node = inner.parent();
    }
    false
}
