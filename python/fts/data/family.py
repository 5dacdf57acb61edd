"""What an indicator is: a family's formula at given windows, and the tier it enters at. Computes nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass

from fts.data.bars import FloatArray

# The windows of one column: a number of rows, or several.
Variant = int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Indicators that share one formula.

    `name` has a `{}` per window (`macd_{}_{}`), `formula` is for a reader, `source` says where it is defined, and `compute` maps
    (bars, *windows) to (rows,) float64. A variant listed under a tier is in that tier and in every larger one.
    """

    name: str
    formula: str
    source: str
    compute: Callable[..., FloatArray]
    a20: tuple[Variant, ...] = ()
    a100: tuple[Variant, ...] = ()
    a250: tuple[Variant, ...] = ()
    a500: tuple[Variant, ...] = ()


# The variant of an indicator without a window.
PLAIN: tuple[Variant, ...] = ((),)
