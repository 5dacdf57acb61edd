"""The parameter count and the grid give the known figures; the model is what the formula counts."""

import random
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fts.architecture import Architecture, InputShape, count_parameters, parse_architecture, select_architectures
from fts.batches import LoadedWindows
from fts.model import PatchTST, count_built


@dataclass(frozen=True)
class Windowed:
    """Windows into a series, as a split holds them."""

    series: NDArray[np.float32]
    ends: NDArray[np.int64]
    labels: NDArray[np.float32]
    context: int


CLASSIC = {
    "d_model": [64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048],
    "n_layers": [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 180, 192, 256],
    "n_heads": [2, 4, 8, 16, 32],
    "ff_ratio": [2, 4],
}


def shape(features: int = 25) -> InputShape:
    return InputShape(features, 60, 10, 5)


@pytest.mark.parametrize(
    ("d_model", "n_layers", "count"), [(64, 48, 2_417_473), (64, 32, 1_617_729), (1024, 128, 1_612_608_513), (768, 256, 1_814_714_113)]
)
def test_formula_and_built_model_give_the_published_count(d_model: int, n_layers: int, count: int) -> None:
    architecture = Architecture(d_model, n_layers, 8, 4)
    assert count_parameters(architecture, shape()) == count
    with torch.device("meta"):
        assert count_built(PatchTST(architecture, shape(), 0.0, 0.0)) == count


@pytest.mark.parametrize(
    ("budget", "features", "configurations", "shapes"),
    [
        (2e6, 25, 80, 16),
        (20e6, 25, 75, 15),
        (200e6, 25, 125, 25),
        (2e9, 25, 75, 15),
        (2e6, 20, 80, 16),
        (2e6, 100, 65, None),
        (2e6, 250, 70, None),
        (2e6, 500, 70, None),
    ],
)
def test_the_classic_grid_keeps_the_known_number_within_a_budget(
    budget: float, features: int, configurations: int, shapes: int | None
) -> None:
    found = select_architectures(CLASSIC, shape(features), budget, 0.25)
    assert len(found) == configurations
    assert shapes is None or len({(one.d_model, one.n_layers, one.ff_ratio) for one in found}) == shapes


def test_heads_must_divide_the_width_and_the_order_is_that_of_the_grid() -> None:
    found = select_architectures({"d_model": [8, 6], "n_layers": [1, 2], "n_heads": [4, 2], "ff_ratio": [2]}, shape(2), 1000, 10)
    assert [one.text for one in found] == ["d8_L1_h4_f2", "d8_L1_h2_f2", "d8_L2_h4_f2", "d8_L2_h2_f2", "d6_L1_h2_f2", "d6_L2_h2_f2"]


def test_an_architecture_s_text_is_read_back_and_nothing_else_is() -> None:
    one = Architecture(64, 48, 8, 4)
    assert parse_architecture(one.text) == one
    for text in ("d64_L48_h8", "d064_L48_h8_f4", "d64_L48_h8_f4\n", "d٣_L1_h1_f1", ""):
        assert parse_architecture(text) is None


def test_one_window_gives_one_logit_that_does_not_depend_on_its_batch() -> None:
    torch.manual_seed(0)
    model = PatchTST(Architecture(8, 2, 2, 2), InputShape(3, 12, 4, 3), 0.5, 0.5).eval()
    windows = torch.randn(5, 12, 3)
    logits = model(windows)
    assert logits.shape == (5,)
    assert torch.allclose(logits[2:3], model(windows[2:3]), atol=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_every_bar_and_every_feature_of_a_window_moves_the_output(seed: int) -> None:
    """Of every configuration whose patches fill the context; the engine lets no other one through (src/config/patches.ts)."""
    rng = random.Random(seed)
    length, features = rng.randint(1, 9), rng.randint(1, 6)
    stride = rng.randint(1, length)
    context = length + stride * rng.randint(0, 6)
    torch.manual_seed(seed)
    heads = rng.choice([1, 2, 4])
    architecture = Architecture(heads * rng.randint(1, 3) * 2, rng.randint(1, 3), heads, rng.choice([2, 4]))
    model = PatchTST(architecture, InputShape(features, context, length, stride), 0.1, 0.1).double().eval()
    series = np.random.default_rng(seed).standard_normal((context + 3, features)).astype(np.float32)

    # One long series of copies, all but the first with one cell moved. A window ends at the row before a copy's last.
    rows, cells = len(series), [(row, feature) for row in range(len(series)) for feature in range(features)]
    copies = np.tile(series, (1 + len(cells), 1, 1))
    for number, (row, feature) in enumerate(cells, start=1):
        copies[number, row, feature] += 1
    ends = np.arange(len(copies)) * rows + rows - 2
    windows = Windowed(copies.reshape(-1, features), ends, np.zeros(len(copies), np.float32), context)
    [(batch, _)] = LoadedWindows(windows, torch.device("cpu")).batches(torch.arange(len(copies)), len(copies))
    with torch.no_grad():
        logits = model(batch.double())
    moved = (logits[1:] - logits[0]).abs() > 1e-9
    assert moved.tolist() == [2 <= row <= rows - 2 for row, _ in cells]
