"""PYTEST_DONT_REWRITE: runs texts in the test's place, a few at once, each in a child that is forked for it.

None can see what another one did, hang or crash the rest. None may remove or start what the whole test did not.
"""
import gc
import json
import linecache
import os
import select
import signal
import sys
import time

from .guard import Guard

# A busy machine gets so many times the seconds.
PATIENCE = 6.0
MOST_AT_ONCE = 4


class Clock(object):
    """how long parts were tried; the time that went by while others had the processor does not count, as far as that can be told"""

    def __init__(self, seconds):
        self.seconds = seconds
        self.began = time.time()
        self.children_waited = 0.0
        self.at_once = 1

    def left(self):
        wall = time.time() - self.began
        busy = max(wall - self.children_waited, sum(os.times()[:4]) / self.at_once)
        return min(self.seconds - busy, PATIENCE * self.seconds - wall)


def waited():
    """the seconds that this process was ready to run and did not"""
    try:
        with open("/proc/self/schedstat") as source:
            return int(source.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def processors():
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def loaded(before):
    """the modules that were not there before and are neither the test's nor its project's own, in the order in which they came"""
    new = [(name, getattr(module, "__file__", None) or "") for name, module in list(sys.modules.items()) if name not in before]
    return [name for name, path in new if os.sep + "site-packages" + os.sep in path or path.startswith(os.path.dirname(os.__file__))]


class Place(object):
    """a file of its own for a text, and pytest's node of it"""

    def __init__(self, session, seen, folder, name):
        os.makedirs(folder)
        self.folder = folder
        self.path = os.path.join(folder, name)
        self.stem = os.path.splitext(name)[0]
        self.child = None
        with open(self.path, "wb"):
            pass
        before = len(seen.modules)
        session.perform_collect([self.path])
        self.forget()
        self.node = next(node for node in seen.modules[before:] if node.name.endswith(name))

    def forget(self):
        for name in [name for name in sys.modules if name.split(".")[-1] == self.stem]:
            del sys.modules[name]

    def items(self, session):
        self.forget()
        self.node._obj = None
        _silence(self.node)
        items = list(session.genitems(self.node))
        session.items = items
        session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
        return items


def _silence(node):
    """nobody reads the tracebacks"""
    node.repr_failure = node._repr_failure_py = lambda *args, **options: ""


class Child(object):
    """what runs, until when it may, and what it said so far"""

    def __init__(self, pid, pipe, end, key):
        self.pid, self.pipe, self.end, self.key = pid, pipe, end, key
        self.answer = b""

    def finish(self):
        """[failure, deeds, what it touched, packages that it loaded, seconds that it waited], nothing where it did not end itself"""
        os.close(self.pipe)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        try:
            return json.loads(self.answer.decode("utf-8"))
        except ValueError:
            return [None, [], [], [], 0.0]


class Children(object):
    def __init__(self, session, seen, job, clock):
        self.session, self.seen, self.job, self.clock = session, seen, job, clock
        # Without Python's telling of deeds, nothing shows whether two may run side by side.
        count = min(processors(), MOST_AT_ONCE) if hasattr(sys, "addaudithook") else 1
        folders = [os.path.join(job["folder"], "candidate%d" % number) for number in range(count)]
        self.places = [Place(session, seen, folder, job["name"]) for folder in folders]
        clock.at_once = len(self.places)
        self.limit = 10.0
        self.deeds = None
        self.started = 0
        self.freeze()

    @staticmethod
    def freeze():
        if hasattr(gc, "freeze"):
            gc.collect()
            gc.freeze()

    def load(self, names):
        """what each child would load again"""
        for name in names:
            try:
                __import__(name)
            except Exception:
                pass  # Each child meets it itself.
        self.freeze()

    def one_by_one(self):
        del self.places[1:]
        self.clock.at_once = 1

    def running(self):
        return [place.child for place in self.places if place.child]

    def has_room(self):
        return len(self.running()) < len(self.places)

    def start(self, text, key):
        place = next(place for place in self.places if place.child is None)
        self.started += 1
        with open(place.path, "wb") as out:
            out.write(text)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reading)
                os.write(writing, json.dumps(self.run(place)).encode("utf-8") + b"\n")
            finally:
                os._exit(0)
        os.close(writing)
        place.child = Child(pid, reading, time.time() + self.limit, key)

    def run(self, place):
        """what a child does"""
        gc.disable()
        linecache.clearcache()
        others = {other.folder for other in self.places if other is not place}
        sys.path[:] = [entry for entry in sys.path if entry not in others]
        del self.seen.failures[:]
        self.seen.path = place.path
        self.session.testsfailed = 0
        guard, before = Guard(self.deeds), set(sys.modules)
        if hasattr(sys, "addaudithook"):
            sys.addaudithook(guard)
        try:
            items = place.items(self.session)
        except Exception:
            items = []
        for item in items[:1]:
            _silence(item)
            # What explains assertions is set up by a plugin around this.
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        found = self.seen.wanted(self.job) if not guard.refused else None
        return [found, sorted(guard.deeds), sorted(guard.touched), loaded(before), waited()]

    def wait(self):
        """(key, answer) of the next child that comes to its end; None where the time came first"""
        while True:
            now = time.time()
            left = self.clock.left()
            for place in self.places:
                if place.child and (place.child.end <= now or place.child.answer.endswith(b"\n")):
                    return self.take(place)
            if left <= 0:
                return None
            ends = [child.end for child in self.running()]
            ready, _, _ = select.select([child.pipe for child in self.running()], [], [], min(min(ends) - now, left))
            for child in self.running():
                if child.pipe in ready:
                    data = os.read(child.pipe, 65536)
                    child.answer += data or b"\n"

    def take(self, place):
        child, place.child = place.child, None
        answer = child.finish()
        self.clock.children_waited += answer[4] / self.clock.at_once
        return child.key, answer

    def stop(self):
        for place in self.places:
            if place.child:
                self.take(place)
