use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn contexts() -> Contexts {
    let mut contexts = Contexts::default();
    let text = |text: &str| Data::text(text);
    contexts.set(
        "matrix",
        Data::map(
            vec![
                ("python-version".to_owned(), text("3.11")),
                ("flag".to_owned(), Data::Bool(true)),
                (
                    "group".to_owned(),
                    Data::map(
                        vec![
                            ("Name".to_owned(), text("ops")),
                            (
                                "skus".to_owned(),
                                Data::from_json("[\"a\", \"bh_x\"]").unwrap(),
                            ),
                        ],
                        false,
                    ),
                ),
            ],
            false,
        ),
    );
    contexts.set(
        "inputs",
        Data::map(
            vec![
                ("arch".to_owned(), text("blackhole")),
                ("n".to_owned(), Data::Number(7.0)),
            ],
            true,
        ),
    );
    contexts.set("secrets", Data::map(Vec::new(), true));
    contexts
}

#[track_caller]
fn check(template: &str, expected: Expect) {
    let value = expand(template, &contexts()).value();
    let rendered = match value {
        Value::Known(text) => text,
        other => format!("{other:?}"),
    };
    expected.assert_eq(&rendered);
}

#[test]
fn values_and_texts() {
    check(
        "py${{ matrix.python-version }}-${{ inputs.n }}",
        expect!["py3.11-7"],
    );
    check("${{ matrix['GROUP'].name }}", expect!["ops"]);
    check("${{ matrix.group.skus[1] }}", expect!["bh_x"]);
    check("${{ matrix.nothing }}|", expect!["|"]);
    check("${{ join(matrix.group.skus, '+') }}", expect!["a+bh_x"]);
    check("${{ join(matrix.group.*) }}", expect!["ops,Array"]);
    check(
        "${{ toJSON(matrix.group.skus) }}",
        expect![[r#"
        [
          "a",
          "bh_x"
        ]"#]],
    );
    check(
        "${{ fromJSON('{\"a\": [1.50, true]}').a[0] }}",
        expect!["1.5"],
    );
    check(
        "${{ format('{0}-{{x}}-{1}', 'a', 3.0) }}",
        expect!["a-{x}-3"],
    );
    check("${{ 'it''s }} here' }}", expect!["it's }} here"]);
}

#[test]
fn operators_and_types() {
    check(
        "${{ contains(matrix.group.skus, 'BH_X') && 'blackhole' || 'wormhole' }}",
        expect!["blackhole"],
    );
    check(
        "${{ startsWith(inputs.arch, 'worm') && '1' || '' }}|",
        expect!["|"],
    );
    check("${{ endsWith(inputs.arch, 'HOLE') }}", expect!["true"]);
    check(
        "${{ 'A' == 'a' && '1' == 1 && null == 0 && true == 1 }}",
        expect!["true"],
    );
    check("${{ 'x' == 0 || !matrix.flag }}", expect!["false"]);
    check("${{ inputs.n >= 7 && inputs.n < 8 }}", expect!["true"]);
    check(
        "${{ case(inputs.n == 6, 'six', inputs.n == 7, 'seven', 'else') }}",
        expect!["seven"],
    );
}

#[test]
fn what_is_not_known_stays_as_written() {
    check(
        "${{ secrets.TOKEN }}",
        expect![[r#"Unresolved("${{ secrets.TOKEN }}")"#]],
    );
    check(
        "${{ inputs.arch }}/${{ needs.x.outputs.y }}",
        expect![[r#"Unresolved("blackhole/${{ needs.x.outputs.y }}")"#]],
    );
    check(
        "${{ inputs.other == 'x' }}",
        expect![[r#"Unresolved("${{ inputs.other == 'x' }}")"#]],
    );
    check(
        "${{ hashFiles('**/x') }}",
        expect![[r#"Unresolved("${{ hashFiles('**/x') }}")"#]],
    );
    check(
        "${{ not an expression }}",
        expect![[r#"Unresolved("${{ not an expression }}")"#]],
    );
    check("${{ unclosed", expect!["${{ unclosed"]);
    // One side can decide.
    check("${{ false && secrets.X }}", expect!["false"]);
    check("${{ matrix.flag || secrets.X }}", expect!["true"]);
}

proptest! {
    #[test]
    fn any_template_is_expanded(template in "[${} a-z.'()\\[\\]&|=!,0-9é]{0,60}") {
        let expanded = expand(&template, &contexts());
        if pieces(&template).iter().all(|piece| matches!(piece, Piece::Literal(..))) {
            prop_assert_eq!(expanded.text(), template);
        }
    }
}
