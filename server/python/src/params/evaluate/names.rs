//! Names and attributes: what they are bound to, where that is certain.

use tree_sitter::Node;

use super::{Env, Evaluator};
use crate::builtins::is_named;
use crate::params::value::{Code, Value};
use crate::project::{Definition, Resolved};
use crate::scope::BindingKind;
use crate::source::Module;

impl<'s> Evaluator<'_, 's> {
    pub(super) fn name(&self, env: &Env<'s>, node: Node<'s>) -> Value<'s> {
        let name = env.module.source(node);
        if let Some(item) = env.local(name) {
            return item.value.clone();
        }
        if let Some(class) = env.class {
            let scope = self.project.scope_of(env.module, class);
            if scope.get(name).is_some() {
                let Some(binding) = scope.certain(name) else {
                    return Value::Unknown;
                };
                let definition = Definition {
                    module: env.module,
                    binding: binding.clone(),
                    certain: true,
                };
                return self.definition(&definition, Some(class));
            }
        }
        if let Some(definition) = self.bound_before(env.module, node, name) {
            return self.definition(&definition, None);
        }
        match self.project.lookup(env.module, name) {
            Some(found) => self.resolved(found),
            // An exception that comes with all names of a library is called so, too.
            None if is_named(name) || name.ends_with("Error") => Value::Builtin(name.to_owned()),
            None => Value::Unknown,
        }
    }

    /// Of a name that a module binds several times, what it is bound to where a decorator uses it.
    fn bound_before(
        &self,
        module: &'s Module,
        usage: Node<'s>,
        name: &str,
    ) -> Option<Definition<'s>> {
        let scope = self.project.scope(module);
        let mut before = scope
            .all(name)
            .filter(|binding| binding.statement.start_byte() < usage.start_byte());
        let last = before.next_back()?;
        scope.all(name).nth(1)?;
        let runs_later = std::iter::successors(usage.parent(), |node| node.parent())
            .any(|node| matches!(node.kind(), "block" | "lambda"));
        let is_sure = !last.conditional
            && matches!(last.kind, BindingKind::Assign { .. })
            && last.statement.end_byte() <= usage.start_byte();
        (is_sure && !runs_later).then(|| Definition {
            module,
            binding: last.clone(),
            certain: true,
        })
    }

    fn resolved(&self, found: Resolved<'s>) -> Value<'s> {
        match found {
            Resolved::Definition(definition) => self.definition(&definition, None),
            Resolved::External(name) => Value::External(name),
            Resolved::Module(_) | Resolved::Folder(_) => Value::Unknown,
        }
    }

    fn definition(&self, definition: &Definition<'s>, class: Option<Node<'s>>) -> Value<'s> {
        let module = definition.module;
        if !definition.certain {
            return Value::Unknown;
        }
        match &definition.binding.kind {
            // A decorator may make anything of a function.
            BindingKind::Function(_)
                if definition.binding.statement.kind() == "decorated_definition" =>
            {
                Value::Unknown
            }
            BindingKind::Function(node) | BindingKind::Class(node) => {
                let (name, node) = (module.field(*node, "name").to_owned(), *node);
                Value::Named(name, Code { module, node })
            }
            BindingKind::Assign { value, unpack } => {
                let env = Env::new(module, class);
                let mut found = self.value(&env, *value);
                for index in unpack {
                    let Some(item) = found.elements().and_then(|items| items.get(*index)) else {
                        return Value::Unknown;
                    };
                    found = item.value.clone();
                }
                found
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn attribute(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let name = env.module.field(node, "attribute");
        let object = node.child_by_field_name("object")?;
        if env.local(env.module.source(object)).is_none()
            && let Some(found) = self.project.resolve(env.module, node)
        {
            let owner = self.value(env, object);
            if let Value::Named(class_name, code) = &owner
                && let Some(member) = self.enum_member(class_name, *code, name)
            {
                return Some(member);
            }
            let value = match found {
                Resolved::Definition(definition) => {
                    let class = match &owner {
                        Value::Named(_, code) if code.node.kind() == "class_definition" => {
                            Some(code.node)
                        }
                        _ => None,
                    };
                    // A property or method of a class is no constant.
                    if class.is_some()
                        && !matches!(definition.binding.kind, BindingKind::Assign { .. })
                    {
                        return None;
                    }
                    self.definition(&definition, class)
                }
                other => self.resolved(other),
            };
            return Some(value);
        }
        match (self.value(env, object), name) {
            (Value::Enum(_, member, _, _), "name") => Some(Value::Str(member)),
            (Value::Enum(_, _, value, _), "value") => Some(value.value),
            (Value::Named(name, _) | Value::Builtin(name), "__name__" | "__qualname__") => {
                Some(Value::Str(name))
            }
            (Value::External(base), _) => Some(Value::External(format!("{base}.{name}"))),
            _ => None,
        }
    }
}
