"""The satisfaction model, applied in numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from qa_audit.contact.features import SIDES, Side
from qa_audit.contact.predict import probabilities_of, strongest
from qa_audit.errors import InputError
from qa_audit.records import Estimate, Factor, RoundMood
from qa_audit.satisfaction import weights as files
from qa_audit.satisfaction.chats import Chat, Speller, chat_of
from qa_audit.satisfaction.features import (
    BLOCKS,
    Block,
    Ngrams,
    Spoken,
    Table,
    blocks,
    courses,
    shapes,
    waits,
)
from qa_audit.satisfaction.moods import turn_features, turn_probabilities, turn_scores
from qa_audit.satisfaction.weights import Head, SatisfactionWeights
from qa_audit.segment import Conversation
from qa_audit.sentiment.ngrams import Floats, Integers

BATCH = 256
SMALLEST = 1e-9
# which parts of the model a factor sums up; the names are those of the chat model's factors
FACTORS: Mapping[str, tuple[str, ...]] = {
    "mood": ("turns", "mood"),
    "customer_words": ("customer", "customer late"),
    "agent_words": ("agent",),
    "shape": ("shape",),
    "wait": ("waits",),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The features of some chats: blocks and dense columns by part; the model of turns may add its own."""

    chats: int
    blocks: Mapping[str, Block]
    dense: Mapping[str, Floats]


def see(chats: Sequence[Chat], spoken: Spoken, tables: Mapping[Side, Table]) -> Seen:
    """What can be seen of chats without a model of turns."""
    dense = {"shape": shapes(chats, spoken), "waits": waits(chats)}
    if any(turn.mood is not None for chat in chats for turn in chat):
        moods = np.array(
            [turn.mood or (0.0, 1.0, 0.0) for chat in chats for turn in chat if turn.customer]
        ).reshape(-1, 3)
        dense["mood"] = courses(spoken.chat_of["customer"], moods[:, 0], moods[:, 2], chats=len(chats))
    return Seen(len(chats), blocks(spoken, tables), dense)


def course_of_turns(probabilities: Floats, spoken: Spoken) -> Floats:
    """The dense columns of what the model of turns said, P of its three labels for each customer turn."""
    chat = spoken.chat_of["customer"]
    return courses(chat, probabilities[:, 0], probabilities[:, 2], chats=spoken.chats)


def contributions(seen: Seen, head: Head) -> dict[str, Floats]:
    """What each part adds to the scores of the classes: (chats, classes) by part."""
    added = {}
    for part, coefficients in head.parts.items():
        if part in BLOCKS:
            added[part] = seen.blocks[part].times(coefficients)
        else:
            sums = np.zeros((seen.chats, len(head.intercept)))
            for column, own in zip(seen.dense[part].T, coefficients, strict=True):
                sums += column[:, None] * own
            added[part] = sums
    return added


def scores_of(added: Mapping[str, Floats], intercept: Floats, *, chats: int) -> Floats:
    """The sum of what the parts add: (chats, classes)."""
    scores = np.tile(intercept, (chats, 1))
    for own in added.values():
        scores += own
    return scores


def decided(probabilities: Floats, shares: Floats) -> Integers:
    """The number of the class of each chat: the highest P / √share, so that rare classes are not drowned.

    ``shares`` of the classes among the chats learned from. The likeliest class alone would hardly ever be a rare one; P /
    share would say it far too often.
    """
    chosen: Integers = (np.log(np.maximum(probabilities, SMALLEST)) - np.log(shares) / 2).argmax(axis=1)
    return chosen


