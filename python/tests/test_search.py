"""A study is exact: the same seed gives the same trials, whole or in pieces; what cannot be right is refused before it starts."""

import json
from functools import partial
from pathlib import Path
from typing import Any, Literal

import optuna
import pytest
from samples import EXTENT, FEATURES, STUDY, make_windows

from fts import search as module
from fts.control import Control
from fts.held import Patience
from fts.outcomes import BadInput
from fts.record import Record
from fts.search import Ended, SearchFollower, Sources, run_search, suits
from fts.search_settings import Search, read_search
from fts.study import StudyFile, StudyPlace, open_study
from fts.training import Follower, train
from fts.training_outcomes import Diverged, Interrupted, OutOfMemory, OverBudget, Unconsumed
from fts.trial_cache import TrialCache
from fts.trial_lines import EndedTrial

WINDOWS, VALIDATION = make_windows(120, 0), make_windows(60, 1)
TRIALS = 9

# Everything that makes a study hard to continue exactly: conditions, pruning, forced trials, few choices that repeat.
HARD: dict[str, Any] = {
    **{name: value for name, value in STUDY.items() if name != "loss"},
    "search": {
        "focal_gamma": {"kind": "uniform", "low": 0, "high": 2, "when": {"loss": "focal"}},
        "loss": {"kind": "choice", "choices": ["bce", "focal"]},
        "learning_rate": {"kind": "log", "low": 0.0001, "high": 0.1},
        "batch_size": {"kind": "int", "low": 32, "high": 64, "step": 16},
    },
    "epochs": 6,
    "forced": [{"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.005}, {"loss": "focal", "focal_gamma": 1}],
    "pruner": "median",
}
HARD = {name: value for name, value in HARD.items() if name not in HARD["search"]}


def make_record(**changes: Any) -> Record:
    record = Record({**HARD, **changes})
    record.consume(name for name in record.plain() if name.startswith(("data.", "task.", "split.")) or name in ("horizon", "subset"))
    return record


def make_search(record: Record | None = None, trials: int = TRIALS, hours: float | None = None) -> Search:
    found = read_search(record or make_record(), Record({"trials": trials, "timeout_hours": hours}))
    assert isinstance(found, Search), found
    return found


def place_at(folder: Path, fingerprint: str = "a" * 64, goal: Literal["minimize", "maximize"] = "minimize") -> StudyPlace:
    return StudyPlace(folder, "tiny", fingerprint, goal, folder)


def open_file(folder: Path, fingerprint: str = "a" * 64, patience: Patience | None = None) -> StudyFile:
    file = open_study(place_at(folder, fingerprint), patience or Patience(Control()))
    assert isinstance(file, StudyFile)
    return file


class Watcher:
    """Follows a study, and may stop it at some epoch of some trial."""

    def __init__(self, stop_in: int | None = None) -> None:
        self.control = Control()
        self.started: list[int] = []
        self.ended: list[EndedTrial] = []
        self._stop_in = stop_in

    def follower(self) -> SearchFollower:
        return SearchFollower(lambda number, _: self.started.append(number), self._epoch, lambda ended, _: self.ended.append(ended))

    def _epoch(self, *_: object) -> None:
        if self._stop_in is not None and self.started[-1] == self._stop_in:
            self.control.stop.request("test")


def run(folder: Path, search: Search | None = None, watcher: Watcher | None = None, cache: TrialCache | None = None) -> Any:
    watcher = watcher or Watcher()
    file = open_file(folder)
    try:
        return run_search(search or make_search(), Sources(WINDOWS, VALIDATION, cache), file, watcher.control, watcher.follower())
    finally:
        file.close()


def lines(folder: Path) -> list[dict[str, Any]]:
    """What a study is, without how long it took and which it is."""
    found = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in ("seconds", "study")} for line in found]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("whole")
    assert isinstance(run(folder), Ended)
    return lines(folder)


def test_the_same_seed_gives_the_same_trials(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path)
    assert lines(tmp_path) == whole
    run(tmp_path / "other", make_search(make_record(seed=8)))
    assert lines(tmp_path / "other") != whole


def test_the_order_in_which_a_space_is_written_changes_nothing(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(make_record(search=dict(reversed(HARD["search"].items()))), trials=4))
    assert lines(tmp_path) == whole[:4]


def test_the_trials_differ_and_some_are_pruned(whole: list[dict[str, Any]]) -> None:
    assert len(whole) == TRIALS
    assert len({json.dumps(line["params"]) for line in whole}) > TRIALS // 2
    assert {line["state"] for line in whole} == {"complete", "pruned"}


