"""Training is repeatable to the bit, resumable to the bit, and says how it ended."""

import math
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from samples import CONFIG, config, environment, make_windows

from fts.architecture import Architecture
from fts.control import Control
from fts.optimisation import AdamW, criterion, learning_rate_at
from fts.outcomes import is_out_of_memory
from fts.parameters import Objective, TrainConfig
from fts.training import Follower, train
from fts.training_outcomes import Diverged, Epoch, Interrupted, OutOfMemory, OverBudget, Pruned, Trained, Unconsumed

WINDOWS, VALIDATION = make_windows(200, 0), make_windows(80, 1)


def run(config: TrainConfig = CONFIG, follower: Follower | None = None, control: Control | None = None) -> Any:
    return train(config, WINDOWS, VALIDATION, control or Control(), follower or Follower())


def trained(config: TrainConfig = CONFIG, follower: Follower | None = None) -> Trained:
    outcome = run(config, follower)
    assert isinstance(outcome, Trained)
    return outcome


def same_weights(one: Trained, other: Trained) -> bool:
    return all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)


def losses(outcome: Trained) -> list[tuple[float, float]]:
    return [(epoch.train_loss, epoch.val_loss) for epoch in outcome.epochs]


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, other = trained(), trained()
    assert same_weights(one, other)
    assert losses(one) == losses(other)
    assert losses(one) != losses(trained(config(seed=8)))


def test_it_learns_what_there_is_to_learn() -> None:
    outcome = trained(config(epochs=12, dropout=0.0, head_dropout=0.0))
    assert outcome.best.val_loss < 0.62
    assert outcome.best.val_auc is not None
    assert outcome.best.val_auc > 0.7


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": 0.5},
        {"head_dropout": 0.5},
        {"learning_rate": 0.02},
        {"weight_decay": 0.5},
        {"warmup": 0.9},
        {"batch_size": 16},
        {"epochs": 4},
        {"grad_clip": 0.01},
        {"loss": "focal", "focal_gamma": 2.0},
        {"precision": "bfloat16"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_parameter_of_the_recipe_has_an_effect(changes: dict[str, Any]) -> None:
    # Incident 17: weight decay and warm-up were searched, logged and analysed, but never applied.
    assert losses(trained(config(**changes))) != losses(trained())


def test_without_patience_all_epochs_run_and_with_it_they_end_early() -> None:
    overfit = config(epochs=30, learning_rate=0.05, dropout=0.0, head_dropout=0.0)
    outcome = trained(replace(overfit, patience=2))
    assert len(outcome.epochs) == outcome.best.epoch + 2 < 30


def test_the_weights_are_those_of_the_best_epoch() -> None:
    outcome = trained(config(epochs=10, learning_rate=0.05, dropout=0.0, head_dropout=0.0))
    assert outcome.best.val_loss == min(epoch.val_loss for epoch in outcome.epochs)
    assert outcome.best.epoch < 10

    def until_best(epoch: Epoch) -> bool:
        return epoch.epoch < outcome.best.epoch

    states: list[dict[str, Any]] = []
    run(
        config(epochs=10, learning_rate=0.05, dropout=0.0, head_dropout=0.0),
        Follower(epoch=until_best, save=lambda state: states.append(copy(state))),
    )
    assert all(torch.equal(outcome.weights[name], states[-1]["model"][name]) for name in outcome.weights)


def test_the_best_epoch_may_be_judged_by_another_metric() -> None:
    outcome = trained(config(epochs=6, learning_rate=0.05, objective=Objective("val_auc", "maximize")))
    aucs = [epoch.val_auc for epoch in outcome.epochs if epoch.val_auc is not None]
    assert outcome.best.val_auc == max(aucs)


def copy(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, dict):
        return {name: copy(value) for name, value in state.items()}
    return [copy(value) for value in state] if isinstance(state, list) else state


@pytest.mark.parametrize("after", [1, 2, 4])
def test_resumed_after_any_epoch_it_ends_with_the_same_bits(after: int) -> None:
    whole = trained(config(epochs=5))
    control, saved = Control(), []

    def save(state: dict[str, Any]) -> None:
        saved.append(copy(state))
        if len(saved) == after:
            control.stop.request("test")

    cut = run(config(epochs=5), Follower(save=save), control)
    assert cut == Interrupted(after, "test")
    resumed = trained(config(epochs=5), Follower(load=lambda: saved[-1]))
    assert same_weights(whole, resumed)
    assert losses(whole) == losses(resumed)
    assert whole.best.epoch == resumed.best.epoch


def test_a_stop_before_the_first_batch_spends_nothing() -> None:
    control = Control()
    control.stop.request("SIGTERM")
    assert run(control=control) == Interrupted(0, "SIGTERM")


def test_a_loss_that_is_no_number_is_told_as_divergence() -> None:
    windows = make_windows(200, 0)
    windows.series[50] = np.nan
    outcome = train(CONFIG, windows, VALIDATION, Control(), Follower())
    assert isinstance(outcome, Diverged)
    assert outcome.epoch == 1


@pytest.mark.parametrize("learning_rate", [1e3, 1e30])
def test_a_learning_rate_that_explodes_is_told_as_divergence_with_finite_losses_or_without(learning_rate: float) -> None:
    outcome = run(config(learning_rate=learning_rate, warmup=0.0, grad_clip=0.0))
    assert isinstance(outcome, Diverged)
    assert outcome.epoch == 1
    assert outcome.epochs == ()


def test_a_bad_loss_is_no_divergence() -> None:
    assert isinstance(run(config(learning_rate=0.5, warmup=0.0)), Trained)


def test_a_model_that_no_memory_holds_is_an_end_of_its_own() -> None:
    outcome = run(config(architecture=Architecture(2**20, 1, 2, 2)))
    assert isinstance(outcome, OutOfMemory)
    assert "memory" in outcome.message
    assert outcome.param_count > 2**40


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB, other allocations: 1.00 MB, max allowed: 9.07 GB)."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda error: str(error)[:20],
)
def test_memory_that_is_not_there_is_known_by_what_the_allocators_say(error: Exception) -> None:
    assert is_out_of_memory(error)
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_follower_that_sees_no_point_prunes() -> None:
    outcome = run(follower=Follower(epoch=lambda epoch: epoch.epoch < 2))
    assert isinstance(outcome, Pruned)
    assert len(outcome.epochs) == 2


