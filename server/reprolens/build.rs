//! How the program is linked.

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script about the target in its environment"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Placed anywhere in memory it has 16,000 addresses to put right whenever it starts, which takes longer than reading a
    // log of 100 KB does.
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
