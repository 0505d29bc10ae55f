import enum, itertools, re
import pytest
from helpers import SIZES, NAMES
import helpers as h
class Colour(enum.Enum):
    RED = 1
    BLUE = "b"
class Plain:
    def __init__(self, *a): self.a = a
    def __eq__(self, other): return self.a == other.a
BASE = 4
TABLE = {"first": (1, "a"), "second": (2, "b")}
@pytest.mark.parametrize("v", ["a", "", "a b", "é", "日本", "\n", "tab\t", "\\d", r"\d", "\x00", "a-b", "::", "[x]", b"ab", b"\xff\\", 'q"', "%s", "🎉"])
def test_text(v): pass
@pytest.mark.parametrize("v", [1, -1, 1_000, 0x10, 1.0, 1e16, 1e-5, 0.1, 1.5e300, float("nan"), float("inf"), -0.0, 123456789.125, 1e15])
def test_numbers(v): pass
@pytest.mark.parametrize("v", [None, True, False, [1], (1, 2), {}, {1: 2}, {1}, int, str, Plain, Plain(1), len, Colour.RED, Colour.BLUE, re.compile("a.b"), lambda: 1, re])
def test_kinds(v): pass
@pytest.mark.parametrize("a, b", [(1, 2), (3, 4), pytest.param(5, 6, id="given"), pytest.param(7, 8, marks=pytest.mark.xfail)])
def test_pairs(a, b): pass
@pytest.mark.parametrize(("a", "b"), [("x-y", "z"), ("x", "y-z2")])
def test_dashes(a, b): pass
@pytest.mark.parametrize("a,", [(1,), (2,)])
def test_comma(a): pass
@pytest.mark.parametrize("top", [1, 2])
@pytest.mark.parametrize("middle", ["p", "q"])
@pytest.mark.parametrize("bottom", [[1], [2]])
def test_stacked(top, middle, bottom): pass
@pytest.mark.parametrize("v", [1, 1, "1", "a", "a", "a0", "b", "b"])
def test_duplicates(v): pass
@pytest.mark.parametrize("v", [1, 2, 3], ids=["one", None, "three"])
def test_id_list(v): pass
@pytest.mark.parametrize("v", [1, 2], ids=lambda v: f"v={v}")
def test_id_lambda(v): pass
@pytest.mark.parametrize("v, w", [(1, "a"), (2, [])], ids=str)
def test_id_str(v, w): pass
@pytest.mark.parametrize("v", [1, [2]], ids=repr)
def test_id_repr(v): pass
def name_of(v):
    """Names."""
    if isinstance(v, list):
        return "list%d" % len(v)
    return None
@pytest.mark.parametrize("v", [[1], [1, 2], "s"], ids=name_of)
def test_id_function(v): pass
@pytest.mark.parametrize("v", SIZES)
@pytest.mark.parametrize("w", h.NAMES)
def test_imported(v, w): pass
@pytest.mark.parametrize("v", range(2, 8, 3))
def test_range(v): pass
@pytest.mark.parametrize("v", [x * 2 for x in SIZES if x > 1])
def test_comprehension(v): pass
@pytest.mark.parametrize("v, w", itertools.product([1, 2], "ab"))
def test_product(v, w): pass
@pytest.mark.parametrize("v, w", list(zip(SIZES, NAMES)))
def test_zip(v, w): pass
@pytest.mark.parametrize("v", TABLE.values(), ids=TABLE.keys())
def test_dictionary(v): pass
@pytest.mark.parametrize("k, v", TABLE.items())
def test_items(k, v): pass
@pytest.mark.parametrize("v", [f"{BASE}-x", "%d!" % BASE, "{}".format(BASE), BASE * 2, BASE / 8, -BASE, "ab" * 2, [0] * 2])
def test_computed(v): pass
@pytest.mark.parametrize("v", list(Colour))
def test_enum(v): pass
@pytest.mark.parametrize("v", [])
def test_empty(v): pass
@pytest.mark.parametrize(argnames="v", argvalues=[1, 2])
def test_keywords(v): pass
def make():
    out = []
    for i in range(3): out.append((i, [i]))
    return out
@pytest.mark.parametrize("v, w", make())
def test_made(v, w): pass
ROWS = []
ROWS.append([1])
ROWS.append([2])
@pytest.mark.parametrize("row", ROWS)
def test_appended(row): pass
LATE = [1, 2]
@pytest.mark.parametrize("v", LATE)
def test_rebound(v): pass
LATE = [3]
@pytest.mark.parametrize("v", LATE)
def test_rebound_again(v): pass
pairs = pytest.mark.parametrize("v, w", [(1, 2), (3, 4)])
@pairs
def test_named_mark(v, w): pass
@pytest.mark.parametrize("v", [*SIZES, *[9, 8]])
def test_unpacked(v): pass
@pytest.mark.parametrize("v", [1, 2, 3][1:] + [SIZES[0]])
def test_slice(v): pass
@pytest.mark.parametrize("v", ["a" "b", ("c"), 1 if BASE else 2, not BASE])
def test_more(v): pass
@pytest.mark.parametrize("long", ["x" * 101, "y"])
def test_long(long): pass
