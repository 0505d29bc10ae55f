//! A step's output of CircleCI.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    reprolens_log_fuzz::check("#!/bin/bash -eo pipefail\n", data);
});
