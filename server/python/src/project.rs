//! The files of the workspace as Python sees them: each parsed once, imports followed from file to file.
//!
//! [`Sources`] owns the parsed files, [`Project`] asks about them; all nodes live as long as the `Sources`. What is not in the
//! workspace (the standard library, installed packages) is a dotted name and nothing more.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use elsa::FrozenMap;
use text::Workspace;
use tree_sitter::Node;

use crate::scope::{Binding, BindingKind, Scope};
use crate::source::{Module, body, dotted, unparenthesized};

/// Imports are followed through at most so many files (`from .a import x` where `a` has `from .b import x`).
const MAX_HOPS: usize = 12;

/// How many sub-folders of a root are tried as a place that packages lie in.
const MAX_SOURCE_FOLDERS: usize = 200;

/// The parsed files of a workspace, each read and parsed at the first request.
pub struct Sources<'w> {
    workspace: &'w dyn Workspace,
    modules: FrozenMap<String, Box<Module>>,
    absent: RefCell<HashSet<String>>,
    folders: FrozenMap<String, Box<[String]>>,
}

impl<'w> Sources<'w> {
    pub fn new(workspace: &'w dyn Workspace) -> Self {
        Self {
            workspace,
            modules: FrozenMap::new(),
            absent: RefCell::default(),
            folders: FrozenMap::new(),
        }
    }

    /// The file of that path, parsed; `None` where there is none.
    pub fn module(&self, path: &str) -> Option<&Module> {
        if let Some(module) = self.modules.get(path) {
            return Some(module);
        }
        if self.absent.borrow().contains(path) || !self.is_file(path) {
            return None;
        }
        match self.workspace.read(path) {
            Some(text) => Some(
                self.modules
                    .insert(path.to_owned(), Box::new(Module::parse(path, text))),
            ),
            None => {
                self.absent.borrow_mut().insert(path.to_owned());
                None
            }
        }
    }

    /// The text of a file, unparsed.
    pub fn text(&self, path: &str) -> Option<std::sync::Arc<str>> {
        match self.modules.get(path) {
            Some(module) => Some(module.text.clone()),
            None if self.is_file(path) => self.workspace.read(path),
            None => None,
        }
    }

    pub fn is_file(&self, path: &str) -> bool {
        let (folder, name) = split(path);
        !name.is_empty() && self.holds(folder, name)
    }

    pub fn is_folder(&self, path: &str) -> bool {
        if path.is_empty() {
            return true;
        }
        let (folder, name) = split(path);
        self.holds(folder, &format!("{name}/"))
    }

    /// The names in a folder, sorted, folders with a `/` at the end.
    pub fn list(&self, folder: &str) -> Vec<String> {
        self.workspace.list(folder)
    }

    fn holds(&self, folder: &str, name: &str) -> bool {
        let names = match self.folders.get(folder) {
            Some(names) => names,
            None => {
                let mut names = self.workspace.list(folder);
                names.sort_unstable();
                self.folders
                    .insert(folder.to_owned(), names.into_boxed_slice())
            }
        };
        names
            .binary_search_by(|other| other.as_str().cmp(name))
            .is_ok()
    }
}

/// What a name or a dotted name stands for.
#[derive(Debug, Clone)]
pub enum Resolved<'s> {
    /// It is bound in a block of the workspace (never an import that could be followed).
    Definition(Definition<'s>),
    /// It is a module of the workspace.
    Module(&'s Module),
    /// It is a folder of the workspace without `__init__.py`.
    Folder(String),
    /// It comes from outside the workspace: its full dotted name (`pytest.mark.parametrize`, `os.path`).
    External(String),
}

/// A binding and the file that it stands in.
#[derive(Debug, Clone)]
pub struct Definition<'s> {
    pub module: &'s Module,
    pub binding: Binding<'s>,
    /// It is the only binding of that name, and not under a condition.
    pub certain: bool,
}

