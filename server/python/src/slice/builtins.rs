//! The names that Python itself defines.

const BUILTINS: &str = " abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex \
copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id \
input int isinstance issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range \
repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __name__ __file__ __doc__ __debug__ \
None True False NotImplemented Ellipsis ";

pub(super) fn is_builtin(name: &str) -> bool {
    let exception = name.starts_with(char::is_uppercase)
        && [
            "Error",
            "Exception",
            "Warning",
            "Exit",
            "Interrupt",
            "Iteration",
        ]
        .iter()
        .any(|end| name.ends_with(end));
    // Exceptions of the product end the same way, so only those of Python itself count.
    (exception && PYTHON_EXCEPTIONS.contains(&format!(" {name} ")))
        || BUILTINS.contains(&format!(" {name} "))
}

const PYTHON_EXCEPTIONS: &str = " ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError \
BytesWarning ChildProcessError ConnectionError DeprecationWarning EOFError EnvironmentError Exception FileExistsError FileNotFoundError \
FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError \
IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError \
OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning \
RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError \
TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeWarning UserWarning ValueError Warning \
ZeroDivisionError ExceptionGroup BaseExceptionGroup ";
