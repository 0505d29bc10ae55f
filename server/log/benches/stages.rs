//! The stage on one real log: whole, and without the part that reads pytest's sections.

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
    let mut group = criterion.benchmark_group("parse");
    for (name, bytes) in [("failures", &bytes), ("quiet", &quiet)] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| log::parse(black_box(bytes)));
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
