"""The tiers: named lists of columns, each holding the smaller one. Writes `tiers.json` and the documentation from the registry."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from fts.data.dataset import TIERS
from fts.data.indicators import list_chapters, list_indicators

SCHEMA_VERSION = 1


def list_tiers() -> dict[str, list[str]]:
    """Tier -> column names, from the registry: it is code, so a dataset's key sees a changed tier.

    A tier begins with the columns of the smaller one: a larger tier only appends.
    """
    indicators = list_indicators()
    tiers: dict[str, list[str]] = {}
    columns: list[str] = []
    for tier in TIERS:
        columns = columns + [indicator.name for indicator in indicators if indicator.tier == tier]
        tiers[tier] = columns
    return tiers


def union_of(names: Sequence[str]) -> list[str]:
    """Columns of several tiers, each once, in the order of the largest one. Precondition: all are tiers."""
    return list_tiers()[max(names, key=TIERS.index)] if names else []


def render_tiers() -> str:
    """The text of `tiers.json`, which is how the engine knows the tiers."""
    return json.dumps({"schema_version": SCHEMA_VERSION, "tiers": list_tiers()}, indent=1) + "\n"


def render_docs() -> str:
    """The text of `docs/indicators.md`: each family with its formula, source and columns by tier."""
    indicators = list_indicators()
    lines = [_INTRODUCTION]
    for chapter, families in list_chapters():
        lines += [f"## {chapter}", "", "| column | formula | source | windows, by the tier they enter at |", "|---|---|---|---|"]
        for family in families:
            placeholders = ("n", "m", "k")[: family.name.count("{}")]
            entered = []
            for tier in TIERS:
                found = [i.windows for i in indicators if i.family is family and i.tier == tier]
                if found:
                    entered.append(f"{tier}: {'; '.join(', '.join(map(str, windows)) for windows in found)}".rstrip(": "))
            formula = family.formula.replace("|", "\\|")
            lines.append(f"| `{family.name.format(*placeholders)}` | {formula} | {family.source} | {' / '.join(entered)} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


_INTRODUCTION = """\
# Indicators

Written by `python -m fts.data.tiers --docs` from the registry in `python/fts/data/families/`; a test holds it against it.

Every column is computed from Open, High, Low, Close and Volume alone, on bars of the dataset's timescale, and from rows up to its own
only. None is a price level: columns are ratios, shares, z-scores or logarithms of ratios. `n`, `m`, `k` are windows; a row is a bar.
The first 252 rows, in which some columns have no value yet, are dropped from every dataset with a tier. `a20` is part of `a100`, that
of `a250`, that of `a500`; the names say how many columns there are.

Where a formula divides by a spread that can be empty (a day without a range, a window without a move) the column has its neutral value
there: 0, or the middle of its scale.
"""


def main(arguments: list[str]) -> int:
    """Writes `tiers.json`, and with `--docs` the documentation beside the package."""
    parser = argparse.ArgumentParser(prog="python -m fts.data.tiers", description=main.__doc__)
    parser.add_argument("--docs", action="store_true", help="write docs/indicators.md instead")
    if parser.parse_args(arguments).docs:
        docs_file().write_text(render_docs(), "utf-8")
    else:
        tiers_file().write_text(render_tiers(), "utf-8")
    return 0


def docs_file() -> Path:
    """The documentation in a checkout."""
    return Path(__file__).resolve().parents[3] / "docs" / "indicators.md"


def tiers_file() -> Path:
    """The committed list, inside the package."""
    return Path(__file__).with_name("tiers.json")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
