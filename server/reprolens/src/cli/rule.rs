//! `reprolens rule`: a rule's page, or the list of all.

use std::io::Write;

use super::style::STRONG;
use super::{Format, Outcome};

/// What a rule of the checklist wants, why, and an example.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The rule's id; without it all rules are listed
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Some(id) = &arguments.id else {
        list(arguments.format, out)?;
        return Ok(Outcome::Clean);
    };
    let Some(info) =
        checklist::rules().find(|info| info.id.eq_ignore_ascii_case(id) || info.name == id)
    else {
        anyhow::bail!(crate::checked::unknown_rule(id));
    };
    let page = checklist::page(info.id).unwrap_or_default();
    match arguments.format {
        Format::Text => write!(out, "{page}")?,
        Format::Json => {
            let rule = serde_json::json!({
                "version": 1, "id": info.id, "name": info.name, "severity": info.severity.name(), "page": page,
            });
            writeln!(out, "{rule}")?;
        }
    }
    Ok(Outcome::Clean)
}

fn list(format: Format, out: &mut dyn Write) -> anyhow::Result<()> {
    if format == Format::Json {
        let rules: Vec<_> = checklist::rules()
            .map(|info| serde_json::json!({"id": info.id, "name": info.name, "severity": info.severity.name()}))
            .collect();
        writeln!(out, "{}", serde_json::json!({"version": 1, "rules": rules}))?;
        return Ok(());
    }
    for info in checklist::rules() {
        let first = info.page.trim_start().lines().next().unwrap_or_default();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}  {:<12} {:<20} {first}",
            info.id,
            info.severity.name(),
            info.name
        )?;
    }
    Ok(())
}
