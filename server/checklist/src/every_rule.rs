//! What holds for every rule: its page has an example that fires, one that differs in a file and is fine, and its fix mends the
//! first. A rule without one of these fails here.

use crate::testing::Case;
use crate::{Action, Config, Info};

/// What mends a rule's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mends {
    /// Edits of the folder's files.
    Edits,
    /// An action, and nothing else.
    By(Action),
    /// The person alone.
    Nobody,
}

/// The fix that each rule is to have.
const FIXES: [(&str, Mends); 46] = [
    ("LOG001", Mends::Nobody),
    ("LOG002", Mends::Nobody),
    ("LOG003", Mends::Nobody),
    ("LOG004", Mends::Nobody),
    ("LOG005", Mends::Nobody),
    ("LOG006", Mends::Nobody),
    ("ENV001", Mends::Edits),
    ("ENV002", Mends::Edits),
    ("ENV003", Mends::Edits),
    ("ENV004", Mends::Edits),
    ("ENV005", Mends::Edits),
    ("RUN001", Mends::By(Action::Generate)),
    ("RUN002", Mends::By(Action::MakeExecutable)),
    ("RUN003", Mends::Edits),
    ("RUN004", Mends::Edits),
    ("RUN005", Mends::Nobody),
    ("RUN006", Mends::Edits),
    ("RUN007", Mends::Edits),
    ("RUN008", Mends::Edits),
    ("RUN009", Mends::Edits),
    ("RUN010", Mends::Edits),
    ("TST001", Mends::By(Action::Generate)),
    ("TST002", Mends::By(Action::Minimize)),
    ("TST003", Mends::Edits),
    ("TST004", Mends::Edits),
    ("TST005", Mends::Nobody),
    ("TST006", Mends::Edits),
    ("TST007", Mends::Edits),
    ("TST008", Mends::Nobody),
    ("TST009", Mends::Edits),
    ("TST010", Mends::Edits),
    ("TST011", Mends::Edits),
    ("TST012", Mends::By(Action::Generate)),
    ("TST013", Mends::Nobody),
    ("DOC001", Mends::By(Action::Generate)),
    ("DOC002", Mends::Edits),
    ("DOC003", Mends::Nobody),
    ("DOC004", Mends::Edits),
    ("DOC005", Mends::Edits),
    ("VER001", Mends::By(Action::Verify)),
    ("VER002", Mends::By(Action::Verify)),
    ("VER003", Mends::Nobody),
    ("VER004", Mends::Nobody),
    ("VER005", Mends::Nobody),
    ("VER006", Mends::By(Action::Minimize)),
    ("VER007", Mends::Nobody),
];

/// A fixture of the rule's page.
#[track_caller]
fn fixture(info: &Info, section: &str) -> String {
    let page = crate::page(info.id).unwrap();
    let section = page.split(&format!("\n## {section}\n```repro\n")).nth(1);
    let fixture = section.and_then(|it| it.split("\n```\n").next());
    fixture.unwrap_or_else(|| panic!("{page}")).to_owned() + "\n"
}

#[test]
fn its_page_tells_why() {
    for info in crate::rules() {
        let page = crate::page(info.id).unwrap();
        assert!(page.contains("\n## Why\n"), "{page}");
    }
}

#[test]
fn its_example_gives_the_findings_that_it_says() {
    for info in crate::rules() {
        let case = Case::parse(&fixture(info, "Example"));
        assert!(case.expects(), "{}: the example names no finding", info.id);
        case.assert_found(info.id);
    }
}

#[test]
fn a_folder_that_nearly_is_the_example_is_fine() {
    for info in crate::rules() {
        let (example, fine) = (fixture(info, "Example"), fixture(info, "Fine"));
        let found = Case::with(&example, &fine).findings(&Config {
            select: vec![info.id.to_owned()],
            ..Config::all()
        });
        let messages: Vec<&String> = found.iter().map(|it| &it.message).collect();
        assert!(found.is_empty(), "{}: {messages:?}", info.id);
    }
}

#[test]
fn its_fix_mends_the_example() {
    for (info, (id, mends)) in crate::rules().zip(FIXES) {
        assert_eq!(info.id, id, "each rule stands in the list, in order");
        let mut case = Case::parse(&fixture(info, "Example"));
        let found = case.findings(&Config::all());
        let own: Vec<_> = found.iter().filter(|it| it.rule.id == id).collect();
        for finding in &own {
            let found = match &finding.fix {
                None => Mends::Nobody,
                Some(fix) if fix.edits.is_empty() => {
                    Mends::By(fix.action.expect("a fix edits or acts"))
                }
                Some(_) => Mends::Edits,
            };
            assert_eq!(found, mends, "{id}: {}", finding.message);
        }
        if matches!(mends, Mends::Edits | Mends::By(Action::MakeExecutable)) {
            case.assert_fixed(id);
        }
    }
}
