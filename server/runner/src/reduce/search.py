"""PYTEST_DONT_REWRITE: in which order parts are tried.

What uses something is tried before what it uses, and what is in a part where that stays: from the last row to the first. Many
parts are tried at once first, then halves of them, down to one. What stayed is tried again once something is gone that
shares a name with it, and at the end once more.
"""
import keyword
import re

# So many elements of data are for the end: of a long list, a few make no test shorter.
FEW = 4
WORD = re.compile(r"[^\W\d]\w*")
DEFINED = re.compile(r"(?:@.*\n\s*)*(?:async )?(?:def|class) (\w+)")
ASSIGNED = re.compile(r"([\w., ]+?)(?:\[[^=]*)?\s*=[^=]")
COMMON = set(keyword.kwlist) | {"self", "pass", "assert", "pytest", "test"}


class Asked(object):
    """parts that are tried, without which others, and how many were gone at that time"""

    def __init__(self, chunk, base, before):
        self.chunk, self.base, self.before = chunk, base, before

    def without(self):
        return frozenset(self.base.union(self.chunk))


class Search(object):
    """`tries` knows whether the failure is still there without some parts, see Tries"""

    def __init__(self, text, parts, may_go, tries):
        self.text, self.parts, self.tries = text, parts, tries
        self.gone = set()
        self.order = []
        self.stack, self.later = [], []
        # Chunks that can go, as it seemed before others went, and those of them that are being tried.
        self.held, self.likely = set(), []
        self.stayed = {}
        self.groups = self.tree(may_go)

    def tree(self, may_go):
        """the groups of parts by the part that they stand in, each from the first row to the last"""
        spans = [tuple(part["edits"][0][:2]) for part in self.parts]
        self.around, open_parts = {}, []
        for index in sorted(range(len(spans)), key=lambda it: (spans[it][0], -spans[it][1])):
            while open_parts and spans[open_parts[-1]][1] < spans[index][1]:
                open_parts.pop()
            self.around[index] = open_parts[-1] if open_parts else None
            open_parts.append(index)
        members = {}
        for index in sorted(self.around, key=lambda it: spans[it]):
            if may_go(self.parts[index]):
                members.setdefault(self.parts[index]["group"], []).append(index)
        groups = {}
        for group in sorted(members.values(), key=lambda group: spans[group[-1]]):
            outer = self.around[group[0]]
            while outer is not None and not may_go(self.parts[outer]):
                outer = self.around[outer]
            groups.setdefault(outer, []).append(group)
        return groups

    def run(self):
        """whether each part that is left was tried"""
        self.stack, is_last = self.groups.get(None, [])[:], False
        while self.stack and not self.tries.is_over():
            self.drain()
            self.stack += self.again(self.concerns)
            if not self.stack and self.later:
                self.stack, self.later = sorted(self.later, key=self.size), []
            if not self.stack and not is_last:
                is_last, self.stack = True, self.again(lambda index, went: True)
        return not self.tries.is_over()

    def drain(self):
        while True:
            while self.stack and self.tries.has_room():
                chunk = [index for index in self.stack.pop() if not self.is_gone(index)]
                if not chunk:
                    continue
                asked = Asked(chunk, self.gone.union(*self.likely), len(self.order))
                holds = self.tries.start(asked.without(), asked)
                if holds is False and asked.base > self.gone:
                    asked = Asked(chunk, set(self.gone), len(self.order))
                    holds = self.tries.start(asked.without(), asked)
                if holds is not None:
                    self.settle(asked, holds)
                elif tuple(chunk) in self.held:
                    self.likely.append(chunk)
            asked, holds = self.tries.wait()
            if asked is None:
                return
            self.settle(asked, holds)

    def settle(self, asked, holds):
        chunk = asked.chunk
        if chunk in self.likely:
            self.likely.remove(chunk)
        if holds and asked.base >= self.gone:
            self.order += sorted(asked.without() - self.gone)
            self.gone.update(self.order)
            self.tries.save(self.gone)
        elif holds or not asked.base <= self.gone:
            # Something else went meanwhile, or did not.
            self.held.update([tuple(chunk)] if holds else [])
            self.stack.append(chunk)
        elif len(chunk) > 1:
            half = len(chunk) // 2
            self.stack += [chunk[:half], chunk[half:]]
        else:
            is_new = chunk[0] not in self.stayed
            self.stayed[chunk[0]] = asked.before
            for group in self.groups.get(chunk[0], []) if is_new else ():
                is_data = len(group) > FEW and self.parts[group[0]]["edits"][0][2] == ""
                (self.later if is_data else self.stack).append(group)

    def again(self, could):
        """what stayed and could go now that others went"""
        found = [index for index, before in self.stayed.items()
                 if before < len(self.order) and not self.is_gone(index) and could(index, self.order[before:])]
        return [[index] for index in sorted(found, key=lambda it: self.parts[it]["edits"][0][0])]

    def concerns(self, index, went):
        """whether one that went has a name of this one, or was data of what this one stands in: a base of its class"""
        beside = any(self.parts[it]["edits"][0][2] == "" and self.around[it] == self.around[index] for it in went)
        return beside or not self.names(index).isdisjoint(set().union(*(self.words(it) for it in went)))

    def source(self, index):
        edits = self.parts[index]["edits"]
        return b" ".join(self.text[start:end] for start, end, _ in edits).decode("utf-8", "replace")

    def size(self, group):
        return sum(self.source(index).count("\n") + 1 for index in group)

    def words(self, index):
        return set(WORD.findall(self.source(index))) - COMMON

    def names(self, index):
        """those by which others use it: what it defines or assigns, or all that another statement has"""
        made = DEFINED.match(self.source(index)) or ASSIGNED.match(self.source(index))
        return set(WORD.findall(made.group(1))) - COMMON if made else self.words(index)

    def is_gone(self, index):
        if index in self.gone:
            return True
        edits = [edit for gone in self.gone for edit in self.parts[gone]["edits"]]
        return all(any(start <= edit[0] and edit[1] <= end for start, end, _ in edits) for edit in self.parts[index]["edits"])
