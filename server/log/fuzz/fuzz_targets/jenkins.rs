//! Jenkins.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check("Started by user ci\n[Pipeline] sh\n", data);
});
