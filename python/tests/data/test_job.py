"""The data job end to end: what it writes, what it refuses, and that a refusal writes nothing."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest

from fts.data.__main__ import main
from fts.data.bars import Bars, aggregate
from fts.data.tiers import list_tiers

SCHEMA = Path(__file__).parents[3] / "schemas" / "dataset.schema.json"

PARAMS: dict[str, Any] = {
    "source": "raw/walk.csv",
    "path": "data/processed/walk.parquet",
    "timescale": "daily",
    "tiers": ["a20"],
    "keep_rows": None,
    "min_rows": 100,
    "max_nan": 0,
    "columns": [],
    "md5": None,
}

MakeWalk = Callable[[int, int], Bars]
Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a job with changed parameters in `tmp_path`; gives the exit status and the progress events."""

    def start(output: str = "data/walk.json", **changes: Any) -> tuple[int, list[dict[str, Any]]]:
        job = {
            "schema_version": 1,
            "rule": "data",
            "node": "data/walk",
            "key": "0" * 64,
            "attempt": 1,
            "workspace": str(tmp_path),
            "identity": {"data": "walk"},
            "params": {**PARAMS, **changes},
            "extent": {},
            "output": output,
            "code": {},
            "provenance": {"data": None, "git_commit": None, "git_dirty": None},
        }
        (tmp_path / "job.json").write_text(json.dumps(job))
        with (tmp_path / "progress.ndjson").open("wb") as progress:
            status = main({"FTSBUILD_JOB": str(tmp_path / "job.json"), "FTSBUILD_PROGRESS_FD": str(progress.fileno())})
        events = [json.loads(line) for line in (tmp_path / "progress.ndjson").read_text().splitlines()]
        return status, events

    return start


@pytest.fixture
def raw(tmp_path: Path, walk: Bars) -> Path:
    return write_csv(tmp_path / "raw" / "walk.csv", walk)


def write_csv(path: Path, bars: Bars, **changed: dict[int, str]) -> Path:
    """Prices as a download gives them; `changed` replaces the text of a column at a row."""
    path.parent.mkdir(exist_ok=True)
    columns = {name: [str(value) for value in values] for name, values in bars.columns().items()}
    for name, texts in changed.items():
        for row, text in texts.items():
            columns[name][row] = text
    columns = {"Adj Close": ["x"] * len(bars), **columns}
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def read_record(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "data/walk.json").read_text())
    return record


def test_a_build_writes_prices_and_the_tier_and_a_record_of_every_column(run: Run, raw: Path, tmp_path: Path, walk: Bars) -> None:
    status, events = run()
    assert status == 0
    content = (tmp_path / PARAMS["path"]).read_bytes()
    table = pq.read_table(tmp_path / PARAMS["path"])
    assert table.column_names == ["Date", "Open", "High", "Low", "Close", "Volume", *list_tiers()["a20"]]
    record = read_record(tmp_path)
    jsonschema.validate(record, json.loads(SCHEMA.read_text()))
    assert record["rows"] == table.num_rows == 600 - record["dropped_rows"]
    assert record["dropped_rows"] == 252
    assert (record["md5"], record["sha256"]) == (hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())
    close = table.column("Close").to_numpy()
    assert np.array_equal(close, walk.close[252:])
    assert record["columns"]["Close"] == {"sha256": hashlib.sha256(close.astype("<f8").tobytes()).hexdigest(), "nan": 0}
    dates = "\n".join(str(day) for day in walk.dates[252:])
    assert record["columns"]["Date"]["sha256"] == hashlib.sha256(dates.encode()).hexdigest()
    assert record["raw"]["md5"] == hashlib.md5(raw.read_bytes()).hexdigest()
    assert (record["raw"]["path"], record["raw"]["rows"]) == ("raw/walk.csv", 600)
    assert [event["event"] for event in events] == ["data_validated", "result"]
    assert events[0] == {"event": "data_validated", "rows": 348, "features": 20}
    assert events[1]["status"] == "success"


def test_the_same_input_gives_the_same_bytes(run: Run, raw: Path, tmp_path: Path) -> None:
    run()
    first, record = (tmp_path / PARAMS["path"]).read_bytes(), read_record(tmp_path)
    run()
    assert (tmp_path / PARAMS["path"]).read_bytes() == first
    assert read_record(tmp_path) == record
    assert run(md5=record["md5"])[0] == 0


