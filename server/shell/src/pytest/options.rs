//! pytest's own options and those of the plugins that are met most: what each decides, and whether it takes a value.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What an option decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Outcome,
    Reporting,
    Selection,
}

/// How many words after the option belong to it, where it has no `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    None,
    One,
    Two,
    /// argparse's `nargs="?"`: the next word, unless it is an option. `--cov tests` so measures `tests` and runs all.
    Optional,
    /// An option that is not known here.
    Unknown,
}

/// The class and arity of `--name`.
pub(super) fn long(name: &str) -> Option<(Class, Arity)> {
    static LONG: LazyLock<HashMap<&str, (Class, Arity)>> = LazyLock::new(|| {
        let of_row = |&(class, arity, names): &(Class, Arity, &'static str)| {
            let names = names.split_ascii_whitespace();
            names.map(move |name| (name, (class, arity)))
        };
        TABLE.iter().flat_map(of_row).collect()
    });
    LONG.get(name).copied()
}

/// The class and arity of `-x`.
pub(super) fn short(letter: char) -> Option<(Class, Arity)> {
    Some(match letter {
        'c' | 'm' | 'n' | 'o' | 'p' | 'W' => (Class::Outcome, Arity::One),
        'd' | 'f' => (Class::Outcome, Arity::None),
        'r' => (Class::Reporting, Arity::One),
        'h' | 'l' | 'q' | 's' | 'v' | 'V' => (Class::Reporting, Arity::None),
        'k' => (Class::Selection, Arity::One),
        'x' => (Class::Selection, Arity::None),
        _ => return None,
    })
}

