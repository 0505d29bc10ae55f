//! pytest's output in a plain terminal.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check(
        "============================= test session starts ==============================\n",
        data,
    );
});
