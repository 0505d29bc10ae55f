use expect_test::{Expect, expect};

use super::shortened;
use crate::model::Level;

/// `#!` marks the failing line, `#>` those on the way to it.
#[track_caller]
fn check(level: Level, code: &str, expected: Expect) {
    let code = code.replace("  #!", "  #\u{1}").replace("  #>", "  #\u{2}");
    let text = shortened(&code, level, "test_one");
    expected.assert_eq(&text.replace("  #\u{1}", "  #!").replace("  #\u{2}", "  #>"));
}

#[track_caller]
fn unchanged(code: &str) {
    let marked = code.replace("  #!", "  #\u{1}").replace("  #>", "  #\u{2}");
    assert_eq!(shortened(&marked, Level::Smallest, "test_one"), marked);
}

#[test]
fn the_function_that_a_test_hands_its_values_to_is_the_test() {
    check(
        Level::Smallest,
        "\
import ttnn


def run_topk(shape, k, dtype, device, memory_config=ttnn.DRAM, sorted=True):
    \"\"\"Text.\"\"\"
    data = make(
        shape,
    )
    tensor = ttnn.from_rows(data, dtype, device=device, memory_config=memory_config)
    values, _ = ttnn.topk(tensor, k)  #!


def test_one(device):
    shape = [1, 32]
    k = 50
    run_topk(shape, k, ttnn.bfloat16, device)  #>
",
        expect![[r#"
            import ttnn


            def test_one(device):
                shape = [1, 32]
                k = 50
                dtype = ttnn.bfloat16
                memory_config = ttnn.DRAM
                data = make(
                    shape,
                )
                tensor = ttnn.from_rows(data, dtype, device=device, memory_config=memory_config)
                values, _ = ttnn.topk(tensor, k)  #!
        "#]],
    );
}

#[test]
fn a_parameter_takes_the_callers_name_but_on_the_failing_line() {
    check(
        Level::Smallest,
        "\
def check(expected, actual, pcc):
    passed, message = comp(expected, actual, pcc=pcc)
    assert passed, message  #!


class TestBox:
    def run(self, box):
        box.open(self.mode)
        self.check_lid(box)  #>

    def check_lid(self, box):
        golden = box.lid
        check(golden, box.top, 0.99)  #>

    def test_one(self):
        own = Box()
        self.run(own)  #>
",
        expect![[r#"
            class TestBox:
                def test_one(self):
                    own = Box()
                    own.open(self.mode)
                    golden = own.lid
                    actual = own.top
                    pcc = 0.99
                    passed, message = comp(golden, actual, pcc=pcc)
                    assert passed, message  #!
        "#]],
    );
}

#[test]
fn what_would_do_another_thing_in_the_caller_stays_a_function() {
    for body in [
        // Called in a loop, twice, through another name, or with what is not known.
        "def f(a):\n    a.b()  #!\n\n\ndef test_one():\n    for a in [1, 2]:\n        f(a)  #>\n",
        "def f(a):\n    a.b()  #!\n\n\ndef test_one():\n    f(0)\n    f(1)  #>\n",
        "def f(a):\n    a.b()  #!\n\n\ndef test_one():\n    call(f)  #>\n",
        "def f(a):\n    a.b()  #!\n\n\ndef test_one():\n    f(*rows)  #>\n",
        "def f(a):\n    a.b()  #!\n\n\ndef test_one():\n    x = f(1) + 1  #>\n",
        // It may end before, is run later, or asks where it is.
        "def f(a):\n    if a:\n        return\n    a.b()  #!\n\n\ndef test_one():\n    f(1)  #>\n",
        "def f(a):\n    yield\n    a.b()  #!\n\n\ndef test_one():\n    f(1)  #>\n",
        "def f(a):\n    g(locals())\n    a.b()  #!\n\n\ndef test_one():\n    f(1)  #>\n",
        "@retry\ndef f(a):\n    a.b()  #!\n\n\ndef test_one():\n    f(1)  #>\n",
        // Its names are others there.
        "def f(a):\n    a.b(size)  #!\n\n\ndef test_one():\n    size = 1\n    f(size)  #>\n",
        "def f(a):\n    sorted = a\n    sorted.b()  #!\n\n\ndef test_one():\n    rows = sorted([1])\n    f(rows)  #>\n",
        "def f(a, b):\n    a.b(b)  #!\n\n\ndef test_one():\n    a, b = 1, 2\n    f(b, a)  #>\n",
        "def f(a):\n    a = a + 1\n    a.b()  #!\n\n\ndef test_one():\n    a = 1\n    g(lambda: a)\n    f(2)  #>\n",
    ] {
        unchanged(body);
    }
}

#[test]
fn a_function_that_is_called_once_ends_at_the_line_that_goes_on() {
    check(
        Level::Conservative,
        "\
def run(a, rows):
    if a:
        return rows
    unused = 3
    rows.append(a)
    with opened(rows) as box:
        box.check()  #!
        box.close()
    assert rows
    return rows


def test_one(rows):
    run(0, rows)  #>
",
        expect![[r#"
            def test_one(rows):
                a = 0
                rows.append(a)
                with opened(rows) as box:
                    box.check()  #!
        "#]],
    );
}

#[test]
fn an_awaited_function_is_part_of_the_test_that_awaits_it() {
    check(
        Level::Smallest,
        "\
async def fetch(client, path):
    response = await client.get(path)
    assert response.status == 200  #!


async def test_one(client):
    await fetch(client, \"/\")  #>
",
        expect![[r#"
            async def test_one(client):
                path = "/"
                response = await client.get(path)
                assert response.status == 200  #!
        "#]],
    );
}
