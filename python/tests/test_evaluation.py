"""Figures of merit, held against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from fts.evaluation import area_under_curve, evaluate, log_loss, sigmoid


@given(
    st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=2, max_size=60).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_area_under_curve_is_scikit_learn_s_ties_included(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 4 for score, _ in rows], dtype=np.float32)
    labels = np.array([label for _, label in rows])
    assert area_under_curve(scores, labels) == pytest.approx(sk.roc_auc_score(labels, scores))


def test_the_rest_is_scikit_learn_s_too() -> None:
    rng = np.random.default_rng(5)
    logits = rng.standard_normal(300).astype(np.float32)
    labels = (rng.random(300) < 0.3).astype(np.float32)
    found = evaluate(logits, labels)
    probabilities = sigmoid(logits)
    predicted = probabilities >= 0.5
    assert found.loss == pytest.approx(sk.log_loss(labels, probabilities))
    assert found.accuracy == pytest.approx(sk.accuracy_score(labels, predicted))
    assert found.precision == pytest.approx(sk.precision_score(labels, predicted))
    assert found.recall == pytest.approx(sk.recall_score(labels, predicted))
    assert found.prediction_std == pytest.approx(probabilities.std())
    assert (found.windows, found.positives) == (300, int(labels.sum()))


def test_predicting_the_base_rate_costs_the_base_rate_entropy() -> None:
    labels = np.array([1, 0, 0, 0], dtype=np.float32)
    found = evaluate(np.full(4, math.log(0.25 / 0.75), dtype=np.float32), labels)
    assert found.loss == pytest.approx(found.base_rate_entropy)
    assert found.prediction_std == pytest.approx(0, abs=1e-7)


def test_what_does_not_exist_is_none() -> None:
    one_class = evaluate(np.array([-1.0, -2.0], dtype=np.float32), np.zeros(2, dtype=np.float32))
    assert (one_class.auc, one_class.precision, one_class.recall) == (None, None, None)
    assert (one_class.base_rate, one_class.base_rate_entropy) == (0.0, 0.0)
    assert evaluate(np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)).loss is None


def test_huge_logits_neither_overflow_nor_lose_the_loss() -> None:
    assert log_loss(np.array([800.0, -800.0], dtype=np.float32), np.array([0.0, 0.0], dtype=np.float32)) == pytest.approx(400)
