"""Whether a job still runs what the engine judged: its modules as they were loaded, its script and the files it read, its packages."""

import importlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fts.job import Job


@dataclass(frozen=True, slots=True)
class ChangedUnderway:
    """Something changed between the engine's judgement and its use here; what would come out is not what the key says."""

    what: str

    @property
    def message(self) -> str:
        """For a person."""
        return f"{self.what} changed while the job started"


def find_changed(job: Job | None) -> ChangedUnderway | None:
    """Call it when everything was read and before anything is spent. What is edited afterwards is in memory already, and does not count."""
    if job is None or job.judged is None:
        return None
    package = Path(__file__).resolve().parent.parent
    # Imported now, all of it: a module that is imported later might be another one by then.
    for path in job.judged.modules:
        if not path.endswith("__main__.py"):
            importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    modules = {path: job.code[path] for path in job.judged.modules if path in job.code}
    return _first_changed(package, modules) or _first_changed(job.workspace, job.judged.files) or _find_other_version(job.judged.versions)


def _first_changed(folder: Path, digests: Mapping[str, str]) -> ChangedUnderway | None:
    from fts.provenance import digest_file

    for path, digest in digests.items():
        file = folder / path
        if not file.is_file() or digest_file(file) != digest:
            return ChangedUnderway(path)
    return None


def _find_other_version(versions: Mapping[str, str]) -> ChangedUnderway | None:
    """The engine knows them from a record; these are what is imported from here."""
    for name, judged in versions.items():
        found = platform.python_version() if name == "python" else _find_version(name)
        if not f"{found}.".startswith(f"{judged}."):
            return ChangedUnderway(f"the Python environment ({name} {judged} -> {found})")
    return None


def _find_version(name: str) -> str:
    from importlib import metadata

    try:
        # Without what a build of one's own adds: 2.9.1+cu130.
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return "absent"
