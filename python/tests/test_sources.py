"""What runs is the source that lies there: bytecode of another source is never taken, whatever its size and time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fts import sources

PACKAGE = str(Path(sources.__file__).parent.parent)
TELL = "import fts, early, sys; import late; print(early.A, late.A, type(late.__spec__.loader).__name__)"


def tell(folder: Path, program: str = TELL, **environment: str) -> str:
    usual = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")}
    environment = {**usual, "PYTHONPATH": PACKAGE, **environment}
    return subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def rewrite(path: Path, text: str) -> None:
    """Another text of the same size, with the time of the old one."""
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_edit_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    for name in ("early", "late"):
        (tmp_path / f"{name}.py").write_text("A = 1\n")
    assert tell(tmp_path) == "1 1 SourceLoader\n"
    for name in ("early", "late"):
        rewrite(tmp_path / f"{name}.py", "A = 2\n")
    assert tell(tmp_path) == "2 2 SourceLoader\n"


def test_bytecode_of_plain_python_is_not_taken_and_ours_serves_plain_python(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("A = 1\n")
    plain = "import late; print(late.A)"
    ours = "import fts, late; print(late.A)"
    assert tell(tmp_path, plain) == "1\n"
    rewrite(tmp_path / "late.py", "A = 2\n")
    assert tell(tmp_path, plain) == "1\n", "this is what Python does"
    assert tell(tmp_path, ours) == "2\n"
    rewrite(tmp_path / "late.py", "A = 3\n")
    assert tell(tmp_path, plain) == "3\n", "our bytecode names a hash, which Python checks as well"


def test_what_was_imported_before_the_package_is_found_out_once(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("A = 1\n")
    program = "import late, fts; from fts.sources import ran_old_bytecode; print(late.A, ran_old_bytecode(late))"
    assert tell(tmp_path, program) == "1 False\n"
    assert tell(tmp_path, program) == "1 False\n"
    rewrite(tmp_path / "late.py", "A = 2\n")
    assert tell(tmp_path, program) == "1 True\n"
    assert tell(tmp_path, program) == "2 False\n"


def test_a_folder_that_takes_no_bytecode_or_holds_torn_bytecode_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("A = 1\n")
    ours = "import fts, late; print(late.A)"
    assert tell(tmp_path, ours, PYTHONDONTWRITEBYTECODE="1") == "1\n"
    assert not (tmp_path / "__pycache__").exists()
    tell(tmp_path, ours)
    (cached,) = (tmp_path / "__pycache__").iterdir()
    for cut in (0, 8, 20):
        cached.write_bytes(cached.read_bytes()[:cut])
        assert tell(tmp_path, ours) == "1\n"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/study/experiments", True),
        ("/study/.venv/lib/python3.11/site-packages/torch", False),
        ("/usr/lib/python3/dist-packages", False),
        (os.path.dirname(os.__file__) + "/json", False),  # noqa: PTH120
        (PACKAGE + "/fts/data", True),
    ],
)
def test_what_is_installed_is_left_to_python(place: str, expected: bool) -> None:
    assert sources.is_own(place) is expected
