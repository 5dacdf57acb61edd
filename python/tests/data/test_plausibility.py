"""What a data step says of prices that cannot be right, or that deserve a look, and of files that are something else."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from fts.data.bars import Bars
from fts.data.dataset import Order, parse_order
from fts.data.foreign import explain_foreign
from fts.data.indicators import compute_columns
from fts.data.leaks import _area, _order, find_leaks
from fts.data.look import main as look
from fts.data.plausibility import Untimely, find_future, find_impossible, judge_dates
from fts.data.sources import Source, read_source
from fts.data.tiers import union_of
from fts.data.verify import verify_dataset
from fts.labels import label_rises
from fts.outcomes import BadInput

TODAY = np.datetime64("2026-01-01")
HEADER = "Date,Open,High,Low,Close,Volume"
ROWS = "\n".join(f"2020-03-{day:02},1,2,1,1.5,5" for day in range(2, 21))

MakeWalk = Callable[[int, int], Bars]


def order_for(path: str, **changes: Any) -> Order:
    params = {
        "source": None,
        "path": path,
        "timescale": "daily",
        "tiers": [],
        "keep_rows": None,
        "min_rows": 1,
        "max_nan": 0,
        "columns": [],
        "md5": None,
    }
    order = parse_order({**params, **changes})
    assert isinstance(order, Order)
    return order


def write_parquet(folder: Path, bars: Bars, **more: Any) -> str:
    columns = {name: pa.array(values.astype("datetime64[ms]") if name == "Date" else values) for name, values in bars.columns().items()}
    pq.write_table(pa.table({**columns, **{name: pa.array(values) for name, values in more.items()}}), folder / "mine.parquet")
    return "mine.parquet"


def cautions_of(record: dict[str, Any] | BadInput) -> list[tuple[str, str]]:
    assert isinstance(record, dict), record
    return [(caution["kind"], caution["message"]) for caution in record["cautions"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (f"{HEADER}\n{ROWS}".encode("utf-16"), "is UTF-16"),
        (f"{HEADER}\n{ROWS}".encode("utf-16-le"), "is UTF-16"),
        (f"{HEADER},B\xf6rse\n{ROWS}".encode("latin-1"), "is not UTF-8 (byte 0xf6 in line 1)"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 12\n", "`git lfs pull`"),
        (b"\n<!DOCTYPE html><html></html>", "is a web page"),
        (f"Price,Close,High,Low,Open,Volume\nTicker,SPY,SPY,SPY,SPY,SPY\nDate,,,,,\n{ROWS}".encode(), "three header rows"),
        (f"{HEADER}\n{ROWS}".replace(",", ";").encode(), "separated by semicolons"),
        (f"sep=;\n{HEADER}".encode(), "separated by semicolons"),
        (f"{HEADER}\n{ROWS}".replace(",", "\t").encode(), "separated by tabs"),
        (f'{HEADER}\n2020-03-02,"1,0","2,0","1,0","1,5",5\n'.encode(), "commas inside of numbers"),
        (f'{HEADER}\n2020-03-02,1,2,1,1.5,"3,384,080,000"\n'.encode(), "separators of thousands"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\x1f\x8brest", "gunzip"),
        (b"PAR1rest", "name it .parquet"),
        (f"{HEADER}\n2020-03-02,1,2,\0".encode(), "NUL bytes, which no CSV has (line 2)"),
    ],
)
def test_a_file_that_is_something_else_is_called_what_it_is_and_never_read(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "prices.csv").write_bytes(content)
    for said in (read_source("prices.csv", tmp_path), verify_dataset(order_for("prices.csv"), "px", tmp_path)):
        assert isinstance(said, BadInput)
        assert said.message.startswith("prices.csv ")
        assert words in said.message


def test_a_plain_file_is_nothing_else() -> None:
    for text in (f"{HEADER}\n{ROWS}", f"\ufeff{HEADER}\r\n", '"Date","Open"\n"2020-03-02","1.5"\n'):
        assert explain_foreign(text.encode(), "prices.csv") is None
    assert explain_foreign(b"PAR1\0\0", "prices.parquet") is None


def test_a_column_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(f"{HEADER},Close\n" + ROWS.replace(",5", ",5,7"))
    said = read_source("prices.csv", tmp_path)
    assert isinstance(said, BadInput)
    assert 'more than one column "Close"' in said.message


def test_a_high_below_the_close_by_rounding_is_read_and_one_by_more_is_said_in_all_digits(tmp_path: Path) -> None:
    close = 1485.97998
    for high, is_read in ((np.nextafter(close, 0), True), (close * (1 - 5e-10), True), (close * (1 - 1e-8), False)):
        (tmp_path / "prices.csv").write_text(f"{HEADER}\n2020-03-02,1400,{float(high)!r},1300,{close!r},5\n")
        said = read_source("prices.csv", tmp_path)
        assert isinstance(said, Source) == is_read
        if isinstance(said, BadInput):
            assert f"({float(high)!r})" in said.message
            assert f"({close!r})" in said.message


def weekdays(first: str, rows: int) -> Any:
    return np.busday_offset(np.datetime64(first), np.arange(rows))


@pytest.mark.parametrize(
    ("dates", "timescale", "calendar", "words"),
    [
        (weekdays("2001-01-01", 300), "daily", "mon-fri", None),
        (weekdays("2001-01-01", 300) - 1, "daily", "mon-fri", "60 bars are on Sundays (the first 2000-12-31) and 0 on Fridays"),
        (weekdays("2001-01-01", 300) - 1, "daily", "mon-fri", "or set `calendar: sun-thu`"),
        (weekdays("2001-01-01", 300) + 1, "daily", "mon-fri", "dated a day late"),
        (weekdays("2001-01-01", 300) - 1, "daily", "sun-thu", None),
        (weekdays("2001-01-01", 300), "daily", "sun-thu", "dates are shifted"),
        (weekdays("2001-01-01", 300) - 2, "daily", "sun-thu", "dates are shifted"),
        (np.datetime64("2001-01-01") + np.arange(300), "daily", "mon-fri", None),
        (np.datetime64("2001-01-07") + 7 * np.arange(300), "weekly", "mon-fri", None),
        (np.datetime64("2001-01-07") + 7 * np.arange(300), "daily", "mon-fri", "7 days apart (median), which is not `timescale: daily`"),
        (weekdays("2001-01-01", 300), "weekly", "mon-fri", "1 days apart (median), which is not `timescale: weekly`"),
        (weekdays("2001-01-01", 300)[::2], "2d", "mon-fri", None),
        (weekdays("2001-01-01", 300)[::3], "3d", "mon-fri", None),
        (weekdays("2001-01-01", 300)[::5], "5d", "mon-fri", None),
    ],
)
def test_dates_that_cannot_be_are_told_from_those_that_can(dates: Any, timescale: str, calendar: str, words: str | None) -> None:
    said = find_impossible(dates, timescale, calendar)
    assert (said is None) if words is None else (said is not None and words in said)


def test_a_last_date_in_the_future_is_told_but_for_the_next_day_and_the_end_of_a_running_week() -> None:
    for last, timescale, is_told in (("2026-01-02", "daily", False), ("2026-01-03", "daily", True), ("2026-01-08", "weekly", False)):
        said = find_future(np.array(["2025-12-26", last], dtype="datetime64[D]"), timescale, TODAY)
        assert (said is not None) == is_told
        assert said is None or f"ends with {last}, which is in the future (today is 2026-01-01" in said
    misdated = judge_dates(np.array(["2199-01-01"], dtype="datetime64[D]"), "daily", "mon-fri", "prices.csv")
    assert isinstance(misdated, Untimely)  # no refusal for good: at another time the same file may do


def test_the_table_and_the_cautions_name_what_deserves_a_look_with_its_date(tmp_path: Path, walk: Bars) -> None:
    kept = np.concatenate((np.arange(100), np.arange(150, 600)))
    bars = Bars(*(values[kept].copy() for values in walk.columns().values()))
    for prices in (bars.open, bars.high, bars.low, bars.close):
        prices[300] *= 100.0
    bars.volume[:55] = 0.0
    path = write_parquet(tmp_path, bars, still=np.full(550, 3.0), **{"Adj Close": bars.close})
    record = verify_dataset(order_for(path, columns=["still"]), "px", tmp_path)
    assert isinstance(record, dict)
    day, after = bars.dates[300], bars.dates[301]
    said = cautions_of(record)
    assert [kind for kind, _ in said] == ["gap", "move", "move", "adjusted_close", "constant"]
    assert f"a gap of 73 days, from {bars.dates[99]} to {bars.dates[100]}" in said[0][1]
    assert str(day) in said[1][1]
    assert str(after) in said[2][1]
    assert '"Adj Close" is not used' in said[3][1]
    assert "still" in said[4][1]
    table = record["plausibility"]
    assert (table["rows"], table["first"], table["last"]) == (550, str(bars.dates[0]), str(bars.dates[-1]))
    assert (table["median_spacing_days"], table["weekend_share"], table["zero_volume_share"]) == (1.0, 0.0, 0.1)
    assert table["largest_gap"] == {"days": 73, "from": str(bars.dates[99]), "to": str(bars.dates[100])}
    assert table["largest_move"]["date"] == str(day)
    assert table["constant_columns"] == ["still"]


def test_a_look_says_what_the_data_step_would_and_writes_nothing(tmp_path: Path, walk: Bars, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_parquet(tmp_path, walk, still=np.full(600, 3.0))
    plain = {"source": None, "path": path, "timescale": "daily", "tiers": [], "keep_rows": None, "min_rows": 1, "max_nan": 0, "md5": None}
    asked = [
        {"dataset": "px", "labels": [LABEL], "params": {**plain, "columns": ["still"]}},
        {"dataset": "px", "labels": [], "params": {**plain, "columns": ["rsi_14"]}},
        {"dataset": "px", "labels": [], "params": {**plain, "columns": [], "source": path, "timescale": "2d"}},
        {"dataset": "px", "labels": [], "params": {**plain, "columns": [], "source": "none.parquet"}},
    ]
    before = sorted(tmp_path.iterdir())
    assert look([json.dumps({"workspace": str(tmp_path), "orders": asked})]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [caution["kind"] for caution in said[0]["record"]["cautions"]] == ["constant"]
    assert 'has no column "rsi_14"' in said[1]["message"]
    assert said[2] == {"message": None, "record": None}
    assert "does not exist" in said[3]["message"]
    assert sorted(tmp_path.iterdir()) == before


def test_a_raw_file_is_judged_by_its_own_spacing_and_not_by_that_of_what_is_made_of_it(tmp_path: Path, walk: Bars) -> None:
    path = write_parquet(tmp_path, walk)
    assert isinstance(verify_dataset(order_for(path, timescale="weekly"), "px", tmp_path), BadInput)
    assert isinstance(verify_dataset(order_for(path, timescale="weekly", made_into=True), "px", tmp_path), dict)


def test_real_prices_raise_no_word(tmp_path: Path, sp500: Bars) -> None:
    record = verify_dataset(order_for(write_parquet(tmp_path, sp500)), "px", tmp_path)
    assert cautions_of(record) == []


def test_the_record_keeps_the_prices_that_labels_are_made_of_to_the_last_digit(tmp_path: Path, walk: Bars) -> None:
    record = verify_dataset(order_for(write_parquet(tmp_path, walk)), "px", tmp_path)
    assert isinstance(record, dict)
    rows = [line.split(",") for line in zlib.decompress(base64.b64decode(record["prices"])).decode().split("\n")]
    assert [row[0] for row in rows] == [str(day) for day in walk.dates]
    assert [float(row[1]) for row in rows] == walk.high.tolist()
    assert [float(row[2]) for row in rows] == walk.close.tolist()
    json.dumps(record, allow_nan=False)


LABEL: dict[str, Any] = {
    "task.pct": 1,
    "horizon": 3,
    "context": 20,
    "split.mode": "contiguous",
    "split.validation": 0.2,
    "split.test": 0.2,
    "split.embargo": 0,
}


def test_a_feature_made_of_the_future_is_named_and_one_of_the_past_is_not(tmp_path: Path, walk: Bars) -> None:
    future = np.concatenate((np.max([walk.high[k : k - 3 or None][:597] for k in (1, 2, 3)], axis=0), np.zeros(3)))
    leak = future / walk.close
    only_late = np.where(np.arange(600) < 360, walk.returns, leak)  # looks ahead in validation and test only: sealed, so nobody looks
    only_late[0] = 0.0
    past = np.nan_to_num(walk.returns)
    path = write_parquet(tmp_path, walk, leak=leak, against=-leak, past=past, only_late=only_late)
    order = order_for(path, columns=["leak", "against", "past", "only_late"])
    said = cautions_of(verify_dataset(order, "px", tmp_path, [{**LABEL, "task.pct": 40}, LABEL]))
    assert [kind for kind, _ in said] == ["leak", "leak"]
    assert 'column "leak" alone tells the label (a rise of 1 % within 3 bars)' in said[0][1]
    assert '"against"' in said[1][1]
    assert cautions_of(verify_dataset(order, "px", tmp_path)) == []


def test_honest_indicators_are_not_called_leaks_however_rare_the_label(sp500: Bars) -> None:
    columns = compute_columns(sp500, union_of(["a20"]))
    features = {name: values[252:] for name, values in columns.items()}
    labels = [{**LABEL, "task.pct": pct, "horizon": horizon, "split.test": 0.0} for pct in (1, 2, 3, 4, 5, 7) for horizon in (1, 3, 5)]
    assert find_leaks(sp500.dates[252:], sp500.high[252:], sp500.close[252:], features, labels) == []


def test_a_rare_label_is_told_by_itself_all_the_same(sp500: Bars) -> None:
    rises = label_rises(sp500.high, sp500.close, pct=4, horizon=1)
    features = {"leak": np.concatenate((rises, [False])).astype(np.float64)}
    said = find_leaks(sp500.dates, sp500.high, sp500.close, features, [{**LABEL, "task.pct": 4, "horizon": 1}])
    assert [caution["kind"] for caution in said] == ["leak"]


def test_the_area_under_the_curve_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    values, positive, chosen = random.integers(0, 9, 200).astype(float), random.random(200) < 0.3, random.random(200) < 0.7
    assert _area(*_order(values), chosen, positive) == pytest.approx(roc_auc_score(positive[chosen], values[chosen]))
