//! A log file is read, and the lines of it that matter are found, by a thread of its own, some pieces before they are parsed: all but
//! its first piece, which is parsed while the thread starts.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use memchr::memrchr;

/// Bytes of a piece: so many that handing it over is cheap beside what is done with it.
const PIECE: usize = 256 << 10;
/// Bytes of the first one. Each of the next is twice as long as the one before, up to a whole piece, and there before the parser is done
/// with that.
const FIRST: usize = 64 << 10;
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
    /// The file ends with it.
    is_last: bool,
}

impl Piece {
    fn empty() -> Self {
        Self {
            buffer: vec![0; PIECE],
            len: 0,
            lines: Vec::new(),
            is_last: false,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// A file's pieces in order. Its thread ends with the file, with an error, or when this is dropped.
#[derive(Debug)]
pub(super) struct ReadAhead {
    first: Option<Piece>,
    filled: Receiver<io::Result<Piece>>,
    empty: SyncSender<Piece>,
    ended: bool,
}

impl ReadAhead {
    pub(super) fn start(file: File, limits: log::Limits) -> io::Result<Self> {
        let mut reader = Reader {
            file,
            begun: Vec::new(),
            most: FIRST,
            scout: log::Scout::new(limits),
        };
        let mut first = Piece::empty();
        reader.fill(&mut first)?;
        let (full, filled) = sync_channel(PIECES);
        let (empty, emptied) = sync_channel(PIECES);
        let name = "read ahead".to_owned();
        thread::Builder::new()
            .name(name)
            .spawn(move || reader.run(&full, &emptied))?;
        Ok(Self {
            first: Some(first),
            filled,
            empty,
            ended: false,
        })
    }

    /// The next piece; `None` at the file's end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.ended {
            return Ok(None);
        }
        let next = match self.first.take() {
            Some(first) => first,
            None => self.filled.recv().map_err(io::Error::other)??,
        };
        self.ended = next.is_last;
        Ok(Some(next))
    }

    /// A piece that was parsed is filled again.
    pub(super) fn give_back(&self, piece: Piece) {
        // Nobody takes it where the file is at its end.
        let _ = self.empty.send(piece);
    }
}

/// Reads the file's pieces.
#[derive(Debug)]
struct Reader<R> {
    file: R,
    /// The beginning of the line behind the last piece.
    begun: Vec<u8>,
    /// Bytes of the next piece.
    most: usize,
    scout: log::Scout,
}

impl<R: Read> Reader<R> {
    fn run(mut self, full: &SyncSender<io::Result<Piece>>, emptied: &Receiver<Piece>) {
        let fresh = (1..PIECES).map(|_| Piece::empty());
        for mut piece in fresh.chain(emptied) {
            let next = self.fill(&mut piece).map(|()| piece);
            let goes_on = next.as_ref().is_ok_and(|it| !it.is_last);
            if full.send(next).is_err() || !goes_on {
                return;
            }
        }
    }

    fn fill(&mut self, piece: &mut Piece) -> io::Result<()> {
        self.read(piece)?;
        let bytes = &piece.buffer[..piece.len];
        self.scout.look(bytes, &mut piece.lines);
        self.most = PIECE.min(self.most * 2);
        Ok(())
    }

    /// Reads the rest of the line that was begun and those behind it, or as much of one line as a piece has room for.
    fn read(&mut self, piece: &mut Piece) -> io::Result<()> {
        let Piece { buffer, len, .. } = piece;
        let begun = self.begun.len();
        let mut room = self.most.max(begun);
        buffer.resize(room.max(buffer.len()), 0);
        buffer[..begun].copy_from_slice(&self.begun);
        self.begun.clear();
        *len = begun;
        loop {
            while *len < room {
                match self.file.read(&mut buffer[*len..room]) {
                    Ok(0) => {
                        piece.is_last = true;
                        return Ok(());
                    }
                    Ok(read) => *len += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            if let Some(last) = memrchr(b'\n', &buffer[begun..*len]) {
                let whole = begun + last + 1;
                self.begun.extend_from_slice(&buffer[whole..*len]);
                *len = whole;
                return Ok(());
            }
            if room >= LONGEST {
                return Ok(());
            }
            room *= 2;
            buffer.resize(room.max(buffer.len()), 0);
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
        let mut reader = Reader {
            file: Slow(text.as_bytes(), at_a_time),
            begun: Vec::new(),
            most,
            scout: log::Scout::new(log::Limits::default()),
        };
        let mut piece = Piece::empty();
        let mut pieces = Vec::new();
        while !piece.is_last {
            reader.read(&mut piece).expect("a slice can be read");
            pieces.push(String::from_utf8_lossy(piece.bytes()).into_owned());
        }
        pieces
    }

    #[test]
    fn pieces_end_with_a_line() {
        for at_a_time in [1, 3, 99] {
            let pieces = |text, most| pieces(text, most, at_a_time);
            assert_eq!(pieces("ab\ncd\nef\ngh", 7), ["ab\ncd\n", "ef\ngh"]);
            assert_eq!(pieces("ab\ncd\n", 6), ["ab\ncd\n", ""]);
            assert_eq!(pieces("", 4), [""]);
        }
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
