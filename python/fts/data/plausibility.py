"""Judges whether prices can be right: what is impossible, what deserves a look, and one table of both. Knows nothing of files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fts.data.bars import DateArray, FloatArray
from fts.outcomes import BadInput

USUAL_CALENDAR = "mon-fri"
# First and last trading day of the week; Monday is 0.
CALENDARS = {USUAL_CALENDAR: (0, 4), "sun-thu": (6, 3)}
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

# Median days from bar to bar that each timescale can have: markets that trade on five days a week, or on seven, holidays included.
SPACINGS = {"daily": (1, 3), "2d": (2, 4), "3d": (3, 6), "5d": (5, 9), "weekly": (5, 9)}

FEWEST_ROWS = 10
"""Fewer say nothing of a rhythm."""

LARGEST_MOVE = 0.4
LARGEST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Untimely(BadInput):
    """Refused by this machine's clock: at another time the same file may do."""


def judge_dates(dates: DateArray, timescale: str, calendar: str, shown: str) -> BadInput | None:
    """Why bars of a timescale cannot have these dates, as of today. `shown` is the file's name in messages."""
    today = np.datetime64("today", "D")
    future = find_future(dates, timescale, today)
    if future is not None:
        return Untimely(f"{shown}: {future}")
    impossible = find_impossible(dates, timescale, calendar)
    return None if impossible is None else BadInput(f"{shown}: {impossible}")


def find_future(dates: DateArray, timescale: str, today: np.datetime64) -> str | None:
    """Of a last bar that has not been yet; None when there is none. Precondition: ascending, one row at least."""
    # A bar of a running week may carry its end.
    latest = today + 1 if timescale == "daily" else today + 7
    if dates[-1] <= latest:
        return None
    return f'column "Date" ends with {dates[-1]}, which is in the future (today is {today} by this machine\'s clock); correct the date'


def find_impossible(dates: DateArray, timescale: str, calendar: str) -> str | None:
    """What cannot be of the dates of bars of a timescale; None when nothing. Precondition: ascending, one row at least."""
    if len(dates) < FEWEST_ROWS:
        return None
    spacing = median_spacing(dates)
    low, high = SPACINGS[timescale]
    if not low <= spacing <= high:
        return (
            f"bars are {spacing:g} days apart (median), which is not `timescale: {timescale}`; set the timescale that the file has, "
            "or put prices of this one there"
        )
    return find_shift(dates, calendar) if timescale == "daily" else None


def rhythm_of(dates: DateArray, timescale: str) -> str:
    """What raw bars that are made into `timescale` are themselves: daily, unless they have the wanted spacing already."""
    if len(dates) < FEWEST_ROWS:
        return timescale
    low, high = SPACINGS[timescale]
    return timescale if low <= median_spacing(dates) <= high and median_spacing(dates) > SPACINGS["daily"][1] else "daily"


def find_shift(dates: DateArray, calendar: str) -> str | None:
    """Bars on the day before the trading week without any on its last day, or on the day after it without any on its first."""
    counts = np.bincount(_weekdays(dates), minlength=7)
    first, last = CALENDARS[calendar]
    enough = len(dates) / 20
    before, after = (first - 1) % 7, (last + 1) % 7
    for strange, absent, side in ((before, last, "early"), (after, first, "late")):
        if counts[strange] > enough and counts[absent] < enough / 10:
            day = dates[np.flatnonzero(_weekdays(dates) == strange)[0]]
            other = next((f", or set `calendar: {name}`" for name in CALENDARS if name != calendar and _fits(counts, name)), "")
            return (
                f"dates are shifted: {counts[strange]} bars are on {DAYS[strange]} (the first {day}) and {counts[absent]} on "
                f"{DAYS[absent]}, so each is dated a day {side}, as midnight told in another time zone; "
                f"write the exchange's own dates{other}"
            )
    return None


def describe_prices(dates: DateArray, numbers: Mapping[str, FloatArray], calendar: str) -> dict[str, Any]:
    """The table of one file's bars, without what is said of features. `numbers` holds what there is of High, Low, Close and Volume."""
    gaps, moves = _days_between(dates), find_moves(numbers)
    widest, wildest = (int(np.argmax(gaps)) if len(gaps) else None), (int(np.argmax(np.abs(moves))) if len(moves) else None)
    first, last = CALENDARS[calendar]
    weekdays = _weekdays(dates)
    resting = (weekdays == (first - 1) % 7) | (weekdays == (last + 1) % 7)
    return {
        "rows": len(dates),
        "first": str(dates[0]),
        "last": str(dates[-1]),
        "median_spacing_days": median_spacing(dates) if len(gaps) else None,
        "largest_gap": None if widest is None else {"days": int(gaps[widest]), "from": str(dates[widest]), "to": str(dates[widest + 1])},
        "weekend_share": _share(resting),
        "largest_move": None if wildest is None else {"change": _rounded(moves[wildest]), "date": str(dates[wildest + 1])},
        "zero_volume_share": _share(numbers["Volume"] == 0.0) if "Volume" in numbers else None,
    }


