//! What calls do by their names, where their bodies are not looked at.

use tree_sitter::Node;

use super::facts::{Call, Facts, Names};
use crate::source::Module;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It changes nothing that a test can see.
    None,
    /// It draws random numbers: dropping it changes the later ones.
    Random,
    /// It changes the state of the process: seeds, environment, patches, warnings.
    World,
    /// It may change what it is called on or given.
    Local,
}

const PURE: [&str; 43] = [
    "print",
    "len",
    "repr",
    "str",
    "int",
    "float",
    "bool",
    "isinstance",
    "issubclass",
    "hasattr",
    "getattr",
    "type",
    "id",
    "abs",
    "min",
    "max",
    "sum",
    "sorted",
    "range",
    "enumerate",
    "zip",
    "any",
    "all",
    "dict",
    "list",
    "tuple",
    "set",
    "frozenset",
    "round",
    "hash",
    "callable",
    "format",
    "items",
    "keys",
    "values",
    "copy",
    "count",
    "index",
    "startswith",
    "endswith",
    "join",
    "split",
    "strip",
];

const PURE_PREFIXES: [&str; 8] = ["get_", "is_", "has_", "to_", "as_", "is", "has", "encode"];

const MUTATORS: [&str; 30] = [
    "add",
    "append",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
    "update",
    "set",
    "delete",
    "discard",
    "register",
    "unregister",
    "enable",
    "disable",
    "configure",
    "init",
    "setup",
    "reset",
    "patch",
    "start",
    "stop",
    "connect",
    "create",
    "install",
    "load",
    "write",
    "push",
];

/// Methods that let a function run beside the test: in a thread, a process, a task.
const BESIDE: [&str; 7] = [
    "start",
    "submit",
    "run_in_executor",
    "create_task",
    "ensure_future",
    "start_soon",
    "apply_async",
];

const LOGGING: [&str; 6] = [
    "logger.",
    "logging.info",
    "logging.debug",
    "log.",
    "warnings.warn",
    "pprint",
];

const WORLD: [&str; 22] = [
    "monkeypatch.",
    "seed",
    "os.environ",
    "os.putenv",
    "os.chdir",
    "simplefilter",
    "filterwarnings",
    "sys.path",
    "sys.modules",
    "sys.setrecursionlimit",
    "mock",
    "patch",
    "setlocale",
    "setdefaulttimeout",
    "getcontext",
    "seterr",
    "set_option",
    "set_printoptions",
    "caplog.set_level",
    "tzset",
    "set_default_dtype",
    "use_deterministic_algorithms",
];

/// pytest's own fixtures that watch what any call may do.
pub(super) const CAPTURES: [&str; 6] = [
    "capsys",
    "capfd",
    "capsysbinary",
    "capfdbinary",
    "caplog",
    "recwarn",
];

/// Such fixtures of plugins.
const OBSERVERS: [&str; 6] = [
    "mocker",
    "requests_mock",
    "responses",
    "httpserver",
    "httpx_mock",
    "mailoutbox",
];

/// Whether one of these names stands for something that watches what any call may do.
pub(super) fn observes(live: &Names) -> bool {
    let mut all = CAPTURES.iter().chain(&OBSERVERS);
    all.any(|name| live.contains(*name))
}

/// Whether a context notes what its block does: warnings, logs, output.
pub(super) fn watches(call: &Call) -> bool {
    const NAMES: [&str; 4] = [
        "catch_warnings",
        "assertLogs",
        "redirect_stdout",
        "redirect_stderr",
    ];
    NAMES.contains(&call.method.as_str()) || call.method.starts_with("capture")
}

/// Whether a call writes for a person or a log.
pub(super) fn is_output(call: &Call) -> bool {
    call.path == "print" || LOGGING.iter().any(|word| call.path.starts_with(word))
}

pub(super) fn is_pure(method: &str) -> bool {
    PURE.contains(&method)
        || (!is_mutator(method)
            && PURE_PREFIXES
                .iter()
                .any(|prefix| method.starts_with(prefix)))
}

/// Whether a call lets a function run beside the test, by its name.
pub(super) fn runs_beside(call: &Call) -> bool {
    BESIDE.contains(&call.method.as_str())
}

/// `add`, `add_edge`, `addEdge`, `set_x`: names that say that something changes.
pub(super) fn is_mutator(method: &str) -> bool {
    MUTATORS.iter().any(|verb| {
        method.strip_prefix(verb).is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with('_')
                || rest.starts_with(char::is_uppercase)
                || matches!(rest, "attr" | "item" | "env" | "default" | "left" | "all")
        })
    })
}

pub(super) fn weight(call: &Call) -> Weight {
    let path = call.path.as_str();
    if WORLD.iter().any(|word| path.contains(word)) {
        return Weight::World;
    }
    if LOGGING.iter().any(|word| path.starts_with(word))
        || (call.root.is_none() && PURE.contains(&path))
        || (is_pure(&call.method) && !is_mutator(&call.method))
    {
        return Weight::None;
    }
    if [
        "rand", "random", "normal", "uniform", "shuffle", "sample", "choice",
    ]
    .iter()
    .any(|word| path.contains(word))
    {
        return Weight::Random;
    }
    Weight::Local
}

/// Whether a statement is an assertion that runs nothing which could change something.
pub(crate) fn only_looks(module: &Module, statement: Node<'_>) -> bool {
    let facts = Facts::of(module, statement);
    let runs = ["Raises", "Warns", "Logs"];
    let looks = |method: &str| {
        is_pure(method)
            || method.starts_with("assert") && !runs.iter().any(|word| method.contains(word))
    };
    let asserts = statement.kind() == "assert_statement"
        || statement.kind() == "expression_statement" && is_assertion(&facts);
    asserts && !facts.yields && facts.calls.iter().all(|call| looks(&call.method))
}

/// Whether a statement only checks something: it passed, as the failure came later.
pub(super) fn is_assertion(facts: &Facts) -> bool {
    facts.calls.iter().any(|call| {
        let name = call.method.as_str();
        name.starts_with("assert") || call.path.starts_with("self.assert") || name == "raises"
    })
}
