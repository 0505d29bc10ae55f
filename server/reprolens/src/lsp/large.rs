//! Large documents on their way from the client to the server's state, around the protocol's library: that would copy the text
//! some more times, which takes longer than reading the log in it.
//!
//! The library is given a message that only names the document; the order among all messages stays.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;
use serde::de::{self, Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::Uri;

/// The method that opens a document that waits here.
pub(crate) const OPENED: &str = "reprolens/opened";

/// Bytes of a message from which on it goes this way.
const LARGE: usize = 64 << 10;

/// At a message's ends, where its method is looked for.
const EDGE: usize = 256;

/// A document as the client opened it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Opened {
    pub(crate) uri: Uri,
    #[serde(rename = "languageId")]
    pub(crate) language: String,
    pub(crate) version: i32,
    #[serde(deserialize_with = "shared")]
    pub(crate) text: Arc<str>,
}

/// The number of a document that waits.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Number {
    number: u64,
}

/// `textDocument/didOpen`.
#[derive(Deserialize)]
struct Message {
    jsonrpc: String,
    method: String,
    #[serde(default)]
    id: Option<IgnoredAny>,
    params: Params,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    text_document: Opened,
}

/// The documents that wait for their turn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<BTreeMap<u64, Opened>>>);

impl Waiting {
    /// What the library is given for a message that opens a large document; `None` for any other.
    pub(crate) fn instead_of(&self, body: &[u8]) -> Option<Vec<u8>> {
        if body.len() < LARGE || !seems_to_open(body) {
            return None;
        }
        let message: Message = serde_json::from_slice(body).ok()?;
        let is_notification = message.jsonrpc == "2.0" && message.id.is_none();
        if !is_notification || message.method != "textDocument/didOpen" {
            return None;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = waiting.last_key_value().map_or(0, |(last, _)| last + 1);
        waiting.insert(number, message.params.text_document);
        let instead = serde_json::json!({
            "jsonrpc": "2.0", "method": OPENED, "params": Number { number },
        });
        Some(instead.to_string().into_bytes())
    }

    /// The document whose turn it is. What came before it has missed its own.
    pub(crate) fn take(&self, of: &Number) -> Option<Opened> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = waiting.split_off(&of.number);
        std::mem::swap(&mut due, &mut *waiting);
        waiting.remove(&of.number)
    }
}

/// Whether the method stands where clients write it: before the parameters or behind them.
fn seems_to_open(body: &[u8]) -> bool {
    let ends = [
        &body[..body.len().min(EDGE)],
        &body[body.len().saturating_sub(EDGE)..],
    ];
    ends.iter()
        .any(|end| memmem::find(end, b"\"textDocument/didOpen\"").is_some())
}

/// The text right into the allocation that all who read it share.
fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    struct Shared;

    impl Visitor<'_> for Shared {
        type Value = Arc<str>;

        fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
            formatter.write_str("a text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Arc<str>, E> {
            Ok(Arc::from(text))
        }
    }

    deserializer.deserialize_str(Shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn message(method: &str, text: &str) -> Value {
        let document =
            json!({"uri": "file:///a.log", "languageId": "log", "version": 3, "text": text});
        json!({"jsonrpc": "2.0", "method": method, "params": {"textDocument": document}})
    }

    fn number(instead: &[u8]) -> Number {
        let mut message: Value = serde_json::from_slice(instead).unwrap();
        assert_eq!(message["method"], OPENED);
        serde_json::from_value(message["params"].take()).unwrap()
    }

    #[test]
    fn a_large_document_waits_for_its_turn() {
        let waiting = Waiting::default();
        let text = "é\n\"\t\u{1f600}".repeat(LARGE);
        let open = message("textDocument/didOpen", &text).to_string();
        let first = number(&waiting.instead_of(open.as_bytes()).unwrap());
        let second = number(&waiting.instead_of(open.as_bytes()).unwrap());
        let document = waiting.take(&second).unwrap();
        assert_eq!((&*document.text, document.version), (text.as_str(), 3));
        assert_eq!((waiting.take(&first), waiting.take(&second)), (None, None));
    }

    #[test]
    fn other_messages_go_the_usual_way() {
        let waiting = Waiting::default();
        let large = "x".repeat(LARGE);
        let mut request = message("textDocument/didOpen", &large);
        request["id"] = json!(1);
        let mut cut = message("textDocument/didOpen", &large).to_string();
        cut.pop();
        let others = [
            message("textDocument/didOpen", "x").to_string(),
            message("textDocument/didSave", &large).to_string(),
            request.to_string(),
            cut,
        ];
        for other in others {
            assert_eq!(waiting.instead_of(other.as_bytes()), None);
        }
    }
}
