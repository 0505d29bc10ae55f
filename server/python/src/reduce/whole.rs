//! Values that are put together of parts.

use text::Span;
use tree_sitter::Node;

/// A sum of three or more terms, or alternatives (`a | b`), where that is a whole value and no element of a list.
pub(super) struct Whole<'t> {
    /// Empty where it is none.
    pub(super) terms: Vec<Node<'t>>,
    is_sum: bool,
}

impl<'t> Whole<'t> {
    pub(super) fn of(node: Node<'t>) -> Self {
        let operator = |node: Node<'t>| {
            let operator = node.child_by_field_name("operator")?;
            (node.kind() == "binary_operator").then(|| operator.kind())
        };
        let of = operator(node);
        let is_sum = of == Some("+");
        let is_value = node.parent().is_some_and(|parent| {
            matches!(
                parent.kind(),
                "assignment" | "for_statement" | "parenthesized_expression" | "return_statement"
            )
        });
        let mut terms = Vec::new();
        if is_value && (is_sum || of == Some("|")) {
            let mut first = node;
            while operator(first) == of
                && let Some(left) = first.child_by_field_name("left")
                && let Some(right) = first.child_by_field_name("right")
            {
                terms.push(right);
                first = left;
            }
            terms.push(first);
            terms.reverse();
        }
        if is_sum && terms.len() < 3 {
            terms.clear();
        }
        Self { terms, is_sum }
    }

    /// What goes with a term: of a sum the sign behind it, of alternatives the one before it. The last of a sum stays, and the
    /// first of alternatives, which is the simplest by custom.
    pub(super) fn span(&self, index: usize) -> Option<Span> {
        let term = self.terms.get(index)?;
        if self.is_sum {
            let next = self.terms.get(index + 1)?;
            return Some(Span::new(term.start_byte(), next.start_byte()));
        }
        let before = self.terms.get(index.checked_sub(1)?)?;
        Some(Span::new(before.end_byte(), term.end_byte()))
    }
}
