"""Forks Python jobs from one process that has imported the heavy packages already. Knows nothing of what the jobs do.

The engine calls `main` in a bare interpreter (`python -P -c`, no PYTHONPATH) and speaks JSON lines with it: requests on stdin, answers
on stdout.

    {"ask": "check", "id": 1, "files": [{"path": ..., "source": ...}]}  ->  {"answer": "checked", "id": 1, "problems": [...]}
    {"ask": "start", "id": 2, "preload": ["torch"], **Job}  ->  {"answer": "started", "id": 2, "pid": 4711}
        then any number of {"answer": "progress", "id": 2, "text": ...}, and once {"answer": "ended", "id": 2, "status": 0}
        or {"answer": "ended", "id": 2, "signal": "SIGKILL"}; or only {"answer": "not_started", "id": 2, "message": ...}
    {"ask": "cancel", "id": 2}  takes a job back that has not started.

Packages are imported when the first job asks for them; until then this process is light, and a check is answered at once.
Importing starts no parallel region and touches no accelerator: neither survives a fork. The hash seed is that of this process.
When stdin ends (the engine died), every job gets SIGTERM, SIGKILL after a grace period, and this process ends.
"""

import codecs
import gc
import importlib
import json
import os
import selectors
import signal
import time
import traceback
import warnings
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fts.warm_job import Job, run_job

GRACE_SECONDS = 30.0
DRAIN_SECONDS = 2.0
"""How long a job's progress may stay open after its group's end: only a process that left the group can hold it."""
CHUNK = 1 << 16
WARNINGS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)


@dataclass(slots=True)
class Child:
    """A running fork, and the pipe on which its progress comes."""

    job: int
    pid: int
    progress: int | None
    decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    ending: dict[str, Any] | None = None
    drained_by: float = 0.0


