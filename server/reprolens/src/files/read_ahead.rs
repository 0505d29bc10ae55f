//! A log file is read, and the lines of it that matter are found, by a thread of its own, some pieces before they are parsed.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes of a piece: so many that handing it over is cheap beside what is done with it.
const PIECE: usize = 256 << 10;
/// Bytes of the first one, for which the parser has to wait. Each of the next is twice as long as the one before, up to a whole piece,
/// and there before the parser is done with that.
const FIRST: usize = 32 << 10;
/// Pieces that are in use: one is parsed, one waits, one is read.
const PIECES: usize = 3;

/// A part of the file.
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
    let mut most = FIRST;
    for mut piece in fresh.chain(emptied) {
        let read = loop {
            match file.read(&mut piece.buffer[..most]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        most = PIECE.min(most * 2);
        let next = read.map(|len| {
            piece.len = len;
            scout.look(&piece.buffer[..len], &mut piece.lines);
            (len > 0).then_some(piece)
        });
        let goes_on = matches!(next, Ok(Some(_)));
        if full.send(next).is_err() || !goes_on {
            return;
        }
    }
}
