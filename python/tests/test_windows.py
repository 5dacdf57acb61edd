"""Windows and splits from files: what is read, how it is normalised, what is refused, and that the test split is sealed."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fts.outcomes import BadInput, Refused
from fts.record import Record
from fts.splits import Scattered, Split, split_windows
from fts.windows import Splits, Validated, load_splits, validate

ROWS, CONTEXT, HORIZON = 1200, 20, 3

RECORD: dict[str, Any] = {
    "data.path": "data/walk.parquet",
    "features": ["first", "second", "flat"],
    "context": CONTEXT,
    "horizon": HORIZON,
    "task.kind": "threshold",
    "task.pct": 1.0,
    "split.mode": "scattered",
    "split.block": 100,
    "split.validation": 0.2,
    "split.test": 0.2,
    "split.embargo": 4,
    "split.seed": 42,
    "split.validation_from": None,
    "split.validation_to": None,
    "split.test_from": None,
    "split.test_to": None,
    "split.min_windows": 100,
    "split.min_positives": 10,
}


@pytest.fixture(scope="module")
def columns() -> dict[str, Any]:
    random = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, ROWS)))
    return {
        "Date": np.busday_offset(np.datetime64("2001-01-01"), np.arange(ROWS)).astype("datetime64[ms]"),
        "High": close * 1.004,
        "Close": close,
        "first": random.normal(5.0, 3.0, ROWS) + np.arange(ROWS) / 100.0,
        "second": random.normal(0.0, 1e-4, ROWS),
        "flat": np.full(ROWS, 0.1),
        "unused": np.full(ROWS, np.nan),
    }


@pytest.fixture
def data_file(tmp_path: Path, columns: dict[str, Any]) -> Path:
    return write(tmp_path, columns)


def write(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "walk.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def load(data_file: Path, **changes: Any) -> Splits:
    splits = load_splits(Record({**RECORD, **changes}), data_file)
    assert isinstance(splits, Splits), splits
    return splits


def test_windows_are_those_of_the_split_with_labels_from_raw_prices(data_file: Path, columns: dict[str, Any]) -> None:
    splits = load(data_file)
    expected = split_windows(Scattered(100, 0.2, 0.2, 4, 42), rows=ROWS, context=CONTEXT, horizon=HORIZON)
    assert isinstance(expected, Split)
    assert splits.train.ends.tolist() == expected.train.tolist()
    assert splits.val.ends.tolist() == expected.val.tolist()
    assert splits.open_test().ends.tolist() == expected.test.tolist()
    for windows in (splits.train, splits.val, splits.open_test()):
        for end, label in zip(windows.ends, windows.labels, strict=True):
            assert label == float(columns["High"][end + 1 : end + 4].max() >= columns["Close"][end] * 1.01)
    assert splits.counts["val"] == {"windows": len(expected.val), "positives": int(splits.val.labels.sum())}
    assert splits.base_rate["train"] == pytest.approx(splits.train.labels.mean())
    assert (splits.rows, splits.features) == (ROWS, ("first", "second", "flat"))


def test_normalisation_knows_the_training_windows_only(data_file: Path, tmp_path: Path, columns: dict[str, Any]) -> None:
    splits = load(data_file)
    read = np.zeros(ROWS, dtype=bool)
    for end in splits.train.ends:
        read[end - CONTEXT + 1 : end + 1] = True
    seen = splits.train.series[read]
    np.testing.assert_allclose(seen[:, :2].mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(seen[:, :2].std(axis=0), 1.0, atol=1e-5)
    assert np.abs(splits.train.series[:, 2]).max() < 1e-6  # constant: centred, not blown up
    changed = {**columns, "first": np.where(read, columns["first"], 1e6)}
    other = load(write(tmp_path, changed))
    assert np.array_equal(other.train.series[read], seen)


def test_a_batch_is_the_rows_up_to_each_window_s_end(data_file: Path) -> None:
    train = load(data_file).train
    indices = np.array([5, 0, 17])
    inputs, labels = train.batch(indices)
    assert inputs.shape == (3, CONTEXT, 3)
    assert inputs.dtype == np.float32
    for position, index in enumerate(indices):
        end = train.ends[index]
        assert np.array_equal(inputs[position], train.series[end - CONTEXT + 1 : end + 1])
    assert np.array_equal(labels, train.labels[indices])
    inputs[:] = 0.0
    assert train.batch(indices)[0].any()


def test_a_subset_is_the_same_draw_every_time_in_the_old_order(data_file: Path) -> None:
    train = load(data_file).train
    small, again, large = train.subset(0.3, 1), train.subset(0.3, 1), train.subset(0.6, 1)
    assert len(small) == int(0.3 * len(train))
    assert small.ends.tolist() == again.ends.tolist() == sorted(small.ends.tolist())
    assert set(small.ends) < set(large.ends)
    assert small.ends.tolist() != train.subset(0.3, 2).ends.tolist()
    assert len(train.subset(1e-9, 1)) == 1
    assert train.subset(1.0, 1) is train


def test_the_test_split_does_not_show_itself(data_file: Path) -> None:
    splits = load(data_file)
    assert "test=" not in repr(splits)
    assert not [name for name in dir(splits) if "test" in name and not name.startswith("_") and name != "open_test"]


def test_every_parameter_of_the_slice_is_read_in_every_mode(data_file: Path) -> None:
    dates = {"split.validation_from": "2003-01-01", "split.test_from": "2004-01-01"}
    for mode, changes in (
        ("scattered", {}),
        ("classic", {"split.min_windows": 1, "split.min_positives": 1}),
        ("contiguous", {}),
        ("dates", dates),
    ):
        record = Record({**RECORD, **changes, "split.mode": mode, "d_model": 64})
        assert not isinstance(load_splits(record, data_file), BadInput)
        assert record.unread() == ["d_model"]


def test_too_little_data_is_refused_with_all_its_numbers(data_file: Path) -> None:
    refused = load_splits(Record({**RECORD, "split.min_windows": 300}), data_file)
    assert isinstance(refused, Refused)
    assert "val has 156 windows of 300" in refused.message
    assert "test has 156 windows of 300" in refused.message
    assert refused.numbers["val.windows"] == 156
    assert refused.numbers["split.min_windows"] == 300
    rare = load_splits(Record({**RECORD, "task.pct": 6.0}), data_file)
    assert isinstance(rare, Refused)
    assert "positives of 10" in rare.message


def test_a_split_of_one_class_is_refused_even_without_a_minimum(data_file: Path) -> None:
    nothing = {"split.min_windows": 0, "split.min_positives": 0}
    refused = load_splits(Record({**RECORD, **nothing, "task.pct": 90.0}), data_file)
    assert isinstance(refused, Refused)
    assert "val has one class only (0 of 156 windows are positive)" in refused.message
    empty = load_splits(Record({**RECORD, **nothing, "split.test": 0.0}), data_file)
    assert isinstance(empty, Refused)
    assert "test has no windows" in empty.message


def test_wrong_files_are_bad_input_that_says_where(data_file: Path, tmp_path: Path, columns: dict[str, Any]) -> None:
    def complaint(columns: dict[str, Any], **changes: Any) -> str:
        found = load_splits(Record({**RECORD, **changes}), write(tmp_path, columns))
        assert isinstance(found, BadInput), found
        assert "data/walk.parquet" in found.message
        assert str(tmp_path) not in found.message
        return found.message

    holes = columns["first"].copy()
    holes[[40, 50]] = np.nan
    assert 'column "first" has 2 NaN or infinite values, the first in row 41 (2001-02-26)' in complaint({**columns, "first": holes})
    assert '"frist" (near: first)' in complaint(columns, features=["frist"])
    assert '"close" (near: Close)' in complaint(columns, features=["close"])
    assert "not sorted" in complaint({**columns, "Date": columns["Date"][::-1].copy()})
    assert '"High"' in complaint({**columns, "High": columns["Close"] * 0.9})
    data_file.unlink()
    missing = load_splits(Record(RECORD), data_file)
    assert isinstance(missing, BadInput)
    assert "data/walk.parquet does not exist" in missing.message


def test_a_column_that_is_not_read_may_hold_anything(data_file: Path) -> None:
    assert isinstance(validate(data_file, ["first"], "walk.parquet"), Validated)
    assert isinstance(validate(data_file, ["unused"], "walk.parquet"), BadInput)


def test_validation_tells_rows_and_features(data_file: Path) -> None:
    assert validate(data_file, ["first", "second"], "walk.parquet") == Validated(rows=ROWS, features=2)


def test_an_unknown_task_is_bad_input(data_file: Path) -> None:
    assert isinstance(load_splits(Record({**RECORD, "task.kind": "direction"}), data_file), BadInput)
