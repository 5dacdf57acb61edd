"""A trial that was not made under its study's key stays marked: in the study, through every top-up, and wherever its numbers are used."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import test_study
from test_search import TRIALS, VALIDATION, WINDOWS, Watcher, lines, make_record, make_search, place_at, run

from fts.control import Control
from fts.held import Patience
from fts.search import Sources, run_search, suits
from fts.search_settings import Search
from fts.study import StudyFile, open_study
from fts.trial_cache import TrialCache
from fts.trial_lines import Adoption

trained = test_study.trained
WORD = Adoption(TRIALS, "from the big machine")


def take_over(folder: Path, search: Search, cache: TrialCache | None = None, adopted: Adoption | None = WORD) -> StudyFile:
    """Goes on with the study in `folder`, of another fingerprint, as a job does that was told that it is adopted."""
    file = open_study(place_at(folder, "b" * 64), Patience(Control()), partial(suits, search), adopted)
    assert isinstance(file, StudyFile)
    watcher = Watcher()
    run_search(search, Sources(WINDOWS, VALIDATION, cache), file, watcher.control, watcher.follower())
    file.close()
    return file


def marks(folder: Path) -> list[bool]:
    return [line.get("adopted", False) for line in lines(folder)]


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "trials").rglob("*.json"))


def make_cache(folder: Path) -> TrialCache:
    return TrialCache(folder / "trials", "c" * 64, "cpu")


def test_adopted_trials_are_marked_through_every_top_up_and_never_passed_on(tmp_path: Path) -> None:
    run(tmp_path / "study")
    take_over(tmp_path / "study", make_search(trials=TRIALS + 1), make_cache(tmp_path))
    assert marks(tmp_path / "study") == [True] * TRIALS + [False]
    own = [name for name, line in enumerate(lines(tmp_path / "study")) if not (line["cached"] or line.get("adopted"))]
    assert len(entries(tmp_path)) == len(own) == 1
    # The next run is told nothing any more: the study knows.
    file = take_over(tmp_path / "study", make_search(trials=TRIALS + 2), make_cache(tmp_path), adopted=None)
    assert marks(tmp_path / "study") == [True] * TRIALS + [False] * 2
    assert file.adoption == WORD


def test_a_study_by_hand_that_is_taken_over_is_one_like_any_other(tmp_path: Path) -> None:
    run(tmp_path / "study")
    take_over(tmp_path / "study", make_search(), make_cache(tmp_path), adopted=None)
    assert marks(tmp_path / "study") == [False] * TRIALS
    assert len(entries(tmp_path)) == sum(not line["cached"] for line in lines(tmp_path / "study"))


def test_who_repeats_an_adopted_configuration_has_an_adopted_result(tmp_path: Path) -> None:
    fixed: dict[str, Any] = {"architecture": None, "d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "pruner": "none"}
    space = {
        **make_record()["search"],
        "learning_rate": {"kind": "choice", "choices": [0.01]},
        "batch_size": {"kind": "choice", "choices": [32]},
    }
    space |= {"loss": {"kind": "choice", "choices": ["bce"]}}
    search = make_record(**fixed, search=space, forced=[])
    run(tmp_path / "study", make_search(search, trials=1))
    take_over(tmp_path / "study", make_search(search, trials=2), adopted=Adoption(1, "so"))
    assert [(line["cached"], line.get("adopted", False)) for line in lines(tmp_path / "study")] == [(False, True), (True, True)]


def test_a_study_that_is_begun_anew_has_nothing_of_what_was_adopted(tmp_path: Path) -> None:
    run(tmp_path / "study")
    other = {**make_record()["search"], "learning_rate": {"kind": "log", "low": 0.001, "high": 0.2}}
    take_over(tmp_path / "study", make_search(make_record(search=other)))
    assert marks(tmp_path / "study") == [False] * TRIALS


def as_of_an_earlier_version(path: Path) -> None:
    entry = json.loads(path.read_bytes())["entry"]
    del entry["origin"]
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    path.write_text(json.dumps({"digest": digest, "entry": entry}) + "\n")


def test_a_cache_that_does_not_say_where_its_trials_are_from_gives_adopted_ones(tmp_path: Path) -> None:
    run(tmp_path / "first", cache=make_cache(tmp_path))
    assert not any(marks(tmp_path / "first"))
    for path in entries(tmp_path):
        as_of_an_earlier_version(path)
    run(tmp_path / "second", cache=make_cache(tmp_path))
    assert [line["cached"] for line in lines(tmp_path / "second")] == [True] * TRIALS
    assert marks(tmp_path / "second") == [True] * TRIALS
    same = [{**line, "cached": True, "adopted": True} for line in lines(tmp_path / "first")]
    assert lines(tmp_path / "second") == same


def test_what_is_run_replaces_an_entry_that_does_not_say_where_it_is_from(tmp_path: Path) -> None:
    run(tmp_path / "study", make_search(trials=1), cache=make_cache(tmp_path))
    [path] = entries(tmp_path)
    before = path.read_bytes()
    as_of_an_earlier_version(path)
    run(tmp_path / "study", make_search(trials=1), cache=make_cache(tmp_path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("ahead", [0, 3])
def test_the_marks_outlive_the_database(tmp_path: Path, ahead: int) -> None:
    run(tmp_path / "study")
    take_over(tmp_path / "study", make_search(trials=TRIALS + ahead))
    whole = lines(tmp_path / "study")
    (tmp_path / "study" / "study.db").write_bytes(b"no database")
    take_over(tmp_path / "study", make_search(trials=TRIALS + ahead))
    assert lines(tmp_path / "study") == whole
