//! GitHub jobs: one fixture a rule, a log in short form and the workspace's files.

#[path = "../table/mod.rs"]
mod table;

mod jobs;
mod layers;
mod machine;
mod matrix;
mod yaml;
