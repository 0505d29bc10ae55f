//! The values that the stage returns.

use text::{Problem, Span};

/// A test of the workspace that a node id names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Test {
    /// `path::Class::name[param-id]`, relative to the workspace.
    pub id: String,
    /// The file, relative to the workspace.
    pub path: String,
    /// Enclosing classes, outermost first.
    pub classes: Vec<String>,
    /// The function's name; empty for a collection error of the whole file. That of a class has the class's first test.
    pub function: String,
    /// Decorators included, in the file (for an inherited test: in `defined_in`).
    pub span: Span,
    /// The file that holds the function, where that is another one (an inherited test).
    pub defined_in: Option<String>,
    pub kind: ItemKind,
    /// The parameters of the failing set, outermost decorator last, as pytest orders ids.
    pub params: Vec<Param>,
    /// What stands in the id's brackets.
    pub param_id: Option<String>,
    /// Parameter sets that the function has in all, where that can be told.
    pub param_sets: Option<usize>,
    /// The fixtures that the test uses, by request, `usefixtures` or `autouse`, in pytest's order of set-up.
    pub fixtures: Vec<Fixture>,
    pub marks: Vec<Mark>,
    /// Setup and teardown functions that run around it without being fixtures (`setup_method`, `setUp`, `setup_module`, ...).
    pub setups: Vec<Setup>,
    pub problems: Vec<Problem>,
}

/// A setup or teardown function of a test's class or module, which pytest or `unittest` calls by its name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    pub name: String,
    /// The class that defines it: the test's own or a base; `None` for a function of the module.
    pub class: Option<String>,
    pub path: String,
    /// Decorators included.
    pub span: Span,
    pub is_teardown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ItemKind {
    #[default]
    Function,
    /// A method of a plain test class.
    Method,
    /// A method of a `unittest.TestCase`.
    TestCase,
    /// A whole file: the import is what fails.
    Module,
    Doctest,
}

/// One parameter of the failing set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Param {
    pub name: String,
    /// The source expression of the value, where the decorator shows it: a literal, a name, a call. Where only its place is known
    /// (`VALUES` filled by a loop), an indexed expression: `VALUES[3]`, `list(make())[3]`.
    pub value: Option<String>,
    /// The file and span that the value was read from.
    pub path: String,
    pub span: Span,
    /// Goes to the fixture of that name (`indirect`), as `request.param`.
    pub indirect: bool,
    /// The part of the id that stands for it.
    pub id: Option<String>,
}

/// A fixture that a test uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fixture {
    pub name: String,
    /// Where it is defined: a file of the workspace; `None` for pytest's own and those of plugins.
    pub path: Option<String>,
    /// Decorators included.
    pub span: Span,
    pub scope: String,
    pub autouse: bool,
    /// The fixtures that it requests.
    pub requests: Vec<String>,
    /// The value of `params=` for the failing set.
    pub param: Option<Param>,
}

/// A mark that applies to a test, with its arguments as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mark {
    pub name: String,
    pub arguments: String,
    pub path: String,
    pub span: Span,
}

/// Why a node id names no test of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    File,
    /// The file is there, and no Python: a plugin or a conftest collects it.
    NoPython,
    Class,
    Function,
}

/// What the slice must keep: where the failure was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Criterion {
    /// The frames that the log shows, outermost first, paths relative to the workspace where they are in it.
    pub frames: Vec<CriterionFrame>,
    pub phase: CriterionPhase,
    /// Type and message of the exception, where known: `pytest.raises` blocks and loops are told apart by it.
    pub exception: Option<String>,
    pub message: Option<String>,
    /// Nothing was raised: the operation that hung or crashed is what matters.
    pub hung_or_crashed: bool,
    /// Nothing was raised where an `xfail` mark expects it: the mark and the whole body are what matters.
    pub passed: bool,
    /// Hypothesis' falsifying example, as printed.
    pub falsifying_example: Option<String>,
    /// `name = repr` that the log shows for locals and arguments, with the index of their frame.
    pub locals: Vec<(String, String, Option<usize>)>,
    /// The folder, relative to the workspace, that the sliced test will stand in: what is visible from there need not be brought along.
    pub destination: String,
    /// Absolute folders that are the workspace: CI's checkout, and where it is here.
    pub workspaces: Vec<String>,
    /// The name of the test function to write.
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CriterionFrame {
    pub path: String,
    /// 1-based.
    pub line: u32,
    pub function: String,
    pub source: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CriterionPhase {
    Collect,
    Setup,
    #[default]
    Call,
    Teardown,
}

/// What a traced run of the original test told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Lines that ran, by file (relative to the workspace), ascending.
    pub lines: Vec<(String, Vec<u32>)>,
    /// Values of the parameters, as a Python expression where repr gives one that evaluates to an equal value.
    pub params: Vec<(String, String)>,
    /// Which set of its parametrization a parameter is of, from zero.
    pub indices: Vec<(String, usize)>,
    /// Values of fixtures that are plain data, the same way.
    pub fixtures: Vec<(String, String)>,
    /// Loop variables of the frames when it failed: (path, line of the loop header, name, expression).
    pub iterations: Vec<(String, u32, String, String)>,
}

/// From small to safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Level {
    /// Aggressive slice.
    Smallest,
    /// Conservative slice.
    #[default]
    Conservative,
    /// The whole body up to the failing line.
    Body,
    /// The whole original test with one parameter set.
    Whole,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Smallest, Self::Conservative, Self::Body, Self::Whole];

    /// The number in JSON and messages.
    pub fn number(self) -> u8 {
        match self {
            Self::Smallest => 0,
            Self::Conservative => 1,
            Self::Body => 2,
            Self::Whole => 3,
        }
    }
}

/// A test module of one test function, without docstring and mark of the failing line: those are the template's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slice {
    pub level: Level,
    /// The module, formatted, ending in a line end.
    pub code: String,
    /// 0-based line in `code` of the statement that fails; `None` if it fails outside the test's own code (in an import or a
    /// fixture that stays where it is).
    pub failing_line: Option<u32>,
    /// Fixtures that stay requested.
    pub fixtures: Vec<String>,
    /// What the slice could not bring along or make sure of, for the README: `names0 is computed by make(), kept as an expression`.
    pub notes: Vec<String>,
    /// The failing `assert` has no message because pytest did not rewrite it (a helper's file): the module's docstring must say
    /// `PYTEST_DONT_REWRITE` for it to fail with the same message.
    pub no_rewrite: bool,
}
