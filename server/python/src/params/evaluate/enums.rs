//! Members of enumerations.

use super::{Env, Evaluator};
use crate::params::value::{Code, Item, Value};
use crate::scope::BindingKind;
use crate::source::named_children;

impl<'s> Evaluator<'_, 's> {
    /// Whether a class is an enum, and whether it is also an int or str: `None` for other classes.
    pub(super) fn enum_kind(&self, class: Code<'s>) -> Option<bool> {
        let bases = class.node.child_by_field_name("superclasses")?;
        let mut is_enum = false;
        let mut mixed = false;
        for base in named_children(bases) {
            match self.project.external_name(class.module, base).as_deref() {
                Some("enum.Enum" | "enum.Flag") => is_enum = true,
                Some("enum.IntEnum" | "enum.StrEnum" | "enum.IntFlag") => {
                    is_enum = true;
                    mixed = true;
                }
                _ => mixed = true,
            }
        }
        let scope = self.project.scope_of(class.module, class.node);
        if scope.get("__str__").is_some() || scope.get("__repr__").is_some() {
            mixed = true;
        }
        is_enum.then_some(mixed)
    }

    pub(super) fn enum_member(
        &self,
        class_name: &str,
        class: Code<'s>,
        name: &str,
    ) -> Option<Value<'s>> {
        if class.node.kind() != "class_definition" {
            return None;
        }
        let mixed = self.enum_kind(class)?;
        let scope = self.project.scope_of(class.module, class.node);
        let BindingKind::Assign { value, unpack } = &scope.certain(name)?.kind else {
            return None;
        };
        if !unpack.is_empty() || name.starts_with('_') {
            return None;
        }
        let item = self.item(&Env::new(class.module, Some(class.node)), *value);
        Some(Value::Enum(
            class_name.to_owned(),
            name.to_owned(),
            Box::new(item),
            mixed,
        ))
    }

    pub(super) fn enum_members(&self, class: Code<'s>) -> Option<Vec<Item<'s>>> {
        self.enum_kind(class)?;
        let name = class.module.field(class.node, "name");
        let scope = self.project.scope_of(class.module, class.node);
        let mut members: Vec<Item<'s>> = Vec::new();
        let mut values: Vec<Value<'s>> = Vec::new();
        for binding in &scope.bindings {
            if let BindingKind::Assign { .. } = binding.kind
                && !binding.name.starts_with('_')
            {
                let member = self.enum_member(name, class, binding.name)?;
                // An equal value is an alias, which a loop leaves out.
                if let Value::Enum(_, _, value, _) = &member {
                    if values
                        .iter()
                        .any(|other| value.value.equals(other) == Some(true))
                    {
                        continue;
                    }
                    values.push(value.value.clone());
                }
                members.push(Item::made(member));
            }
        }
        Some(members)
    }
}
