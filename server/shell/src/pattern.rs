//! Shell patterns: `*`, `?`, `[a-z]`, and characters that stand for themselves.

/// A pattern of which all is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pattern {
    atoms: Vec<Atom>,
    /// Holds what is not understood (`@(a|b)`, `[[:alpha:]]`).
    strange: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Atom {
    Char(char),
    One,
    Many,
    Set(bool, Vec<(char, char)>),
}

/// Whether the whole text fits a shell's pattern; `None` where that is not known.
pub fn fits(pattern: &str, text: &str) -> Option<bool> {
    let mut parsed = Pattern::default();
    parsed.special(pattern);
    parsed.matches(text)
}

/// Steps that one match may take.
const STEPS: usize = 1 << 20;

impl Pattern {
    pub(crate) fn literal(&mut self, text: &str) {
        self.atoms.extend(text.chars().map(Atom::Char));
    }

    pub(crate) fn special(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let atom = match c {
                '*' => Atom::Many,
                '?' => Atom::One,
                '[' => match set(&mut chars.clone()) {
                    Some((atom, rest)) => {
                        self.strange |=
                            matches!(&atom, Atom::Set(_, set) if set.iter().any(|it| it.0 == '['));
                        while chars.clone().count() > rest {
                            chars.next();
                        }
                        atom
                    }
                    None => Atom::Char('['),
                },
                '(' | ')' | '|' => {
                    self.strange = true;
                    Atom::Char(c)
                }
                c => Atom::Char(c),
            };
            self.atoms.push(atom);
        }
    }

    pub(crate) fn is_everything(&self) -> bool {
        !self.strange && !self.atoms.is_empty() && self.atoms.iter().all(|it| *it == Atom::Many)
    }

    /// Whether the whole text fits; `None` where that is not known.
    pub(crate) fn matches(&self, text: &str) -> Option<bool> {
        if self.strange {
            return None;
        }
        let text: Vec<char> = text.chars().collect();
        if text.len().saturating_mul(self.atoms.len()) > STEPS {
            return None;
        }
        Some(self.fits(&text))
    }

    fn fits(&self, text: &[char]) -> bool {
        let (mut at, mut atom) = (0, 0);
        let mut star = None;
        while at < text.len() {
            match self.atoms.get(atom) {
                Some(Atom::Many) => {
                    star = Some((atom, at));
                    atom += 1;
                    continue;
                }
                Some(one) if one.fits(text[at]) => {
                    at += 1;
                    atom += 1;
                    continue;
                }
                _ => {}
            }
            let Some((back, from)) = star else {
                return false;
            };
            star = Some((back, from + 1));
            atom = back + 1;
            at = from + 1;
        }
        self.atoms[atom..].iter().all(|it| *it == Atom::Many)
    }

    /// The text without its shortest or longest start (or end) that fits.
    pub(crate) fn trim(&self, text: &str, end: bool, longest: bool) -> Option<String> {
        let chars: Vec<char> = text.chars().collect();
        let square = chars.len().saturating_mul(chars.len());
        if self.strange || square.saturating_mul(self.atoms.len()) > STEPS {
            return None;
        }
        let mut lengths: Vec<usize> = (0..=chars.len()).collect();
        if longest {
            lengths.reverse();
        }
        for length in lengths {
            let (cut, rest) = if end {
                let (rest, cut) = chars.split_at(chars.len() - length);
                (cut, rest)
            } else {
                chars.split_at(length)
            };
            if self.fits(cut) {
                return Some(rest.iter().collect());
            }
        }
        Some(text.to_owned())
    }

    /// The text with the longest matches replaced: the first one, or all.
    pub(crate) fn replace(&self, text: &str, with: &str, all: bool) -> Option<String> {
        let chars: Vec<char> = text.chars().collect();
        let square = chars.len().saturating_mul(chars.len());
        if self.strange || square.saturating_mul(self.atoms.len()) > STEPS {
            return None;
        }
        let mut result = String::new();
        let mut at = 0;
        let mut done = self.atoms.is_empty();
        while at < chars.len() {
            let length = (1..=chars.len() - at)
                .rev()
                .find(|length| !done && self.fits(&chars[at..at + length]));
            match length {
                Some(length) => {
                    result.push_str(with);
                    at += length;
                    done = !all;
                }
                None => {
                    result.push(chars[at]);
                    at += 1;
                }
            }
        }
        Some(result)
    }
}

impl Atom {
    fn fits(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::One | Self::Many => true,
            Self::Set(negated, ranges) => {
                ranges.iter().any(|&(from, to)| from <= c && c <= to) != *negated
            }
        }
    }
}

/// A set after `[`, and how many characters are left after it; `None` if it is not closed.
fn set(chars: &mut (impl Iterator<Item = char> + Clone)) -> Option<(Atom, usize)> {
    let mut members: Vec<char> = Vec::new();
    let mut negated = false;
    for (at, c) in chars.by_ref().take(256).enumerate() {
        match c {
            '!' | '^' if at == 0 => negated = true,
            ']' if !members.is_empty() => {
                let mut ranges = Vec::new();
                let mut at = 0;
                while at < members.len() {
                    if at + 2 < members.len() && members[at + 1] == '-' {
                        ranges.push((members[at], members[at + 2]));
                        at += 3;
                    } else {
                        ranges.push((members[at], members[at]));
                        at += 1;
                    }
                }
                return Some((Atom::Set(negated, ranges), chars.count()));
            }
            c => members.push(c),
        }
    }
    None
}
