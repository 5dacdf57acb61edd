"""Indicators of the date. Only of dates up to the row's own: how many sessions a month will still have is not known on its day."""

import numpy as np

from fts.data.bars import Bars, DateArray, FloatArray
from fts.data.family import PLAIN, Family


def _weekday(dates: DateArray) -> FloatArray:
    """Monday 0 to Sunday 6."""
    days = dates.astype("datetime64[D]").astype(np.int64)
    return ((days + 3) % 7).astype(np.float64)  # 1970-01-01 was a Thursday


def _month_day(dates: DateArray) -> FloatArray:
    """Day of the month from 0."""
    month_start = dates.astype("datetime64[M]").astype("datetime64[D]")
    days: FloatArray = (dates.astype("datetime64[D]") - month_start).astype(np.float64)
    return days


def _year_day(dates: DateArray) -> FloatArray:
    """Day of the year from 0."""
    year_start = dates.astype("datetime64[Y]").astype("datetime64[D]")
    days: FloatArray = (dates.astype("datetime64[D]") - year_start).astype(np.float64)
    return days


def _weekday_sine(bars: Bars) -> FloatArray:
    return np.sin(2.0 * np.pi * _weekday(bars.dates) / 5.0)


def _weekday_cosine(bars: Bars) -> FloatArray:
    return np.cos(2.0 * np.pi * _weekday(bars.dates) / 5.0)


def _month_day_sine(bars: Bars) -> FloatArray:
    return np.sin(2.0 * np.pi * _month_day(bars.dates) / 31.0)


def _month_day_cosine(bars: Bars) -> FloatArray:
    return np.cos(2.0 * np.pi * _month_day(bars.dates) / 31.0)


def _year_sine(bars: Bars) -> FloatArray:
    return np.sin(2.0 * np.pi * _year_day(bars.dates) / 366.0)


def _year_cosine(bars: Bars) -> FloatArray:
    return np.cos(2.0 * np.pi * _year_day(bars.dates) / 366.0)


def _days_since_last(bars: Bars) -> FloatArray:
    """Calendar days since the row before: 1 on most days, 3 after a weekend."""
    days = bars.dates.astype("datetime64[D]").astype(np.float64)
    return np.concatenate(([np.nan], np.diff(days)))


def _session_of_month(bars: Bars) -> FloatArray:
    """Rows since the month began, this one being 1. The first month counts from the first row."""
    months = bars.dates.astype("datetime64[M]")
    rows = np.arange(len(months))
    began = np.concatenate(([True], months[1:] != months[:-1]))
    return (rows - np.maximum.accumulate(np.where(began, rows, 0)) + 1).astype(np.float64)


FAMILIES: tuple[Family, ...] = (
    Family("weekday_sine", "sin(2 pi * weekday / 5), Monday 0", "French, Journal of Financial Economics 8 (1980), weekend effect", _weekday_sine, a100=PLAIN),
    Family("weekday_cosine", "cos(2 pi * weekday / 5), Monday 0", "French, Journal of Financial Economics 8 (1980), weekend effect", _weekday_cosine, a100=PLAIN),
    Family("month_day_sine", "sin(2 pi * (day of month - 1) / 31)", "Ariel, Journal of Financial Economics 18 (1987), turn of the month", _month_day_sine, a250=PLAIN),
    Family("month_day_cosine", "cos(2 pi * (day of month - 1) / 31)", "Ariel, Journal of Financial Economics 18 (1987), turn of the month", _month_day_cosine, a250=PLAIN),
    Family("year_sine", "sin(2 pi * (day of year - 1) / 366)", "Rozeff, Kinney, Journal of Financial Economics 3 (1976), seasonality", _year_sine, a250=PLAIN),
    Family("year_cosine", "cos(2 pi * (day of year - 1) / 366)", "Rozeff, Kinney, Journal of Financial Economics 3 (1976), seasonality", _year_cosine, a250=PLAIN),
    Family("days_since_last", "calendar days since the row before", "French (1980), weekends and holidays", _days_since_last, a250=PLAIN),
    Family("session_of_month", "number of the row within its month, from 1", "Lakonishok, Smidt, Review of Financial Studies 1 (1988)", _session_of_month, a500=PLAIN),
)  # fmt: skip
