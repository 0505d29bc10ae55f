//! The client's process: when it is gone, the server ends too, even if something else keeps its input open.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

/// Returns when the process that was told is gone; never where none is told or none can be looked up.
pub(crate) async fn gone(mut process: UnboundedReceiver<u32>) {
    let Some(process) = process.recv().await else {
        return std::future::pending().await;
    };
    let entry = PathBuf::from(format!("/proc/{process}"));
    if !entry.exists() {
        // No such file system here, or the client lives in another process namespace: its closing of the input is what ends us.
        return std::future::pending().await;
    }
    while entry.exists() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
