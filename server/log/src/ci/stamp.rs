//! What CI services, `mpirun` and log collectors write before a line: how long it is, by its form alone.

/// The form of a timestamp (or of what stands in its place) before each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// `2024-06-05T12:45:27.3080205Z text`: GitHub and Azure.
    Seven,
    /// `2024-06-05T12:45:27.308Z text`, with any other number of digits.
    Iso,
    /// `2026-01-21T09:47:05.094269Z 00O text`: GitLab's runner, with stream and continuation.
    Runner,
    /// `[2020-07-06T16:51:19.843Z] text`: Jenkins, some exports.
    Bracketed,
    /// `21:51:15  text`, `[12:34:56] text`, `[   28s] text`: Jenkins' Timestamper, build services.
    Clock,
    /// `May 14 07:37:27 text`.
    Syslog,
    /// `Wed, 21 Oct 2015 07:28:00 GMT text`.
    Mail,
}

impl Stamp {
    pub(crate) const ALL: [Self; 7] = [
        Self::Runner,
        Self::Seven,
        Self::Iso,
        Self::Bracketed,
        Self::Clock,
        Self::Syslog,
        Self::Mail,
    ];

    /// The length of the prefix that `raw` begins with, its one separating blank included.
    pub(crate) fn len(self, raw: &[u8]) -> Option<usize> {
        match self {
            Self::Seven => seven(raw),
            Self::Iso => iso(raw).map(|len| len + blank(&raw[len..])),
            Self::Runner => runner(raw).map(|(len, _)| len),
            Self::Bracketed => {
                let inner = iso(raw.strip_prefix(b"[")?)?;
                (raw.get(1 + inner) == Some(&b']')).then(|| inner + 2 + blank(&raw[inner + 2..]))
            }
            Self::Clock => clock(raw),
            Self::Syslog => syslog(raw),
            Self::Mail => mail(raw),
        }
    }
}

/// Such a stamp with its digits zero.
const ZEROS: [u64; 4] = eights(b"0000-00-00T00:00:00.0000000Z");
/// What, added to how a byte differs from that, reaches the byte's upper half where it differs too much: a digit by more than
/// nine, anything else at all.
const MARGINS: [u64; 4] = {
    let mut margins = *b"0000-00-00T00:00:00.0000000Z";
    let mut at = 0;
    while at < margins.len() {
        margins[at] = if margins[at] == b'0' { 6 } else { 15 };
        at += 1;
    }
    eights(&margins)
};
const UPPER_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;

/// Eight bytes each; the last eight begin within those before them.
const fn eights(stamp: &[u8; 28]) -> [u64; 4] {
    let mut eights = [0; 4];
    let mut at = 0;
    while at < 32 {
        let byte = if at < 24 { at } else { at - 4 };
        eights[at / 8] |= (stamp[byte] as u64) << (8 * (at % 8));
        at += 1;
    }
    eights
}

/// `2024-06-05T12:45:27.3080205Z` and a blank; the blank is missing at the end of an empty line that was trimmed.
pub(crate) fn seven(raw: &[u8]) -> Option<usize> {
    // Every line is asked: eight bytes are compared at once.
    let head: &[u8; 28] = raw.first_chunk()?;
    let ([a, b, c], _) = head.as_chunks() else {
        return None;
    };
    let mut differs = 0;
    for (at, bytes) in [a, b, c, head.last_chunk()?].into_iter().enumerate() {
        let difference = u64::from_le_bytes(*bytes) ^ ZEROS[at];
        differs |= difference | difference.wrapping_add(MARGINS[at]);
    }
    if differs & UPPER_HALVES != 0 {
        return None;
    }
    match raw.get(28) {
        Some(b' ') => Some(29),
        None | Some(b'\r') => Some(28),
        Some(_) => None,
    }
}

