use expect_test::{Expect, expect};

use super::super::write::MARK;
use super::{excused, modern, without_noqa};

#[track_caller]
fn check(text: &str, expected: Expect) {
    let marked = text.replace(" #!", MARK);
    let written = excused(&modern(&without_noqa(&marked)));
    let again = excused(&modern(&without_noqa(&written)));
    assert_eq!(again, written, "a second time");
    expected.assert_eq(&written.replace(MARK, " #!"));
}

#[test]
fn literals_and_ranges_are_written_so() {
    check(
        "\
a = dict(b=1, c=dict(
    d=list(),
))
e = [set([1, 2]), set(()), set((1, *a)), tuple(), dict()]
for f in range(0, 3):
    pass
g = [dict(a), dict(**a), dict(a, b=1), list(a), set(a), range(0, 3, 2), range(1, 3)]
",
        expect![[r#"
            a = {'b': 1, 'c': {
                'd': [],
            }}
            e = [{1, 2}, set(), {1, *a}, (), {}]
            for f in range(3):
                pass
            g = [dict(a), dict(**a), dict(a, b=1), list(a), set(a), range(0, 3, 2), range(1, 3)]
        "#]],
    );
}

#[test]
fn the_failing_line_stays() {
    check(
        "\
assert f(dict(a=1)) == set([  # why
    1,
    dict(b=2),
]) #!
assert range(0, 3) == dict() #!
assert set([1])  # <- fails here
assert set([1])  # noqa  # <- fails here #!
",
        expect![[r#"
            assert f(dict(a=1)) == set([  # why  # noqa: C405, C408
                1,
                dict(b=2),  # noqa: C408
            ]) #!
            assert range(0, 3) == dict()  # noqa: C408, PIE808 #!
            assert set([1])  # noqa: C405  # <- fails here
            assert set([1])  # noqa: C405  # <- fails here #!
        "#]],
    );
}

