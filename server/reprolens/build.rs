//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Placed anywhere in memory it has 16,000 addresses to put right whenever it starts, which takes longer than reading a
    // log of a megabyte.
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
