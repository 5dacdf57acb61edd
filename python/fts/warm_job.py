"""Runs one script or module in a fork as a new interpreter would run it. Knows nothing of the process it was forked from."""

import atexit
import builtins
import gc
import importlib
import importlib.machinery
import io
import os
import runpy
import signal
import sys
import threading
import time
import types
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Never


@dataclass(frozen=True, slots=True)
class Job:
    """What to run, as on a command line: `script` is a path, `module` a dotted name; one of them is None."""

    script: str | None
    module: str | None
    args: list[str]
    directory: str
    environment: dict[str, str]
    log: str
    progress: int = -1

    @classmethod
    def of(cls, request: dict[str, Any]) -> "Job":
        names = ("script", "module", "args", "directory", "environment", "log")
        return cls(**{name: request[name] for name in names})

    def with_progress(self, descriptor: int) -> "Job":
        return replace(self, progress=descriptor)


def run_job(job: Job) -> Never:
    """Never returns: the process ends with the job's status, and nothing of its origin's is finished with it."""
    status: int | signal.Signals = 1
    try:
        prepare(job)
        status = outcome(job)
        finish()
    except SystemExit as end:
        status = status_of(end)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        flush_files()
        if isinstance(status, signal.Signals):
            signal.signal(status, signal.SIG_DFL)
            os.kill(os.getpid(), status)
        os._exit(int(status) & 0xFF)


def prepare(job: Job) -> None:
    """Gives the process what a new one would have: environment, directory, arguments, import path, random numbers."""
    os.set_inheritable(job.progress, True)
    os.environ.clear()
    os.environ.update(job.environment, FTSBUILD_PROGRESS_FD=str(job.progress))
    time.tzset()
    os.chdir(job.directory)
    first = str(Path(job.script).resolve().parent) if job.script is not None else str(Path.cwd())
    sys.path[:] = [first, *dict.fromkeys([*import_places(os.environ.get("PYTHONPATH")), *sys.path])]
    sys.argv = [job.script or "-m", *job.args]
    sys.orig_argv = [sys.executable, *([job.script] if job.script is not None else ["-m", job.module or ""]), *job.args]
    for name in [name for name in sys.modules if name == "fts" or name.startswith("fts.")]:
        # The job imports the package as it is on disk now.
        del sys.modules[name]
    importlib.invalidate_caches()
    if "numpy" in sys.modules:
        # Python's own generator seeds itself anew in a fork, numpy's does not.
        sys.modules["numpy"].random.seed()


def import_places(text: str | None) -> list[str]:
    return [os.path.abspath(place) for place in text.split(os.pathsep)] if text else []  # noqa: PTH100 -- as the interpreter: links stay


def outcome(job: Job) -> int | signal.Signals:
    """Runs the job; its status is what the interpreter would make of how it ended."""
    try:
        if job.script is not None:
            run_script(job.script)
        else:
            runpy.run_module(job.module or "", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return status_of(end)
    except BaseException as error:
        error.__traceback__ = below_here(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def run_script(path: str) -> None:
    file = os.path.join(os.getcwd(), path.removeprefix("./"))  # noqa: PTH109, PTH118 -- as the interpreter: `..` stays
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=file,
        __builtins__=builtins,
        __loader__=importlib.machinery.SourceFileLoader("__main__", file),
        __annotations__={},
        __cached__=None,
    )
    # For good, not only while the script runs: exit handlers and pickled classes look for it.
    sys.modules["__main__"] = main
    code = compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def below_here(place: types.TracebackType | None) -> types.TracebackType | None:
    """The traceback from the job's own first line on."""
    while place is not None and place.tb_frame.f_code.co_filename == __file__:
        place = place.tb_next
    return place


def status_of(end: SystemExit) -> int:
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code
    sys.stderr.write(f"{end.code}\n")
    return 1


def finish() -> None:
    """What the interpreter does before it takes itself apart (which, with everything imported, would cost most of a second)."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, and lets thread pools end
    atexit._run_exitfuncs()


def flush_files() -> None:
    """Files that the job left open. Those from before the fork are frozen, and not among the objects that are looked at."""
    left = [item for item in gc.get_objects() if issubclass(type(item), io.TextIOBase | io.BufferedIOBase)]
    for file in [*left, sys.stdout, sys.stderr]:
        try:
            file.flush()
        except (OSError, ValueError, AttributeError):
            continue
