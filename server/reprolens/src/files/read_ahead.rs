//! A log file is read, and the lines of it that matter are found, by a thread of its own, some pieces before they are parsed.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use memchr::memrchr;

/// Bytes of a piece: so many that handing it over is cheap beside what is done with it.
const PIECE: usize = 256 << 10;
/// Bytes of the first one, for which the parser has to wait. Each of the next is twice as long as the one before, up to a whole piece,
/// and there before the parser is done with that.
const FIRST: usize = 32 << 10;
/// Pieces that are in use: one is parsed, one waits, one is read.
const PIECES: usize = 3;
/// Bytes of the longest piece, for a line that is longer than the others; what is longer still comes in several.
const LONGEST: usize = 1 << 20;

/// A part of the file: whole lines, which the parser reads in place.
#[derive(Debug)]
pub(super) struct Piece {
    buffer: Vec<u8>,
    len: usize,
    /// Where in it lines begin that matter.
    pub(super) lines: Vec<usize>,
}

impl Piece {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// A file's pieces in order. Its thread ends with the file, with an error, or when this is dropped.
#[derive(Debug)]
pub(super) struct ReadAhead {
    /// `None` is the file's end.
    filled: Receiver<io::Result<Option<Piece>>>,
    empty: SyncSender<Piece>,
}

impl ReadAhead {
    pub(super) fn start(file: File, limits: log::Limits) -> io::Result<Self> {
        let (full, filled) = sync_channel(PIECES);
        let (empty, emptied) = sync_channel(PIECES);
        let name = "read ahead".to_owned();
        thread::Builder::new()
            .name(name)
            .spawn(move || read(file, limits, &full, &emptied))?;
        Ok(Self { filled, empty })
    }

    /// The next piece; `None` at the file's end.
    pub(super) fn next(&self) -> io::Result<Option<Piece>> {
        self.filled.recv().map_err(io::Error::other)?
    }

    /// A piece that was parsed is filled again.
    pub(super) fn give_back(&self, piece: Piece) {
        // Nobody takes it where the file is at its end.
        let _ = self.empty.send(piece);
    }
}

fn read(
    mut file: File,
    limits: log::Limits,
    full: &SyncSender<io::Result<Option<Piece>>>,
    emptied: &Receiver<Piece>,
) {
    let mut scout = log::Scout::new(limits);
    let fresh = (0..PIECES).map(|_| Piece {
        buffer: vec![0; PIECE],
        len: 0,
        lines: Vec::new(),
    });
    let mut begun = Vec::new();
    let mut most = FIRST;
    for mut piece in fresh.chain(emptied) {
        let filled = fill(&mut file, &mut piece, &mut begun, most);
        most = PIECE.min(most * 2);
        let next = filled.map(|()| {
            scout.look(&piece.buffer[..piece.len], &mut piece.lines);
            (piece.len > 0).then_some(piece)
        });
        let goes_on = matches!(next, Ok(Some(_)));
        if full.send(next).is_err() || !goes_on {
            return;
        }
    }
}

/// Fills a piece with the line that was begun and those that follow, some `most` bytes of them, or with as much of one line as there
/// is room for. The beginning of the line behind them is kept.
fn fill(
    file: &mut impl Read,
    piece: &mut Piece,
    begun: &mut Vec<u8>,
    most: usize,
) -> io::Result<()> {
    let Piece { buffer, len, .. } = piece;
    let mut room = most.max(begun.len());
    buffer.resize(room.max(buffer.len()), 0);
    buffer[..begun.len()].copy_from_slice(begun);
    *len = begun.len();
    begun.clear();
    loop {
        if *len == room {
            if room >= LONGEST {
                return Ok(());
            }
            room *= 2;
            buffer.resize(room.max(buffer.len()), 0);
        }
        let from = *len;
        match file.read(&mut buffer[from..room]) {
            Ok(0) => return Ok(()),
            Ok(read) => *len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if let Some(last) = memrchr(b'\n', &buffer[from..*len]) {
            let whole = from + last + 1;
            begun.extend_from_slice(&buffer[whole..*len]);
            *len = whole;
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a text that comes a few bytes at a time.
    fn pieces(text: &str, most: usize, at_a_time: usize) -> Vec<String> {
        struct Slow<'a>(&'a [u8], usize);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let room = buffer.len().min(self.1);
                self.0.read(&mut buffer[..room])
            }
        }
        let mut file = Slow(text.as_bytes(), at_a_time);
        let mut piece = Piece {
            buffer: Vec::new(),
            len: 0,
            lines: Vec::new(),
        };
        let (mut begun, mut pieces) = (Vec::new(), Vec::new());
        loop {
            fill(&mut file, &mut piece, &mut begun, most).expect("a slice can be read");
            if piece.len == 0 {
                return pieces;
            }
            pieces.push(String::from_utf8_lossy(piece.bytes()).into_owned());
        }
    }

    #[test]
    fn pieces_end_with_a_line() {
        assert_eq!(pieces("ab\ncd\nef\ngh", 7, 99), ["ab\ncd\n", "ef\n", "gh"]);
        assert_eq!(pieces("ab\ncd\n", 99, 2), ["ab\n", "cd\n"]);
        assert!(pieces("", 4, 1).is_empty());
    }

    #[test]
    fn a_long_line_is_one_piece_up_to_a_limit() {
        assert_eq!(pieces("abcdefghij\nk\n", 4, 99), ["abcdefghij\nk\n"]);
        let long = "x".repeat(2 * LONGEST + 3);
        let lens: Vec<usize> = pieces(&long, PIECE, usize::MAX)
            .iter()
            .map(String::len)
            .collect();
        assert_eq!(lens, [LONGEST, LONGEST, 3]);
    }
}
