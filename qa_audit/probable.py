"""Probabilities against what became of the chats: emotions labelled, and the ratings that customers gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_audit.fairness import RESAMPLES, SEED, correlation
from qa_audit.records import EMOTIONS, Interval

DISSATISFIED, SATISFIED = 2.0, 4.0  # of a rating from 1 to 5: up to, and from
SATISFACTION: Mapping[str, float] = {
    "dissatisfied": 1.0, "neutral": 3.0, "satisfied": 5.0, "不满意": 1.0, "一般": 3.0, "满意": 5.0,
}  # fmt: skip
SMALLEST = 1e-12
Emotional = Mapping[str, tuple[float, ...]]  # P of each of EMOTIONS, by chat
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Probable:
    """What is known of one chat, and what was said: ``emotions`` are P of each of ``EMOTIONS``, empty if unknown."""

    rating: float | None = None
    dissatisfied: float | None = None
    emotion: str | None = None
    emotions: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratings:
    """P(dissatisfied) beside ratings: AUC of those up to 2 against those from 4 on, Spearman of 1 - P with all."""

    n: int
    auc: Interval
    correlation: Interval


@dataclass(frozen=True, slots=True)
class Emotions:
    """P(emotion) beside labels: mean -ln P(true emotion), and AUC of each emotion against all others."""

    n: int
    log_loss: float
    auc: Mapping[str, Interval]
    cross_validated: bool = False


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Both, each None where no label speaks of it."""

    ratings: Ratings | None = None
    emotions: Emotions | None = None

    def as_dict(self) -> dict[str, object]:
        """The objects of ``--json``."""
        ratings, emotions = self.ratings, self.emotions
        return {
            "rating": None
            if ratings is None
            else {"n": ratings.n, "auc": _bounds(ratings.auc), "spearman": _bounds(ratings.correlation)},
            "emotion_probabilities": None
            if emotions is None
            else {
                "n": emotions.n,
                "log_loss": emotions.log_loss,
                "cross_validated": emotions.cross_validated,
                "auc": {name: _bounds(own) for name, own in emotions.auc.items()},
            },
        }


def probabilities(chats: Sequence[Probable], *, cross_validated: bool = False) -> Probabilities:
    """The figures of these chats; those without a label, or of which nothing was said, are left out.

    ``cross_validated``: their emotions come from models that had not seen them.
    """
    pairs = [(c.rating, c.dissatisfied) for c in chats if c.rating is not None and c.dissatisfied is not None]
    felt = [(EMOTIONS.index(c.emotion), c.emotions) for c in chats if c.emotion in EMOTIONS and c.emotions]
    emotions = _emotions(felt, cross_validated=cross_validated) if felt else None
    return Probabilities(_ratings(np.array(pairs)) if pairs else None, emotions)


def _ratings(pairs: Numbers) -> Ratings:
    rating, feared = pairs[:, 0], pairs[:, 1]
    clear = (rating <= DISSATISFIED) | (rating >= SATISFIED)
    return Ratings(
        len(pairs),
        auc_interval(feared[clear], rating[clear] <= DISSATISFIED),
        correlation(1.0 - feared, rating),
    )


def _emotions(felt: Sequence[tuple[int, tuple[float, ...]]], *, cross_validated: bool) -> Emotions:
    truth, said = np.array([true for true, _ in felt]), np.array([row for _, row in felt])
    chosen = np.maximum(said[np.arange(len(truth)), truth], SMALLEST)
    aucs: dict[str, Interval] = {n: auc_interval(said[:, i], truth == i) for i, n in enumerate(EMOTIONS)}
    return Emotions(len(felt), float(-np.log(chosen).mean()), aucs, cross_validated)


def auc_interval(scores: Numbers, happened: npt.NDArray[np.bool_]) -> Interval:
    """The area under the ROC curve with a 95 % interval (percentile bootstrap); None where all or none happened."""
    n = len(scores)
    value = _auc(scores, happened)
    if value is None:
        return Interval(None, None, None, n)
    rows = np.random.default_rng(SEED).integers(0, n, size=(RESAMPLES, n))
    drawn = [one for own in rows if (one := _auc(scores[own], happened[own])) is not None]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(value, float(low), float(high), n)


def _auc(scores: Numbers, happened: npt.NDArray[np.bool_]) -> float | None:
    """How often a score of what happened is higher than one of what did not; equal ones count half."""
    yes, no = scores[happened], np.sort(scores[~happened])
    if not len(yes) or not len(no):
        return None
    below, up_to = np.searchsorted(no, yes, side="left"), np.searchsorted(no, yes, side="right")
    return float((below + up_to).mean() / (2 * len(no)))


def lines(found: Probabilities) -> Iterator[str]:
    """The figures as text."""
    ratings, emotions = found.ratings, found.emotions
    if ratings is not None:
        yield (
            f"\ndissatisfied, by rating: n {ratings.n}, AUC of 1-2 against 4-5 {_text(ratings.auc)}, "
            f"Spearman {_text(ratings.correlation)}"
        )
    if emotions is not None:
        how = "this model; its training chats are not left out"
        how = "cross-validated" if emotions.cross_validated else how
        yield f"\nemotion probabilities ({how}): n {emotions.n}, log loss {emotions.log_loss:.3f}"
        for name, auc in emotions.auc.items():
            yield f"  {name:12} AUC {_text(auc)}"


def _text(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "—" if interval.value is None else f"{interval.value:.3f}"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _bounds(interval: Interval) -> dict[str, float | int | list[float | None] | None]:
    return {"value": interval.value, "interval": [interval.low, interval.high], "n": interval.n}
