"""Topic, outcome, emotion and end mood of each chat, by numpy alone: nothing here imports scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from qa_audit.contact import weights as files
from qa_audit.contact.features import BLOCKS, DENSE, Block, ChatText, Features, Side, SideTable, features
from qa_audit.contact.weights import ANSWERS, DISSATISFIED
from qa_audit.contact.words import CUSTOMER_ENDINGS
from qa_audit.records import EMOTIONS, Contact, Estimate, Factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from qa_audit.records import Emotion, Mood, Outcome
    from qa_audit.sentiment.ngrams import Floats

    Scores = Mapping[str, Floats]

BATCH = 512  # chats at once: bounds the memory, changes no result
UNKNOWN: Outcome = "unknown"
UNRESOLVED = ANSWERS["resolved"].index("no")
MOST_ROUNDS = 2  # shown for an emotion
NEAR_THE_BEST = 0.7  # a second round is shown that is nearly as likely as the first
LEAST_TOLD = 0.05  # log-odds


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one chat, with the customer's rounds (by number) that speak most for its emotion."""

    contact: Contact
    emotion_rounds: tuple[int, ...] = ()


class ChatModel:
    """A trained chat model, ready to be applied; ``hash`` is the sha256 of its weights file."""

    def __init__(self, weights: files.ChatWeights, sha256: str) -> None:
        self.hash = sha256
        self.questions = tuple(weights.heads)
        self._tables: dict[Side, SideTable] = {
            side: SideTable(own.ngrams.tolist(), own.idf, own.lexicon) for side, own in weights.sides.items()
        }
        self._heads = {
            question: {part: np.ascontiguousarray(c.T) for part, c in parts.items()}
            for question, parts in weights.heads.items()
        }
        self._intercepts = weights.intercepts
        self._calibrations = weights.calibrations

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The model in ``directory``. Raises InvalidModel with file and remedy if it cannot be used."""
        weights, card = files.read(directory)
        return cls(weights, card["sha256"])

    @classmethod
    def find(cls, directory: Path) -> Self | None:
        """The model in ``directory``, None if there is none: a mood model can be used without one."""
        return cls.load(directory) if files.exists(directory) else None

    def scores(self, chats: Sequence[ChatText]) -> dict[str, Floats]:
        """Of each question: what speaks for each answer, shape (chats, answers); the highest is given."""
        batches = [
            self._scores(features(chats[start : start + BATCH], self._tables))
            for start in range(0, len(chats), BATCH)
        ]
        return {
            question: np.concatenate([batch[question] for batch in batches])
            if batches
            else np.empty((0, len(ANSWERS[question])))
            for question in self.questions
        }

    def contacts(self, chats: Sequence[ChatText]) -> list[Contact]:
        """What is said of each chat, without evidence."""
        return [reading.contact for reading in self.readings(chats)]

    def readings(self, chats: Sequence[ChatText]) -> list[Reading]:
        """What is said of each chat: the answer with the highest score to each question, and probabilities.

        The outcome of a chat in which one side wrote nothing is unknown, as is whether its customer was dissatisfied.
        """
        return [
            reading
            for start in range(0, len(chats), BATCH)
            for reading in self._readings(chats[start : start + BATCH])
        ]

    def _readings(self, chats: Sequence[ChatText]) -> list[Reading]:
        seen = features(chats, self._tables)
        scores = self._scores(seen)
        answers = {q: [ANSWERS[q][number] for number in own.argmax(axis=1)] for q, own in scores.items()}
        given = {
            q: probabilities_of(scores[q], self._calibrations[q])
            for q in self.questions
            if q in self._calibrations
        }
        estimates = self._estimates(seen, given[DISSATISFIED]) if DISSATISFIED in given else None
        emotions = cast("list[Emotion | None]", answers.get("emotion", [None] * len(chats)))
        rounds = self._emotion_rounds(chats, emotions)
        readings = []
        for i, chat in enumerate(chats):
            both = bool(chat.customer and chat.agent)
            contact = Contact(
                topic=answers["topic"][i] if "topic" in answers else "",
                outcome=_outcome(answers["resolved"][i], known=both) if "resolved" in answers else None,
                emotion=emotions[i],
                end_mood=cast("Mood", answers["end_mood"][i]) if "end_mood" in answers else None,
                emotions=tuple(given["emotion"][i].tolist()) if "emotion" in given else (),
                unresolved=float(given["resolved"][i, UNRESOLVED]) if "resolved" in given and both else None,
                dissatisfied=estimates[i] if estimates is not None and both else None,
            )
            readings.append(Reading(contact, rounds[i]))
        return readings

    def _scores(self, seen: Features) -> Scores:
        return {
            question: head_scores(seen, parts, self._intercepts[question])
            for question, parts in self._heads.items()
        }

    def _emotion_rounds(
        self, chats: Sequence[ChatText], emotions: Sequence[Emotion | None]
    ) -> list[tuple[int, ...]]:
        """The customer's rounds that, each taken as a chat of its own, are likeliest to be of the chat's emotion."""
        rounds: list[tuple[int, ...]] = [()] * len(chats)
        felt = [i for i, emotion in enumerate(emotions) if emotion not in (None, "none")]
        alone = [
            ChatText((text,), (), (mood,))
            for i in felt
            for text, mood in zip(chats[i].customer, chats[i].moods, strict=True)
        ]
        if not alone or "emotion" not in self._calibrations:
            return rounds
        parts, intercept = self._heads["emotion"], self._intercepts["emotion"]
        scores = head_scores(features(alone, self._tables), parts, intercept)
        given = probabilities_of(scores, self._calibrations["emotion"])
        place = 0
        for i in felt:
            answer = EMOTIONS.index(cast("Emotion", emotions[i]))
            own = given[place : place + len(chats[i].customer), answer].tolist()
            place += len(own)
            ranked = sorted(range(len(own)), key=lambda number: -own[number])[:MOST_ROUNDS]
            rounds[i] = tuple(sorted(n for n in ranked if own[n] >= max(own) * NEAR_THE_BEST))
        return rounds

    def _estimates(self, seen: Features, given: Floats) -> list[Estimate]:
        """P(dissatisfied) of each chat, with what each kind of feature adds to its log-odds."""
        scale = self._calibrations[DISSATISFIED][0]
        parts = {name: (own[1] - own[0]) * scale for name, own in self._heads[DISSATISFIED].items()}
        endings = seen.dense["ending words"]
        customers = 2 * len(CUSTOMER_ENDINGS)
        columns = {
            "mood": _sums(seen.dense["mood"], parts["mood"]),
            "customer_words": _sums(endings[:, :customers], parts["ending words"][:customers]),
            "agent_words": _sums(endings[:, customers:], parts["ending words"][customers:]),
        }
        return [
            Estimate(
                float(given[i, 1]),
                strongest(Factor(name, float(own[i])) for name, own in columns.items()),
            )
            for i in range(seen.chats)
        ]


def head_scores(seen: Features, parts: Mapping[str, Floats], intercept: Floats) -> Floats:
    """The scores of one question; ``parts`` are its coefficients, one row an answer."""
    scores = np.tile(intercept, (seen.chats, 1))
    for name in BLOCKS:
        if name in parts:
            scores += _block_scores(seen.blocks[name], parts[name], chats=seen.chats)
    for name in DENSE:
        if name in parts:
            for column, coefficients in zip(seen.dense[name].T, parts[name].T, strict=True):
                scores += column[:, None] * coefficients
    return scores


def _block_scores(block: Block, coefficients: Floats, *, chats: int) -> Floats:
    sums = [
        np.bincount(block.rows, weights=block.values * row[block.columns], minlength=chats)
        for row in coefficients
    ]
    return np.stack(sums, axis=1)


def probabilities_of(scores: Floats, calibration: Floats) -> Floats:
    """softmax(scale · scores + shifts), rows summing to 1; ``calibration`` is the scale, then the shifts."""
    logits = scores * calibration[0] + calibration[1:]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    total = np.zeros(len(scores))
    for column in powers.T:  # in this order for every row, whatever stands beside it
        total += column
    probabilities: Floats = powers / total[:, None]
    return probabilities


def strongest(factors: Iterable[Factor]) -> tuple[Factor, ...]:
    """The factors that add or take away anything worth a word, the strongest first."""
    told = [factor for factor in factors if abs(factor.log_odds) >= LEAST_TOLD]
    return tuple(sorted(told, key=lambda factor: -abs(factor.log_odds)))


def _sums(values: Floats, coefficients: Floats) -> Floats:
    sums = np.zeros(len(values))
    for column, coefficient in zip(values.T, coefficients, strict=True):
        sums += column * coefficient
    return sums


def _outcome(answer: str, *, known: bool) -> Outcome:
    return cast("Outcome", answer) if known else UNKNOWN
