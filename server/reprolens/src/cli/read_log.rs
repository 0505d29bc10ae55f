//! A log read for a command, with progress on standard error where that takes a while.

use std::io::IsTerminal;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use log::Log;

use crate::files::LogSource;

/// Bytes of input from which on a terminal is shown progress.
const LONG: u64 = 64 << 20;

/// The log; `tap` sees its bytes as they come.
pub(crate) fn read_log(source: &LogSource, mut tap: impl FnMut(&[u8])) -> anyhow::Result<Log> {
    let size = source.size().unwrap_or(0);
    let bar = if size >= LONG && std::io::stderr().is_terminal() {
        let style =
            ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}")
                .expect("the template is a constant that a test renders");
        ProgressBar::new(size).with_style(style)
    } else {
        ProgressBar::hidden()
    };
    let log = source
        .parse(&mut |bytes| {
            tap(bytes);
            bar.inc(bytes.len() as u64);
            true
        })
        .with_context(|| format!("{} was not read to its end", source.name()))?;
    bar.finish_and_clear();
    Ok(log.unwrap_or_default())
}
