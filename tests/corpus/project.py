"""A project of the corpus on this machine: its tree, its packages, and how something is run there."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
# What lets pip read the metadata of source distributions of any age.
BUILD_TOOLS = (
    "setuptools==69.5.1 wheel==0.43.0 setuptools_scm==8.0.4 numpy==1.26.4 Cython==0.29.37 poetry-core==1.9.0 "
    "hatchling==1.24.2 flit_core==3.9.0 hatch-vcs==0.4.0"
).split()
LONGEST = 180  # seconds that one generate or one repro may take


def command(arguments, **options):
    """Runs to its end, or kills the whole group; gives the exit status (None: killed) and the output."""
    child = subprocess.Popen(
        [str(it) for it in arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if options.pop("joined", False) else subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    try:
        out, _ = child.communicate(timeout=LONGEST)
        return child.returncode, out.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return None, ""


def must(arguments, **options):
    """Gives the output, or ends the program with what went wrong."""
    done = subprocess.run([str(it) for it in arguments], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))[:200]}\nfailed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def builder(cache, python):
    """An environment with what old source distributions need to tell their metadata."""
    folder = cache / "_builder"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        must([python, "-m", "venv", folder])
        must([folder / "bin" / "pip", "install", "-q", *BUILD_TOOLS])
        (folder / "ready").touch()
    return folder


class Project:
    """A project of the corpus: what its CI job left, and where its tree and its packages are."""

    def __init__(self, folder, case, failures, cache, python):
        self.folder = folder
        self.name = folder.name
        self.case = case
        self.failures = failures
        self.base = cache / self.name
        self.tree = self.base / "tree"
        self.venv = self.base / "venv"
        self.cache = cache
        self.python = python

    @classmethod
    def read(cls, folder, cache, python):
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        return cls(folder, case, [it for it in truth["failures"] if it.get("selected")], cache, python)

    def prepare(self):
        """The project's source tree and an environment with the packages that the job had."""
        self.fetch()
        case = self.case
        configuration = self.tree / (".gitlab-ci.yml" if case["ci"] == "gitlab" else ".github/workflows/ci.yml")
        configuration.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.folder / "workflow.yml", configuration)
        (self.tree / "requirements-ci.txt").write_text("\n".join(case["pins"]) + "\n")
        if case.get("prep"):
            must(["bash", "-ec", case["prep"]], cwd=self.tree)

    def fetch(self):
        """The released sources, unpacked anew, and the packages, once."""
        case = self.case
        made_of = json.dumps([case["sdist"], case["version"], case["pins"], case.get("prep")])
        mark = self.base / "made-of"
        if not mark.exists() or mark.read_text() != made_of:
            print(f"{self.name}: getting its sources and packages", file=sys.stderr)
            shutil.rmtree(self.base, ignore_errors=True)
            self.download(f"{case['sdist']}=={case['version']}")
            must([self.python, "-m", "venv", self.venv])
            must([self.venv / "bin" / "pip", "install", "-q", "--no-deps", *case["pins"]])
            mark.write_text(made_of)
        (archive,) = (self.base / "archive").iterdir()
        shutil.rmtree(self.tree, ignore_errors=True)
        unpacked = self.base / "unpacked"
        shutil.rmtree(unpacked, ignore_errors=True)
        shutil.unpack_archive(archive, unpacked)
        (inner,) = unpacked.iterdir()
        inner.rename(self.tree)
        unpacked.rmdir()

    def download(self, release):
        """The source distribution, by pip: with old build tools, or with those that it asks for."""
        archives = self.base / "archive"
        archives.mkdir(parents=True)
        pip = builder(self.cache, self.python) / "bin" / "pip"
        download = [pip, "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", archives, release]
        status, _ = command([*download, "--no-build-isolation"])
        if status:
            must(download)

    def environment(self, record=None):
        """That of a person who has activated the environment."""
        variables = {
            "PATH": f"{self.venv}/bin:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": str(self.venv),
            "HOME": str(self.base),
            "LANG": "C.UTF-8",
        }
        if record:
            site = next((self.venv / "lib").glob("python3*/site-packages"))
            shutil.copy(HERE / "record.py", site / "corpus_record.py")
            variables.update(PYTEST_PLUGINS="corpus_record", CORPUS_RECORD=str(record))
        return variables
