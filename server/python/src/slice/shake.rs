//! The last pass over the slice's text: what nothing in it needs goes, by names.
//!
//! A class or fixture comes along whole; a test uses a method or two of it. Here members, local classes, assignments and the
//! parts of a namespace stay only where something that stays mentions their name, in code or in a string (a model names
//! another one by `"Student"`). Names are not resolved: two things of one name stay together, which is safe.

mod overridden;
mod rules;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::idle::without_idle_bases;
use super::layout;
use super::unused_locals::unused_locals;
use super::write::is_marked;
use crate::model::Level;
use crate::source::{Module, decorators, in_name, named_children, span, undecorated, walk};

/// Definitions nested deeper than this stay as they are.
const MAX_DEPTH: usize = 12;

/// A part of the text that goes unless it is needed.
#[derive(Default)]
struct Unit {
    owner: Option<usize>,
    /// It is needed where one of these is mentioned.
    names: BTreeSet<String>,
    words: BTreeSet<String>,
    removable: bool,
    live: bool,
    children: Vec<usize>,
    place: Place,
}

enum Place {
    Rows(usize, usize),
    /// A keyword argument of a namespace: the call's number in `Shaker::calls`.
    Argument(usize, std::ops::Range<usize>),
}

impl Default for Place {
    fn default() -> Self {
        Self::Rows(0, 0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Module,
    Function,
    /// Whether its members are fields in an order, and whether a class from elsewhere reads them.
    Class {
        ordered: bool,
        foreign: bool,
        /// Whether a class from elsewhere may call any of its methods; `unittest` calls but those of names that it has itself.
        called: bool,
    },
    /// Read as a whole by whatever it is written for: `class Meta`.
    Settings,
}

struct Shaker<'a> {
    module: &'a Module,
    level: Level,
    units: Vec<Unit>,
    /// Argument lists of namespaces.
    calls: Vec<std::ops::Range<usize>>,
    classes: BTreeSet<String>,
    overridden: overridden::Overridden,
}

/// The text without what the test named `test` does not need.
pub(super) fn shake(code: &str, level: Level, test: &str) -> String {
    if level > Level::Conservative {
        return unused_locals(code, level);
    }
    let module = Module::generated(code);
    if module.root().has_error() {
        return code.to_owned();
    }
    let mut shaker = Shaker {
        module: &module,
        level,
        units: Vec::new(),
        calls: Vec::new(),
        classes: BTreeSet::new(),
        overridden: overridden::overridden(&module),
    };
    for statement in module.statements() {
        let definition = undecorated(statement);
        if definition.kind() == "class_definition" {
            let name = module.field(definition, "name");
            shaker.classes.insert(name.to_owned());
        }
    }
    shaker.block(&module.statements(), None, Around::Module, test, 0);
    shaker.spread();
    let text = shaker.text();
    if Module::generated(&text).root().has_error() {
        return code.to_owned();
    }
    let text = super::namespaces::without_namespaces(&text);
    let text = match level {
        Level::Smallest => super::inline::one_line_helpers(&text),
        _ => text,
    };
    let text = without_idle_bases(&unused_locals(&text, level));
    layout::unused_imports(&text)
}

impl Shaker<'_> {
    fn block(
        &mut self,
        statements: &[Node<'_>],
        owner: Option<usize>,
        around: Around,
        test: &str,
        depth: usize,
    ) {
        let before = self.units.len();
        for (index, statement) in statements.iter().enumerate() {
            self.statement(*statement, index == 0, owner, around, test, depth);
        }
        if matches!(around, Around::Class { foreign: true, .. }) {
            self.keep_kinds(statements, before);
        }
    }

    fn statement(
        &mut self,
        statement: Node<'_>,
        first: bool,
        owner: Option<usize>,
        around: Around,
        test: &str,
        depth: usize,
    ) {
        let definition = undecorated(statement);
        let text = self.module.source(statement);
        let rows = super::tree::rows(statement);
        let mut unit = Unit {
            owner,
            place: Place::Rows(rows.0, rows.1),
            ..Unit::default()
        };
        let alone = self.module.stands_alone(statement) && !is_marked(self.module, span(statement));
        let name = self.module.field(definition, "name").to_owned();
        let mut inner = None;
        match definition.kind() {
            "import_statement" | "import_from_statement" | "future_import_statement" => return,
            "expression_statement"
                if first && around != Around::Module && is_string(definition) =>
            {
                unit.removable = alone;
                unit.names.insert("__doc__".to_owned());
            }
            "function_definition" => {
                unit.names.insert(name.clone());
                self.names_in_decorators(definition, &mut unit.names);
                unit.removable =
                    alone && name != test && self.function_may_go(definition, &name, around);
                inner = Some(Around::Function);
            }
            "class_definition" => {
                unit.names.insert(name.clone());
                self.table_names(definition, &mut unit.names);
                let holds_test = text.contains(&format!("def {test}("));
                let decorated = !decorators(definition).is_empty();
                unit.removable = alone
                    && !holds_test
                    && around != Around::Settings
                    && !matches!(around, Around::Class { .. })
                    && (self.level == Level::Smallest || !decorated);
                inner = Some(
                    if matches!(around, Around::Class { .. } | Around::Settings) {
                        Around::Settings
                    } else {
                        self.around_members(definition)
                    },
                );
            }
            "if_statement" if matches!(around, Around::Class { .. }) && depth < MAX_DEPTH => {
                return self.branches(definition, unit, alone, around, test, depth);
            }
            "expression_statement" => {
                if let Some((target, value)) = assignment(self.module, definition) {
                    unit.names.insert(target.clone());
                    self.name_in_call(value, &mut unit.names);
                    let member = matches!(around, Around::Class { .. });
                    if member && self.module.source(value).contains("ForeignKey(") {
                        // A relationship finds its column by the foreign key.
                        unit.names.insert("relationship".to_owned());
                    }
                    unit.removable = alone && self.assignment_may_go(&target, value, around);
                }
            }
            _ => {}
        }
        if alone && self.is_overridden(owner, &unit.names) {
            unit.removable = true;
            unit.names.clear();
        }
        let id = self.units.len();
        self.units.push(unit);
        if let Some(owner) = owner {
            self.units[owner].children.push(id);
        }
        let body = inner.and_then(|_| definition.child_by_field_name("body"));
        self.words(statement, body, id);
        if let (Some(inner), Some(body)) = (inner, body) {
            if depth < MAX_DEPTH {
                self.block(&named_children(body), Some(id), inner, test, depth + 1);
            } else {
                self.words(body, None, id);
            }
        }
    }

    /// Whether a member of the class `owner` is one that nobody reaches.
    fn is_overridden(&self, owner: Option<usize>, names: &BTreeSet<String>) -> bool {
        let of = owner.map(|owner| &self.units[owner].names);
        let mut known = self.overridden.iter();
        known.any(|(class, member)| {
            of.is_some_and(|it| it.contains(class)) && names.contains(member)
        })
    }

    /// `if sys.version_info > ...:` in a class: needed where one of its members is.
    fn branches(
        &mut self,
        statement: Node<'_>,
        mut unit: Unit,
        alone: bool,
        around: Around,
        test: &str,
        depth: usize,
    ) {
        let mut bodies = Vec::new();
        for child in named_children(statement) {
            match child.kind() {
                "block" => bodies.push(child),
                "elif_clause" | "else_clause" => bodies.extend(
                    named_children(child)
                        .into_iter()
                        .filter(|inner| inner.kind() == "block"),
                ),
                _ => {}
            }
        }
        let mut only_functions = !bodies.is_empty();
        for member in bodies.iter().flat_map(|body| named_children(*body)) {
            let member = undecorated(member);
            only_functions &= member.kind() == "function_definition";
            unit.names
                .insert(self.module.field(member, "name").to_owned());
        }
        unit.removable = alone
            && only_functions
            && !matches!(around, Around::Class { foreign: true, .. } if self.level > Level::Smallest);
        let id = self.units.len();
        let owner = unit.owner;
        self.units.push(unit);
        if let Some(owner) = owner {
            self.units[owner].children.push(id);
        }
        if !only_functions {
            return self.words(statement, None, id);
        }
        if let Some(condition) = statement.child_by_field_name("condition") {
            self.words(condition, None, id);
        }
        for body in bodies {
            self.block(&named_children(body), Some(id), around, test, depth + 1);
        }
    }

    /// The words of a statement but of its body, for the unit `id`; arguments of namespaces become units of their own.
    fn words(&mut self, statement: Node<'_>, body: Option<Node<'_>>, id: usize) {
        let mut lists = Vec::new();
        let mut words = BTreeSet::new();
        let module = self.module;
        let name = undecorated(statement).child_by_field_name("name");
        walk(statement, |node| {
            if Some(node) == body || (body.is_some() && Some(node) == name) {
                return false;
            }
            match node.kind() {
                "identifier" => {
                    let own_target = node.parent().is_some_and(|parent| {
                        parent.kind() == "assignment"
                            && parent.child_by_field_name("left") == Some(node)
                    });
                    if !own_target {
                        words.insert(module.source(node).to_owned());
                    }
                    false
                }
                "string" => {
                    words.extend(words_of(module.source(node)));
                    true
                }
                "call" => {
                    let function = module.field(node, "function");
                    let list = node.child_by_field_name("arguments");
                    if function.ends_with("SimpleNamespace")
                        && let Some(list) = list
                        && is_plain_namespace(module, list)
                    {
                        words.insert(function.to_owned());
                        lists.push(list);
                        return false;
                    }
                    true
                }
                _ => true,
            }
        });
        self.units[id].words.extend(words);
        for list in lists {
            let call = self.calls.len();
            self.calls.push(list.byte_range());
            for argument in named_children(list) {
                let unit = self.units.len();
                let name = module.field(argument, "name").to_owned();
                let value = argument.child_by_field_name("value");
                self.units.push(Unit {
                    owner: Some(id),
                    names: BTreeSet::from([name]),
                    removable: true,
                    place: Place::Argument(call, argument.byte_range()),
                    ..Unit::default()
                });
                self.units[id].children.push(unit);
                if let Some(value) = value {
                    self.words(value, None, unit);
                }
            }
        }
    }

    /// Finds what is needed, from what always is.
    fn spread(&mut self) {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (id, unit) in self.units.iter().enumerate() {
            for name in &unit.names {
                by_name.entry(name.clone()).or_default().push(id);
            }
        }
        let mut mentioned: BTreeSet<String> = BTreeSet::new();
        let mut queue: Vec<usize> = (0..self.units.len())
            .filter(|id| self.units[*id].owner.is_none() && !self.units[*id].removable)
            .collect();
        while let Some(id) = queue.pop() {
            if std::mem::replace(&mut self.units[id].live, true) {
                continue;
            }
            for word in std::mem::take(&mut self.units[id].words) {
                let waiting = by_name.get(&word);
                if !mentioned.insert(word) {
                    continue;
                }
                for other in waiting.into_iter().flatten() {
                    let owned = self.units[*other].owner;
                    if owned.is_none_or(|owner| self.units[owner].live) {
                        queue.push(*other);
                    }
                }
            }
            for child in self.units[id].children.clone() {
                let unit = &self.units[child];
                if !unit.removable || unit.names.iter().any(|name| mentioned.contains(name)) {
                    queue.push(child);
                }
            }
        }
    }
}

/// `name = value` on one plain name.
fn assignment<'t>(module: &Module, statement: Node<'t>) -> Option<(String, Node<'t>)> {
    let node = named_children(statement).into_iter().next()?;
    if node.kind() != "assignment" || node.child_by_field_name("type").is_some() {
        return None;
    }
    let left = node.child_by_field_name("left")?;
    let right = node.child_by_field_name("right")?;
    (left.kind() == "identifier" && right.kind() != "assignment")
        .then(|| (module.source(left).to_owned(), right))
}

/// Whether a namespace is made of nothing but plain keywords.
fn is_plain_namespace(module: &Module, list: Node<'_>) -> bool {
    named_children(list).iter().all(|argument| {
        argument.kind() == "keyword_argument" && !module.source(*argument).contains('\n')
    })
}

fn is_string(statement: Node<'_>) -> bool {
    named_children(statement)
        .first()
        .is_some_and(|child| matches!(child.kind(), "string" | "concatenated_string"))
}

fn is_dunder(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c| !in_name(c))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .map(str::to_owned)
}
