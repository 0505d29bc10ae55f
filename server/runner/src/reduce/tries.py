"""PYTEST_DONT_REWRITE: tries the test without some of its parts, and writes down what can go."""
import json
import os
import re
import sys
import time

from _pytest import assertion

from .children import Children, Clock
from .code import Checks
from .expected import Expected
from .search import Search

# A candidate that may remove files or start programs could miss the path that it needs. Where Python tells of such deeds (from 3.8
# on), those that the whole test does not do are refused; where it does not, such a test is not tried.
RISKY = re.compile(r"\b(rmtree|unlink|removedirs|rmdir|os\.remove|subprocess|os\.system|os\.rename|shutil\.move|os\.kill)\b")
# A test that loads more modules while it runs loads a library.
MANY = 30


def try_parts(session, seen, job, is_loaded):
    """`is_loaded`: what the test imports is there already"""
    clock = Clock(float(job["seconds"]))
    # Nobody reads what is printed.
    session.config.option.tbstyle = "native"
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if hasattr(reporter, "_tw"):
        # It holds a copy of standard output that capturing made.
        reporter._tw._file = open(os.devnull, "w")
    try:
        assertion.pytest_collection(session)
        if not is_loaded:
            session.perform_collect([job["imports"]])
    except Exception:
        pass  # What cannot be imported here cannot be there either.
    if hasattr(sys, "addaudithook") or not RISKY.search(job["text"]):
        try:
            tries = Tries(session, seen, job, clock)
        except SyntaxError:
            return  # Python cannot read the test: that is the failure.
        tries.run()


class Tries(object):
    def __init__(self, session, seen, job, clock):
        self.out, self.parts = job["out"], job["parts"]
        self.text = job["text"].encode("utf-8")
        self.checks = Checks(self.text)
        self.clock = clock
        self.children = Children(session, seen, job, clock)
        self.known = {}
        self.expected = None

    def run(self):
        gone, complete = set(), False
        if self.whole():
            search = Search(self.text, self.parts, self.expected.may_go, self)
            complete = search.run()
            gone = self.unread(search)
        self.children.stop()
        self.save(gone, complete)

    def whole(self):
        """whether the whole text fails, twice in the same way"""
        answers = self.side_by_side([self.text, self.text])
        if len(answers) == 2 and set(answers[0][2]) & set(answers[1][2]):
            self.children.one_by_one()
            answers = self.side_by_side([self.text, self.text])
        if len(answers) == 2 and len(answers[0][3]) > MANY:
            self.children.load(answers[0][3])
            answers[1:] = self.side_by_side([self.text])
        if len(answers) < 2:
            return False
        (first, deeds, _, _, _), (again, more, _, _, _) = answers
        self.children.deeds = set(deeds) | set(more)
        if first is None or again is None or first[:4] != again[:4]:
            return False
        self.expected = Expected(self.text, first, again)
        return True

    def side_by_side(self, texts):
        answers, began = [], time.time()
        while texts or self.children.running():
            while texts and self.children.has_room():
                self.children.start(texts.pop(), None)
            done = self.children.wait()
            if done is None:
                return []
            answers.append(done[1])
        self.children.limit = min(10.0, 1.0 + 4 * (time.time() - began))
        return answers

    def compose(self, gone):
        pieces, at = [], 0
        edits = [edit for index in gone for edit in self.parts[index]["edits"]]
        for start, end, instead in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
            if start < at:
                continue
            pieces += [self.text[at:start], instead.encode("utf-8")]
            at = end
        return b"".join(pieces + [self.text[at:]])

    def has_room(self):
        return self.children.has_room() and not self.is_over()

    def is_over(self):
        return self.clock.left() <= 0

    def start(self, gone, key):
        """whether the failure is there without some parts, where that is known; or else it is asked for, under a key"""
        text = self.compose(gone)
        if text not in self.known and not self.checks.may_fail(text):
            self.known[text] = False
        if text not in self.known:
            self.children.start(text, (text, key))
        return self.known.get(text)

    def wait(self):
        """the key of what was asked for and whether the failure is there; no key where nothing runs, or the time is over"""
        done = self.children.wait() if self.children.running() else None
        if done is None:
            return None, False
        (text, key), answer = done
        self.known[text] = self.expected.is_met(answer[0])
        return key, self.known[text]

    def same(self, gone):
        holds = self.start(frozenset(gone), ()) if self.has_room() else False
        if holds is None:
            holds = self.wait()[1]
        return holds

    def unread(self, search):
        """without assignments of names that nothing reads any more"""
        gone = set(search.gone)
        for index in reversed(range(len(self.parts))):
            part = self.parts[index]
            name = re.match(r"(\w+) = ", search.source(index)) if not self.expected.is_kept(part) else None
            if name and part["edits"][0][2] == "pass" and not search.is_gone(index):
                rest = self.compose(gone | {index})
                if not re.search(rb"\b" + name.group(1).encode("utf-8") + rb"\b", rest) and self.same(gone | {index}):
                    gone.add(index)
        return gone

    def save(self, gone, complete=False):
        with open(self.out + ".part", "w") as out:
            answer = {"gone": sorted(gone), "tries": self.children.started, "complete": complete}
            answer["seconds"] = self.clock.seconds - self.clock.left()
            json.dump(answer, out)
        os.replace(self.out + ".part", self.out)
