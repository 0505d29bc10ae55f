//! Line numbers before the lines of a log that was copied out of an editor, a viewer, `cat -n` or `grep -n`, or numbered by
//! hand: `  12  text`, `12: text`, `12 | text`.

/// Lines of which one in so many may be written otherwise: logs are numbered and shortened by hand.
const ODD: usize = 10;
/// How far a number may be from the last one: lines are left out.
const GAP: u32 = 1000;
/// What may stand between a number and the text.
const BETWEEN: &[u8] = b" \t:|\xe2\x94\x82";

/// The numbers of a log.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// What stands behind each number.
    between: Vec<u8>,
    /// The least that the next number can be.
    next: u32,
}

impl Numbers {
    /// The numbers of a log that begins with these lines, if most of them have one and the numbers count them.
    pub(crate) fn of(lines: &[&[u8]]) -> Option<Self> {
        let filled = lines.iter().filter(|line| !line.trim_ascii().is_empty());
        let count = filled.clone().count();
        let found: Vec<(usize, usize, &[u8])> = filled
            .filter_map(|line| digits(line).map(|(from, to)| (from, to, *line)))
            .collect();
        if found.len() * 4 <= count * 3 {
            return None;
        }
        let rests: Vec<&[u8]> = found.iter().map(|&(_, to, line)| &line[to..]).collect();
        let between = common(&rests);
        let first = number(&found.first()?.2[found.first()?.0..found.first()?.1])?;
        let mut numbers = Self {
            between,
            next: first,
        };
        // Numbers before lines are line numbers only where they count.
        let mut counted = 0;
        for (_, _, line) in &found {
            let before = numbers.next;
            numbers.take(line);
            counted += usize::from(numbers.next == before + 1);
        }
        let enough = counted > 2 && counted * 2 > found.len();
        numbers.next = first;
        enough.then_some(numbers)
    }

    /// How much of a line its number and what stands behind it take; 0 where it has none.
    pub(crate) fn take(&mut self, line: &[u8]) -> usize {
        let Some((from, to)) = digits(line) else {
            return 0;
        };
        // Where nothing stands between them, the text's own digits follow the number's.
        let next = self.next.to_string();
        let is_glued = self.between.is_empty() && line[from..to].starts_with(next.as_bytes());
        let to = if is_glued { from + next.len() } else { to };
        let Some(number) = number(&line[from..to]) else {
            return 0;
        };
        let rest = &line[to..];
        let pairs = rest.iter().zip(&self.between);
        let between = pairs.take_while(|(one, other)| one == other).count();
        // A line of digits in the output itself is not the next number.
        let is_next = number == self.next
            || (number > self.next
                && number - self.next <= GAP
                && (between == self.between.len() || between == rest.len()));
        if !is_next {
            return 0;
        }
        self.next = number + 1;
        to + between
    }
}

/// Where the digits at the beginning of a line stand.
fn digits(line: &[u8]) -> Option<(usize, usize)> {
    let from = line.iter().take_while(|&&byte| byte == b' ').count();
    let len = line[from..].iter().take_while(|it| it.is_ascii_digit());
    let len = len.count();
    (from <= 8 && (1..=9).contains(&len)).then_some((from, from + len))
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What nearly all texts begin with.
fn common(texts: &[&[u8]]) -> Vec<u8> {
    let filled: Vec<&[u8]> = texts
        .iter()
        .filter(|text| !text.trim_ascii().is_empty())
        .copied()
        .collect();
    let mut found: Vec<u8> = Vec::new();
    loop {
        let rests = || {
            filled
                .iter()
                .filter_map(|it| it.strip_prefix(found.as_slice()))
        };
        // Of an empty line the blanks at the end may be gone.
        let ended = rests()
            .filter(|it| !found.is_empty() && it.is_empty())
            .count();
        let next = |byte: &u8| {
            let with = rests().filter(|it| it.first() == Some(byte)).count();
            let without = filled.len() - with - ended;
            let all = rests().count();
            // Some lines may lack it, but where it stands it is the same.
            let lack = found.is_empty() && without * ODD <= filled.len();
            with > 0 && (with + ended == all || lack)
        };
        let Some(&byte) = BETWEEN.iter().find(|byte| next(byte)) else {
            return found;
        };
        found.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Option<&[&str]>) {
        let raw: Vec<&[u8]> = lines.iter().map(|it| it.as_bytes()).collect();
        let texts = Numbers::of(&raw).map(|mut numbers| {
            let text = |line: &&str| line[numbers.take(line.as_bytes())..].to_owned();
            lines.iter().map(text).collect::<Vec<_>>()
        });
        let expected = expected.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(texts, expected);
    }

    #[test]
    fn numbers_of_editors_and_programs() {
        let texts = &["a", "    b", "", "9 c"][..];
        check(&["  9  a", " 10      b", " 11", " 12  9 c"], Some(texts));
        check(&["9: a", "10:     b", "11:", "12: 9 c"], Some(texts));
        check(&["9:a", "10:    b", "11:", "12:9 c"], Some(texts));
        check(&[" 9 | a", "10 |     b", "11 |", "12 | 9 c"], Some(texts));
        check(
            &["   9 │ a", "  10 │     b", "  11 │", "  12 │ 9 c"],
            Some(texts),
        );
        check(
            &["     9\ta", "    10\t    b", "    11\t", "    12\t9 c"],
            Some(texts),
        );
        check(&["9a", "10    b", "11", "129 c"], Some(texts));
        let deep = ["1  ==", "2      a", "3      b", "4      c", "5      d"];
        check(&deep, Some(&["==", "    a", "    b", "    c", "    d"]));
    }

    #[test]
    fn numbers_with_gaps_and_lines_without() {
        check(
            &["1  a", "2  b", "3  c", "80  d", "81  e", "wrapped", "82  f"],
            Some(&["a", "b", "c", "d", "e", "wrapped", "f"]),
        );
    }

    #[test]
    fn counts_are_no_line_numbers() {
        check(&["10 passed", "20 passed", "30 passed", "40 passed"], None);
        check(&["3 a", "2 b", "1 c", "x"], None);
        check(&["1 a", "2 b"], None);
    }
}