class SatisfactionModel:
    """Says how satisfied a chat left its customer; built once, then it only reads.

    ``hash`` is its identity, ``classes`` are ordered from the least satisfied on.
    """

    def __init__(self, weights: SatisfactionWeights, sha256: str) -> None:
        self.weights = weights
        self.hash = sha256
        self.classes = weights.classes
        self.speller: Speller = weights.speller
        self._tables = _tables(weights.ngrams)
        self._turn_tables = _tables(weights.turn_ngrams) if weights.turn_ngrams is not None else None

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The model in ``directory``. Raises InvalidModel with file and remedy if it cannot be used."""
        weights, card = files.read(directory)
        return cls(weights, card["sha256"])

    @classmethod
    def find(cls, directory: Path) -> Self | None:
        """The model in ``directory`` for readable transcripts, None if there is none.

        Raises InvalidModel, and InputError for a model of word ids, which cannot read transcripts.
        """
        if not (directory / files.CARD_FILE).exists():
            return None
        model = cls.load(directory)
        if model.speller.spelling != "characters":
            raise InputError(
                f"{directory / files.CARD_FILE}: this satisfaction model was trained on word ids and cannot read "
                "transcripts; train one on your own chats, or take it out of the folder"
            )
        return model

    def probabilities(self, chats: Sequence[Chat]) -> Floats:
        """P of each class: shape (chats, classes), rows sum to 1."""
        parts = [self._read(chats[start : start + BATCH])[0] for start in range(0, len(chats), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes)))

    def answers(self, probabilities: Floats) -> tuple[str, ...]:
        """The class of each row of ``probabilities``."""
        return tuple(self.classes[number] for number in decided(probabilities, self.weights.shares))

    def dissatisfied(
        self, conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
    ) -> list[Estimate | None]:
        """P(dissatisfied) of each conversation with the factors; None where the customer or the agent wrote nothing.

        ``moods`` by the first message of each customer round. A factor is what its parts add to the score of the least
        satisfied class against the others, beyond what they add on average.
        """
        chats = [chat_of(c, own) for c, own in zip(conversations, moods, strict=True)]
        known = [n for n, chat in enumerate(chats) if len({turn.customer for turn in chat}) == 2]
        estimates: list[Estimate | None] = [None] * len(chats)
        for start in range(0, len(known), BATCH):
            numbers = known[start : start + BATCH]
            probabilities, columns = self._read([chats[n] for n in numbers])
            worst = probabilities[:, : len(self.classes) // 2].sum(axis=1)
            for row, number in enumerate(numbers):
                factors = (Factor(name, float(own[row])) for name, own in columns.items())
                estimates[number] = Estimate(float(worst[row]), strongest(factors))
        return estimates

    def _read(self, chats: Sequence[Chat]) -> tuple[Floats, dict[str, Floats]]:
        """The probabilities of chats, and each factor's log-odds of the least satisfied class."""
        weights = self.weights
        spoken = Spoken.of(chats, self.speller)
        seen = see(chats, spoken, self._tables)
        dense = dict(seen.dense)
        if weights.turns is not None and self._turn_tables is not None:
            turns = turn_features(chats, spoken, self._turn_tables)
            given = turn_probabilities(turn_scores(turns, weights.turns.parts, weights.turns.intercept))
            dense["turns"] = course_of_turns(given, spoken)
        missing = weights.head.parts.keys() - seen.blocks.keys() - dense.keys()
        if missing:  # a model that knows moods, chats without any
            dense |= {part: np.zeros((len(chats), files.DENSE[part])) for part in missing}
        added = contributions(Seen(len(chats), seen.blocks, dense), weights.head)
        scores = scores_of(added, weights.head.intercept, chats=len(chats))
        against = {part: least_against_others(own) * weights.calibration[0] for part, own in added.items()}
        factors = {
            name: np.sum([against[p] - weights.typical.get(p, 0.0) for p in parts if p in against], axis=0)
            for name, parts in FACTORS.items()
            if any(part in against for part in parts)
        }
        return probabilities_of(scores, weights.calibration), factors


def least_against_others(scores: Floats) -> Floats:
    """The first column minus the mean of the others."""
    gap: Floats = scores[:, 0] - scores[:, 1:].mean(axis=1)
    return gap


def _tables(sides: Mapping[Side, Ngrams]) -> dict[Side, Table]:
    return {side: Table.of(sides[side]) for side in SIDES}