const TABLE: [(Class, Arity, &str); 16] = [
    // pytest
    (
        Class::Outcome,
        Arity::One,
        "--override-ini --pythonwarnings --config-file --rootdir --confcutdir --import-mode --basetemp --assert --doctest-glob
         --doctest-encoding --log-level --log-disable --pdbcls",
    ),
    (
        Class::Outcome,
        Arity::None,
        "--strict --strict-markers --strict-config --strict-xfail --doctest-modules --doctest-ignore-import-errors
         --doctest-continue-on-failure --runxfail --noconftest --setup-plan --setup-only --setuponly --setupplan --pdb --trace
         --disable-plugin-autoload",
    ),
    (
        Class::Reporting,
        Arity::One,
        "--tb --color --code-highlight --show-capture --capture --pastebin --verbosity --durations --durations-min --junitxml
         --junit-xml --junit-prefix --junitprefix --log-cli-level --log-format --log-date-format --log-cli-format
         --log-cli-date-format --log-file --log-file-level --log-file-format --log-file-date-format --log-file-mode
         --log-auto-indent --doctest-report --xfail-tb",
    ),
    (
        Class::Reporting,
        Arity::None,
        "--verbose --quiet --showlocals --no-showlocals --no-header --no-summary --full-trace --fulltrace --disable-warnings
         --disable-pytest-warnings --no-fold-skipped --setup-show --setupshow --fixtures --funcargs --fixtures-per-test --markers
         --version --help --trace-config --traceconfig --cache-clear --force-short-summary --console-output-style",
    ),
    (Class::Reporting, Arity::Optional, "--debug --cache-show"),
    (
        Class::Selection,
        Arity::One,
        "--deselect --ignore --ignore-glob --maxfail --lfnf --last-failed-no-failures",
    ),
    (
        Class::Selection,
        Arity::None,
        "--exitfirst --collect-only --collectonly --co --pyargs --keep-duplicates --collect-in-virtualenv
         --continue-on-collection-errors --lf --last-failed --ff --failed-first --nf --new-first --sw --stepwise --sw-skip
         --stepwise-skip --sw-reset --stepwise-reset",
    ),
    // Plugins: xdist, timeout, asyncio, anyio, forked, rerunfailures, flaky, randomly, random-order, django, flask, hypothesis,
    // socket, recording (vcr), playwright, selenium, repeat, remotedata, mpl, typeguard, nbmake, parallel, run-parallel, rerun.
    (
        Class::Outcome,
        Arity::One,
        "--numprocesses --maxprocesses --max-worker-restart --dist --loadscope-reorder --tx --px --rsyncdir --rsyncignore
         --testrunuid --timeout --timeout-method --timeout_method --session-timeout --timeout-disable-debugger-detection
         --asyncio-mode --reruns --reruns-delay --only-rerun --rerun-except --max-runs --min-passes --flake-runs
         --randomly-seed --random-order-bucket --random-order-seed --random-order-plugin --ds --dc --django-settings-module
         --django-configuration --liveserver --fail-on-template-vars-name --hypothesis-seed --hypothesis-profile --allow-hosts
         --record-mode --vcr-record --vcr-record-mode --browser --browser-channel --device --slowmo --driver --driver-path
         --base-url --count --repeat-scope --mpl-baseline-path --mpl-results-path --mpl-generate-path --mpl-hash-library
         --typeguard-packages --beartype-packages --nbmake-timeout --nbmake-kernel --workers --tests-per-worker
         --parallel-threads --iterations --order-scope --benchmark-compare-fail --mypy-ini-file --mypy-config-file
         --mypy-plugin-style --pylint-rcfile --redis-exec --postgresql-host --postgresql-port --postgresql-user
         --postgresql-password --postgresql-dbname --sanitize-with --tt-arch --metal-timeout",
    ),
    (
        Class::Outcome,
        Arity::None,
        "--forked --boxed --looponfail --no-loadscope-reorder --timeout_func_only --asyncio-debug --fail-on-flaky --force-flaky
         --no-success-flaky-report --flake-finder --randomly-dont-reset-seed --randomly-dont-reorganize --random-order
         --create-db --reuse-db --nomigrations --no-migrations --migrations --fail-on-template-vars --start-live-server
         --no-start-live-server --disable-socket --allow-unix-socket --force-enable-socket --block-network --disable-recording
         --disable-vcr --headed --headless --mpl --doctest-plus --doctest-only --doctest-rst --doctest-cython --text-file-format
         --mypy --mypy-only --mypy-ignore-missing-imports --mypy-same-process --flake8 --pylint --pylint-jobs --black --isort
         --ruff --ruff-format --pycodestyle --pydocstyle --pep8 --nbval --nbval-lax --nbmake --codeblocks --markdown-docs
         --benchmark-disable --benchmark-enable --snapshot-update --open-files --sparse-ordering --indulgent-ordering
         --order-dependencies --memray --run-slow --runslow --slow --run-integration --integration",
    ),
    (
        Class::Outcome,
        Arity::Optional,
        "--remote-data --inline-snapshot",
    ),
    // Plugins: cov, html, json-report, reportlog, md, allure, benchmark, instafail, sugar, split, shard, test-groups, picked,
    // testmon, azurepipelines, metadata, pystack, profiling.
    (
        Class::Reporting,
        Arity::One,
        "--cov-report --cov-config --cov-fail-under --cov-context --html --css --json --json-report-file --json-report-indent
         --report-log --md --md-report-output --excelreport --nunit-xml --alluredir --benchmark-json --benchmark-save
         --benchmark-min-rounds --benchmark-min-time --benchmark-max-time --benchmark-sort --benchmark-group-by
         --benchmark-columns --benchmark-name --benchmark-storage --benchmark-timer --benchmark-calibration-precision
         --benchmark-netrc --benchmark-cprofile --benchmark-time-unit --cucumberjson --test-run-title --napoleon-docstrings
         --hypothesis-verbosity --most-allocations --pystack-threshold --pystack-output-file --pystack-args
         --maxschedchunk --ctrf --log-cli-date --output-format",
    ),
    (
        Class::Selection,
        Arity::One,
        "--splits --group --durations-path --splitting-algorithm --shard-id --num-shards --test-group-count --test-group
         --test-group-random-seed --test-group-prescheduled --mode --parent-branch --testmon-env",
    ),
    (
        Class::Reporting,
        Arity::None,
        "--no-cov --cov-branch --cov-append --cov-reset --no-cov-on-fail --self-contained-html --json-report
         --json-report-summary --md-report --benchmark-autosave --benchmark-disable-gc --benchmark-verbose --benchmark-quiet
         --benchmark-save-data --instafail --tldr --force-sugar --old-summary --emoji --hypothesis-show-statistics
         --hypothesis-explain --no-flaky-report --store-durations --clean-durations --clean-alluredir --allure-no-capture
         --no-docker-detection --profile --profile-svg --no-print-logs --suppress-no-test-exit-code --no-success-summary",
    ),
    (Class::Reporting, Arity::Two, "--metadata"),
    (
        Class::Reporting,
        Arity::Optional,
        "--cov --benchmark-compare --benchmark-histogram --benchmark-warmup",
    ),
    (
        Class::Selection,
        Arity::None,
        "--benchmark-only --benchmark-skip --picked --testmon --testmon-noselect --testmon-nocollect --testmon-forceselect
         --testmon-noautofix",
    ),
];
