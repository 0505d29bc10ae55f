//! `gh run view --log`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check(
        "test\tRun pytest\t2024-06-05T12:45:27.3080205Z ##[group]Run pytest\n",
        data,
    );
});
