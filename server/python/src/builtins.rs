//! The names that Python itself defines.

/// Functions and classes: each has its name as its `__name__`.
const NAMED: &str = " abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex \
delattr dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash hex id input int isinstance \
issubclass iter len list locals map max memoryview min next object oct open ord pow print property range repr reversed round set \
setattr slice sorted staticmethod str sum super tuple type vars zip __import__ ";

const VALUES: &str = " copyright credits exit help license quit __name__ __file__ __doc__ __debug__ None True False NotImplemented \
Ellipsis ";

const EXCEPTIONS: &str = " ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError \
BytesWarning ChildProcessError ConnectionError DeprecationWarning EOFError EnvironmentError Exception FileExistsError FileNotFoundError \
FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError \
IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError \
OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning \
RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError \
TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeWarning UserWarning ValueError Warning \
ZeroDivisionError ExceptionGroup BaseExceptionGroup ";

/// Whether Python itself defines a name.
pub(crate) fn is_builtin(name: &str) -> bool {
    is_named(name) || VALUES.contains(&format!(" {name} "))
}

/// Whether it is a function or class of Python itself, which is called so wherever it is shown.
pub(crate) fn is_named(name: &str) -> bool {
    let word = format!(" {name} ");
    NAMED.contains(&word) || EXCEPTIONS.contains(&word)
}

#[cfg(test)]
mod tests {
    use text::fixture::Fixture;

    #[test]
    fn a_builtin_is_the_name_of_its_set() {
        let fixture = Fixture::parse(
            r#"
//- test_a.py
import pytest

@pytest.mark.parametrize("f", [print, NotImplemented, OSError])
def test_a(f):
    pass
"#,
        );
        for (id, value) in [
            ("print", "print"),
            ("f1", "NotImplemented"),
            ("OSError", "OSError"),
        ] {
            let test = crate::find(&fixture, &[], &format!("test_a.py::test_a[{id}]"));
            let test = test.expect("it has such a set");
            assert_eq!(test.params[0].value.as_deref(), Some(value));
        }
    }
}
