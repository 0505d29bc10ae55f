//! Scripts that end too early, or close what they never opened.

use expect_test::expect;

use super::check;

#[test]
fn a_condition_without_its_end() {
    check(
        "if a; then\nexport A=1\n",
        expect![[r#"
        2: export A="1" (conditional)
        1: $ a
        3: problem: `fi` is missing here
    "#]],
    );
}

#[test]
fn a_quote_without_its_end() {
    check(
        "export A=\"x\nexport B=2\n",
        expect![[r#"
        1: export A="x"
        2: export B="2"
        1: problem: a quote or an expansion that is not closed
    "#]],
    );
}

#[test]
fn closers_without_openers() {
    check(
        "fi\n)\nexport A=1\n;; pytest\n",
        expect![[r#"
        3: export A="1"
        4: $ pytest  [A="1"]
        1: problem: this closes nothing, so it is left out
        2: problem: this closes nothing, so it is left out
        4: problem: this closes nothing, so it is left out
    "#]],
    );
}
