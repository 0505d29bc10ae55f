"""PYTEST_DONT_REWRITE: what a child may do to the files and processes beside it."""
import os

DEEDS = {"os.remove", "os.rmdir", "os.rename", "os.truncate", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.kill",
         "os.killpg", "shutil.rmtree", "shutil.move", "subprocess.Popen"}
MAKING = ("os.mkdir", "tempfile.mkdtemp", "tempfile.mkstemp")
OUTSIDE = ("socket.bind", "socket.connect", "sqlite3.connect")
# Hypothesis keeps its examples there.
KEPT = os.sep + ".hypothesis" + os.sep


class Guard(object):
    """an audit hook of a child: refuses deeds that are not in `known`, or notes them where that is None

    What the child itself made it may do anything with.
    """

    def __init__(self, known):
        self.known = known
        self.deeds = set()
        self.made = set()
        # Files that are written and what is outside of the process: two that have one of these in common do not run side by side.
        self.touched = set()
        self.refused = False

    def __call__(self, event, args):
        if event in MAKING or event == "open" and self.writes(args[2]):
            path = self.place(args[0], args[2] if event == "os.mkdir" else -1)
            if path and not path.startswith("/dev/"):
                self.touched.update([] if KEPT in path else [path])
                if not os.path.lexists(path) and (event in MAKING or args[2] & os.O_CREAT):
                    self.made.add(path)
        elif event in OUTSIDE:
            self.touched.update(repr(arg) for arg in args[-1:] if arg not in (":memory:", b":memory:"))
        elif event in DEEDS and not self.own(event, args):
            by_folder = event in ("os.remove", "os.rmdir")
            deed = "%s %r" % (event, self.place(args[0], args[-1]) if by_folder else args[:2])
            if self.known is None:
                self.deeds.add(deed)
            elif deed not in self.known:
                self.refused = True
                raise RuntimeError("not done while parts are tried: " + event)

    @staticmethod
    def writes(flags):
        return isinstance(flags, int) and bool(flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR))

    @staticmethod
    def place(path, folder):
        """the full path, links in its folder followed; None where that cannot be told"""
        try:
            path = os.fsdecode(path)
            if isinstance(folder, int) and folder >= 0:
                path = os.path.join(os.readlink("/proc/self/fd/%d" % folder), path)
        except (TypeError, OSError):
            return None
        path = os.path.abspath(path)
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))

    def own(self, event, args):
        if event in ("os.rename", "shutil.move"):
            folders = args[2:4] if event == "os.rename" else (-1, -1)
            source, target = (self.place(path, folder) for path, folder in zip(args[:2], folders))
            return self.is_own(source) and target is not None and (self.is_own(target) or not os.path.lexists(target))
        if event in ("os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"):
            return self.is_own(self.place(args[0], args[-1] if len(args) > 1 and event != "os.truncate" else -1))
        return False

    def is_own(self, path):
        if path is None:
            return False
        return KEPT in path or any(
            path == made or path.startswith(made + os.sep) for made in self.made)