def test_a_larger_tier_leaves_the_digests_of_the_smaller_one_alone(run: Run, raw: Path, tmp_path: Path) -> None:
    run()
    small = read_record(tmp_path)
    run(tiers=["a500", "a20"])
    large = read_record(tmp_path)
    assert len(large["columns"]) == 6 + 500
    assert large["rows"] == small["rows"]
    assert {name: large["columns"][name] for name in small["columns"]} == small["columns"]


def test_keep_rows_keeps_the_last_ones_after_the_warm_up(run: Run, raw: Path, tmp_path: Path, walk: Bars) -> None:
    run(keep_rows=200)
    record = read_record(tmp_path)
    assert (record["rows"], record["dropped_rows"]) == (200, 252)
    assert (record["first"], record["last"]) == (str(walk.dates[400]), str(walk.dates[599]))
    run(keep_rows=5000)
    assert read_record(tmp_path)["rows"] == 348


def test_a_parquet_file_and_a_packaged_source_serve_as_well(run: Run, raw: Path, tmp_path: Path) -> None:
    run(tiers=[])
    (tmp_path / PARAMS["path"]).rename(tmp_path / "raw/walk.parquet")
    assert run(source="raw/walk.parquet")[0] == 0
    assert run(source="arch.nasdaq", timescale="5d")[0] == 0
    record = read_record(tmp_path)
    assert (record["rows"], record["raw"]) == (1006 - 252, None)
    assert "arch" in record["builder_versions"]


def test_indicators_are_of_the_timescale_s_bars(run: Run, raw: Path, tmp_path: Path, walk: Bars) -> None:
    run(timescale="2d", min_rows=1)
    closes = pq.read_table(tmp_path / PARAMS["path"], columns=["Close"]).column("Close").to_numpy()
    assert np.array_equal(closes, aggregate(walk, "2d").close[252:])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_rows": 349}, "has 348 rows; at least 349 are needed"),
        ({"columns": ["rsi_41"]}, 'has no column "rsi_41" (near: rsi_14'),
        ({"columns": ["close"]}, 'has no column "close" (near: Close)'),
        ({"md5": "0" * 32}, "but 00000000000000000000000000000000 was asked for"),
        ({"source": "raw/none.csv"}, "raw/none.csv does not exist"),
        ({"source": "arch.dax"}, "there is no source arch.dax; known are arch.sp500, arch.nasdaq"),
        ({"timescale": "hourly"}, "there is no timescale 'hourly'"),
        ({"tiers": ["a30"]}, "there is no tier 'a30'"),
        ({"timescale": "weekly", "tiers": ["a500"]}, "nothing is left"),
        ({"colour": 1}, "unknown ['colour']"),
        ({"output": "data/processed/walk.parquet"}, "needs a file of its own"),
    ],
)
def test_what_is_wrong_is_refused_in_words_and_nothing_is_written(
    run: Run, raw: Path, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    status, events = run(**changes)
    assert status == 3
    assert (events[-1]["event"], events[-1]["status"], events[-1]["reason"]) == ("result", "refused", "bad_input")
    assert words in events[-1]["message"]
    assert str(tmp_path) not in events[-1]["message"]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Open": {3: "abc"}}, "raw/walk.csv: column \"Open\" is 'abc' in row 4; a number is needed"),
        ({"Close": {3: ""}}, 'column "Close" is nan in row 4 (2001-01-04); a number above 0 is needed'),
        ({"Low": {9: "-1"}}, 'column "Low" is -1 in row 10'),
        ({"Volume": {9: "-5"}}, 'column "Volume" is -5 in row 10'),
        ({"High": {2: "1"}}, 'column "High" (1) is below "Low"'),
        ({"Low": {2: "1e6"}}, "High must be the highest and Low the lowest"),
        ({"Date": {5: "2001-01-01"}}, 'column "Date" is not sorted: row 6 is 2001-01-01, after 2001-01-05'),
        ({"Date": {5: "2001-01-05"}}, 'column "Date" has 2001-01-05 twice, in rows 5 and 6'),
        ({"Date": {5: "5.1.2001"}}, "column \"Date\" is '5.1.2001' in row 6"),
    ],
)
def test_bad_prices_are_named_with_file_column_and_row(
    run: Run, tmp_path: Path, walk: Bars, changed: dict[str, dict[int, str]], words: str
) -> None:
    write_csv(tmp_path / "raw" / "walk.csv", walk, **changed)
    status, events = run()
    assert status == 3
    assert words in events[-1]["message"]


