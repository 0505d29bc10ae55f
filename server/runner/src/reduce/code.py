"""PYTEST_DONT_REWRITE: what can be told of a candidate's code without running it."""
import ast
import builtins
import sys

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Nothing that such a name stands for keeps what is handed to it.
IDLE = {"pytest", "unittest", "TestCase", "object", "property", "classmethod", "staticmethod"}


class Checks(object):
    """whether a smaller text can fail as the whole does at all: it uses the code under test, and no name that went"""

    def __init__(self, text):
        tree = ast.parse(text)
        self.products = self.imported(tree)
        self.mentioned = self.mentions(tree)
        self.open = undefined(tree)

    def may_fail(self, text):
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return False
        # Without the code under test, whatever fails is another thing.
        return (not self.mentioned or bool(self.mentions(tree))) and not undefined(tree) - self.open

    @staticmethod
    def imported(tree):
        """the names that a module imports from elsewhere than Python and pytest"""
        own = set(getattr(sys, "stdlib_module_names", ())) | {"pytest", "_pytest", "hypothesis", "mock", "six", "__future__"}
        names = set()
        for node in ast.walk(tree):
            module = getattr(node, "module", None) or ""
            for name in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
                if (module or name.name).split(".")[0] not in own:
                    names.add((name.asname or name.name).split(".")[0])
        return names

    def mentions(self, tree):
        """which of them the code uses"""
        return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & self.products


def undefined(tree):
    """names that are used and bound nowhere, and fixtures that are used by name where they are not requested"""
    used, bound = set(), set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
    functions = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, FUNCTIONS + (ast.ClassDef,)):
            bound.add(node.name)
            functions += [node] if isinstance(node, FUNCTIONS) else []
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return used - bound | _unrequested(functions)


def _unrequested(functions):
    """the function that makes a fixture is not its value: (fixture, function that uses it without having it)"""
    fixtures = {it.name for it in functions if any("fixture" in ast.dump(decorator) for decorator in it.decorator_list)}
    found = set()
    for function in functions if fixtures else ():
        inner = [node for statement in function.body for node in ast.walk(statement)] + list(ast.walk(function.args))
        names = [node for node in inner if isinstance(node, ast.Name) and node.id in fixtures]
        had = {node.arg for node in inner if isinstance(node, ast.arg)}
        had |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        found |= {(node.id, function.name) for node in names if node.id not in had}
    return found


def leaves_nothing(text):
    """whether a module does no more than import and define when it is loaded: loaded again, it meets what it met the first time"""
    try:
        return _only_defines(ast.parse(text).body, set(dir(builtins)))
    except SyntaxError:
        return False


def _only_defines(block, known):
    """`known` are names of classes that keep no list of what is made of them"""
    for statement in block:
        evaluated = getattr(statement, "decorator_list", [])[:]
        if isinstance(statement, FUNCTIONS):
            evaluated += [node for node in statement.args.defaults + statement.args.kw_defaults if node]
        elif isinstance(statement, ast.ClassDef):
            evaluated += statement.bases + [keyword.value for keyword in statement.keywords]
            if not _only_defines(statement.body, known):
                return False
            known = known | {statement.name}
        elif isinstance(statement, ast.Expr) or isinstance(statement, ast.Assign) and all(
                isinstance(target, ast.Name) for target in statement.targets):
            evaluated.append(statement.value)
        elif not isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
            return False
        if not all(_is_idle(node, known) for node in evaluated):
            return False
    return True


def _is_idle(node, known):
    """whether an expression calls nothing but pytest's marks, and names nothing that could keep what is defined"""
    inner = list(ast.walk(node))
    names = {it.id for it in inner if isinstance(it, ast.Name)}
    calls = any(isinstance(it, ast.Call) for it in inner)
    return names <= IDLE and bool(names) if calls else names <= IDLE | known
