//! `$(( ))`: integers, variables, and the operators that scripts use. What is not understood has no value.

/// What an expression may read and set.
pub(crate) trait Names {
    fn get(&mut self, name: &str) -> Option<i64>;
    fn set(&mut self, name: &str, value: Option<i64>);
}

/// How deep parentheses and unary operators may nest.
const DEPTH: usize = 40;

/// The value of an expression in which `$name` is already filled in.
pub(crate) fn evaluate(text: &str, names: &mut dyn Names) -> Option<i64> {
    let mut parser = Parser {
        rest: text.trim(),
        names,
        depth: 0,
    };
    if parser.rest.is_empty() {
        return Some(0);
    }
    let mut value = parser.assignment()?;
    while parser.take(",") {
        value = parser.assignment()?;
    }
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
    names: &'a mut dyn Names,
    depth: usize,
}

/// Operators of two operands, weakest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'a> Parser<'a> {
    fn assignment(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let start = self.rest;
        if let Some(name) = self.name() {
            for operator in ["=", "+=", "-=", "*=", "/=", "%="] {
                if self.rest.starts_with(operator) && !self.rest.starts_with("==") {
                    self.take(operator);
                    let right = self.assignment();
                    let value = match operator {
                        "=" => right,
                        operator => self
                            .names
                            .get(name)
                            .and_then(|left| apply(operator.trim_end_matches('='), left, right?)),
                    };
                    self.names.set(name, value);
                    self.depth -= 1;
                    return value;
                }
            }
        }
        self.rest = start;
        let value = self.ternary();
        self.depth -= 1;
        value
    }

    fn ternary(&mut self) -> Option<i64> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Some(condition);
        }
        let yes = self.assignment()?;
        if !self.take(":") {
            return None;
        }
        let no = self.assignment()?;
        Some(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            let operator = operators.iter().copied().find(|&operator| {
                self.rest.strip_prefix(operator).is_some_and(|after| {
                    // `&` is not the start of `&&`, `<` not of `<<`, `*` not of `**` or `*=`.
                    !(after.starts_with('=')
                        || operator.len() == 1
                            && "&|<>*".contains(operator)
                            && after.starts_with(operator))
                        || matches!(operator, "==" | "!=" | "<=" | ">=")
                })
            });
            let Some(operator) = operator else {
                return Some(left);
            };
            self.take(operator);
            let right = self.binary(level + 1)?;
            left = apply(operator, left, right)?;
        }
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Option<i64> {
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.take(operator) {
                let name = self.name()?;
                let value = self.names.get(name).map(|it| it.wrapping_add(step));
                self.names.set(name, value);
                return value;
            }
        }
        if self.take("!") {
            return Some(i64::from(self.unary()? == 0));
        }
        if self.take("~") {
            return Some(!self.unary()?);
        }
        if self.take("-") {
            return Some(self.unary()?.wrapping_neg());
        }
        if self.take("+") {
            return self.unary();
        }
        if self.take("(") {
            let value = self.assignment()?;
            return self.take(")").then_some(value);
        }
        if let Some(name) = self.name() {
            let value = self.names.get(name);
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.take(operator) {
                    self.names.set(name, value.map(|it| it.wrapping_add(step)));
                }
            }
            return value;
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        number(digits)
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if !crate::path::is_name(name) {
            return None;
        }
        self.rest = rest.trim_start();
        Some(name)
    }

    fn take(&mut self, operator: &str) -> bool {
        match self.rest.strip_prefix(operator) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    Some(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(u32::try_from(right & 63).ok()?),
        ">>" => left.wrapping_shr(u32::try_from(right & 63).ok()?),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        _ => return None,
    })
}

/// A number as bash reads it: decimal, `0x1f`, `017`.
pub(crate) fn number(digits: &str) -> Option<i64> {
    if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        return i64::from_str_radix(hex, 16).ok();
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return i64::from_str_radix(&digits[1..], 8).ok();
    }
    digits.parse().ok()
}
