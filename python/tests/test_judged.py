"""A job that is no longer what was judged ends before anything is spent; what is edited afterwards does not count."""

import importlib
import platform
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fts.job import Job, Judged
from fts.judged import OutsideKey, Outsider, find_changed, find_edited, find_outsiders, look_for_outsiders
from fts.provenance import digest_file, digest_package

JOB = Job("hpo", "n", "0" * 64, 1, Path(), None, {}, {}, "o", None, None, {}, None, None, None)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "script.py").write_text("A = 1\n")
    judged = Judged(("fts/__init__.py", "fts/stop.py"), {"script.py": digest_file(tmp_path / "script.py")})
    return replace(JOB, workspace=tmp_path, code=digest_package(), judged=judged)


def test_what_is_as_it_was_judged_may_run(job: Job) -> None:
    assert find_changed(job) is None


def test_by_hand_and_under_an_older_engine_nothing_is_compared() -> None:
    assert find_changed(None) is None
    assert find_changed(JOB) is None


def test_a_file_that_changed_or_is_gone_is_named(job: Job) -> None:
    script = job.workspace / "script.py"
    script.write_text("A = 2\n")
    changed = find_changed(job)
    assert changed is not None
    assert changed.message == "script.py changed while the job started"
    script.unlink()
    assert find_changed(job) is not None


def test_a_module_of_the_key_is_named_and_any_other_does_not_count(job: Job) -> None:
    other = {**job.code, "fts/log.py": "0" * 64}
    assert find_changed(replace(job, code=other)) is None
    changed = find_changed(replace(job, code={**job.code, "fts/stop.py": "0" * 64}))
    assert changed is not None
    assert changed.what == "fts/stop.py"


def test_versions_are_those_that_are_imported_here(job: Job) -> None:
    python, numpy = (".".join(version.split(".")[:2]) for version in (platform.python_version(), np.__version__))

    def judged(**versions: str) -> str | None:
        changed = find_changed(replace(job, judged=Judged((), {}, versions)))
        return None if changed is None else changed.message

    assert judged(python=python, numpy=numpy) is None
    assert judged(python=python, numpy="1.4") == f"the Python environment (numpy 1.4 -> {np.__version__}) changed while the job started"
    assert judged(python="3.1") is not None
    assert judged(nothing="1.0") == "the Python environment (nothing 1.0 -> absent) changed while the job started"


def test_a_module_outside_the_key_is_named_with_the_way_out(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    (job.workspace / "lib").mkdir()
    (job.workspace / "lib" / "hidden_module.py").write_text("EPS = 1\n")
    monkeypatch.syspath_prepend(str(job.workspace / "lib"))
    loaded = importlib.import_module("hidden_module")
    monkeypatch.setitem(sys.modules, "hidden_module", loaded)
    path, digest = "lib/hidden_module.py", digest_file(job.workspace / "lib" / "hidden_module.py")

    def knowing(workspace: dict[str, str] | None) -> Job:
        # Everything of the package that the tests have imported.
        return replace(job, judged=Judged(tuple(job.code), {}, {}, workspace))

    assert find_outsiders(knowing({})) == [Outsider("hidden_module", path, digest)]
    with pytest.raises(OutsideKey, match=re.escape("hidden_module (lib/hidden_module.py) was imported, and is not in the key")):
        look_for_outsiders(knowing({}))
    with pytest.raises(OutsideKey, match=re.escape("`code: [hidden_module]`")):
        look_for_outsiders(knowing({}))
    assert find_outsiders(knowing({path: digest})) == []
    assert find_outsiders(knowing(None)) == [], "an older engine knows no modules of the workspace"
    assert find_changed(knowing({path: digest})) is None
    # What ran counts, whatever lies there by now.
    (job.workspace / path).write_text("EPS = 2\n")
    assert find_outsiders(knowing({})) == [Outsider("hidden_module", path, digest)]
    changed = find_changed(knowing({path: digest_file(job.workspace / path)}))
    assert changed is not None
    assert changed.what == path


def test_a_module_of_the_key_that_is_reached_by_a_link_is_in_the_key(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("lib", "scripts"):
        (job.workspace / folder).mkdir()
    (job.workspace / "lib" / "linked_module.py").write_text("EPS = 1\n")
    (job.workspace / "scripts" / "linked_module.py").symlink_to("../lib/linked_module.py")
    monkeypatch.syspath_prepend(str(job.workspace / "scripts"))
    monkeypatch.setitem(sys.modules, "linked_module", importlib.import_module("linked_module"))
    path = "scripts/linked_module.py"
    judged = replace(job, judged=Judged(tuple(job.code), {}, {}, {path: digest_file(job.workspace / path)}))
    assert find_outsiders(judged) == []
    assert find_changed(judged) is None
    (job.workspace / "lib" / "linked_module.py").write_text("EPS = 2\n")
    assert find_changed(replace(judged, judged=Judged((), {}, {}, {path: digest_file(job.workspace / path)}))) is not None


def test_a_module_of_the_key_that_is_imported_when_it_has_been_edited_is_found(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    source = job.workspace / "late_module.py"
    source.write_text("EPS = 1\n")
    judged = replace(job, judged=Judged(tuple(job.code), {}, {}, {"late_module.py": digest_file(source)}))
    assert find_changed(judged) is None
    source.write_text("EPS = 2\n")
    monkeypatch.syspath_prepend(str(job.workspace))
    monkeypatch.setitem(sys.modules, "late_module", importlib.import_module("late_module"))
    assert [one.path for one in find_edited(judged)] == ["late_module.py"]
    with pytest.raises(OutsideKey, match=re.escape("late_module (late_module.py) was edited")) as raised:
        look_for_outsiders(judged)
    assert raised.value.reason == "changed_underway"
    # What is edited once it was imported has run as it was judged.
    now = replace(job, judged=Judged(tuple(job.code), {}, {}, {"late_module.py": digest_file(source)}))
    source.write_text("EPS = 3\n")
    assert find_edited(now) == []


def test_the_script_under_the_second_name_that_multiprocessing_gives_it_is_no_module(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    script = ModuleType("__main__")
    script.__file__ = str(job.workspace / "script.py")
    job = replace(job, judged=Judged((), {}, workspace={}))
    for name in ("__main__", "__mp_main__"):
        monkeypatch.setitem(sys.modules, name, script)
    assert "script.py" not in [one.path for one in find_outsiders(job)]


def test_a_module_of_the_package_that_the_key_does_not_name_is_an_outsider(job: Job) -> None:
    assert job.judged is not None
    found = find_outsiders(replace(job, judged=replace(job.judged, workspace={})))
    assert "fts/judged.py" in [one.path for one in found]
