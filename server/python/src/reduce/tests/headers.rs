//! What stands around a block.

use expect_test::expect;

use super::{check, check_parts};

#[test]
fn what_stands_around_a_block_goes_but_what_is_expected_to_fail() {
    let text = r#"
TEXT = """
first
# second

last
"""


@pytest.fixture
def box(size, lid):
    try:
        made = Box(lid)
    finally:
        close()
    return made


def test_one(box):
    with patch("a"), \
            patch("b"):
        # The one that matters.
        with pytest.raises(ValueError):
            if box.open:
                found = TEXT
            elif box.closed:
                found = None
            else:
                found = """
                inside
                """
            call(
                found,
                size=1,
                lid=[2],
            )  # <- fails here
"#;
    check_parts(
        text,
        expect![[r#"
        0! try:
        0! return made
        1! made = Box(lid)
        2! close()
        3! if box.open:
        4! found = TEXT
        5! found = None
        6! found = """
        7! TEXT = """
        7 @pytest.fixture
        8! try:
        9! with patch("a"), \
        10! if box.open:
        11! elif box.closed:
        11! else:
        12 first
        12 # second
        12 
        12 last
        13! size
        13! lid
    "#]],
    );
    check(
        text,
        &["with patch", "try:", "elif", "else", "size, ", "# second"],
        expect![[r#"
            TEXT = """
            first

            last
            """


            @pytest.fixture
            def box(lid):
                return made


            def test_one(box):
                # The one that matters.
                with pytest.raises(ValueError):
                    if box.open:
                        found = TEXT
                    call(
                        found,
                        size=1,
                        lid=[2],
                    )  # <- fails here
        "#]],
    );
}

#[test]
fn a_loop_goes_where_its_block_needs_no_other_round() {
    let text = r"
def test_one(folder):
    for path in (str(folder),):
        for size in (1, 2):
            if size == 1:
                continue
            found = find(size)
        assert found == 2  # <- fails here
";
    check_parts(
        text,
        expect![[r#"
        0! for size in (1, 2):
        1! if size == 1:
        1! found = find(size)
        2! continue
        3! for path in (str(folder),):
        4! if size == 1:
    "#]],
    );
    check(
        text,
        &["for path"],
        expect![[r#"
        def test_one(folder):
            for size in (1, 2):
                if size == 1:
                    continue
                found = find(size)
            assert found == 2  # <- fails here
    "#]],
    );
}
