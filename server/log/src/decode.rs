//! Files that hold a log in another form: UTF-16, as Windows' PowerShell redirects output, and the JSON that CircleCI serves
//! for a step. All else goes through as it is.
//!
//! What is decoded is a log of its own: spans and line numbers are those of the decoded text.

use std::borrow::Cow;

/// The bytes by which the form is known.
const NEEDED: usize = 64;

/// Decodes a log that comes in pieces.
#[derive(Debug, Default)]
pub struct Decoder {
    form: Form,
    /// What could not be decoded yet.
    rest: Vec<u8>,
}

#[derive(Debug, Default)]
enum Form {
    #[default]
    Unknown,
    Bytes,
    Utf16(fn([u8; 2]) -> u16),
    Messages(Messages),
}

impl Decoder {
    /// The text of the next piece.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if matches!(self.form, Form::Bytes) {
            return Cow::Borrowed(bytes);
        }
        if matches!(self.form, Form::Unknown) {
            let shows = self.rest.is_empty() && bytes.len() >= NEEDED;
            if shows && matches!(form(bytes), Form::Bytes) {
                self.form = Form::Bytes;
                return Cow::Borrowed(bytes);
            }
            self.rest.extend_from_slice(bytes);
            if self.rest.len() < NEEDED && could_be_other(&self.rest) {
                return Cow::Borrowed(&[]);
            }
            return Cow::Owned(self.begin());
        }
        Cow::Owned(self.decode(bytes))
    }

    /// What is left when the file is over.
    pub fn finish(&mut self) -> Vec<u8> {
        match self.form {
            Form::Unknown => self.begin(),
            _ => Vec::new(),
        }
    }

    fn begin(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.rest);
        self.form = form(&held);
        match self.form {
            Form::Bytes | Form::Unknown => held,
            Form::Utf16(_) | Form::Messages(_) => self.decode(&held),
        }
    }

    fn decode(&mut self, bytes: &[u8]) -> Vec<u8> {
        match &mut self.form {
            Form::Utf16(unit) => {
                self.rest.extend_from_slice(bytes);
                utf16(&mut self.rest, *unit)
            }
            Form::Messages(messages) => messages.push(bytes),
            Form::Unknown | Form::Bytes => bytes.to_vec(),
        }
    }
}

/// Whether more bytes may still show another form than plain bytes.
fn could_be_other(head: &[u8]) -> bool {
    match head {
        [] | [_] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, ..] => first.is_ascii_whitespace() || *first == b'[' || head.contains(&0),
    }
}

fn form(head: &[u8]) -> Form {
    // Without a mark: letters of ASCII have an empty half, on one side throughout.
    let empty = |side: usize| {
        let pairs = head[..head.len().min(NEEDED)].chunks_exact(2);
        pairs.len() >= 4
            && pairs
                .into_iter()
                .all(|it| it[side] == 0 && it[1 - side] != 0)
    };
    if head.starts_with(&[0xff, 0xfe]) || empty(1) {
        return Form::Utf16(u16::from_le_bytes);
    }
    if head.starts_with(&[0xfe, 0xff]) || empty(0) {
        return Form::Utf16(u16::from_be_bytes);
    }
    let mut rest = head.iter().filter(|it| !it.is_ascii_whitespace());
    let opens = rest.next() == Some(&b'[') && rest.next() == Some(&b'{');
    let keys: [&[u8]; 3] = [b"\"message\"", b"\"time\"", b"\"type\""];
    let first_key = head
        .iter()
        .position(|&it| it == b'"')
        .map_or(&[][..], |at| &head[at..]);
    if opens && keys.iter().any(|key| first_key.starts_with(key)) {
        return Form::Messages(Messages::default());
    }
    Form::Bytes
}

/// The units that are whole, as UTF-8; half a unit and half a pair stay.
fn utf16(held: &mut Vec<u8>, unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let mut units = held
        .chunks_exact(2)
        .map(|it| unit([it[0], it[1]]))
        .collect::<Vec<_>>();
    if units.last().is_some_and(|it| (0xd800..0xdc00).contains(it)) {
        units.pop();
    }
    held.drain(..2 * units.len());
    String::from_utf16_lossy(&units).into_bytes()
}

