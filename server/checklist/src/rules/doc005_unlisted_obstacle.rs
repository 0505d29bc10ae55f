use text::Span;
use workflow::{Obstacle, ObstacleKind};

use crate::finding::Fix;
use crate::readme::{find, sections};
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
    /// //- logs/ci.log
    /// ##[group]Run pytest tests/test_a.py
    /// pytest tests/test_a.py
    /// shell: /usr/bin/bash -e {0}
    /// ##[endgroup]
    /// Complete job name: unit
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- ../.github/workflows/ci.yml
    /// on: push
    /// jobs:
    ///   unit:
    ///     runs-on: ubuntu-latest
    ///     services:
    ///       redis:
    ///         image: redis:7
    ///     steps:
    ///       - run: pytest tests/test_a.py
    /// //- README.md
    /// # A
    /// ## Not replicated
    /// ^^^^^^^^^^^^^^^^^ DOC005: service redis (redis:7) of CI is not listed under `Not replicated`; add it, and what stands in for it
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- README.md
    /// # A
    /// ## Not replicated
    ///
    /// The job had a Redis; the test does not need it.
    /// ```
    UnlistedObstacle = "DOC005", "unlisted-obstacle", Information
}

impl Rule for UnlistedObstacle {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let (Some(readme), Some(evidence)) = (&subject.folder.readme, subject.evidence) else {
            return;
        };
        let text = &*readme.text;
        let sections = sections(text);
        let section =
            find(&sections, "Not replicated").or_else(|| find(&sections, "cannot be replicated"));
        let obstacles = evidence
            .configurations
            .first()
            .map_or(&[][..], |it| it.obstacles.as_slice());
        for obstacle in obstacles.iter().filter(|it| !is_listed(it, subject, text)) {
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

/// Whether the README tells of it, in whichever words: by the name of the thing itself.
fn is_listed(obstacle: &Obstacle, subject: &View<'_>, readme: &str) -> bool {
    let names = |text: &str| {
        // Markdown's escapes are not part of a name.
        let text = text.to_lowercase().replace('\\', "");
        own_names(&obstacle.what).iter().any(|it| text.contains(it))
    };
    match obstacle.kind {
        // A path is the script's to make overridable (ENV005), and Python's version is one that can be had.
        ObstacleKind::Path | ObstacleKind::Python => true,
        ObstacleKind::Secret => {
            let script = subject.folder.script.iter().chain(&subject.folder.others);
            names(readme)
                || script
                    .chain(&subject.folder.tests)
                    .any(|it| names(&it.text))
        }
        _ => names(readme),
    }
}

/// `runner label P150b` is `p150b`, `image ghcr.io/a/b:latest` is `b`, `mount /x:/y` is `/x` or `/y`.
fn own_names(what: &str) -> Vec<String> {
    const KINDS: [&str; 12] = [
        "device",
        "runner",
        "label",
        "image",
        "mount",
        "secret",
        "service",
        "container",
        "operating",
        "system",
        "of",
        "the",
    ];
    let words = what
        .split([' ', ',', '(', ')'])
        .filter(|it| it.len() > 1 && !KINDS.contains(it));
    let mut names = Vec::new();
    for word in words {
        names.push(word.to_lowercase());
        if word.starts_with('/') {
            names.extend(
                word.split(':')
                    .filter(|it| it.len() > 2)
                    .map(str::to_lowercase),
            );
        } else if let Some(name) = word
            .rsplit('/')
            .next()
            .filter(|_| word.contains(['/', ':']))
        {
            names.extend(
                name.split([':', '@'])
                    .next()
                    .filter(|it| it.len() > 2)
                    .map(str::to_lowercase),
            );
        }
    }
    names
}