@pytest.mark.parametrize("at", [0, 1, 5])
def test_interrupted_in_any_trial_and_resumed_it_is_the_same_study(whole: list[dict[str, Any]], tmp_path: Path, at: int) -> None:
    watcher = Watcher(stop_in=at)
    assert isinstance(run(tmp_path, watcher=watcher), Interrupted)
    assert len(lines(tmp_path)) == at
    run(tmp_path)
    assert lines(tmp_path) == whole


def test_more_trials_go_on_where_fewer_ended(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    watcher = Watcher()
    run(tmp_path, watcher=watcher)
    assert watcher.started == list(range(3, TRIALS))
    assert lines(tmp_path) == whole
    assert run(tmp_path, watcher=(idle := Watcher())).best is not None
    assert idle.started == []


def test_leftovers_of_another_program_do_not_count(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    optuna.load_study(study_name="tiny", storage=storage, sampler=optuna.samplers.RandomSampler(seed=1)).ask()
    storage.engine.dispose()
    run(tmp_path)
    assert lines(tmp_path) == whole


def test_lines_that_a_kill_left_short_are_written_again(tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    path = tmp_path / "trials.jsonl"
    before = path.read_bytes()
    path.write_bytes(before[:-30])
    open_file(tmp_path).close()
    assert path.read_bytes() == before


def test_failing_trials_count_and_are_not_drawn_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter([Diverged(1, (), 9), OutOfMemory("no", (), 9)] * 3)
    monkeypatch.setattr(module, "train", lambda *_: next(ends))
    outcome = run(tmp_path, make_search(make_record(forced=[]), trials=4))
    assert outcome.best is None
    found = lines(tmp_path)
    assert [line["reason"] for line in found] == ["diverged", "out_of_memory"] * 2
    assert len({json.dumps(line["params"]) for line in found}) == 4


def test_an_exact_repeat_takes_the_known_values(tmp_path: Path) -> None:
    forced = {"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.005, "loss": "bce", "batch_size": 32}
    run(tmp_path, make_search(make_record(forced=[forced, forced], pruner="none"), trials=2))
    first, second = lines(tmp_path)
    assert (first["cached"], second["cached"]) == (False, True)
    assert (first["value"], first["epochs"]) == (second["value"], second["epochs"])


def test_forced_trials_come_first_and_conditions_hold(whole: list[dict[str, Any]]) -> None:
    assert whole[0]["params"]["learning_rate"] == 0.005
    assert (whole[0]["params"]["d_model"], whole[0]["params"]["n_layers"]) == (8, 1)
    assert whole[1]["params"]["focal_gamma"] == 1
    for line in whole:
        assert ("focal_gamma" in line["params"]) == (line["params"]["loss"] == "focal")


def test_params_hold_the_architecture_as_numbers_never_as_text(whole: list[dict[str, Any]]) -> None:
    for line in whole:
        assert "architecture" not in line["params"]
        assert {"d_model", "n_layers", "n_heads", "ff_ratio"} <= line["params"].keys()


def test_a_value_is_the_best_epoch_s(whole: list[dict[str, Any]]) -> None:
    for line in whole:
        best = min(line["epochs"], key=lambda epoch: epoch["val_loss"])
        assert (line["value"], line["epoch"]) == (best["val_loss"], best["epoch"])


def test_a_timeout_bounds_one_attempt_and_lets_one_trial_through(tmp_path: Path) -> None:
    for expected in (1, 2):
        outcome = run(tmp_path, make_search(trials=3, hours=1e-7), watcher=(watcher := Watcher()))
        assert outcome.timed_out
        assert len(watcher.started) == 1
        assert len(open_file(tmp_path).ended) == expected
    assert not run(tmp_path, make_search(trials=3, hours=1e-7)).timed_out


def test_another_fingerprint_moves_the_old_study_aside(tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=1))
    file = open_file(tmp_path, "b" * 64)
    assert file.ended == []
    file.close()
    assert len(lines(tmp_path / "superseded-aaaaaaaaaaaa")) == 1


def test_an_adopted_study_goes_on_as_if_it_had_been_this_one_all_along(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    search, watcher = make_search(), Watcher()
    taken = open_study(place_at(tmp_path, "b" * 64), Patience(Control()), partial(suits, search))
    assert isinstance(taken, StudyFile)
    run_search(search, Sources(WINDOWS, VALIDATION), taken, watcher.control, watcher.follower())
    taken.close()
    assert watcher.started == list(range(3, TRIALS))
    assert lines(tmp_path) == whole
    # From now on it is this study by its own word.
    assert len(open_file(tmp_path, "b" * 64).ended) == TRIALS


def test_an_adopted_study_of_another_space_or_goal_is_moved_aside_all_the_same(tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=1))
    wider = make_search(make_record(search={**HARD["search"], "learning_rate": {"kind": "log", "low": 1e-4, "high": 0.5}}, forced=[]))
    goals: list[tuple[Search, Literal["minimize", "maximize"]]] = [(wider, "minimize"), (make_search(), "maximize")]
    for number, (search, goal) in enumerate(goals):
        file = open_study(place_at(tmp_path, str(number) * 64, goal), Patience(Control()), partial(suits, search))
        assert isinstance(file, StudyFile)
        assert file.ended == []
        file.close()


def test_a_parameter_that_nothing_reads_ends_the_study(tmp_path: Path) -> None:
    record = Record({**make_record().plain(), "warm_up": 0.1})
    record.consume(name for name in record.plain() if name.startswith(("data.", "task.", "split.")) or name in ("horizon", "subset"))
    assert run(tmp_path, make_search(record)) == Unconsumed(("warm_up",))
    assert lines(tmp_path) == []


def test_a_fixed_model_outside_the_budget_ends_the_study_a_drawn_one_only_its_trial(tmp_path: Path) -> None:
    fixed: dict[str, Any] = {"architecture": None, "d_model": 64, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "forced": []}
    assert isinstance(run(tmp_path / "fixed", make_search(make_record(**fixed))), OverBudget)
    searched = {**fixed, "search": {**HARD["search"], "d_model": {"kind": "choice", "choices": [8, 64]}}}
    record = make_record(**{name: value for name, value in searched.items() if name != "d_model"})
    record = Record({name: value for name, value in record.plain().items() if name != "d_model"})
    record.consume(name for name in record.plain() if name.startswith(("data.", "task.", "split.")) or name in ("horizon", "subset"))
    run(tmp_path / "drawn", make_search(record, trials=6))
    reasons = {line["params"]["d_model"]: line["reason"] for line in lines(tmp_path / "drawn")}
    assert reasons == {8: None, 64: "over_budget"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"search": {"learning_rat": {"kind": "log", "low": 0.1, "high": 1}}}, 'did you mean "learning_rate"'),
        ({"search": {"learning_rate": {"kind": "log", "low": 0.1, "hihg": 1}}}, 'did you mean "high"'),
        ({"search": {"learning_rate": {"kind": "uniform", "low": 1, "high": 0.1}}}, "search.learning_rate"),
        ({"search": {"learning_rate": {"kind": "normal", "low": 0.1, "high": 1}}}, "kind must be"),
        ({"search": {"batch_size": {"kind": "uniform", "low": 16, "high": 64}}}, "whole number"),
        ({"search": {"focal_gamma": {"kind": "uniform", "low": 0, "high": 2, "when": {"lss": "focal"}}}}, 'names "lss"'),
        ({"search": {"dropout": {"kind": "uniform", "low": 0, "high": 0.5}}}, "both fixed and searched"),
        ({"d_model": 8}, "beside an architecture grid"),
        ({"architecture": {"d_model": [512], "n_layers": [2], "n_heads": [2], "ff_ratio": [2]}}, "no architecture of the grid"),
        ({"forced": [{"learning_rate": 5.0}]}, "not in the search space"),
        ({"forced": [{"dropout": 0.2}]}, "only searched parameters"),
        ({"forced": [{"d_model": 8}]}, "needs all of"),
        ({"forced": [{"loss": "bce", "focal_gamma": 1}]}, "no effect"),
        ({"objective.metric": "test_loss"}, "val_loss or val_auc"),
        ({"pruner": "hyperband"}, "median or none"),
    ],
)
def test_a_search_that_cannot_be_right_is_refused_with_the_reason(changes: dict[str, Any], said: str) -> None:
    found = read_search(make_record(**changes), Record(EXTENT))
    assert isinstance(found, BadInput)
    assert said in found.message


def test_search_and_training_agree_on_a_configuration(whole: list[dict[str, Any]]) -> None:
    from fts.parameters import TrainConfig, train_config

    complete = next(line for line in whole if line["state"] == "complete")
    config = train_config(make_record(features=FEATURES), complete["params"])
    assert isinstance(config, TrainConfig)
    outcome = train(config, WINDOWS, VALIDATION, Control(), Follower())
    assert outcome.best.val_loss == complete["value"]  # type: ignore[union-attr]
