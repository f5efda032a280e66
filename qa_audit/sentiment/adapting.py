"""Adapts a mood model to a team's labelled turns: how far its weights are moved is found by cross-validation.

What is learned is a change of the weights (``delta``) that is drawn towards none by a penalty. The comparison of before
and after comes from outer folds over chats, in which the penalty was chosen on inner folds alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import GroupKFold

from qa_audit.errors import InputError
from qa_audit.records import MOODS, Interval
from qa_audit.sentiment import delta
from qa_audit.sentiment.examples import mood_numbers
from qa_audit.sentiment.pipeline import Features
from qa_audit.sentiment.predict import MoodModel, calibrated, decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa_audit.sentiment.examples import Example
    from qa_audit.sentiment.ngrams import Floats, Integers
    from qa_audit.sentiment.pipeline import Matrix
    from qa_audit.sentiment.turns import CustomerTurn
    from qa_audit.sentiment.weights import Weights

FOLDS = 5
FEWEST_TURNS = 20
FEWEST_CHATS = 5
PENALTIES = (inf, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03)  # inf: no change
# A turn without a label, of a chat with some, was mostly seen by people and left as it was: what is wanted of it are the
# old model's probabilities. So corrections, which tell only of faults, move little else. At a weight of 0.3 the adapted
# model was less calibrated on chats kept back (benchmarks/adapting.py --fifth --only-corrections).
WEIGHT_UNLABELLED = 1.0
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Turns:
    """What is learned from: first the labelled turns, then those of the same chats without a label.

    ``start``: the old model's log P, (turns, 3); ``target`` and ``weight``: what is wanted, and how much.
    """

    matrix: Matrix
    start: Floats
    target: Floats
    weight: Floats
    chat: Integers

    def part(self, rows: Integers) -> Turns:
        """Some of the turns."""
        return Turns(
            self.matrix[rows], self.start[rows], self.target[rows], self.weight[rows], self.chat[rows]
        )

    def losses(self, change: Floats | None) -> Floats:
        """The weighted log loss of each turn after a change; None: before it."""
        lost: Floats = -self.weight * (self.target * delta.logits(self.after(change))).sum(axis=1)
        return lost

    def after(self, change: Floats | None) -> Floats:
        """The probabilities after a change; None: before it."""
        scores: Floats = self.start if change is None else self.start + self.matrix @ change
        return calibrated(scores, 1.0, np.zeros(len(MOODS)))


@dataclass(frozen=True, slots=True)
class Adapted:
    """The weights moved, the penalty, and what models that had not seen a turn's chat said of it, before and after.

    ``before`` and ``after`` are probabilities of the labelled turns; ``given_before`` and ``given`` moods by the
    thresholds. ``log_loss``: after less before, over all turns as weighted, with an interval over chats.
    ``unlabelled``: turns without a label, ``unlabelled_changed``: those whose mood became another.
    """

    weights: Weights
    penalty: float
    before: Floats
    after: Floats
    given_before: Integers
    given: Integers
    log_loss: Interval
    unlabelled: int
    unlabelled_changed: int


def adapt(
    weights: Weights,
    thresholds: Mapping[str, float],
    examples: Sequence[Example],
    *,
    seed: int,
    penalties: Sequence[float] = PENALTIES,
) -> Adapted:
    """The model ``weights`` moved as far as ``examples`` justify. Raises InputError if they are too few."""
    check_enough(examples)
    turns, labelled = _turns(weights, examples)
    chats = len(np.unique(turns.chat))
    after = np.empty_like(turns.start)
    for here, others in _folds(turns.chat, min(FOLDS, chats), seed=seed):
        inside = turns.part(others)
        after[here] = turns.part(here).after(_learned(inside, _penalty(inside, penalties, seed=seed)))
    before = turns.after(None)
    penalty = _penalty(turns, penalties, seed=seed)
    change = _learned(turns, penalty)
    given_before, given = decided(before, thresholds), decided(after, thresholds)
    gained = -turns.weight * (turns.target * (delta.logits(after) - delta.logits(before))).sum(axis=1)
    return Adapted(
        weights if change is None else delta.with_change(weights, change),
        penalty,
        before[:labelled],
        after[:labelled],
        given_before[:labelled],
        given[:labelled],
        mean_by_chat(gained, turns.weight, turns.chat, seed=seed),
        len(after) - labelled,
        int((given_before != given)[labelled:].sum()),
    )


def check_enough(examples: Sequence[Example]) -> None:
    """Raises InputError if there are too few turns or chats to adapt to, or only one mood."""
    chats, moods = {one.group for one in examples}, {one.label for one in examples}
    if len(examples) < FEWEST_TURNS or len(chats) < FEWEST_CHATS:
        raise InputError(
            f"{len(examples)} labelled turns of {len(chats)} chats are too few to adapt a mood model to; give at "
            f"least {FEWEST_TURNS} turns of {FEWEST_CHATS} chats"
        )
    if len(moods) == 1:
        raise InputError(
            f"all {len(examples)} labelled turns are {min(moods)}; give turns of other moods, too, such as those "
            "that the model has right"
        )


def _turns(weights: Weights, examples: Sequence[Example]) -> tuple[Turns, int]:
    """All turns to learn from, and how many of them, the first, have labels."""
    labelled = [one.customer_turn for one in examples]
    others, groups = _unlabelled(examples)
    turns = [*labelled, *others]
    old = MoodModel(weights, {}, "").probabilities(turns)
    target = old.copy()
    target[: len(labelled)] = np.eye(len(MOODS))[mood_numbers(examples)]
    weight = np.where(np.arange(len(turns)) < len(labelled), 1.0, WEIGHT_UNLABELLED)
    names = np.array([*(one.group for one in examples), *groups])
    _, chat = np.unique(names, return_inverse=True)
    return Turns(delta.seen(Features.of(weights), turns), delta.logits(old), target, weight, chat), len(
        labelled
    )


def _unlabelled(examples: Sequence[Example]) -> tuple[list[CustomerTurn], list[str]]:
    """The turns without a label in the chats of ``examples``, and the chat of each."""
    known: dict[str, set[int]] = {}
    chats: dict[str, CustomerTurn] = {}
    for one in examples:
        if one.chat is not None:
            known.setdefault(one.group, set()).add(one.chat.number)
            chats[one.group] = one.chat
    found = [
        (turn._replace(number=number), group)
        for group, turn in chats.items()
        for number in range(len(turn.chat.customer))
        if number not in known[group]
    ]
    return [turn for turn, _ in found], [group for _, group in found]


def _learned(turns: Turns, penalty: float, first: Floats | None = None) -> Floats | None:
    if penalty == inf:
        return None
    return delta.learned(turns.matrix, turns.start, turns.target, turns.weight, penalty=penalty, first=first)


def _penalty(turns: Turns, penalties: Sequence[float], *, seed: int) -> float:
    """The largest penalty whose cross-validated log loss is within one standard error of the least.

    The standard error is that of the difference over chats: chats differ more from each other than penalties do.
    """
    losses = np.empty((len(penalties), len(turns.weight)))
    for here, others in _folds(turns.chat, min(FOLDS, len(np.unique(turns.chat))), seed=seed):
        inside, left_out = turns.part(others), turns.part(here)
        change = None
        for number, penalty in enumerate(penalties):
            change = _learned(inside, penalty, change)
            losses[number, here] = left_out.losses(change)
    _, chat = np.unique(turns.chat, return_inverse=True)
    by_chat = np.stack([np.bincount(chat, row) for row in losses])
    best = int(by_chat.sum(axis=1).argmin())
    more = by_chat - by_chat[best]
    error = more.std(axis=1, ddof=1) * np.sqrt(more.shape[1])
    good = more.sum(axis=1) <= error
    return max(penalty for penalty, is_good in zip(penalties, good, strict=True) if is_good)


def _folds(chat: Integers, number: int, *, seed: int) -> list[tuple[Integers, Integers]]:
    """The turns left out and the others, fold by fold; no chat is split."""
    split = GroupKFold(number, shuffle=True, random_state=seed).split(chat, groups=chat)
    return [(here, others) for others, here in split]


def mean_by_chat(values: Floats, weight: Floats, chat: Integers, *, seed: int) -> Interval:
    """Σ values / Σ weight, with a 95 % interval by drawing whole chats (percentile bootstrap)."""
    sums, weights = np.bincount(chat, values), np.bincount(chat, weight)
    drawn: Any = np.random.default_rng(seed).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES
    )
    low, high = np.quantile((drawn @ sums) / (drawn @ weights), (0.025, 0.975))
    value = float(sums.sum() / weights.sum())
    return Interval(round(value, 5), round(float(low), 5), round(float(high), 5), len(values))