/// The question side of [`Sources`]: with the roots of the pytest session, which decide where imports are looked for.
pub struct Project<'s> {
    pub sources: &'s Sources<'s>,
    /// Folders, relative to the workspace, that may be pytest's root or working directory; the workspace's own root is the last.
    pub roots: Vec<String>,
    scopes: RefCell<HashMap<(*const Module, usize), Rc<Scope<'s>>>>,
    search_paths: RefCell<HashMap<String, Rc<[String]>>>,
}

impl<'s> Project<'s> {
    pub fn new(sources: &'s Sources<'s>, roots: &[String]) -> Self {
        let mut all: Vec<String> = Vec::new();
        for root in roots.iter().map(String::as_str).chain([""]) {
            let root = normalize(root).unwrap_or_default();
            if !all.contains(&root) {
                all.push(root);
            }
        }
        Self {
            sources,
            roots: all,
            scopes: RefCell::default(),
            search_paths: RefCell::default(),
        }
    }

    pub fn module(&self, path: &str) -> Option<&'s Module> {
        self.sources.module(path)
    }

    /// The names that a file binds at its outermost level.
    pub fn scope(&self, module: &'s Module) -> Rc<Scope<'s>> {
        self.cached(module, module.root(), || module.statements())
    }

    /// The names that the body of a class or function binds.
    pub fn scope_of(&self, module: &'s Module, definition: Node<'s>) -> Rc<Scope<'s>> {
        self.cached(module, definition, || body(definition))
    }

    fn cached(
        &self,
        module: &'s Module,
        node: Node<'s>,
        statements: impl FnOnce() -> Vec<Node<'s>>,
    ) -> Rc<Scope<'s>> {
        let key = (std::ptr::from_ref(module), node.id());
        if let Some(scope) = self.scopes.borrow().get(&key) {
            return scope.clone();
        }
        let scope = Rc::new(Scope::of(module, &statements()));
        self.scopes.borrow_mut().insert(key, scope.clone());
        scope
    }

    /// What a name of a file's outermost level stands for, through imports.
    pub fn lookup(&self, module: &'s Module, name: &str) -> Option<Resolved<'s>> {
        self.lookup_bounded(module, name, MAX_HOPS)
    }

    /// What an expression that is a chain of names stands for: `helpers.VALUES`, `pytest.mark.skip`, `Class.attribute`.
    pub fn resolve(&self, module: &'s Module, expression: Node<'s>) -> Option<Resolved<'s>> {
        let name = dotted(module, unparenthesized(expression))?;
        self.resolve_dotted(module, &name)
    }

    /// The same for a dotted name as text.
    pub fn resolve_dotted(&self, module: &'s Module, name: &str) -> Option<Resolved<'s>> {
        let mut parts = name.split('.');
        let mut found = self.lookup(module, parts.next()?)?;
        for part in parts {
            found = self.attribute(found, part)?;
        }
        Some(found)
    }

    /// The full dotted name of an expression where it comes from outside the workspace: `pytest.mark.parametrize` for
    /// `mark.parametrize` after `from pytest import mark`. A simple assignment (`param = pytest.mark.parametrize`) is looked through.
    pub fn external_name(&self, module: &'s Module, expression: Node<'s>) -> Option<String> {
        self.external_bounded(module, expression, MAX_HOPS)
    }

    fn external_bounded(
        &self,
        module: &'s Module,
        expression: Node<'s>,
        hops: usize,
    ) -> Option<String> {
        let written = dotted(module, unparenthesized(expression))?;
        match self.resolve_dotted(module, &written) {
            Some(Resolved::External(name)) => Some(name),
            Some(Resolved::Definition(definition)) => match definition.binding.kind {
                BindingKind::Assign { value, unpack } if unpack.is_empty() && hops > 0 => {
                    self.external_bounded(definition.module, value, hops - 1)
                }
                _ => None,
            },
            Some(_) => None,
            None => {
                // `mark = pytest.mark` and then `mark.parametrize`.
                let (first, rest) = written.split_once('.')?;
                let Some(Resolved::Definition(definition)) = self.lookup(module, first) else {
                    return None;
                };
                match definition.binding.kind {
                    BindingKind::Assign { value, unpack } if unpack.is_empty() && hops > 0 => {
                        let base = self.external_bounded(definition.module, value, hops - 1)?;
                        Some(format!("{base}.{rest}"))
                    }
                    _ => None,
                }
            }
        }
    }

    /// An attribute of what a name stands for.
    pub fn attribute(&self, of: Resolved<'s>, name: &str) -> Option<Resolved<'s>> {
        match of {
            Resolved::External(base) => Some(Resolved::External(format!("{base}.{name}"))),
            Resolved::Module(module) => self
                .lookup(module, name)
                .or_else(|| self.submodule(folder_of_package(module)?, name)),
            Resolved::Folder(folder) => self.submodule(&folder, name),
            Resolved::Definition(definition) => match definition.binding.kind {
                BindingKind::Class(class) => {
                    let scope = self.scope_of(definition.module, class);
                    let binding = scope.get(name)?.clone();
                    let certain = scope.certain(name).is_some();
                    Some(Resolved::Definition(Definition {
                        module: definition.module,
                        binding,
                        certain,
                    }))
                }
                _ => None,
            },
        }
    }

    fn lookup_bounded(&self, module: &'s Module, name: &str, hops: usize) -> Option<Resolved<'s>> {
        let hops = hops.checked_sub(1).filter(|_| module.may_bind(name))?;
        let scope = self.scope(module);
        let Some(binding) = scope.get(name) else {
            // `from x import *`, the last first.
            return scope.stars.iter().rev().find_map(|(from, level)| {
                match self.import(&module.path, from, *level)? {
                    Resolved::Module(other) => self.lookup_bounded(other, name, hops),
                    _ => None,
                }
            });
        };
        if let BindingKind::Import {
            module: from,
            level,
            name: imported,
        } = &binding.kind
        {
            let source = self.import(&module.path, from, *level)?;
            let Some(imported) = imported else {
                return Some(source);
            };
            return match source {
                Resolved::Module(other) => self
                    .lookup_bounded(other, imported, hops)
                    .or_else(|| self.submodule(folder_of_package(other)?, imported)),
                other => self.attribute(other, imported),
            };
        }
        Some(Resolved::Definition(Definition {
            module,
            binding: binding.clone(),
            certain: scope.certain(name).is_some(),
        }))
    }

    /// The module that an import in the file `from` names: in the workspace, or external.
    pub fn import(&self, from: &str, name: &str, level: usize) -> Option<Resolved<'s>> {
        let name = name.trim();
        if level > 0 {
            let mut folder = split(from).0;
            for _ in 1..level {
                if folder.is_empty() {
                    return None;
                }
                folder = split(folder).0;
            }
            return self.descend(folder, name);
        }
        for base in self.search_path(from).iter() {
            if let Some(found) = self.descend(base, name)
                && !matches!(found, Resolved::Folder(_))
            {
                return Some(found);
            }
        }
        // A folder without `__init__.py` is a package only where nothing else is.
        let first = name.split('.').next().unwrap_or_default();
        let folder =
            self.search_path(from)
                .iter()
                .find_map(|base| match self.descend(base, name)? {
                    Resolved::Folder(folder) if first != "tests" || name != first => {
                        Some(Resolved::Folder(folder))
                    }
                    _ => None,
                });
        Some(folder.unwrap_or_else(|| Resolved::External(name.to_owned())))
    }

    /// `a.b` below a folder.
    fn descend(&self, folder: &str, name: &str) -> Option<Resolved<'s>> {
        let mut parts = name.split('.').filter(|part| !part.is_empty()).peekable();
        let mut folder = folder.to_owned();
        if parts.peek().is_none() {
            return self.package(&folder);
        }
        let mut found = None;
        while let Some(part) = parts.next() {
            let below = self.submodule(&folder, part)?;
            folder = join(&folder, part);
            if parts.peek().is_some() && !self.sources.is_folder(&folder) {
                return None;
            }
            found = Some(below);
        }
        found
    }

    fn submodule(&self, folder: &str, name: &str) -> Option<Resolved<'s>> {
        let path = join(folder, name);
        if self.sources.is_file(&join(&path, "__init__.py")) {
            return self.package(&path);
        }
        if let Some(module) = self.sources.module(&format!("{path}.py")) {
            return Some(Resolved::Module(module));
        }
        self.sources
            .is_folder(&path)
            .then_some(Resolved::Folder(path))
    }

    fn package(&self, folder: &str) -> Option<Resolved<'s>> {
        match self.sources.module(&join(folder, "__init__.py")) {
            Some(module) => Some(Resolved::Module(module)),
            None => self
                .sources
                .is_folder(folder)
                .then(|| Resolved::Folder(folder.to_owned())),
        }
    }

    /// The folders that an absolute import in a file is looked for in, in the order of `sys.path`: what pytest puts there
    /// (the first folder above the file, and above each conftest, without `__init__.py`), the roots, and the usual places of
    /// a project's own packages.
    pub fn search_path(&self, from: &str) -> Rc<[String]> {
        let folder = split(from).0;
        if let Some(path) = self.search_paths.borrow().get(folder) {
            return path.clone();
        }
        let mut path: Vec<String> = Vec::new();
        let mut add = |folder: String| {
            if !path.contains(&folder) {
                path.push(folder);
            }
        };
        add(self.base_of(folder));
        for ancestor in ancestors(folder) {
            if self.sources.is_file(&join(ancestor, "conftest.py")) {
                add(self.base_of(ancestor));
            }
        }
        for root in &self.roots {
            for place in ["", "src", "lib", "python"] {
                let place = join(root, place);
                if self.sources.is_folder(&place) {
                    add(place);
                }
            }
            for name in self.sources.list(root).into_iter().take(MAX_SOURCE_FOLDERS) {
                let Some(name) = name.strip_suffix('/') else {
                    continue;
                };
                let place = join(root, name);
                let is_source_folder = !name.starts_with('.')
                    && !self.sources.is_file(&join(&place, "__init__.py"))
                    && (self.sources.is_file(&join(&place, "setup.py"))
                        || self.sources.is_file(&join(&place, "pyproject.toml"))
                        || self.sources.is_file(&join(&place, "conftest.py")));
                if is_source_folder {
                    add(place.clone());
                    let nested = join(&place, "src");
                    if self.sources.is_folder(&nested) {
                        add(nested);
                    }
                }
            }
        }
        let path: Rc<[String]> = path.into();
        self.search_paths
            .borrow_mut()
            .insert(folder.to_owned(), path.clone());
        path
    }

    /// The folder that pytest puts on `sys.path` for a file in `folder`: the first one upwards without `__init__.py`.
    fn base_of(&self, folder: &str) -> String {
        let mut folder = folder;
        while !folder.is_empty() && self.sources.is_file(&join(folder, "__init__.py")) {
            folder = split(folder).0;
        }
        folder.to_owned()
    }
}

fn folder_of_package(module: &Module) -> Option<&str> {
    let (folder, name) = split(&module.path);
    (name == "__init__.py").then_some(folder)
}

/// `a/b/c.py` gives `a/b` and `c.py`; without a folder the first is empty.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// `a` and `b.py` give `a/b.py`; an empty side gives the other.
pub fn join(folder: &str, name: &str) -> String {
    match (folder.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// A folder and those above it, innermost first, the workspace's root (`""`) last.
pub fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| {
        (!folder.is_empty()).then(|| split(folder).0)
    })
}

/// A relative path with `/`, without `.`, `..` and doubled slashes; `None` where it leads out of the workspace or is absolute.
pub fn normalize(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
