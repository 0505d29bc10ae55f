//! The client's messages, each looked at before the protocol's library reads it, on a thread of its own: a large document comes
//! in a hundred pieces, and none of them has to wait for its turn among the other work.
//!
//! The library ends the server after a message that is no JSON-RPC. Here such a message is put in another's place: a request
//! for [`MALFORMED`], which answers with a parse error, so that the client learns of it and the server lives on.

use std::io::{BufRead, Read};

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc::channel;
use tower_lsp::jsonrpc::Response;

use super::large::Waiting;

/// The method that answers for a message that could not be read.
pub(crate) const MALFORMED: &str = "reprolens/malformed";

/// Bytes on their way to the library: enough that a large message does not go in a hundred small steps.
const ROOM: usize = 1 << 20;

/// Messages that may wait for the library.
const MOST: usize = 64;

/// A longer message than any document that a client sends.
const LONGEST: usize = 1 << 30;

/// Room that is made for a message because its head says that it is so long.
const BELIEVED: usize = 64 << 20;

/// The same messages as those of `open`'s input, with what is malformed replaced, and large documents put aside.
pub(crate) fn checked<R: BufRead>(
    open: impl FnOnce() -> R + Send + 'static,
    large: Waiting,
) -> DuplexStream {
    let (mut sink, source) = tokio::io::duplex(ROOM);
    let (messages, mut waiting) = channel(MOST);
    std::thread::spawn(move || {
        let mut input = open();
        while let Some(body) = message(&mut input) {
            let body = match large.instead_of(&body) {
                Some(instead) => instead,
                None if is_message(&body) => body,
                None => replacement(),
            };
            if messages.blocking_send(body).is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        while let Some(body) = waiting.recv().await {
            let head = format!("Content-Length: {}\r\n\r\n", body.len());
            if sink.write_all(head.as_bytes()).await.is_err()
                || sink.write_all(&body).await.is_err()
            {
                return;
            }
        }
    });
    source
}

/// The next message's body; `None` at the end of the input. Lines that are no header are passed over.
fn message(input: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length: Option<usize> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without end would take all memory.
        let read = input.take(1 << 13).read_until(b'\n', &mut line).ok()?;
        if read == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            match length.take() {
                Some(length) => {
                    let mut body = Vec::with_capacity(length.min(BELIEVED));
                    let read = input.take(length as u64).read_to_end(&mut body).ok()?;
                    return (read == length).then_some(body);
                }
                None => continue,
            }
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value
                .trim()
                .parse()
                .ok()
                .filter(|length| *length <= LONGEST);
        }
    }
}

/// What of a message decides whether it is one; the rest is passed over without being kept.
#[derive(Deserialize)]
struct Shape {
    jsonrpc: String,
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    method: Option<String>,
}

fn is_message(body: &[u8]) -> bool {
    let Ok(shape) = serde_json::from_slice::<Shape>(body) else {
        return false;
    };
    let has_id = match &shape.id {
        None | Some(Value::Null | Value::String(_)) => true,
        Some(Value::Number(number)) => number.is_i64(),
        Some(_) => false,
    };
    shape.jsonrpc == "2.0"
        && has_id
        && (shape.method.is_some() || serde_json::from_slice::<Response>(body).is_ok())
}

fn replacement() -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":null,"method":"{MALFORMED}"}}"#).into_bytes()
}