#[test]
fn what_was_said_to_linters_goes() {
    check(
        "\
import a  # noqa
b = 1  # first # NOQA: E501
c = '# noqa'  # noqa:F841 # type: ignore
# noqa: E402
d = '%s' % c  # noqa: E501 #!
e = '%s' % c  # noqa: E501 # type: ignore #!
",
        expect![[r#"
            import a  # noqa: F401
            b = 1  # first
            c = '# noqa'  # type: ignore
            d = '%s' % c  # noqa: UP031 #!
            e = '%s' % c  # noqa: E501 # type: ignore, UP031 #!
        "#]],
    );
}

#[test]
fn texts_that_are_put_together() {
    check(
        r"
a = '%s' % b, '%d' % (b + 1), '%(c)s' % b, 'a' '%s' % (b,)
a = '%s' % (b + 1)
a = ['%s' % [b], b'%s' % b, '%q' % b, f'%s' % b, '50 %', b % c]
a = '''
%s
''' % b
a = '%s' \
    % b
a = (
    '%s'
    '%d'
) % {'b': b}
a = '{}'.format(b)
a = ['{}'.format(*b), '{}'.format('b'), '{:{}}'.format(b, c), '{} {}'.format(b), '{}'.format]
a = ['{0} {0}'.format(b()), '{}'.format(), b.format(c)]
a = '{0} {b} {0.d!r:>3}'.format(c, b=1)
a = '{0} {1}'.format(b, c)
",
        expect![[r#"

            a = '%s' % b, '%d' % (b + 1), '%(c)s' % b, 'a' '%s' % (b,)  # noqa: UP031
            a = '%s' % (b + 1)
            a = ['%s' % [b], b'%s' % b, '%q' % b, f'%s' % b, '50 %', b % c]
            a = '''
            %s
            ''' % b  # noqa: UP031
            a = '%s' \
                % b  # noqa: UP031
            a = (
                '%s'  # noqa: UP031
                '%d'
            ) % {'b': b}
            a = '{}'.format(b)  # noqa: UP032
            a = ['{}'.format(*b), '{}'.format('b'), '{:{}}'.format(b, c), '{} {}'.format(b), '{}'.format]
            a = ['{0} {0}'.format(b()), '{}'.format(), b.format(c)]
            a = '{0} {b} {0.d!r:>3}'.format(c, b=1)  # noqa: UP032
            a = '{0} {1}'.format(b, c)  # noqa: UP030, UP032
        "#]],
    );
}

#[test]
fn what_changes_where_it_should_not() {
    check(
        "\
from collections import deque
from typing import ClassVar


class A(B):
    a = []
    b = c = deque()
    d: ClassVar[list] = []
    e = (), 1
    __slots__ = []

    def f(self, a=[], *, b={}, c=(), d: Sequence = []):
        a = lambda b=[]: b


class C(BaseModel):
    a = []


@dataclass
class D:
    a: list = f()
    b = {1}
",
        expect![[r"
            from collections import deque
            from typing import ClassVar


            class A(B):
                a = []  # noqa: RUF012
                b = c = deque()  # noqa: RUF012
                d: ClassVar[list] = []
                e = (), 1
                __slots__ = []

                def f(self, a=[], *, b={}, c=(), d: Sequence = []):  # noqa: B006
                    a = lambda b=[]: b


            class C(BaseModel):
                a = []


            @dataclass
            class D:
                a: list = f()
                b = {1}  # noqa: RUF012
        "]],
    );
}

#[test]
fn what_is_caught_and_raised() {
    check(
        "\
try:
    a()
except:
    b()
try:
    a()
except:
    raise
try:
    a()
except Exception:
    pass
try:
    a()
except (KeyError, BaseException) as error:
    b(error)
try:
    a()
except Exception as error:
    raise KeyError from error
try:
    a()
except Exception:
    log.exception('a')
try:
    a()
except KeyError:
    raise Exception('a')
for b in c:
    try:
        a()
    except Exception:
        continue
",
        expect![[r"
            try:
                a()
            except:  # noqa: E722
                b()
            try:
                a()
            except:
                raise
            try:
                a()
            except Exception:  # noqa: BLE001, S110
                pass
            try:
                a()
            except (KeyError, BaseException) as error:  # noqa: BLE001
                b(error)
            try:
                a()
            except Exception as error:
                raise KeyError from error
            try:
                a()
            except Exception:
                log.exception('a')
            try:
                a()
            except KeyError:
                raise Exception('a')  # noqa: TRY002
            for b in c:
                try:
                    a()
                except Exception:  # noqa: BLE001, S112
                    continue
        "]],
    );
}

#[test]
fn statements_that_tests_make_for_their_effect() {
    check(
        "\
import pytest


def test_a(a):
    with pytest.raises(Exception):
        a.b #!
    with pytest.raises(Exception) as caught:
        a == 1
    with pytest.raises(Exception, match='a'):
        a[0]
    with self.assertRaises(Exception):
        a + 1
    a.b()
    assert a == a
    assert not a == b
    assert not (a != b)
    assert a in b.keys()
    exec('a')
    getattr(a, 'b')
    getattr(a, 'b', None)
    setattr(a, 'b', 1)
    made = []
    for b in a:
        made.append(b)
    for b in a:
        made.append(b + 1)
    for b in a:
        other.append(b)
    return list(a)[0], list(a)[1], a[0]
",
        expect![[r"
            import pytest


            def test_a(a):
                with pytest.raises(Exception):  # noqa: B017
                    a.b  # noqa: B018 #!
                with pytest.raises(Exception) as caught:
                    a == 1  # noqa: B015
                with pytest.raises(Exception, match='a'):
                    a[0]
                with self.assertRaises(Exception):  # noqa: B017
                    a + 1
                a.b()
                assert a == a  # noqa: PLR0124
                assert not a == b  # noqa: SIM201
                assert not (a != b)  # noqa: SIM202
                assert a in b.keys()  # noqa: SIM118
                exec('a')  # noqa: S102
                getattr(a, 'b')  # noqa: B009
                getattr(a, 'b', None)
                setattr(a, 'b', 1)  # noqa: B010
                made = []
                for b in a:
                    made.append(b)  # noqa: PERF402
                for b in a:
                    made.append(b + 1)
                for b in a:
                    other.append(b)
                return list(a)[0], list(a)[1], a[0]  # noqa: RUF015
        "]],
    );
}

#[test]
fn types_with_better_names() {
    check(
        "\
import typing
from collections import Mapping
from typing import Any, List as L
from typing import Any, Optional, Union

A = Optional[int]
B = Union[int, L[str]]
C = Optional['A']


def a(b: typing.Dict[str, Any], c: List) -> typing.Any:
    pass
",
        expect![[r#"
            import typing
            from collections import Mapping  # noqa: F401, UP035
            from typing import Any, List as L  # noqa: UP035
            from typing import Any, Optional, Union

            A = Optional[int]  # noqa: UP045
            B = Union[int, L[str]]  # noqa: UP006, UP007
            C = Optional['A']


            def a(b: typing.Dict[str, Any], c: List) -> typing.Any:  # noqa: UP006
                pass
        "#]],
    );
}

#[test]
fn calls_with_a_shorter_way() {
    check(
        "\
import datetime

import pytest

a = list(b for b in c), set(b for b in c)
a = set([b for b in c])
a = dict([(1, 2)]), dict([b])
a = tuple([1]), list((1,))
a = any([b for b in c])
a = zip(a, a[1:])
a = zip(a[:-1], a[1:])
a = zip(a, a[2:])
a = datetime.datetime.utcnow()
a = datetime.datetime.utcnow().replace(tzinfo=b)
a = datetime.datetime.utcfromtimestamp(1)
a = 'a'.encode('utf-8'), b.encode('utf-8')
a = 'a'.encode('latin-1'), '\\u2603'.encode('utf-8'), 'é'.encode()


@pytest.mark.parametrize('a', [1, 2, 1])
def test_a(a):
    pass
",
        expect![[r#"
            import datetime

            import pytest

            a = list(b for b in c), set(b for b in c)  # noqa: C400, C401
            a = set([b for b in c])  # noqa: C403
            a = dict([(1, 2)]), dict([b])  # noqa: C406
            a = tuple([1]), list((1,))  # noqa: C409, C410
            a = any([b for b in c])  # noqa: C419
            a = zip(a, a[1:])  # noqa: RUF007
            a = zip(a[:-1], a[1:])  # noqa: RUF007
            a = zip(a, a[2:])
            a = datetime.datetime.utcnow()  # noqa: DTZ003
            a = datetime.datetime.utcnow().replace(tzinfo=b)
            a = datetime.datetime.utcfromtimestamp(1)  # noqa: DTZ004
            a = 'a'.encode('utf-8'), b.encode('utf-8')  # noqa: UP012
            a = 'a'.encode('latin-1'), '\u2603'.encode('utf-8'), 'é'.encode()


            @pytest.mark.parametrize('a', [1, 2, 1])  # noqa: PT014
            def test_a(a):
                pass
        "#]],
    );
}

#[test]
fn imports_for_what_they_load() {
    check(
        "\
import email
import os.path
import xml.dom.minidom as dom


class TestA(TestCase):
    @classmethod
    def setUpClass(cls):
        import json
        from shop import (
            Cart,
            till,
        )
        cls.cart = Cart(os.json)

    def test_a(self):
        import json

        assert json.loads(self.cart.email)
",
        expect![[r#"
            import email  # noqa: F401
            import os.path
            import xml.dom.minidom as dom  # noqa: F401


            class TestA(TestCase):
                @classmethod
                def setUpClass(cls):
                    import json  # noqa: F401
                    from shop import (  # noqa: F401
                        Cart,
                        till,
                    )
                    cls.cart = Cart(os.json)

                def test_a(self):
                    import json

                    assert json.loads(self.cart.email)
        "#]],
    );
}
