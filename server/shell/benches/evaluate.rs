//! A CI step's script followed to its pytest command, and the command line of a long run taken apart.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use reprolens_shell::{Context, evaluate, pytest_command};

const SCRIPT: &str = r#"set -euo pipefail
export ARCH=${ARCH:-wormhole_b0} LOGGING=info
if [[ "$ARCH" == grayskull* ]]; then
    export SLOW=1
else
    export SLOW=0
fi
for venv in /opt/venv .venv; do
    if [ -f "$venv/bin/activate" ]; then source "$venv/bin/activate"; fi
done
run() {
    local name=$1; shift
    echo "running $name"
    timeout 600 "$@"
}
"#;

fn bench(criterion: &mut Criterion) {
    let mut script = SCRIPT.to_owned();
    for number in 0..40 {
        let _ = writeln!(
            script,
            "run part{number} env PART={number} pytest -x --timeout=60 -k 'a and not b{number}' \"tests/part_{number}\" | tee part.log"
        );
    }
    let context = Context {
        env: &[],
        arguments: &[],
        cwd: None,
        read: &|_| None,
    };
    criterion.bench_function("evaluate", |bencher| {
        bencher.iter(|| evaluate(black_box(&script), &context));
    });
    let commands = evaluate(&script, &context).commands;
    assert!(commands.iter().any(|it| pytest_command(it).is_some()));
    criterion.bench_function("pytest commands", |bencher| {
        bencher.iter(|| commands.iter().filter_map(pytest_command).count());
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
