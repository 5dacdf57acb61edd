"""The parameter count and the grid give the known figures; the model is what the formula counts."""

import pytest
import torch

from fts.architecture import Architecture, InputShape, count_parameters, parse_architecture, select_architectures
from fts.model import PatchTST, count_built

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


def test_every_bar_and_every_feature_that_a_patch_covers_matters() -> None:
    torch.manual_seed(0)
    model = PatchTST(Architecture(8, 1, 2, 2), InputShape(3, 12, 4, 4), 0.0, 0.0).eval()
    windows = torch.randn(1, 12, 3, requires_grad=True)
    model(windows).sum().backward()
    assert windows.grad is not None
    assert bool((windows.grad != 0).all())
