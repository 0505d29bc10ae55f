//! Buildkite.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check("\u{1b}_bk;t=1745322209921\u{7}~~~ Running commands\n", data);
});