class Server:
    """One loop over requests, progress and ended children. `serve` returns a job in a fork that has to run it, None at the end."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests = requests
        self._answers = answers
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, Child] = {}
        self._waiting: deque[dict[str, Any]] = deque()
        self._preloaded: set[str] = set()
        self._rest = b""
        self._closing_by: float | None = None
        self._wakeup, self._wakeup_end = os.pipe()

    def serve(self) -> Job | None:
        self._watch_children()
        self._selector.register(self._requests, selectors.EVENT_READ, self._read_requests)
        while self._closing_by is None or self._children:
            self._wait()
            self._reap()
            if self._closing_by is not None and time.monotonic() > self._closing_by:
                self._signal_all(signal.SIGKILL)
            if self._waiting and not self._preload(self._waiting[0]["preload"]):
                job = self._start(self._waiting.popleft())
                if job is not None:
                    return job
        return None

    def _watch_children(self) -> None:
        for end in (self._wakeup, self._wakeup_end):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Whoever warns a whole group of processes means those that have something to save; this one ends with its engine.
        for number in WARNINGS:
            signal.signal(number, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wakeup_end, warn_on_full_buffer=False)
        self._selector.register(self._wakeup, selectors.EVENT_READ, lambda: os.read(self._wakeup, CHUNK))

    def _wait(self) -> None:
        deadlines = [child.drained_by for child in self._children.values() if child.ending is not None]
        if self._closing_by is not None:
            deadlines.append(self._closing_by)
        now = time.monotonic()
        timeout = 0.0 if self._waiting else max(0.0, min(deadlines) - now) if deadlines else None
        for key, _ in self._selector.select(timeout):
            key.data()

    def _read_requests(self) -> None:
        data = os.read(self._requests, CHUNK)
        if not data:
            self._close()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._handle(json.loads(line))

    def _handle(self, request: dict[str, Any]) -> None:
        if request["ask"] == "check":
            self._answer("checked", request["id"], problems=check(request["files"]))
        elif request["ask"] == "start":
            self._waiting.append(request)
        elif request["ask"] == "cancel":
            self._waiting = deque(waiting for waiting in self._waiting if waiting["id"] != request["id"])

    def _close(self) -> None:
        self._selector.unregister(self._requests)
        self._waiting.clear()
        self._closing_by = time.monotonic() + GRACE_SECONDS
        self._signal_all(signal.SIGCONT)
        self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self._children.values():
            signal_group(child.pid, number)

    def _preload(self, names: Iterable[str]) -> bool:
        """Whether there was something to import; then what was asked meanwhile comes first."""
        missing = [name for name in names if name not in self._preloaded]
        for name in missing:
            preload(name)
        self._preloaded.update(missing)
        if missing:
            # What is here now is shared with the forks; a collector that walks over it would copy it page by page.
            gc.collect()
            gc.freeze()
        return bool(missing)

    def _start(self, request: dict[str, Any]) -> Job | None:
        job = Job.of(request)
        try:
            log = open_log(job.log)
        except OSError as error:
            self._answer("not_started", request["id"], message=f"Cannot write the log {job.log}: {(error.strerror or 'failed').lower()}.")
            return None
        progress, progress_end = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            for end in (progress, progress_end, log):
                os.close(end)
            self._answer("not_started", request["id"], message=f"Cannot start a process: {(error.strerror or 'failed').lower()}.")
            return None
        if pid == 0:
            os.setpgid(0, 0)
            os.close(progress)
            self._leave()
            redirect(log)
            return job.with_progress(progress_end)
        # In both processes, so that the group is there whoever comes first.
        set_group(pid)
        os.close(progress_end)
        os.close(log)
        child = Child(request["id"], pid, progress)
        self._children[pid] = child
        self._selector.register(progress, selectors.EVENT_READ, lambda: self._forward(child))
        self._answer("started", child.job, pid=pid)
        return None

    def _leave(self) -> None:
        """In the fork: nothing of this process's conversation stays open."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *WARNINGS):
            signal.signal(number, signal.SIG_DFL)
        self._selector.close()
        others = [child.progress for child in self._children.values() if child.progress is not None]
        for end in (self._requests, self._answers, self._wakeup, self._wakeup_end, *others):
            os.close(end)

    def _forward(self, child: Child) -> None:
        if child.progress is None:
            return
        data = os.read(child.progress, CHUNK)
        text = child.decoder.decode(data, final=not data)
        if text:
            self._answer("progress", child.job, text=text)
        if not data:
            self._close_progress(child)

    def _close_progress(self, child: Child) -> None:
        if child.progress is not None:
            self._selector.unregister(child.progress)
            os.close(child.progress)
            child.progress = None

    def _reap(self) -> None:
        for child in list(self._children.values()):
            if child.ending is None:
                self._see_end(child)
            if child.ending is not None and (child.progress is None or time.monotonic() >= child.drained_by):
                self._close_progress(child)
                del self._children[child.pid]
                self._answer("ended", child.job, **child.ending)

    def _see_end(self, child: Child) -> None:
        # Looked at before it is taken away: as long as its entry stands, no other process can have the group's number.
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return
        signal_group(child.pid, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        child.drained_by = time.monotonic() + DRAIN_SECONDS
        child.ending = {"signal": signal_name(os.WTERMSIG(status))} if os.WIFSIGNALED(status) else {"status": os.WEXITSTATUS(status)}

    def _answer(self, kind: str, job: int, **content: Any) -> None:
        data = (json.dumps({"answer": kind, "id": job, **content}) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._answers, data) :]
        except BrokenPipeError:
            # Nobody listens any more; the end of stdin tells the rest.
            return


def check(files: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What the compiler says against each source; runs none of them."""
    problems = []
    for file in files:
        try:
            with warnings.catch_warnings(action="ignore"):
                compile(file["source"], file["path"], "exec", dont_inherit=True)
        except SyntaxError as error:
            problems.append({"path": file["path"], "line": error.lineno, "column": error.offset, "message": error.msg})
        except (ValueError, RecursionError, MemoryError) as error:
            problems.append({"path": file["path"], "line": None, "column": None, "message": str(error)})
    return problems


def preload(name: str) -> None:
    """Imports a module; one that is not installed, or breaks, is left to the job that needs it."""
    try:
        importlib.import_module(name)
    except ImportError:
        return
    except Exception:
        traceback.print_exc()


def open_log(path: str) -> int:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def redirect(log: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(log)


def set_group(pid: int) -> None:
    try:
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        return  # the child was faster, or is gone


def signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def main() -> None:
    requests, answers = os.dup(0), os.dup(1)
    # A package that prints while it is imported must not speak into the conversation.
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    job = Server(requests, answers).serve()
    if job is not None:
        run_job(job)