/// An ISO timestamp in UTC, without what follows.
fn iso(raw: &[u8]) -> Option<usize> {
    matches(raw, b"dddd-dd-ddTdd:dd:dd").then_some(())?;
    let mut len = 19;
    if raw.get(len) == Some(&b'.') {
        let digits = raw[len + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        len += 1 + digits.min(9);
    }
    (raw.get(len) == Some(&b'Z')).then_some(len + 1)
}

/// GitLab's prefix, and whether the line goes on from the one before.
pub(crate) fn runner(raw: &[u8]) -> Option<(usize, bool)> {
    matches(raw, b"dddd-dd-ddTdd:dd:dd.ddddddZ ").then_some(())?;
    let [a, b, stream, flag] = raw.get(28..32)? else {
        return None;
    };
    let hex = |byte: &u8| byte.is_ascii_hexdigit();
    if !(hex(a) && hex(b) && matches!(stream, b'O' | b'E')) {
        return None;
    }
    match flag {
        b' ' => Some((32, false)),
        b'+' => Some((32, true)),
        _ => None,
    }
}

fn clock(raw: &[u8]) -> Option<usize> {
    if matches(raw, b"dd:dd:dd") {
        let rest = &raw[8..];
        return rest.starts_with(b"  ").then_some(10);
    }
    let inner = raw.strip_prefix(b"[")?;
    if matches(inner, b"dd:dd:dd] ") {
        return Some(11);
    }
    // `[   28s] ` of the Open Build Service.
    let close = inner.iter().take(12).position(|&byte| byte == b']')?;
    let seconds = inner[..close].strip_suffix(b"s")?.trim_ascii_start();
    let all_digits = !seconds.is_empty() && seconds.iter().all(u8::is_ascii_digit);
    all_digits.then(|| close + 2 + blank(&inner[close + 1..]))
}

fn syslog(raw: &[u8]) -> Option<usize> {
    if !(matches(raw, b"aaa dd dd:dd:dd") || matches(raw, b"aaa  d dd:dd:dd")) || !month(raw) {
        return None;
    }
    Some(15 + blank(&raw[15..]))
}

fn mail(raw: &[u8]) -> Option<usize> {
    matches(raw, b"aaa, dd aaa dddd dd:dd:dd ").then_some(())?;
    if !month(&raw[8..]) {
        return None;
    }
    let rest = &raw[26..];
    let zone = rest
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(rest.len());
    (zone <= 6).then(|| 26 + zone + blank(&rest[zone..]))
}

fn month(raw: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    MONTHS.iter().any(|month| raw.starts_with(month))
}

/// Whether `raw` begins as the pattern says: `d` a digit, `a` a letter, all else itself.
fn matches(raw: &[u8], pattern: &[u8]) -> bool {
    raw.len() >= pattern.len()
        && raw.iter().zip(pattern).all(|(&byte, &want)| match want {
            b'd' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            want => byte == want,
        })
}

fn blank(rest: &[u8]) -> usize {
    usize::from(rest.first() == Some(&b' '))
}

/// `[1,0]<stderr>:`: the rank and stream that `mpirun --tag-output` writes before a line, without what follows.
pub(crate) fn rank(raw: &[u8]) -> Option<usize> {
    let inner = raw.strip_prefix(b"[")?;
    let close = inner.iter().take(24).position(|&byte| byte == b']')?;
    let mut parts = inner[..close].split(|&byte| byte == b',');
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !(digits(parts.next()?) && digits(parts.next()?) && parts.next().is_none()) {
        return None;
    }
    let rest = &inner[close + 1..];
    let stream = ["<stdout>:", "<stderr>:", "<stddiag>:"]
        .iter()
        .find(|stream| rest.starts_with(stream.as_bytes()))?;
    Some(close + 2 + stream.len())
}

/// `_bk;t=1745322209921`: Buildkite's stamp in a copy that lost the escape character.
pub(crate) fn bare_buildkite(raw: &[u8]) -> Option<usize> {
    let digits = raw
        .strip_prefix(b"_bk;t=")?
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let end = 6 + digits;
    Some(end + usize::from(raw.get(end) == Some(&0x07)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// All bytes at once or one by one: a stamp is the same.
        #[test]
        fn sevens(at in 0usize..28, byte in any::<u8>(), behind in "[ \r]?") {
            let mut raw = b"2024-06-05T12:45:27.3080205Z".to_vec();
            raw[at] = byte;
            let plain = matches(&raw, b"dddd-dd-ddTdd:dd:dd.dddddddZ");
            raw.extend_from_slice(behind.as_bytes());
            let len = 28 + usize::from(behind == " ");
            prop_assert_eq!(seven(&raw), plain.then_some(len));
        }
    }

    #[test]
    fn forms() {
        for (stamp, raw, rest) in [
            (Stamp::Seven, "2024-06-05T12:45:27.3080205Z x", "x"),
            (Stamp::Seven, "2024-06-05T12:45:27.3080205Z", ""),
            (Stamp::Iso, "2024-06-05T12:45:27Z x", "x"),
            (Stamp::Runner, "2026-01-21T09:47:05.094269Z 00O+x", "x"),
            (Stamp::Bracketed, "[2020-07-06T16:51:19.843Z] + x", "+ x"),
            (Stamp::Clock, "21:51:15  x", "x"),
            (Stamp::Clock, "[   28s] x", "x"),
            (Stamp::Syslog, "May 14 07:37:27 x", "x"),
            (Stamp::Mail, "Wed, 21 Oct 2015 07:28:00 GMT x", "x"),
        ] {
            let len = stamp.len(raw.as_bytes()).unwrap_or_else(|| panic!("{raw}"));
            assert_eq!(&raw[len..], rest, "{raw}");
        }
        assert_eq!(seven(b"2024-06-05T12:45:27.3080205Zx"), None);
        assert_eq!(rank(b"[1,0]<stderr>:x"), Some(14));
        assert_eq!(rank(b"[1,0] x"), None);
        assert_eq!(bare_buildkite(b"_bk;t=12~~~ x"), Some(8));
    }
}