/// `[{"message": "...", "time": "...", "type": "out"}, ...]`: the messages, one behind the other.
#[derive(Debug, Default)]
struct Messages {
    place: Place,
    /// The key, or what was read of an escape.
    word: Vec<u8>,
    is_message: bool,
    /// The first half of a pair of units.
    high: Option<u16>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between strings, where the next one is a key.
    #[default]
    Key,
    InKey,
    /// Between a key and its value.
    Value,
    InValue,
    Escape,
    Unit,
}

impl Messages {
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.byte(byte, &mut text);
        }
        text
    }

    fn byte(&mut self, byte: u8, text: &mut Vec<u8>) {
        match (self.place, byte) {
            (Place::Key, b'"') => {
                self.word.clear();
                self.place = Place::InKey;
            }
            (Place::InKey, b'"') => {
                self.is_message = self.word == b"message";
                self.place = Place::Value;
            }
            (Place::InKey, _) => self.word.push(byte),
            (Place::Value, b'"') => self.place = Place::InValue,
            // A value that is no string.
            (Place::Value, b',' | b'}') => self.place = Place::Key,
            (Place::InValue, b'"') => self.place = Place::Key,
            (Place::InValue, b'\\') => self.place = Place::Escape,
            (Place::InValue, _) => self.add(&[byte], text),
            (Place::Escape, b'u') => {
                self.word.clear();
                self.place = Place::Unit;
            }
            (Place::Escape, _) => {
                self.place = Place::InValue;
                let meant = match byte {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    other => other,
                };
                self.add(&[meant], text);
            }
            (Place::Unit, _) => {
                self.word.push(byte);
                if self.word.len() == 4 {
                    self.place = Place::InValue;
                    self.unit(text);
                }
            }
            (Place::Key | Place::Value, _) => {}
        }
    }

    fn unit(&mut self, text: &mut Vec<u8>) {
        let digits = String::from_utf8_lossy(&self.word);
        let unit = u16::from_str_radix(&digits, 16).unwrap_or(0xfffd);
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = self.high.take().into_iter().chain([unit]);
        let shown = char::decode_utf16(units)
            .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>();
        self.add(shown.as_bytes(), text);
    }

    fn add(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        if self.is_message {
            text.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], size: usize) -> String {
        let mut decoder = Decoder::default();
        let mut text = Vec::new();
        for piece in bytes.chunks(size) {
            text.extend_from_slice(&decoder.push(piece));
        }
        text.extend(decoder.finish());
        String::from_utf8_lossy(&text).into_owned()
    }

    /// In pieces of any size.
    #[track_caller]
    fn check(bytes: &[u8], text: &str) {
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(decoded(bytes, size), text, "in pieces of {size}");
        }
    }

    fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn powershell_redirects_utf16() {
        let log = "\u{feff}FAILED x.py::t - é \u{1f600}\r\n1 failed in 0.1s\r\n";
        check(&wide(log, u16::to_le_bytes), log);
        check(&wide(log, u16::to_be_bytes), log);
        let bare = "FAILED x.py::t - E: x\r\n";
        check(&wide(bare, u16::to_le_bytes), bare);
    }

    #[test]
    fn circleci_serves_messages() {
        check(
            br#"[{"message":"$ pytest\r\nF \u001b[31m\"x\" \u00e9\ud83d\ude00\r\n","time":"2024-01-01T00:00:00Z","type":"out","truncated":false},
                {"type":"out","message":"1 failed in 0.1s\n"}]"#,
            "$ pytest\r\nF \u{1b}[31m\"x\" é\u{1f600}\r\n1 failed in 0.1s\n",
        );
    }

    #[test]
    fn all_else_stays() {
        for log in [
            "",
            "x",
            "[gw0] linux\n",
            "[{\"other\": 1}]",
            "\u{feff}==== FAILURES ====\n",
        ] {
            check(log.as_bytes(), log);
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), head in 0usize..5, size in 1usize..50) {
            let heads: [&[u8]; 5] = [b"", b"\xff\xfe", b"\xfe\xff", b"[{\"message\":\"", b"[{\"time\":\""];
            let log = [heads[head], &bytes].concat();
            prop_assert_eq!(decoded(&log, size), decoded(&log, 1 << 16));
        }
    }
}
