use text::Span;

use crate::finding::Fix;
use crate::readme::{find, sections, squeezed};
use crate::rule::{Findings, Rule};
use crate::view::{View, inserted};

rule! {
    /// Something that cannot be replicated is not listed.
    ///
    /// ## Why
    /// Who runs the repro elsewhere has to know what CI had that this machine has not: hardware, a container, a service.
    ///
    /// ## Example
    /// ```repro
    /// //- README.md
    /// # Without evidence nothing is known of obstacles
    /// ```
    UnlistedObstacle = "DOC005", "unlisted-obstacle", Information
}

impl Rule for UnlistedObstacle {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let (Some(readme), Some(evidence)) = (&subject.folder.readme, subject.evidence) else {
            return;
        };
        let text = &*readme.text;
        let written = squeezed(text);
        let sections = sections(text);
        let section =
            find(&sections, "Not replicated").or_else(|| find(&sections, "cannot be replicated"));
        let obstacles = evidence
            .configurations
            .first()
            .map_or(&[][..], |it| it.obstacles.as_slice());
        for obstacle in obstacles
            .iter()
            .filter(|it| !written.contains(&squeezed(&it.what)))
        {
            let place = section
                .or(sections.first())
                .map_or(Span::at(0), |it| it.heading);
            let line: String =
                repro::quote::MdText::prose(&format!("{}: {}", obstacle.what, obstacle.stand_in))
                    .as_str()
                    .to_owned();
            let (at, lines) = match section {
                Some(section) => {
                    let end = section.body.start + section.body.of(text).trim_end().len();
                    (end, format!("\n- {line}"))
                }
                None => (
                    text.len(),
                    inserted(
                        text,
                        text.len(),
                        &format!("\n## Not replicated\n\n- {line}"),
                    ),
                ),
            };
            let fix = Fix::edit(
                format!("List {}", obstacle.what),
                true,
                &readme.path,
                Span::at(at),
                lines,
            );
            let message = format!(
                "{} of CI is not listed under `Not replicated`; add it, and what stands in for it",
                obstacle.what
            );
            findings.push(&readme.path, place, message, Some(fix));
        }
    }
}
