"""Model shapes: how many parameters one has, and which of a grid fit a budget. Pure arithmetic, knows nothing of torch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SPARE_POSITIONS = 10
"""Rows of the learned position table beyond the number of patches; they are part of the published count."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a search chooses as one: width, depth, heads, and feed-forward width as a multiple of the model's width."""

    d_model: int
    n_layers: int
    n_heads: int
    ff_ratio: int

    @property
    def text(self) -> str:
        """As a study names it, e.g. `d64_L48_h8_f4`: a value, never a position in a list (incident 14)."""
        return f"d{self.d_model}_L{self.n_layers}_h{self.n_heads}_f{self.ff_ratio}"

    def numbers(self) -> dict[str, int]:
        """Under the names of the parameter record."""
        return {"d_model": self.d_model, "n_layers": self.n_layers, "n_heads": self.n_heads, "ff_ratio": self.ff_ratio}


def parse_architecture(text: str) -> Architecture | None:
    """The inverse of `Architecture.text`; None for any other text."""
    match = re.fullmatch(r"d([1-9]\d*)_L([1-9]\d*)_h([1-9]\d*)_f([1-9]\d*)", text, re.ASCII)
    if match is None:
        return None
    d_model, n_layers, n_heads, ff_ratio = (int(number) for number in match.groups())
    return Architecture(d_model, n_layers, n_heads, ff_ratio)


@dataclass(frozen=True, slots=True)
class InputShape:
    """What a model reads: `features` columns over `context` bars, cut into patches of `patch_length` every `patch_stride` bars."""

    features: int
    context: int
    patch_length: int
    patch_stride: int

    @property
    def patches(self) -> int:
        """Patches in a window; 0 where not even one fits."""
        return max(0, (self.context - self.patch_length) // self.patch_stride + 1)


def count_parameters(architecture: Architecture, shape: InputShape) -> int:
    """Parameters of the channel-mixing PatchTST that `fts.model` builds; a test holds the two against each other."""
    d = architecture.d_model
    f = d * architecture.ff_ratio
    patches = shape.patches
    embedding = (shape.patch_length * shape.features + 1) * d
    positions = (patches + SPARE_POSITIONS) * d
    layer = 4 * d * d + 8 * d + 2 * d * f + f + d
    final_norm = 2 * d
    head = patches * d + 1
    return embedding + positions + architecture.n_layers * layer + final_norm + head


def fits(count: int, budget: float, tolerance: float) -> bool:
    """Whether `count` parameters lie within the share `tolerance` of the budget, its edges included."""
    return abs(count - budget) <= tolerance * budget


def select_architectures(grid: Mapping[str, Sequence[int]], shape: InputShape, budget: float, tolerance: float) -> list[Architecture]:
    """Those of the grid whose heads divide the width and whose count fits; width varies slowest, then layers, heads, ratio."""
    every = (
        Architecture(d_model, n_layers, n_heads, ff_ratio)
        for d_model in grid["d_model"]
        for n_layers in grid["n_layers"]
        for n_heads in grid["n_heads"]
        for ff_ratio in grid["ff_ratio"]
        if d_model % n_heads == 0
    )
    return [one for one in every if fits(count_parameters(one, shape), budget, tolerance)]
