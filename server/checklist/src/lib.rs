//! What a repro folder is held to: rules, findings, fixes.
//!
//! A rule looks at one folder with its evidence and pushes findings; it never reads files. One file a rule, in `rules/`.