def test_unread_parameters_end_it_after_the_first_batch() -> None:
    asked = []

    def unread() -> list[str]:
        asked.append(1)
        return ["warm_up"]

    assert run(follower=Follower(unread=unread)) == Unconsumed(("warm_up",))
    assert len(asked) == 1


def test_a_model_outside_its_budget_is_not_trained() -> None:
    outcome = run(follower=Follower(fits=lambda count: count < 100))
    assert isinstance(outcome, OverBudget)


def test_no_memory_is_an_end_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def allocate(*_: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")

    monkeypatch.setattr("fts.training._learn", allocate)
    assert isinstance(run(), OutOfMemory)


def test_other_errors_of_torch_are_bugs_and_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    def multiply(*_: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr("fts.training._learn", multiply)
    with pytest.raises(RuntimeError, match="mat1"):
        run()


def test_the_schedule_warms_up_linearly_and_ends_near_zero() -> None:
    rates = [learning_rate_at(step, 100, config(warmup=0.1, learning_rate=1.0)) for step in range(100)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10] == pytest.approx(1.0)
    assert rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.001
    assert learning_rate_at(0, 10, config(warmup=1.0)) > 0


def test_the_optimiser_is_torch_s_adamw() -> None:
    torch.manual_seed(0)
    ours, theirs = torch.nn.Linear(5, 3), torch.nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    optimiser = AdamW(list(ours.parameters()), 0.1)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.03, weight_decay=0.1, foreach=False, fused=True)
    for _ in range(4):
        inputs = torch.randn(7, 5)
        ours(inputs).square().mean().backward()
        theirs(inputs).square().mean().backward()
        optimiser.step(0.03)
        reference.step()
        reference.zero_grad()
    assert torch.equal(ours.weight, theirs.weight)


def test_focal_loss_is_the_published_one_and_with_gamma_0_cross_entropy() -> None:
    logits, labels = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 1.0, 0.0])
    right = torch.where(labels > 0, torch.sigmoid(logits), 1 - torch.sigmoid(logits))
    expected = float((-((1 - right) ** 2) * right.log()).mean())
    assert float(criterion(logits, labels, config(loss="focal", focal_gamma=2.0))) == pytest.approx(expected)
    assert float(criterion(logits, labels, config(loss="focal", focal_gamma=0.0))) == pytest.approx(
        float(criterion(logits, labels, CONFIG))
    )


def test_focal_loss_of_a_certain_answer_has_a_finite_gradient() -> None:
    logits = torch.tensor([200.0], requires_grad=True)
    criterion(logits, torch.tensor([1.0]), config(loss="focal", focal_gamma=0.5)).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert math.isfinite(float(logits.grad))


def test_a_plain_process_trains_without_importing_torch_s_compiler() -> None:
    code = (
        "import sys; from samples import *; from fts.training import *; from fts.control import Control\n"
        "train(CONFIG, make_windows(), make_windows(80, 1), Control(), Follower()); sys.exit('torch._dynamo' in sys.modules)"
    )
    path = environment()["PYTHONPATH"]
    done = subprocess.run([sys.executable, "-c", code], env=environment(PYTHONPATH=f"{path}:{path}/tests"), check=False)
    assert done.returncode == 0
