//! Tests that a class inherits: the class of the id stands around them, not the one that holds their function.

use super::Builder;
use super::tree::{Kind, Statement, statements};
use crate::source::Module;

impl<'s> Builder<'_, 's, '_> {
    /// The class that the id names and its file, where the test's function stands in a base of it.
    pub(super) fn inheriting(&self, owner: Option<&Statement>) -> Option<(&'s Module, Statement)> {
        let owner = owner?;
        let name = self.test.classes.last()?;
        let module = self.project.module(&self.test.path)?;
        if *name == owner.name && std::ptr::eq(module, self.module) {
            return None;
        }
        let tree = statements(module, &module.statements());
        let mut block: &[Statement] = &tree;
        let mut found: Option<&Statement> = None;
        for name in &self.test.classes {
            let class = block
                .iter()
                .rfind(|it| it.kind == Kind::Class && it.name == *name)?;
            block = class.clauses.first().map_or(&[], |clause| &clause.body);
            found = Some(class);
        }
        found.map(|class| (module, class.clone()))
    }
}
