"""Files between runs: the log, jobs, results, checkpoints. None of them is ever seen half written, none is believed unread."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from samples import INPUT, RECIPE, environment

from fts.checkpoint import load_checkpoint, save_checkpoint
from fts.job import first_difference, read_job
from fts.log import COLUMNS, append_row
from fts.outcomes import BadInput
from fts.parameters import TrainConfig, train_config
from fts.progress import Progress
from fts.provenance import digest_package, read_commit, relative
from fts.record import Record
from fts.results import write_json
from fts.stop import Stop


def read_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_rows_of_several_writers_are_whole_and_the_header_comes_once(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "log.csv"
    code = (
        "import sys; from pathlib import Path; from fts.log import append_row\n"
        "for n in range(50): append_row(Path(sys.argv[1]), {'error_message': 'x' * 500, 'seed': n})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path)], env=environment()) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    rows = read_rows(path)
    assert rows.count(list(COLUMNS)) == 1
    assert len(rows) == 151
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_what_a_person_writes_comes_back_from_the_log(tmp_path: Path) -> None:
    message = 'said "no",\nthen\r\nleft: é;'
    append_row(tmp_path / "log.csv", {"error_message": message, "hyperparameters": {"loss": "bce", "x": float("nan")}, "val_loss": None})
    header, row = read_rows(tmp_path / "log.csv")
    found = dict(zip(header, row, strict=True))
    assert (found["error_message"], found["hyperparameters"], found["val_loss"]) == (message, '{"loss": "bce", "x": null}', "")
    with pytest.raises(KeyError):
        append_row(tmp_path / "log.csv", {"val_los": 1})


def test_a_row_after_a_torn_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    append_row(path, {"experiment": "first"})
    append_row(path, {"experiment": "torn", "error_message": "x" * 100})
    path.write_bytes(path.read_bytes()[:-30])
    append_row(path, {"experiment": "last", "error_message": "whole"})
    rows = read_rows(path)
    assert [row[1] for row in rows[1:]] == ["first", "torn", "last"]
    assert len(rows[3]) == len(COLUMNS)


def test_a_log_of_another_program_is_kept_aside_and_a_new_one_begins(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "log.csv"
    path.parent.mkdir()
    others = [
        (",".join([*COLUMNS[:17], "d_model", "n_layers", "n_heads", "d_ff", "param_count"]) + "\n,old_1,6A\n").encode(),
        (",".join(COLUMNS[:17]) + "\n").encode(),
        b"\xef\xbb\xbf" + ";".join(COLUMNS).encode() + b"\r\n01.11.2026;x\r\n",
        ",".join(COLUMNS).encode() + b"\r\n",
        "\ufeffa;b\n".encode("utf-16"),
        b"timestamp,exp",
    ]
    for count, other in enumerate(others, start=1):
        path.write_bytes(other)
        said = append_row(path, {"experiment": "mine"}, tmp_path)
        assert "is not the header of this program" in (said or "")
        assert [row[1] for row in read_rows(path)] == ["experiment", "mine"]
        kept = [file.read_bytes() for file in (tmp_path / ".ftsbuild" / "kept").rglob("log.csv")]
        assert len(kept) == count
        assert other in kept
    assert append_row(path, {"experiment": "again"}, tmp_path) is None
    assert [row[1] for row in read_rows(path)] == ["experiment", "mine", "again"]


def test_the_log_of_an_earlier_version_goes_on_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = b'2026-01-01T00:00:00Z,"a ""b"",\nc",' + b"," * 21 + b"abc\n" + b"2026-01-01T00:00:00Z,bytes \xff," + b"," * 21 + b"abc\n"
    old = ",".join(COLUMNS[:24]).encode() + b"\n" + rows + b'2026-01-01T00:00:00Z,"torn\n2026-01-01T00:00:00Z,two,cells\n'
    path.write_bytes(old)
    assert "its rows were taken over" in (append_row(path, {"experiment": "mine"}) or "")
    text = path.read_bytes()
    assert text.startswith(",".join(COLUMNS).encode() + b"\n" + rows.replace(b"abc\n", b"abc,\n"))
    assert text.count(b"2026-01-01") == 2
    assert [file.read_bytes() for file in (tmp_path / ".ftsbuild" / "kept").rglob("log.csv")] == [old]


def test_an_empty_log_gets_its_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.touch()
    append_row(path, {"experiment": "mine"})
    assert [row[1] for row in read_rows(path)] == ["experiment", "mine"]


def test_a_row_that_the_system_takes_in_parts_is_written_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: take(descriptor, data[:7]))
    append_row(tmp_path / "log.csv", {"experiment": "mine", "error_message": "x" * 100})
    header, row = read_rows(tmp_path / "log.csv")
    assert header == list(COLUMNS)
    assert dict(zip(header, row, strict=True))["error_message"] == "x" * 100


def test_a_result_replaces_the_old_one_whole_and_holds_no_nan(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "metrics.json"
    write_json(path, {"value": 1.5})
    with pytest.raises(TypeError):
        write_json(path, {"value": object()})
    assert path.read_text() == '{\n  "value": 1.5\n}\n'
    write_json(path, {"value": [float("inf"), {"x": float("nan")}]})
    assert "null" in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_a_checkpoint_is_given_back_only_to_whom_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    assert load_checkpoint(path, "mine") is None
    save_checkpoint(path, {"fingerprint": "mine", "model": {"w": torch.arange(3)}})
    found = load_checkpoint(path, "mine")
    assert found is not None
    assert found["model"]["w"].tolist() == [0, 1, 2]
    assert load_checkpoint(path, "other") is None
    with pytest.raises(AttributeError):
        save_checkpoint(path, {"fingerprint": "mine", "model": lambda: None})
    assert list(tmp_path.iterdir()) == [path]
    assert load_checkpoint(path, "mine") is not None
    path.write_bytes(path.read_bytes()[:-50])
    assert load_checkpoint(path, "mine") is None
    path.write_bytes(b"")
    assert load_checkpoint(path, "mine") is None


def test_no_job_means_by_hand_and_a_broken_one_is_told(tmp_path: Path) -> None:
    assert read_job({}) is None
    path = tmp_path / "job.json"
    for text in (None, "{", "[]", '{"schema_version": 2}', '{"schema_version": 1}'):
        if text is not None:
            path.write_text(text)
        found = read_job({"FTSBUILD_JOB": str(path)})
        assert isinstance(found, BadInput)
        assert "job.json" in found.message


@pytest.mark.parametrize(
    ("job", "script", "same"),
    [
        ({"x": 1.0}, {"x": 1}, True),
        ({"x": [1, 2]}, {"x": (1, 2)}, True),
        ({"x": {"when": {"loss": "focal"}}}, {"x": {"when": {"loss": "focal"}}}, True),
        ({"x": True}, {"x": 1}, False),
        ({"x": [1]}, {"x": [1, 2]}, False),
        ({"x": None}, {}, False),
        ({"x": "1"}, {"x": 1}, False),
    ],
)
def test_job_and_script_are_compared_by_meaning(job: dict[str, Any], script: dict[str, Any], same: bool) -> None:
    assert (first_difference(job, script) is None) == same


def test_progress_into_a_closed_descriptor_asks_for_a_stop() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stop = Stop()
    with Progress({"FTSBUILD_PROGRESS_FD": str(writing)}, stop, None) as progress:
        progress.emit("epoch", epoch=1)
        progress.emit("epoch", epoch=2)
    os.close(writing)
    assert stop.requested


def test_a_value_of_the_record_wins_over_a_chosen_one_and_focal_gamma_counts_only_with_focal_loss() -> None:
    record = Record({**INPUT, **RECIPE, "focal_gamma": 2.0, "learning_rate": 0.5})
    chosen = {"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.1}
    found = train_config(record, chosen)
    assert isinstance(found, TrainConfig)
    assert (found.learning_rate, found.focal_gamma, found.shape.features) == (0.5, None, 2)
    assert "focal_gamma" not in record.unread()
    focal = train_config(Record({**record.plain(), "loss": "focal"}), chosen)
    assert isinstance(focal, TrainConfig)
    assert focal.focal_gamma == 2.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch_size": 1.5}, "batch_size must be a whole number >= 1, not 1.5"),
        ({"warmup": 1.1}, "warmup must be a number from 0 to 1"),
        ({"threads": True}, "threads must be a whole number"),
        ({"loss": "mse"}, "one of bce, focal"),
        ({"n_heads": 3}, "does not divide"),
        ({"patch.length": 9}, "longer than context"),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
    ],
)
def test_a_configuration_that_cannot_be_says_why(changes: dict[str, Any], said: str) -> None:
    whole = {**INPUT, **RECIPE, "d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.1}
    found = train_config(Record({**whole, **changes}), {})
    assert isinstance(found, BadInput)
    assert said in found.message


def test_provenance_names_every_module_and_no_path_of_the_machine(tmp_path: Path) -> None:
    code = digest_package()
    assert {"fts/model.py", "fts/data/__init__.py"} <= code.keys()
    assert all(len(digest) == 64 for digest in code.values())
    assert relative(tmp_path / "a" / "b.py", tmp_path) == "a/b.py"
    assert relative(tmp_path.parent / "b.py", tmp_path) == "b.py"
    assert read_commit(tmp_path) == (None, None)


def test_a_file_that_git_does_not_know_makes_no_workspace_dirty(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], cwd=tmp_path, check=True, capture_output=True)

    known = tmp_path / "code.py"
    known.write_text("x = 1\n")
    git("init", "--quiet")
    git("add", "code.py")
    git("commit", "--quiet", "--message", "first")
    (tmp_path / "output.json").write_text("{}")
    commit, dirty = read_commit(tmp_path)
    assert commit is not None
    assert dirty is False
    known.write_text("x = 2\n")
    assert read_commit(tmp_path) == (commit, True)
