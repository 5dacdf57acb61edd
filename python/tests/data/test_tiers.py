"""Tiers: sizes, nesting, and the committed files against the registry."""

import json
import re

from fts.data.bars import Bars
from fts.data.indicators import compute_columns, list_indicators
from fts.data.tiers import docs_file, list_tiers, render_docs, render_tiers, tiers_file, union_of


def test_tiers_have_the_size_that_their_name_says_and_begin_with_the_smaller_one() -> None:
    tiers = list_tiers()
    assert {name: len(columns) for name, columns in tiers.items()} == {"a20": 20, "a100": 100, "a250": 250, "a500": 500}
    for smaller, larger in (("a20", "a100"), ("a100", "a250"), ("a250", "a500")):
        assert tiers[larger][: len(tiers[smaller])] == tiers[smaller]


def test_names_are_unique_and_plain() -> None:
    names = [indicator.name for indicator in list_indicators()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_the_committed_list_is_what_the_registry_gives() -> None:
    assert tiers_file().read_text("utf-8") == render_tiers(), "run python -m fts.data.tiers"
    assert json.loads(render_tiers())["schema_version"] == 1


def test_the_documentation_is_what_the_registry_gives() -> None:
    assert docs_file().read_text("utf-8") == render_docs(), "run python -m fts.data.tiers --docs"


def test_several_tiers_give_each_column_once() -> None:
    tiers = list_tiers()
    assert union_of(["a20", "a100"]) == tiers["a100"]
    assert union_of(["a250", "a20"]) == tiers["a250"]
    assert union_of([]) == []


def test_only_what_is_asked_for_is_computed(walk: Bars) -> None:
    assert list(compute_columns(walk, ["rsi_14", "atr_14"])) == ["rsi_14", "atr_14"]
