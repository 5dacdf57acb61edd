"""Whether a job still runs what the engine judged: its modules as they were loaded, its script and the files it read."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fts.job import Job


@dataclass(frozen=True, slots=True)
class ChangedUnderway:
    """Something changed between the engine's judgement and its use here; what would come out is not what the key says."""

    path: str

    @property
    def message(self) -> str:
        """For a person."""
        return f"{self.path} changed while the job started"


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
    return _first_changed(package, modules) or _first_changed(job.workspace, job.judged.files)


def _first_changed(folder: Path, digests: Mapping[str, str]) -> ChangedUnderway | None:
    from fts.provenance import digest_file

    for path, digest in digests.items():
        file = folder / path
        if not file.is_file() or digest_file(file) != digest:
            return ChangedUnderway(path)
    return None
