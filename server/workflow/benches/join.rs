//! A log joined with a repository of 300 workflows, nothing read before.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use reprolens_workflow::{Config, join};
use text::fixture::{File, Fixture};

const LOG: &str = include_str!("../../../tests/workflows/attrs/ci.log");
const OWN: &str = include_str!("../../../tests/workflows/attrs/workflow.yml");

/// Workflows as large repositories have them: a matrix of objects, a container, some steps.
fn repository() -> Fixture {
    let mut files = vec![File {
        path: ".github/workflows/zz.yml".to_owned(),
        text: OWN.to_owned(),
        ..File::default()
    }];
    for number in 0..299 {
        let mut text = format!("name: w{number}\non: push\nenv:\n  LEVEL: INFO\njobs:\n");
        for job in 0..4 {
            let _ = write!(
                text,
                "  job{job}:\n    name: ${{{{ matrix.group.name }}}} {number}\n    strategy:\n      matrix:\n        group:\n"
            );
            for leg in 0..8 {
                let _ = writeln!(
                    text,
                    "          - {{name: group {leg}, arch: wormhole, cmd: 'pytest tests/unit_{leg}'}}"
                );
            }
            text += "    runs-on: [in-service]\n    container:\n      image: x\n      env:\n        ARCH: ${{ matrix.group.arch }}\n    steps:\n      - uses: actions/checkout@v4\n      - run: ${{ matrix.group.cmd }}\n";
        }
        files.push(File {
            path: format!(".github/workflows/w{number}.yml"),
            text,
            ..File::default()
        });
    }
    Fixture { files }
}

fn bench(criterion: &mut Criterion) {
    let workspace = repository();
    let log = log::parse(LOG.as_bytes());
    let config = Config {
        ignore: Vec::new(),
        runner_labels: Vec::new(),
    };
    assert_eq!(
        join(&log, None, &workspace, &config)[0].path.as_deref(),
        Some(".github/workflows/zz.yml")
    );
    criterion.bench_function("join with 300 workflows", |bencher| {
        bencher.iter(|| join(black_box(&log), None, &workspace, &config));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
