"""What was trained once is looked up, with the very numbers that a training would give; what might differ is trained."""

import os
from pathlib import Path
from typing import Any

import pytest
from test_search import HARD, TRIALS, Watcher, lines, make_record, make_search, run

from fts import search as module
from fts.record import Record
from fts.training import train
from fts.training_outcomes import Diverged, OutOfMemory
from fts.trial_cache import TrialCache

ONE = {"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.005, "loss": "bce", "batch_size": 32}


def make_cache(folder: Path, context: str = "a" * 64, device: str = "cpu") -> TrialCache:
    return TrialCache(folder / "trials", context, device)


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "trials").rglob("*.json"))


def told(folder: Path) -> list[dict[str, Any]]:
    """What a study found, wherever it took it from."""
    return [{name: value for name, value in line.items() if name != "cached"} for line in lines(folder)]


def hits(folder: Path) -> list[bool]:
    return [line["cached"] for line in lines(folder)]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in `study`, its entries in `trials`."""
    folder = tmp_path_factory.mktemp("real")
    run(folder / "study", cache=make_cache(folder))
    return folder


def test_the_same_study_again_is_all_hits_and_the_same_to_the_bit(real: Path, tmp_path: Path) -> None:
    assert True not in hits(real / "study")
    assert {line["state"] for line in lines(real / "study")} == {"complete", "pruned"}
    run(tmp_path / "again", cache=make_cache(real))
    assert told(tmp_path / "again") == told(real / "study")
    assert hits(tmp_path / "again") == [True] * TRIALS


def test_what_only_draws_or_names_is_no_part_of_a_result(real: Path, tmp_path: Path) -> None:
    """Another space, other forced trials, another pruner and another budget: the configuration they share is the same."""
    fixed = {name: value for name, value in HARD.items() if name not in ("architecture", "search", "forced")}
    shared = lines(real / "study")[0]["params"]
    learned = {"learning_rate": {"kind": "log", "low": 0.001, "high": 0.1}}
    record = Record({**fixed, **shared, "architecture": None, "search": learned, "forced": [{"learning_rate": shared["learning_rate"]}]})
    record = Record({name: value for name, value in record.plain().items() if name != "learning_rate"})
    record.consume(record.plain())
    run(tmp_path, make_search(record, trials=1), cache=make_cache(real))
    assert hits(tmp_path) == [True]
    assert [lines(tmp_path)[0][name] for name in ("value", "epochs")] == [lines(real / "study")[0][name] for name in ("value", "epochs")]


@pytest.mark.parametrize("change", [{"context": "b" * 64}, {"device": "cuda"}])
def test_other_surroundings_are_a_miss(real: Path, tmp_path: Path, change: dict[str, str]) -> None:
    run(tmp_path, make_search(trials=1), cache=make_cache(real, **change))
    assert hits(tmp_path) == [False]


def test_known_numbers_go_through_the_pruner_of_today(tmp_path: Path) -> None:
    """Known whole, a trial is pruned where a training would be."""
    run(tmp_path / "whole", make_search(make_record(pruner="none")), cache=make_cache(tmp_path))
    forced = [line["params"] for line in lines(tmp_path / "whole")]
    median = make_search(make_record(forced=forced, pruner="median"))
    run(tmp_path / "trained", median)
    run(tmp_path / "looked-up", median, cache=make_cache(tmp_path))
    assert told(tmp_path / "looked-up") == told(tmp_path / "trained")
    assert hits(tmp_path / "looked-up") == [True] * TRIALS
    assert "pruned" in {line["state"] for line in lines(tmp_path / "looked-up")}


def test_a_pruned_result_serves_up_to_its_last_epoch_only(tmp_path: Path) -> None:
    run(tmp_path / "pruned", cache=make_cache(tmp_path))
    forced = [line["params"] for line in lines(tmp_path / "pruned")]
    states = [line["state"] for line in lines(tmp_path / "pruned")]
    without = make_search(make_record(forced=forced, pruner="none"))
    run(tmp_path / "trained", without)
    run(tmp_path / "looked-up", without, cache=make_cache(tmp_path))
    assert told(tmp_path / "looked-up") == told(tmp_path / "trained")
    assert hits(tmp_path / "looked-up") == [state == "complete" for state in states]
    run(tmp_path / "third", without, cache=make_cache(tmp_path))
    assert hits(tmp_path / "third") == [True] * TRIALS


def test_patience_ends_a_looked_up_trial_as_a_trained_one(tmp_path: Path) -> None:
    patient = make_search(make_record(patience=2, epochs=12), trials=8)
    run(tmp_path / "trained", patient, cache=make_cache(tmp_path))
    run(tmp_path / "looked-up", patient, cache=make_cache(tmp_path))
    assert told(tmp_path / "looked-up") == told(tmp_path / "trained")


def test_a_diverged_trial_is_known_one_out_of_memory_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter([Diverged(1, (), 500), OutOfMemory("no", (), 500)])
    search = make_search(make_record(pruner="none"), trials=2)
    monkeypatch.setattr(module, "train", lambda *_: next(ends))
    run(tmp_path / "failing", search, cache=make_cache(tmp_path))
    monkeypatch.setattr(module, "train", train)
    run(tmp_path / "again", search, cache=make_cache(tmp_path))
    assert [(line["reason"], line["cached"]) for line in lines(tmp_path / "again")] == [("diverged", True), (None, False)]


def test_a_model_that_this_budget_does_not_allow_is_no_hit(tmp_path: Path) -> None:
    free: dict[str, Any] = {"architecture": None, "forced": [], "pruner": "none"}
    numbers = {"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2}
    search = {**HARD["search"], "d_model": {"kind": "choice", "choices": [8]}}
    rest = {name: value for name, value in numbers.items() if name != "d_model"}
    run(tmp_path / "wide", make_search(make_record(**free, **rest, search=search), trials=1), cache=make_cache(tmp_path))
    narrow = make_search(make_record(**free, **rest, search=search, **{"budget.params": 50}), trials=1)
    run(tmp_path / "narrow", narrow, cache=make_cache(tmp_path))
    assert [line["reason"] for line in lines(tmp_path / "narrow")] == ["over_budget"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"digest": "x", "entry": {}}', None])
def test_a_damaged_entry_is_none_and_is_written_anew(tmp_path: Path, damage: bytes | None) -> None:
    search = make_search(make_record(forced=[ONE], pruner="none"), trials=1)
    run(tmp_path / "first", search, cache=make_cache(tmp_path))
    [path] = entries(tmp_path)
    before = path.read_bytes()
    path.write_bytes(before.replace(b"0.", b"1.", 1) if damage is None else damage)
    run(tmp_path / "second", search, cache=make_cache(tmp_path))
    assert hits(tmp_path / "second") == [False]
    assert path.read_bytes() == before


def test_what_a_kill_kept_from_being_passed_on_is_passed_on_at_the_next_start(tmp_path: Path) -> None:
    search = make_search(make_record(forced=[ONE], pruner="none"), trials=1)
    run(tmp_path / "study")
    run(tmp_path / "study", search, cache=make_cache(tmp_path))
    assert len(entries(tmp_path)) == TRIALS


def test_a_directory_that_takes_nothing_costs_no_trial(tmp_path: Path) -> None:
    (tmp_path / "trials").write_text("a file")
    run(tmp_path / "study", make_search(trials=1), cache=make_cache(tmp_path))
    assert hits(tmp_path / "study") == [False]


def test_interrupted_in_a_trial_that_was_known_in_part_it_is_the_same_study(tmp_path: Path) -> None:
    run(tmp_path / "pruned", cache=make_cache(tmp_path))
    forced = [line["params"] for line in lines(tmp_path / "pruned")]
    at = next(number for number, line in enumerate(lines(tmp_path / "pruned")) if line["state"] == "pruned")
    without = make_search(make_record(forced=forced, pruner="none"))
    run(tmp_path / "study", without, Watcher(stop_in=at), make_cache(tmp_path))
    run(tmp_path / "study", without, cache=make_cache(tmp_path))
    run(tmp_path / "whole", without)
    assert told(tmp_path / "study") == told(tmp_path / "whole")


def test_entries_of_one_context_lie_together_and_a_hit_counts_as_use(tmp_path: Path) -> None:
    run(tmp_path / "one", make_search(trials=2), cache=make_cache(tmp_path))
    found = entries(tmp_path)
    assert [path.parent.name for path in found] == ["a" * 64] * 2
    for path in found:
        os.utime(path, (0, 0))
    run(tmp_path / "two", make_search(trials=2), cache=make_cache(tmp_path))
    assert all(path.stat().st_mtime > 0 for path in found)
