"""Figures of merit of predicted probabilities. Knows nothing of models and of which split it looks at."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of one split. None where a figure does not exist: AUC with one class only, precision without a predicted positive, ..."""

    loss: float | None
    auc: float | None
    accuracy: float | None
    precision: float | None
    recall: float | None
    base_rate: float | None
    base_rate_entropy: float | None
    prediction_mean: float | None
    prediction_std: float | None
    windows: int
    positives: int

    def plain(self) -> dict[str, float | int | None]:
        """Under the names of `metrics.json`."""
        return asdict(self)


def evaluate(logits: NDArray[np.float32], labels: NDArray[np.float32]) -> Evaluation:
    """`logits` (n,) before the sigmoid, `labels` (n,) of 0 and 1. Losses and entropies are in nats, computed in 64 bits."""
    if len(labels) == 0:
        return Evaluation(None, None, None, None, None, None, None, None, None, 0, 0)
    positive = labels > THRESHOLD
    probabilities = sigmoid(logits)
    predicted = probabilities >= THRESHOLD
    hits = int(np.count_nonzero(predicted & positive))
    base_rate = float(positive.mean())
    return Evaluation(
        loss=log_loss(logits, labels),
        auc=area_under_curve(logits, positive),
        accuracy=float((predicted == positive).mean()),
        precision=_share(hits, int(predicted.sum())),
        recall=_share(hits, int(positive.sum())),
        base_rate=base_rate,
        base_rate_entropy=_entropy(base_rate),
        prediction_mean=float(probabilities.mean()),
        prediction_std=float(probabilities.std()),
        windows=len(labels),
        positives=int(positive.sum()),
    )


def log_loss(logits: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
    """Mean binary cross-entropy in nats: softplus(z) - y*z, which neither overflows nor takes the log of 0."""
    z = logits.astype(np.float64)
    return float(np.mean(np.logaddexp(0.0, z) - labels.astype(np.float64) * z))


def area_under_curve(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive scores above a negative, ties counting half (Mann-Whitney U); None with one class only.

    By ranks rather than by scikit-learn, whose import costs a second in every process; a test holds it against that one.
    """
    positives = int(np.count_nonzero(positive))
    negatives = len(positive) - positives
    if positives == 0 or negatives == 0:
        return None
    _, position, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    mean_rank = last_rank - (counts - 1) / 2
    rank_sum = float(mean_rank[position][positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities, without overflow at either end."""
    z = logits.astype(np.float64)
    return np.exp(-np.logaddexp(0.0, -z))


def _entropy(rate: float) -> float:
    """Loss in nats of always predicting `rate`: what a model must beat."""
    if rate in (0.0, 1.0):
        return 0.0
    return float(-(rate * np.log(rate) + (1 - rate) * np.log(1 - rate)))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
