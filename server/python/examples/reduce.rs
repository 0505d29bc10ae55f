//! The parts of a test module by JSON lines on standard input, for measuring on real projects; no part of the product.
//!
//! A line: `{"text", "failing", "test"}` gives `{"parts"}`, with `"gone"` also `{"text", "failing"}`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for measuring"
)]

use std::io::BufRead;

use reprolens_python::reduce;
use serde_json::{Value, json};

fn main() {
    for line in std::io::stdin().lock().lines() {
        let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = value["text"].as_str().unwrap_or_default();
        let failing = value["failing"].as_u64().map(|row| row as u32);
        let parts = reduce::parts(text, failing, value["test"].as_str().unwrap_or_default());
        let answer = match value["gone"].as_array() {
            Some(gone) => {
                let gone: Vec<usize> = gone
                    .iter()
                    .filter_map(|index| index.as_u64().map(|index| index as usize))
                    .collect();
                let (text, failing) = reduce::without(text, &parts, &gone, failing);
                json!({ "text": text, "failing": failing })
            }
            None => {
                let parts: Vec<Value> = parts
                    .iter()
                    .map(|part| {
                        let edits = part.edits.iter();
                        let edits: Vec<_> = edits
                            .map(|(span, with)| (span.start, span.end, *with))
                            .collect();
                        json!({ "edits": edits, "group": part.group, "careful": part.careful })
                    })
                    .collect();
                json!({ "parts": parts })
            }
        };
        println!("{answer}");
    }
}
