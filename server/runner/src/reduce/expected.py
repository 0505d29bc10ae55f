"""PYTEST_DONT_REWRITE: the failure of the whole test, what a smaller one has to share with it, and which parts that lets go."""
import ast
import re

from .failure import is_exact, plain_line

# Failures of these types are easily made by taking away what was to be found.
MISSING = {"KeyError", "IndexError", "LookupError", "NameError", "UnboundLocalError", "StopIteration", "FileNotFoundError",
           "ZeroDivisionError", "AssertionError", "Failed"}


class Expected(object):
    """`first` and `again` are what two runs of the whole text failed with"""

    def __init__(self, text, first, again):
        self.text = text
        self.lines = text.decode("utf-8", "replace").split("\n")
        self.first = first
        self.is_exact = is_exact(first)
        # Paths that do not change from run to run are what the test made, and part of what it shows.
        self.told = first[5] if first[5] == again[5] else None
        self.kept = self.missed()
        self.values, self.held = {}, {}
        if not self.is_exact:
            near = self.near_the_failure()
            self.values = {name: value for name, value in first[4].items() if name in near and again[4].get(name) == value}
        if first[1] == "AssertionError" and not self.is_exact and not self.values:
            # `False is not true` shows nothing of what was compared.
            near = self.names(*self.failing_statements(ast.parse(text)))
            self.held = {name: value for name, value in first[6].items() if name in near and again[6].get(name) == value}

    def is_met(self, found):
        return bool(found) and found[:4] == self.first[:4] and self.told in (None, found[5]) and all(
            found[4].get(name) == value for name, value in self.values.items()) and all(
            found[6].get(name) == value for name, value in self.held.items())

    def failing_statements(self, tree):
        own = [frame for frame in self.first[3] if not frame[0]]
        source = own[-1][2] if own else ""
        return [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and source
                and plain_line(self.lines[node.lineno - 1]) == source]

    def near_the_failure(self):
        """names of the failing line, and of the assignments that make them: `passed, text = compare(...)` before `assert passed`"""
        text = "\n".join(self.lines)
        tree = ast.parse(self.text)
        failing = self.failing_statements(tree)
        names = set()
        for function in ast.walk(tree):
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            statements = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
            for node in failing:
                if node in statements:
                    read = self.names(node)
                    made = [it for it in statements if isinstance(it, ast.Assign) and self.names(*it.targets) & read]
                    names |= read.union(*(self.names(it) for it in made))
        # What the test itself spells out is met by any part of it.
        return {name for name in names if self.first[4].get(name, "").strip("'\"") not in text}

    @staticmethod
    def names(*nodes):
        return {inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)}

    def missed(self):
        """the lines of the block that a `with` looked back at and failed: without them it would find nothing for another reason"""
        frames = self.first[3]
        own = [at for at, frame in enumerate(frames) if not frame[0]]
        inner = frames[own[-1] + 1:own[-1] + 2] if own else []
        sources = {frames[own[-1]][2] for frame in inner if frame[1] in ("__exit__", "__aexit__")}
        rows = set()
        for node in ast.walk(ast.parse(self.text)) if sources else ():
            if isinstance(node, (ast.With, ast.AsyncWith)):
                header = self.lines[node.lineno - 1:node.body[0].lineno - 1]
                if any(plain_line(line) in sources for line in header):
                    last = max(getattr(inner, "lineno", 0) for inner in ast.walk(node))
                    rows.update(range(node.body[0].lineno, last + 1))
        return rows

    def is_kept(self, part):
        changes = part["careful"] or any(edit[2] != "pass" for edit in part["edits"])
        return changes and any(self.text.count(b"\n", 0, edit[0]) + 1 in self.kept for edit in part["edits"])

    def may_go(self, part):
        if self.is_kept(part):
            return False
        kind, message = self.first[1:3]
        source = b" ".join(self.text[edit[0]:edit[1]] for edit in part["edits"]).decode("utf-8", "replace")
        # What did not happen in a block does not happen without what was to make it happen, either.
        vague = self.kept or kind in MISSING and not (kind == "AssertionError" and (self.is_exact or self.values))
        words = set(re.findall(r"[A-Za-z_]{4,}" if not vague else r"\w+", " ".join(re.findall(r"['\"`]([^'\"`]*)['\"`]", message))))
        if vague and kind != "AssertionError" or part["careful"]:
            if words & set(re.findall(r"\w+", source)):
                return False
        return not (part["careful"] and vague)
