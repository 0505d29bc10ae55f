//! GitLab's trace with the runner's timestamps.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check(
        "2026-01-21T09:47:05.094269Z 00O section_start:1768988825:step_script\n2026-01-21T09:47:05.094270Z 01O ",
        data,
    );
});
