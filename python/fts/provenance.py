"""Where a result comes from: data, code, script, packages, machine, commit. Knows nothing of the result."""

import hashlib
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fts.job import Job

PACKAGES = ("torch", "optuna", "numpy", "pandas", "pyarrow")


def collect_provenance(job: Job | None, script: Path, workspace: Path, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """All of `provenance` in a result file but `device` and `threads`, which only the run knows.

    Under an engine, what it judged counts (its digests of data and code, its commit); by hand they are worked out here.
    `data` is what `describe_data` gave; it stands in where the job has none.
    """
    commit, dirty = read_commit(workspace) if job is None else (job.git_commit, job.git_dirty)
    return {
        "data": dict(job.data) if job is not None and job.data is not None else data,
        "code": dict(job.code) if job is not None else digest_package(),
        "script": {"path": relative(script, workspace), "sha256": digest_file(script)},
        "environment": {"python": platform.python_version(), "packages": read_versions()},
        "git_commit": commit,
        "git_dirty": dirty,
        "created": now(),
    }


def describe_data(path: Path, workspace: Path, rows: int) -> dict[str, Any]:
    """The data file by path and digests; one pass over the file."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            md5.update(block)
            sha256.update(block)
    return {"path": relative(path, workspace), "md5": md5.hexdigest(), "sha256": sha256.hexdigest(), "rows": rows}


def digest_package() -> dict[str, str]:
    """SHA-256 of every source file of this package, by its path from `fts/` on."""
    package = Path(__file__).resolve().parent
    return {path.relative_to(package.parent).as_posix(): digest_file(path) for path in sorted(package.rglob("*.py"))}


def digest_file(path: Path) -> str:
    """SHA-256 of the bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_versions() -> dict[str, str]:
    """Full versions of the packages that change numbers, those that are installed."""
    from importlib import metadata

    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def read_commit(workspace: Path) -> tuple[str | None, bool | None]:
    """The commit that the workspace stands at, and whether a file of it differs; None twice outside of git.

    Files that git does not know count for nothing, as in the engine (src/build/git.ts): a study's own outputs are such files.
    """
    commit = _git(workspace, "rev-parse", "HEAD")
    status = _git(workspace, "status", "--porcelain", "--untracked-files=no") if commit is not None else None
    return commit, status != "" if status is not None else None


def relative(path: Path, workspace: Path) -> str:
    """From the workspace, with forward slashes; only the name of a file that lies outside, so that no path of a machine gets out."""
    try:
        return path.resolve().relative_to(workspace.resolve()).as_posix()
    except ValueError:
        return path.name


def now() -> str:
    """UTC, in the form that `Date.toISOString` has too."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _git(workspace: Path, *arguments: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(["git", *arguments], cwd=workspace, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
