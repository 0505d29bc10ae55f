//! GitHub's raw job log.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check(
        "2024-06-05T12:45:27.3080205Z Current runner version: '2.316.1'\n2024-06-05T12:45:27.3080205Z ##[group]Run pytest\n",
        data,
    );
});
