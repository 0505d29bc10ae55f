//! What an operation makes of a value, or of each element of a list.

use std::rc::Rc;

use text::Value;

use crate::expand::{joined, pattern_of};
use crate::run::{Machine, Source};
use crate::scan;

impl Machine<'_> {
    /// `#p`, `%p`, `/p/r`, `:from:length`, `^`, `,`.
    pub(super) fn change(
        &mut self,
        value: &str,
        operation: &str,
        offset: usize,
        source: &Rc<Source>,
    ) -> Option<String> {
        let double = |rest: &str, sign: char| rest.starts_with(sign);
        let mut chars = operation.chars();
        let sign = chars.next()?;
        let rest = chars.as_str();
        match sign {
            '#' | '%' => {
                let longest = double(rest, sign);
                let pattern = &rest[usize::from(longest)..];
                let parts = self.parts(pattern, offset + 1 + usize::from(longest), false, source);
                pattern_of(&parts)?.trim(value, sign == '%', longest)
            }
            '/' => {
                let all = double(rest, '/');
                let rest = &rest[usize::from(all)..];
                let start = offset + 1 + usize::from(all);
                let cut = separator(rest).unwrap_or(rest.len());
                let with = rest.get(cut + 1..).unwrap_or_default();
                if rest.starts_with(['#', '%']) {
                    return None;
                }
                let pattern = self.parts(&rest[..cut], start, false, source);
                let with = self.parts(with, start + cut + 1, false, source);
                pattern_of(&pattern)?.replace(value, &joined(&with)?, all)
            }
            ':' => {
                let chars: Vec<char> = value.chars().collect();
                let (from, length) = self.bounds(rest, chars.len(), offset + 1, source)?;
                Some(chars[from..from + length].iter().collect())
            }
            '^' if rest == "^" => Some(value.to_uppercase()),
            ',' if rest == "," => Some(value.to_lowercase()),
            '^' | ',' if rest.is_empty() => {
                let mut chars = value.chars();
                let first = chars.next().map(|it| it.to_string()).unwrap_or_default();
                let first = if sign == '^' {
                    first.to_uppercase()
                } else {
                    first.to_lowercase()
                };
                Some(format!("{first}{}", chars.as_str()))
            }
            _ => None,
        }
    }

    pub(super) fn slice(
        &mut self,
        values: &[Value],
        operation: &str,
        offset: usize,
        source: &Rc<Source>,
    ) -> Option<Vec<Value>> {
        if let Some(rest) = operation.strip_prefix(':') {
            let (from, length) = self.bounds(rest, values.len(), offset + 1, source)?;
            return Some(values[from..from + length].to_vec());
        }
        values
            .iter()
            .map(|value| {
                let changed = self.change(value.known()?, operation, offset, source)?;
                Some(Value::Known(changed))
            })
            .collect()
    }

    /// `from:length` within `count`.
    fn bounds(
        &mut self,
        text: &str,
        count: usize,
        base: usize,
        source: &Rc<Source>,
    ) -> Option<(usize, usize)> {
        let (from, length) = match text.split_once(':') {
            Some((from, length)) => (from, Some(length)),
            None => (text, None),
        };
        let total = i64::try_from(count).ok()?;
        let mut start = self.arithmetic(from, source, base)?;
        if start < 0 {
            start += total;
        }
        if start < 0 || start > total {
            return Some((0, 0));
        }
        let mut end = match length {
            None => total,
            Some(length) => {
                let length = self.arithmetic(length, source, base + from.len() + 1)?;
                if length < 0 {
                    total + length
                } else {
                    start.saturating_add(length)
                }
            }
        };
        end = end.clamp(start, total);
        Some((
            usize::try_from(start).ok()?,
            usize::try_from(end - start).ok()?,
        ))
    }
}

/// Where the replacement of `/pattern/replacement` starts.
fn separator(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'/' {
            return Some(at);
        }
        at = match scan::skip(bytes, at) {
            Some(Ok(end)) => end,
            Some(Err(_)) => return None,
            None => at + 1,
        };
    }
    None
}