def find_cautions(dates: DateArray, numbers: Mapping[str, FloatArray], since: np.datetime64) -> list[dict[str, str]]:
    """Gaps and moves on or after `since` that deserve a look, with their dates."""
    if len(dates) < 2:
        return []
    cautions = []
    gaps, moves = _days_between(dates), find_moves(numbers)
    counted = dates[1:] >= since
    wide = np.flatnonzero(counted & (gaps > 10 + 4 * median_spacing(dates)))
    for row in wide[:LARGEST_LISTED]:
        cautions.append(_caution("gap", f"a gap of {gaps[row]} days, from {dates[row]} to {dates[row + 1]}", len(wide)))
    wild = np.flatnonzero(counted[: len(moves)] & (np.abs(moves) > LARGEST_MOVE))
    for row in wild[:LARGEST_LISTED]:
        text = f"a move of {moves[row] * 100:+.0f} % within a bar, on {dates[row + 1]}: a split that is not adjusted, or a wrong price?"
        cautions.append(_caution("move", text, len(wild)))
    return cautions


def find_adjusted_close(present: Sequence[str], used: Sequence[str]) -> list[dict[str, str]]:
    """A caution where an adjusted close stands beside Close, and nothing reads it."""
    names = [name for name in present if name not in used and _is_adjusted_close(name)]
    if not names or "Close" not in present:
        return []
    text = (
        f'column "{names[0]}" is not used: labels and features are made of Open, High, Low and Close as they are, so a split that is not '
        f'adjusted in them is a fall; where the two differ, scale all four by "{names[0]}" / Close first'
    )
    return [{"kind": "adjusted_close", "message": text}]


def find_constants(columns: Mapping[str, NDArray[Any]]) -> list[str]:
    """Features of one value only: nothing can be learnt from them."""
    prices = ("Date", "Open", "High", "Low", "Close", "Volume")
    return [name for name, values in columns.items() if name not in prices and len(values) > 1 and bool(np.all(values == values[0]))]


def caution_constants(names: Sequence[str]) -> list[dict[str, str]]:
    """One caution for all of them."""
    if not names:
        return []
    more = f" and {len(names) - LARGEST_LISTED} more" if len(names) > LARGEST_LISTED else ""
    shown = ", ".join(names[:LARGEST_LISTED])
    return [{"kind": "constant", "message": f"constant in all rows, so nothing can be learnt from it: {shown}{more}"}]


def describe_plausibility(record: Mapping[str, Any]) -> list[str]:
    """A record's table and cautions as lines for a person."""
    table = record["plausibility"]
    gap, move = table["largest_gap"], table["largest_move"]
    rows = [
        ("rows", table["rows"]),
        ("first date", table["first"]),
        ("last date", table["last"]),
        ("median spacing", f"{table['median_spacing_days']} days"),
        ("largest gap", "-" if gap is None else f"{gap['days']} days, from {gap['from']} to {gap['to']}"),
        ("on weekends", f"{table['weekend_share']:.1%}"),
        ("largest move", "-" if move is None else f"{move['change']:+.1%} on {move['date']}"),
        ("without volume", "-" if table["zero_volume_share"] is None else f"{table['zero_volume_share']:.1%}"),
        ("constant columns", ", ".join(table["constant_columns"]) or "none"),
    ]
    return [f"  {name:<17} {value}" for name, value in rows] + [f"CAUTION: {caution['message']}" for caution in record["cautions"]]


def find_moves(numbers: Mapping[str, FloatArray]) -> FloatArray:
    """The largest change of each bar's prices against the close before it, with its sign; (rows - 1,), empty without Close."""
    if "Close" not in numbers or len(numbers["Close"]) < 2:
        return np.zeros(0)
    before = numbers["Close"][:-1]
    changes = np.stack([numbers[name][1:] / before - 1.0 for name in ("High", "Low", "Close") if name in numbers])
    moves: FloatArray = np.take_along_axis(changes, np.argmax(np.abs(changes), axis=0)[None], axis=0)[0]
    return moves


def median_spacing(dates: DateArray) -> float:
    """Days from bar to bar. Precondition: two rows at least."""
    return float(np.median(_days_between(dates)))


def _is_adjusted_close(name: str) -> bool:
    letters = "".join(letter for letter in name.lower() if letter.isalpha())
    return letters.startswith("adj") and letters.endswith("close")


def _days_between(dates: DateArray) -> NDArray[np.int64]:
    days: NDArray[np.int64] = dates.astype("datetime64[D]").astype(np.int64)
    return days[1:] - days[:-1]


def _weekdays(dates: DateArray) -> NDArray[np.int64]:
    """Monday is 0; 1970-01-01 was a Thursday."""
    return (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7


def _fits(counts: NDArray[np.int64], calendar: str) -> bool:
    first, last = CALENDARS[calendar]
    return bool(counts[first] > 0 and counts[last] > 0)


def _caution(kind: str, text: str, count: int) -> dict[str, str]:
    more = f" (one of {count})" if count > LARGEST_LISTED else ""
    return {"kind": kind, "message": text + more}


def _share(chosen: NDArray[np.bool_]) -> float:
    return _rounded(chosen.mean())


def _rounded(value: float) -> float:
    return round(float(value), 6)
