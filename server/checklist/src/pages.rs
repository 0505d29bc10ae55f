//! The rules' pages, for people: one rule, and the catalogue `RULES.md`.

use std::fmt::Write;

use crate::rule::Info;
use crate::rules;

/// The page of the rule with that id, in any case.
pub fn page(id: &str) -> Option<String> {
    let info = rules::ALL
        .iter()
        .map(|rule| rule.info())
        .find(|info| info.id.eq_ignore_ascii_case(id))?;
    Some(render(info, "#"))
}

/// `RULES.md`: every rule's page.
pub fn catalogue() -> String {
    let mut text = String::from(
        "# The checklist\n\nMade from the rules' own pages; do not edit.\n\n| rule | name | severity |\n|---|---|---|\n",
    );
    for info in crate::rules() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {} |",
            info.id,
            anchor(info),
            info.name,
            info.severity.name()
        );
    }
    for info in crate::rules() {
        text.push('\n');
        text.push_str(&render(info, "##"));
    }
    text
}

fn render(info: &Info, heading: &str) -> String {
    let mut page = format!(
        "{heading} {} {} ({})\n\n",
        info.id,
        info.name,
        info.severity.name()
    );
    let mut in_code = false;
    for line in info.page.lines() {
        // Doc comments begin with a space.
        let line = line.strip_prefix(' ').unwrap_or(line);
        in_code ^= line.starts_with("```");
        if !in_code && let Some(section) = line.strip_prefix("## ") {
            let _ = writeln!(page, "{heading}# {section}");
        } else {
            page.push_str(line);
            page.push('\n');
        }
    }
    page
}

fn anchor(info: &Info) -> String {
    format!(
        "{}-{}-{}",
        info.id.to_ascii_lowercase(),
        info.name,
        info.severity.name()
    )
}
