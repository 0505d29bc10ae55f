use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// The device setup differs from the original test.
    ///
    /// ## Why
    /// Another device, or the same one opened another way, is another test.
    ///
    /// ## Example
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro(device): ...
    /// ```
    OtherSetup = "TST009", "other-setup", Error
}

impl Rule for OtherSetup {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(Ok(original)) = subject.evidence.map(|it| it.test.as_ref()) else {
            return;
        };
        let is_device = |name: &str| {
            name.split('_')
                .any(|part| matches!(part, "device" | "devices" | "mesh"))
        };
        let theirs: Vec<&str> = original
            .fixtures
            .iter()
            .filter(|it| !it.autouse && is_device(&it.name))
            .map(|it| it.name.as_str())
            .collect();
        for (file, review) in subject.tests() {
            let Some(test) = review.tests.first() else {
                continue;
            };
            let ours = test.arguments.iter().filter(|(name, _)| is_device(name));
            for (name, span) in ours
                .clone()
                .filter(|(name, _)| !theirs.contains(&name.as_str()))
            {
                let known = original.fixtures.iter().any(|it| &it.name == name)
                    || original.params.iter().any(|it| &it.name == name);
                if !known {
                    findings.push(
                        &file.path,
                        *span,
                        format!(
                            "the original test does not use `{name}`; it uses {}",
                            list(&theirs)
                        ),
                        None,
                    );
                }
            }
            if !theirs.is_empty()
                && ours.count() == 0
                && !theirs.iter().any(|it| file.text.contains(it))
            {
                findings.push(
                    &file.path,
                    test.name_span,
                    format!(
                        "the original test uses {}, this one does not",
                        list(&theirs)
                    ),
                    None,
                );
            }
        }
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "no device fixture".to_owned()
    } else {
        format!("`{}`", names.join("`, `"))
    }
}
