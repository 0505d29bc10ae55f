//! What a repro folder is held to: rules, findings, fixes.
//!
//! A rule looks at one folder with its evidence and pushes findings. Rules are stateless, do not know each other and never
//! read files; what two of them need is a method of the stage that knows it. One file a rule, in `rules/`: its doc comment is
//! the page that a person reads.

#[macro_use]
mod rule;
#[cfg(test)]
mod every_rule;
mod finding;
mod fix;
mod generated;
mod pages;
mod readme;
mod rules;
mod run;
mod suppress;
#[cfg(test)]
mod testing;
mod view;

pub use finding::{Action, Edit, Finding, Fix, Severity};
pub use fix::apply;
pub use pages::{catalogue, page};
pub use rule::{Config, Info, Subject};
pub use suppress::UnknownRule;

/// The findings of one folder, sorted by file and place.
pub fn check(subject: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let view = view::View::new(*subject);
    for rule in rules::ALL
        .iter()
        .filter(|rule| config.selects(rule.info().id))
    {
        rule.check(
            &view,
            &mut rule::Findings::new(rule.info(), config, &mut findings),
        );
    }
    let suppressions = suppress::Suppressions::of(subject.folder);
    findings.retain(|finding| !suppressions.hold(finding));
    findings.sort_by(|a, b| {
        // Of one rule at one place: in the order in which it found them.
        (&a.path, a.span, a.rule.id).cmp(&(&b.path, b.span, b.rule.id))
    });
    findings
}

/// Suppression comments of the folder that name no rule.
pub fn unknown_suppressions(folder: &repro::Folder) -> Vec<UnknownRule> {
    suppress::unknown(folder)
}

/// Every rule, in the order of their ids.
pub fn rules() -> impl Iterator<Item = &'static Info> {
    rules::ALL.iter().map(|rule| rule.info())
}
