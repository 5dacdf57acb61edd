"""Makes the experiment log ready for a row: begins it, and sets aside a file whose header is not today's.

Rows are appended under their own header only (in the engine src/build/renew-log.ts sees to that). Loaded by name where a run by hand ends,
so that it is in no key.
"""

import csv
import os
import re
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

from fts.log import COLUMNS
from fts.writing import write_all, write_bytes

_TODAY = ",".join(COLUMNS).encode()
# Other tools know the columns before it; whoever writes a key is this program.
_LEAST = COLUMNS.index("key") + 1
_START_OF_ROW = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d),")
_HEADER_BYTES = 1 << 16


def begin_log(path: Path, workspace: Path) -> str | None:
    """Afterwards a file with today's header lies there. A sentence where another file lay there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "it is no file")
    with path.open("rb") as file:
        line, end, _ = file.read(_HEADER_BYTES).partition(b"\n")
    if line == b"" and end == b"":
        _append(path, _TODAY + b"\n")
        return None
    if end and line == _TODAY:
        return None
    columns = line.split(b",")
    kept = _free_place(path, workspace)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if end and len(columns) >= _LEAST and _TODAY.startswith(line + b","):
        # A copy first: at no moment are the rows nowhere.
        shutil.copy2(path, kept)
        write_bytes(path, _renew(path.read_bytes(), len(columns)))
        why = f"it had the {len(columns)} columns of an earlier version; its rows were taken over"
    else:
        shutil.move(path, kept)
        _create(path)
        why = "its first line is not the header of this program. Its rows count nowhere"
    return f"The log {path.name} was begun anew: {why}. What was there is kept: {kept.relative_to(workspace)}."


def _create(path: Path) -> None:
    # A link fails where the name is taken, and what it makes is complete from the first moment on.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(_TODAY + b"\n")
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:
        _create_plainly(path)
    finally:
        temporary.unlink(missing_ok=True)


def _create_plainly(path: Path) -> None:
    """For file systems without hard links."""
    try:
        with path.open("xb") as file:
            file.write(_TODAY + b"\n")
    except FileExistsError:
        pass


def _append(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _free_place(path: Path, workspace: Path) -> Path:
    inside = path.relative_to(workspace) if path.is_relative_to(workspace) else Path(path.name)
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S%fZ")
    name, copy = f"log-{time}", 1
    while (place := workspace / ".ftsbuild" / "kept" / name / inside).exists():
        copy += 1
        name = f"log-{time}-{copy}"
    return place


def _renew(data: bytes, columns: int) -> bytes:
    header, *records = _records(data)
    whole = [record for record in records if record != header and _count_cells(record) == columns]
    missing = b"," * (len(COLUMNS) - columns)
    return b"".join([_TODAY + b"\n", *[record + missing + b"\n" for record in whole]])


def _records(data: bytes) -> list[bytes]:
    """Whole rows. A quoted cell may hold line breaks; but a line that begins like a row ends one that was cut inside a quote."""
    records: list[bytes] = []
    begun: bytes | None = None
    for line in data.split(b"\n")[:-1]:
        line = line.lstrip(b"\0")
        if begun is not None and _START_OF_ROW.match(line):
            begun = None
        record = line if begun is None else begun + b"\n" + line
        begun = record if record.count(b'"') % 2 == 1 else None
        if begun is None and record.strip():
            records.append(record.removesuffix(b"\r"))
    return records


def _count_cells(record: bytes) -> int:
    return len(next(csv.reader([record.decode(errors="replace")])))
