"""The preloading process, spoken with as the engine does; what a job sees is held by the engine's executor contract."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fts.warm import check, preload

PACKAGE = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def server(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from fts.warm import main; del sys.path[0]; main()"
    command = [sys.executable, "-P", "-c", code, str(PACKAGE)]
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path, start_new_session=True
    ) as process:
        yield process
        process.kill()


def ask(server: "subprocess.Popen[str]", **request: Any) -> None:
    assert server.stdin is not None
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()


def answer(server: "subprocess.Popen[str]") -> dict[str, Any]:
    assert server.stdout is not None
    found: dict[str, Any] = json.loads(server.stdout.readline())
    return found


def start(server: "subprocess.Popen[str]", directory: Path, body: str, *modules: str) -> None:
    (directory / "job.py").write_text(body)
    job: dict[str, Any] = {
        "script": "job.py",
        "module": None,
        "args": [],
        "directory": str(directory),
        "log": str(directory / "deep" / "job.log"),
    }
    ask(server, ask="start", id=1, preload=modules, environment=dict(os.environ), **job)


def test_a_job_answers_its_start_its_progress_and_its_end(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    start(server, tmp_path, "import os, sys\nos.write(int(os.environ['FTSBUILD_PROGRESS_FD']), b'{}')\nprint('out')\nsys.exit(3)")
    assert answer(server).keys() == {"answer", "id", "pid"}
    assert answer(server) == {"answer": "progress", "id": 1, "text": "{}"}
    assert answer(server) == {"answer": "ended", "id": 1, "status": 3}
    assert (tmp_path / "deep" / "job.log").read_text() == "out\n"


def test_what_a_package_prints_while_it_is_imported_is_no_answer(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    start(server, tmp_path, "import this", "this", "not_installed")
    assert [answer(server)["answer"] for _ in range(2)] == ["started", "ended"]


def test_a_check_is_answered_before_anything_is_imported(server: "subprocess.Popen[str]") -> None:
    ask(server, ask="check", id=5, files=[{"path": "a.py", "source": "x ="}])
    assert answer(server) == {
        "answer": "checked",
        "id": 5,
        "problems": [{"path": "a.py", "line": 1, "column": 4, "message": "invalid syntax"}],
    }


def test_when_the_engine_dies_jobs_are_asked_to_end_and_the_process_goes(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    body = "import signal, sys, time, os\n"
    body += "signal.signal(signal.SIGTERM, lambda *_: (open('saved', 'w').close(), sys.exit(75)))\n"
    body += "os.write(int(os.environ['FTSBUILD_PROGRESS_FD']), b'{}')\ntime.sleep(60)"
    start(server, tmp_path, body)
    assert [answer(server)["answer"] for _ in range(2)] == ["started", "progress"]
    assert server.stdin is not None
    server.stdin.close()
    assert server.wait(timeout=20) == 0
    assert (tmp_path / "saved").exists()


def test_a_warning_to_the_whole_group_is_for_the_jobs(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    ask(server, ask="check", id=5, files=[])
    assert answer(server)["id"] == 5
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT):
        server.send_signal(number)
    start(server, tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGUSR1)")
    assert answer(server)["answer"] == "started"
    assert answer(server) == {"answer": "ended", "id": 1, "signal": "SIGUSR1"}


def test_a_log_that_cannot_be_written_is_no_start(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file")
    start(server, tmp_path, "")
    found = answer(server)
    assert found["answer"] == "not_started"
    assert found["message"].startswith("Cannot write the log ")


def test_a_job_ends_by_the_signal_that_ended_it(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    start(server, tmp_path, "import time; time.sleep(60)")
    os.killpg(answer(server)["pid"], signal.SIGKILL)
    assert answer(server) == {"answer": "ended", "id": 1, "signal": "SIGKILL"}


def test_sources_are_compiled_and_not_run() -> None:
    assert check([{"path": "a.py", "source": "raise SystemExit"}]) == []


def test_a_module_that_is_not_there_is_left_out() -> None:
    preload("no_such_module")