def test_a_failed_check_leaves_the_old_dataset_where_it_is(run: Run, raw: Path, tmp_path: Path) -> None:
    run()
    before = (tmp_path / PARAMS["path"]).read_bytes()
    assert run(tiers=["a100"], min_rows=10_000)[0] == 3
    assert (tmp_path / PARAMS["path"]).read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "data").rglob("*")) == ["processed", "walk.json", "walk.parquet"]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_verifying_gives_the_record_that_building_gave_and_touches_nothing(run: Run, raw: Path, tmp_path: Path, suffix: str) -> None:
    run()
    built = read_record(tmp_path)
    path = PARAMS["path"]
    if suffix == "csv":
        path = "data/processed/walk.csv"
        frame = pq.read_table(tmp_path / PARAMS["path"]).to_pandas()
        frame.to_csv(tmp_path / path, index=False)
    before = (tmp_path / path).stat()
    status, events = run(source=None, path=path, columns=["rsi_14"], tiers=["a20"])
    assert status == 0, events
    verified = read_record(tmp_path)
    jsonschema.validate(verified, json.loads(SCHEMA.read_text()))
    assert verified["columns"] == built["columns"]
    assert (verified["source"], verified["raw"], verified["dropped_rows"]) == (None, None, 0)
    after = (tmp_path / path).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_verifying_a_file_that_lacks_something_says_what(run: Run, raw: Path, tmp_path: Path) -> None:
    run()
    for changes, words in (
        ({"columns": ["rsi_15", "macd_line"]}, 'has no column "rsi_15" (near: rsi_14'),
        ({"tiers": ["a100"]}, "and 75 more"),
        ({"min_rows": 9999}, "has 348 rows"),
        ({"path": "data/none.parquet"}, "data/none.parquet does not exist"),
        ({"path": "raw/walk.txt"}, "raw/walk.txt does not exist"),
    ):
        status, events = run(source=None, **changes)
        assert status == 3
        assert words in events[-1]["message"]


def test_nan_beyond_the_maximum_is_refused_with_the_column_that_has_most(run: Run, tmp_path: Path, walk: Bars) -> None:
    rsi = ["1.0"] * len(walk)
    rsi[7] = rsi[9] = ""
    lines = write_csv(tmp_path / "raw" / "walk.csv", walk).read_text().splitlines()
    path = tmp_path / "raw" / "mine.csv"
    path.write_text("\n".join([lines[0] + ",mine", *(f"{line},{value}" for line, value in zip(lines[1:], rsi, strict=True))]))
    status, events = run(source=None, path="raw/mine.csv", tiers=[])
    assert status == 3
    said = 'has 2 empty, NaN or infinite values, at most 0 are allowed; the most are in column "mine" (2, first in row 8)'
    assert said in events[-1]["message"]
    assert run(source=None, path="raw/mine.csv", tiers=[], max_nan=2)[0] == 0
    assert run(source=None, path="raw/mine.csv", tiers=[], columns=["Close"])[0] == 0  # nobody relies on the other column


@pytest.mark.parametrize("infinite", ["inf", "-inf"])
def test_an_infinite_value_counts_as_missing(run: Run, tmp_path: Path, walk: Bars, infinite: str) -> None:
    lines = write_csv(tmp_path / "raw" / "walk.csv", walk).read_text().splitlines()
    values = [infinite if row == 6 else "1.0" for row in range(len(walk))]
    path = tmp_path / "raw" / "mine.csv"
    path.write_text("\n".join([lines[0] + ",mine", *(f"{line},{value}" for line, value in zip(lines[1:], values, strict=True))]))
    status, events = run(source=None, path="raw/mine.csv", tiers=[], columns=["mine"])
    assert status == 3
    assert "has 1 empty, NaN or infinite values" in events[-1]["message"]
    assert 'column "mine" (1, first in row 7)' in events[-1]["message"]


def test_without_a_job_it_says_what_it_needs() -> None:
    assert main({}) == 2
