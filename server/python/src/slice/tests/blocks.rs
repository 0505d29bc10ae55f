//! Blocks of `with`, and what runs beside the test.

use expect_test::{Expect, expect};
use text::fixture::Fixture;

use super::{check, check_with};
use crate::model::{Criterion, CriterionPhase, Level};

#[test]
fn a_thread_that_the_failing_line_waits_for_is_started() {
    check(
        "tests/test_a.py::test_wrap",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import net
from threading import Thread

def test_wrap():
    def serve():
        connection = server.accept()
        connection.send(b'x')

    server = net.listen()
    thread = Thread(target=serve)
    thread.start()
    stream = net.connect(server)
    <|>assert stream.read() == b'y'
    thread.join()
"#,
        expect![[r#"
            from threading import Thread

            import net


            def test_one():
                def serve():
                    connection = server.accept()
                    connection.send(b'x')
                server = net.listen()
                thread = Thread(target=serve)
                thread.start()
                stream = net.connect(server)
                assert stream.read() == b'y' #!
        "#]],
    );
}

#[test]
fn what_a_task_of_the_test_waits_for_is_set() {
    check(
        "tests/test_a.py::TestA::test_callback",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import asyncio
from net import Mock

class TestA:
    def run_async(self, it):
        return asyncio.get_event_loop().run_until_complete(it)
    def test_callback(self):
        mock = Mock()
        ready = asyncio.Event()
        other = asyncio.Event()
        async def callback(url):
            await ready.wait()
            assert url
        mock.get("/", callback=callback)
        future = asyncio.ensure_future(mock.request("/"))
        self.run_async(asyncio.wait([future], timeout=0))
        assert not future.done()
        other.set()
        ready.set()
        self.run_async(asyncio.wait([future], timeout=0))
        assert future.done()
        <|>assert future.result() == 1
"#,
        expect![[r#"
            import asyncio

            from net import Mock


            class TestA:
                def run_async(self, it):
                    return asyncio.get_event_loop().run_until_complete(it)

                def test_one(self):
                    mock = Mock()
                    ready = asyncio.Event()
                    async def callback(url):
                        await ready.wait()
                        assert url
                    mock.get("/", callback=callback)
                    future = asyncio.ensure_future(mock.request("/"))
                    self.run_async(asyncio.wait([future], timeout=0))
                    ready.set()
                    self.run_async(asyncio.wait([future], timeout=0))
                    assert future.result() == 1 #!
        "#]],
    );
}

#[test]
fn a_name_that_is_missing_outside_of_a_block_needs_none_of_it() {
    let fixture = Fixture::parse(
        r#"
//- tests/test_a.py
from contextlib import contextmanager
from net import Server, get

@contextmanager
def serve(app):
    server = Server(app)
    yield server
    <|>server.end()

def test_serve():
    app = object()
    <|>with serve(app) as server:
        url = server.url
        assert get(url) == 200
"#,
    );
    let slice = |message: &str, expected: Expect| {
        let criterion = Criterion {
            exception: Some("AttributeError".to_owned()),
            message: Some(message.to_owned()),
            ..Criterion::default()
        };
        check_with(
            "tests/test_a.py::test_serve",
            CriterionPhase::Call,
            Level::Smallest,
            &fixture,
            criterion,
            None,
            expected,
        );
    };
    slice(
        "'Server' object has no attribute 'end'",
        expect![[r#"
            from contextlib import contextmanager

            from net import Server


            @contextmanager
            def serve(app):
                server = Server(app)
                yield server
                server.end()


            def test_one():
                app = object()
                with serve(app) as server:  # noqa: F841 #!
                    pass
        "#]],
    );
    slice(
        "it is used",
        expect![[r#"
            from contextlib import contextmanager

            from net import Server, get


            @contextmanager
            def serve(app):
                server = Server(app)
                yield server
                server.end()


            def test_one():
                app = object()
                with serve(app) as server: #!
                    url = server.url
                    assert get(url) == 200
        "#]],
    );
}

#[test]
fn what_a_context_notes_needs_its_block() {
    check(
        "tests/test_a.py::test_warns",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import io
import warnings
from contextlib import redirect_stdout
from box import Box

def test_warns():
    with redirect_stdout(io.StringIO()):
        Box.help()
    out = io.StringIO()
    with redirect_stdout(out):
        Box.show()
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        Box.old()
    assert len(noted) == 1
    <|>assert str(noted[0].message) == out.getvalue()
"#,
        expect![[r#"
            import io
            import warnings
            from contextlib import redirect_stdout

            from box import Box


            def test_one():
                out = io.StringIO()
                with redirect_stdout(out):
                    Box.show()
                with warnings.catch_warnings(record=True) as noted:
                    warnings.simplefilter("always")
                    Box.old()
                assert str(noted[0].message) == out.getvalue() #!
        "#]],
    );
}

#[test]
fn what_stands_on_a_row_with_the_failing_line_stays_there() {
    check(
        "tests/test_a.py::test_row",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
from shop import price

def test_row():
    a = 1; b = 2
    c = price(); d = 4
    if c:
        <|>e = price(c); print(b); assert e == c; d = price(e)
        print(d)
"#,
        expect![[r#"
            from shop import price


            def test_one():
                b = 2
                c = price()
                e = price(c); print(b); assert e == c; d = price(e)  # noqa: F841 #!
        "#]],
    );
}

#[test]
fn a_row_of_a_helper_stays_together() {
    check(
        "tests/test_a.py::test_row",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
from shop import price

def same(a):
    b = 1; c = 2
    <|>d = price(a); raise d

def test_row():
    same(3); print(4)
"#,
        expect![[r#"
            from shop import price


            def same(a):
                d = price(a); raise d #!


            def test_one():
                same(3)
                print(4)
        "#]],
    );
}

#[test]
fn what_a_test_gives_up_for_stays() {
    let gives_up = |body: &str, expected| {
        let fixture = format!(
            "//- tests/test_a.py\nimport pytest\nimport shop\n\ndef test_a():\n    shop.open()\n    price = shop.price()\n{body}"
        );
        let id = "tests/test_a.py::test_a";
        check(
            id,
            CriterionPhase::Call,
            Level::Smallest,
            &fixture,
            expected,
        );
    };
    gives_up(
        "
    try:
        shop.buy(price)
        <|>pytest.fail('too cheap')
    except ValueError:
        pass
",
        expect![[r#"
            import pytest
            import shop


            def test_one():
                price = shop.price()
                try:
                    shop.buy(price)
                    pytest.fail('too cheap') #!
                except ValueError:
                    pass
        "#]],
    );
    gives_up(
        "
    if price > 3:
        <|>raise AssertionError('too much')
",
        expect![[r#"
            import shop


            def test_one():
                price = shop.price()
                if price > 3:
                    raise AssertionError('too much') #!
        "#]],
    );
    gives_up(
        "
    if price > 3:
        <|>assert shop.buy(price)
",
        expect![[r#"
            import shop


            def test_one():
                price = shop.price()
                assert shop.buy(price) #!
        "#]],
    );
}
