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
    text.push_str(include_str!("mapping.md"));
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_catalogue_is_what_the_pages_say() {
        expect_test::expect_file!["../../../RULES.md"].assert_eq(&super::catalogue());
    }

    #[test]
    fn every_rule_holds_a_line_of_the_prompt() {
        let mapping = include_str!("mapping.md");
        for info in crate::rules() {
            assert!(mapping.contains(info.id), "{}", info.id);
        }
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "it compares the folder with the list"
    )]
    fn every_file_in_rules_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let names = std::fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = names.map(|name| name[..6].to_uppercase()).collect();
        let mut ids: Vec<String> = crate::rules().map(|info| info.id.to_owned()).collect();
        files.sort();
        ids.sort();
        assert_eq!(files, ids);
    }
}
