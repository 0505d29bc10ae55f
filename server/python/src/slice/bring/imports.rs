//! Imports rewritten for the repro's place: product code is imported by its full name, test code comes along.

use std::collections::BTreeSet;

use super::{Bring, Piece};
use crate::builtins::is_builtin;
use crate::project::{Resolved, join, split};
use crate::slice::tree::Kind;
use crate::source::{Module, in_name};

/// Takes out `import a.b` where no code names `a.b` and `import a` stands beside it: all of them bind the same name.
pub(super) fn without_idle_submodules(imports: &mut BTreeSet<String>, code: &[String]) {
    let all = imports.clone();
    imports.retain(|line| {
        let Some(path) = line.strip_prefix("import ").filter(|it| !it.contains(' ')) else {
            return true;
        };
        let mut parts = path.splitn(3, '.');
        let (Some(package), Some(module)) = (parts.next(), parts.next()) else {
            return true;
        };
        let named = format!("{package}.{module}");
        !all.contains(&format!("import {package}")) || code.iter().any(|it| it.contains(&named))
    });
}

impl<'s> Bring<'s, '_> {
    pub(super) fn star(&mut self, module: &'s Module, name: &str) {
        let stars = self.project.scope(module).stars.clone();
        if stars.is_empty() || is_builtin(name) {
            return;
        }
        let mut external = None;
        for (from, level) in stars.iter().rev() {
            match self.project.import(&module.path, from, *level) {
                Some(Resolved::Module(other)) => {
                    if self.project.lookup(other, name).is_none() {
                        continue;
                    }
                    if self.is_test_code(&other.path) {
                        self.edge(module, other);
                        self.name(other, name, &BTreeSet::new());
                    } else {
                        let from = self.absolute(other);
                        self.imports.insert(format!("from {from} import {name}"));
                    }
                    return;
                }
                Some(Resolved::External(from)) => external = Some(from),
                _ => {}
            }
        }
        if let Some(from) = external {
            self.imports.insert(format!("from {from} import {name}"));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one import")]
    pub(super) fn imported(
        &mut self,
        module: &'s Module,
        bound: &str,
        from: &str,
        level: usize,
        imported: Option<&str>,
        statement: &str,
        attributes: &BTreeSet<String>,
    ) {
        if from == "__future__" {
            return;
        }
        let source = self.project.import(&module.path, from, level);
        let Some(imported) = imported else {
            match source {
                Some(Resolved::Module(other)) if self.is_test_code(&other.path) => {
                    self.namespace(module, bound, other, attributes);
                }
                _ => self.plain_import(bound, from, statement),
            }
            return;
        };
        let suffix = if bound == imported {
            String::new()
        } else {
            format!(" as {bound}")
        };
        let from = match source {
            Some(Resolved::Module(other)) => {
                match self.project.attribute(Resolved::Module(other), imported) {
                    Some(Resolved::Module(sub)) if self.is_test_code(&sub.path) => {
                        return self.namespace(module, bound, sub, attributes);
                    }
                    _ if self.is_test_code(&other.path) => {
                        return self.of_test_code(module, bound, other, imported, attributes);
                    }
                    _ if level > 0 => self.absolute(other),
                    _ => from.to_owned(),
                }
            }
            Some(Resolved::Folder(folder)) => {
                let submodule = Resolved::Folder(folder.clone());
                match self.project.attribute(submodule, imported) {
                    Some(Resolved::Module(sub)) if self.is_test_code(&sub.path) => {
                        return self.namespace(module, bound, sub, attributes);
                    }
                    _ if level > 0 => folder.replace('/', "."),
                    _ => from.to_owned(),
                }
            }
            Some(Resolved::External(path)) => path,
            _ => {
                self.notes.push(format!(
                    "`{imported}` is imported from `{}{from}`, which is not in the workspace",
                    ".".repeat(level)
                ));
                from.to_owned()
            }
        };
        self.imports
            .insert(format!("from {from} import {imported}{suffix}"));
    }

    /// A name of another test file, as its new name where it gets one.
    fn of_test_code(
        &mut self,
        module: &'s Module,
        bound: &str,
        other: &'s Module,
        imported: &str,
        attributes: &BTreeSet<String>,
    ) {
        self.edge(module, other);
        self.name(other, imported, attributes);
        let asked = (module.path.clone(), format!("{bound}="));
        if bound != imported && self.asked.insert(asked) {
            self.pieces.push(Piece {
                path: module.path.clone(),
                start: 0,
                text: format!("{bound} = {imported}"),
            });
        }
    }

    pub(super) fn plain_import(&mut self, bound: &str, from: &str, statement: &str) {
        let list = statement.trim().strip_prefix("import").unwrap_or_default();
        for part in list.split(',') {
            let part = part.split('#').next().unwrap_or_default();
            let words: Vec<&str> = part.split_whitespace().collect();
            match words[..] {
                [path, "as", alias] if alias == bound => {
                    self.imports.insert(format!("import {path} as {alias}"));
                }
                [path] if path == from || path.split('.').next() == Some(bound) => {
                    self.imports.insert(format!("import {path}"));
                }
                _ => {}
            }
        }
    }

    pub(super) fn namespace(
        &mut self,
        module: &'s Module,
        bound: &str,
        other: &'s Module,
        attributes: &BTreeSet<String>,
    ) {
        self.edge(module, other);
        for attribute in attributes {
            self.name(other, attribute, &BTreeSet::new());
        }
        self.namespaces
            .entry(bound.to_owned())
            .or_insert_with(|| (other.path.clone(), BTreeSet::new()))
            .1
            .extend(attributes.iter().cloned());
    }

    pub(super) fn edge(&mut self, from: &Module, to: &Module) {
        self.edges
            .entry(from.path.clone())
            .or_default()
            .insert(to.path.clone());
    }

    /// The name that a module of the product is imported by.
    pub(in crate::slice) fn absolute(&self, module: &Module) -> String {
        let (folder, file) = split(&module.path);
        let mut base = folder;
        while !base.is_empty() && self.project.sources.is_file(&join(base, "__init__.py")) {
            base = split(base).0;
        }
        let inside = folder
            .strip_prefix(base)
            .unwrap_or(folder)
            .trim_start_matches('/');
        let stem = file.strip_suffix(".py").unwrap_or(file);
        let mut name = inside.replace('/', ".");
        if stem != "__init__" {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(stem);
        }
        name
    }

    /// `from __future__` imports of a file whose code is in the slice.
    pub(in crate::slice) fn futures(&mut self, module: &'s Module) {
        for statement in self.tree(module).iter() {
            let text = statement.span.of(&module.text);
            if statement.kind == Kind::Import
                && let Some(names) = text.strip_prefix("from __future__ import")
            {
                for name in names
                    .trim_matches(|c: char| c.is_whitespace() || c == '(' || c == ')')
                    .split(',')
                {
                    let name = name.trim();
                    if !name.is_empty() && name.chars().all(in_name) {
                        self.futures.insert(name.to_owned());
                    }
                }
            }
        }
    }
}
