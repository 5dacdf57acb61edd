"""The space of a search as a record describes it: the searched parameters, their conditions, and what may be forced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from fts.architecture import Architecture, InputShape, select_architectures
from fts.outcomes import BadInput
from fts.parameters import ARCHITECTURE, MACHINE, RECIPE, SEARCHABLE, check_names, check_value
from fts.record import Record

GRID = "architecture"
"""The one categorical parameter that stands for the four numbers of an architecture."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched parameter; drawn only where every other one named in `when` has the value given there."""

    name: str
    distribution: BaseDistribution
    when: Mapping[str, Any]


def read_dimensions(record: Record) -> tuple[Dimension, ...] | BadInput:
    """All that a record searches, in an order in which conditions come after what they depend on."""
    search = record["search"]
    if (unknown := check_names(search, SEARCHABLE, "search")) is not None:
        return unknown
    if both := [name for name in search if name in record]:
        return BadInput(f'"{both[0]}" is both fixed and searched')
    waiting: list[Dimension] = []
    grid = _read_grid(record)
    if isinstance(grid, BadInput):
        return grid
    if grid is not None:
        if both := [name for name in ARCHITECTURE if name in search or name in record]:
            return BadInput(f'"{both[0]}" is set beside an architecture grid, which holds it already')
        waiting.append(Dimension(GRID, CategoricalDistribution([one.text for one in grid]), {}))
    # By name, not as written: an object's order is no part of a key, so it may not decide what is drawn.
    for name in sorted(search):
        dimension = _read_dimension(name, search[name])
        if isinstance(dimension, BadInput):
            return dimension
        waiting.append(dimension)
    return _order(waiting, record)


def check_complete(record: Record, dimensions: tuple[Dimension, ...]) -> BadInput | None:
    """Whatever no trial could be configured with, told before the first one."""
    drawn = {one.name: one.distribution for one in dimensions}
    known = drawn.keys() | (set(ARCHITECTURE) if GRID in drawn else set())
    loss = drawn.get("loss")
    # A copy, since a look at a value is not its use.
    fixed = record.plain()
    losses = loss.choices if isinstance(loss, CategoricalDistribution) else [fixed.get("loss")]
    for name in (*ARCHITECTURE, *RECIPE, *MACHINE):
        if name in fixed:
            if (wanted := check_value(name, fixed[name])) is not None:
                return BadInput(f"{name} must be {wanted}, not {fixed[name]!r}")
        elif name not in known and (name != "focal_gamma" or "focal" in losses):
            return BadInput(f'parameter "{name}" is neither fixed nor searched')
    return None


def read_forced(plain: Mapping[str, Any], dimensions: tuple[Dimension, ...], record: Record) -> Mapping[str, Any] | BadInput:
    """A forced configuration in terms of the space: the four numbers as one text, every value possible, no name without effect."""
    forced = dict(plain)
    if GRID in {one.name for one in dimensions} and any(name in forced for name in ARCHITECTURE):
        if not all(name in forced for name in ARCHITECTURE):
            return BadInput(f"forced: an architecture needs all of {', '.join(ARCHITECTURE)}")
        forced[GRID] = Architecture(*(forced.pop(name) for name in ARCHITECTURE)).text
    by_name = {one.name: one for one in dimensions}
    if (unknown := check_names(forced, by_name, "forced")) is not None:
        return BadInput(f"{unknown.message} (only searched parameters can be forced)")
    for name, value in forced.items():
        if not _is_possible(by_name[name].distribution, value):
            return BadInput(f"forced: {name} = {value!r} is not in the search space")
        for other, wanted in by_name[name].when.items():
            given = forced[other] if other in forced else record.get(other)
            if given is not None and given != wanted:
                return BadInput(f"forced: {name} has no effect where {other} is {given!r}")
    return forced


def _read_grid(record: Record) -> list[Architecture] | BadInput | None:
    grid = record["architecture"]
    if grid is None:
        return None
    if set(grid) != set(ARCHITECTURE):
        return BadInput(f"architecture must list exactly {', '.join(ARCHITECTURE)}, not {', '.join(grid)}")
    shape = InputShape(len(record["features"]), record["context"], record["patch.length"], record["patch.stride"])
    budget, tolerance = record["budget.params"], record["budget.tolerance"]
    found = select_architectures(grid, shape, budget, tolerance)
    if not found:
        return BadInput(f"no architecture of the grid lies within {tolerance:.0%} of {budget:,.0f} parameters at {shape.features} features")
    return found


def _read_dimension(name: str, plain: Mapping[str, Any]) -> Dimension | BadInput:
    if (unknown := check_names(plain, ("kind", "low", "high", "step", "choices", "when"), f"search.{name}")) is not None:
        return unknown
    try:
        distribution = _read_distribution(plain)
    except (KeyError, ValueError, TypeError) as error:
        return BadInput(f"search.{name}: {error}")
    if distribution is None:
        return BadInput(f"search.{name}: kind must be uniform, log, int or choice, not {plain.get('kind')!r}")
    edges = distribution.choices if isinstance(distribution, CategoricalDistribution) else (plain["low"], plain["high"])
    for edge in edges if not isinstance(distribution, FloatDistribution) else map(float, edges):
        if (wanted := check_value(name, edge)) is not None:
            return BadInput(f"search.{name}: {name} must be {wanted}, not {edge!r}")
    return Dimension(name, distribution, plain.get("when") or {})


def _read_distribution(plain: Mapping[str, Any]) -> BaseDistribution | None:
    match plain["kind"]:
        case "uniform":
            return FloatDistribution(plain["low"], plain["high"], log=False, step=plain.get("step"))
        case "log":
            return FloatDistribution(plain["low"], plain["high"], log=True, step=None)
        case "int":
            return IntDistribution(plain["low"], plain["high"], log=False, step=plain.get("step") or 1)
        case "choice":
            return CategoricalDistribution(list(plain["choices"]))
        case _:
            return None


def _order(waiting: list[Dimension], record: Record) -> tuple[Dimension, ...] | BadInput:
    """Conditions after what they depend on, else the order stays."""
    ordered: list[Dimension] = []
    while waiting:
        known = {one.name for one in ordered} | (set(ARCHITECTURE) if any(one.name == GRID for one in ordered) else set())
        ready = next((one for one in waiting if all(name in known or name in record for name in one.when)), None)
        if ready is None:
            name, missing = next((one.name, other) for one in waiting for other in one.when if other not in known and other not in record)
            return BadInput(f'search.{name}: its condition names "{missing}", which is neither fixed nor searched before it')
        waiting.remove(ready)
        ordered.append(ready)
    return tuple(ordered)


def _is_possible(distribution: BaseDistribution, value: Any) -> bool:
    match distribution:
        case CategoricalDistribution(choices=choices):
            return value in choices
        case FloatDistribution(low=low, high=high, step=step) | IntDistribution(low=low, high=high, step=step):
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                return False
            steps = (value - low) / step if step else 0.0
            return abs(steps - round(steps)) < 1e-8
        case _:
            return False
