//! Azure Pipelines.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check(
        "2024-06-05T12:45:27.3080205Z ##[section]Starting: Run tests\n",
        data,
    );
});
