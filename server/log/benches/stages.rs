//! The stage on one real log, whole and without the part that reads pytest's sections; and on 5 MB of many.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the log that it measures"
)]

extern crate reprolens_log as log;

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn stages(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/networkx/ci.log");
    let bytes = std::fs::read(&path).unwrap_or_default();
    assert!(!bytes.is_empty(), "{} is not there", path.display());
    // Nothing but output that no failure is in.
    let quiet: Vec<u8> = b"2024-06-05T12:45:27.3080205Z tests/test_a.py ............ [ 10%]\n"
        .repeat(bytes.len() / 64);
    let labelled = labelled(5_000_000);
    let mut group = criterion.benchmark_group("parse");
    for (name, bytes) in [("failures", &bytes), ("quiet", &quiet), ("5 MB", &labelled)] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| log::parse(black_box(bytes)));
        });
    }
    group.finish();
}

/// The labelled logs one after the other, up to so many bytes: many jobs of many services.
fn labelled(len: usize) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    paths.sort_unstable();
    let logs = paths.iter().filter_map(|path| std::fs::read(path).ok());
    let mut bytes: Vec<u8> = logs.flatten().collect();
    assert!(bytes.len() >= len, "{} has too little", folder.display());
    bytes.truncate(len);
    bytes
}

criterion_group!(benches, stages);
criterion_main!(benches);
