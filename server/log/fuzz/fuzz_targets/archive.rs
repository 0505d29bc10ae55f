//! The names of an archive's files, one a line: every log of it names files that are there, and none twice.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let paths: Vec<&str> = text.lines().collect();
    let mut seen = vec![false; paths.len()];
    for entry in log::archive::entries(&paths) {
        assert!(!entry.parts.is_empty());
        for part in entry.parts {
            assert!(!std::mem::replace(&mut seen[part.file], true), "{paths:?}");
        }
    }
});
