"""Every indicator by its column name, and the computation of those that are asked for. Knows nothing of files or tiers.

Columns are causal: the value at row t is a function of rows up to t. A test recomputes each on histories cut short.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from fts.data.bars import Bars, FloatArray
from fts.data.families import calendar, candle, distribution, momentum, trend, volatility, volume
from fts.data.family import Family, Variant

# No indicator may need more rows than these before its first value; a test holds the registry to it.
WARM_UP = 252


@dataclass(frozen=True, slots=True)
class Indicator:
    """One column: a family at given windows, the chapter it is documented in and the tier at which it enters."""

    name: str
    chapter: str
    family: Family
    windows: tuple[int, ...]
    tier: str

    def compute(self, bars: Bars) -> FloatArray:
        """(rows,) float64, NaN while it warms up."""
        return self.family.compute(bars, *self.windows)


def list_indicators() -> list[Indicator]:
    """All of them in registry order: chapter by chapter, family by family, smaller tiers first."""
    return [indicator for chapter, families in list_chapters() for family in families for indicator in _members(chapter, family)]


def list_chapters() -> list[tuple[str, tuple[Family, ...]]]:
    """The families under the titles that the documentation gives them."""
    return [
        ("Trend", trend.FAMILIES),
        ("Momentum", momentum.FAMILIES),
        ("Volatility", volatility.FAMILIES),
        ("Distribution", distribution.FAMILIES),
        ("Volume", volume.FAMILIES),
        ("Candle", candle.FAMILIES),
        ("Calendar", calendar.FAMILIES),
    ]


def compute_columns(bars: Bars, names: Iterable[str]) -> dict[str, FloatArray]:
    """The named indicators, each (rows,); the first rows of each are NaN. An unknown name is a KeyError.

    Only what is asked for is computed. An infinite value is a bug of its formula, and stops the build.
    """
    known = {indicator.name: indicator for indicator in list_indicators()}
    columns: dict[str, FloatArray] = {}
    # Warm-up rows are NaN by design, and some formulas compare or take logarithms of them.
    with np.errstate(invalid="ignore"):
        for name in names:
            values = np.ascontiguousarray(known[name].compute(bars), dtype=np.float64)
            if np.isinf(values).any():
                raise ArithmeticError(f"{name} is infinite at row {int(np.flatnonzero(np.isinf(values))[0])}; its formula divides by zero")
            columns[name] = values
    return columns


def _members(chapter: str, family: Family) -> Iterator[Indicator]:
    entries: tuple[tuple[str, tuple[Variant, ...]], ...] = (
        ("a20", family.a20),
        ("a100", family.a100),
        ("a250", family.a250),
        ("a500", family.a500),
    )
    for tier, variants in entries:
        for variant in variants:
            windows = variant if isinstance(variant, tuple) else (variant,)
            yield Indicator(family.name.format(*windows), chapter, family, windows, tier)
