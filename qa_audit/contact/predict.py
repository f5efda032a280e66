"""Topic, outcome, emotion and end mood of each chat, by numpy alone: nothing here imports scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

import numpy as np

from qa_audit.contact import weights as files
from qa_audit.contact.features import BLOCKS, DENSE, Block, ChatText, Features, Side, SideTable, features
from qa_audit.contact.weights import CLASSES
from qa_audit.records import Contact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qa_audit.records import Emotion, Mood, Outcome
    from qa_audit.sentiment.ngrams import Floats

BATCH = 512  # chats at once: bounds the memory, changes no result
UNKNOWN: Outcome = "unknown"


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
        batches = [self._scores(chats[start : start + BATCH]) for start in range(0, len(chats), BATCH)]
        return {
            question: np.concatenate([batch[question] for batch in batches])
            if batches
            else np.empty((0, len(CLASSES[question])))
            for question in self.questions
        }

    def contacts(self, chats: Sequence[ChatText]) -> list[Contact]:
        """The likeliest answer to each question; the outcome of a chat in which one side wrote nothing is unknown."""
        answers = {
            question: [CLASSES[question][number] for number in scores.argmax(axis=1)]
            for question, scores in self.scores(chats).items()
        }
        return [
            Contact(
                topic=answers["topic"][i] if "topic" in answers else "",
                outcome=_outcome(chat, answers["resolved"][i]) if "resolved" in answers else None,
                emotion=cast("Emotion", answers["emotion"][i]) if "emotion" in answers else None,
                end_mood=cast("Mood", answers["end_mood"][i]) if "end_mood" in answers else None,
            )
            for i, chat in enumerate(chats)
        ]

    def _scores(self, chats: Sequence[ChatText]) -> dict[str, Floats]:
        seen = features(chats, self._tables)
        return {
            question: head_scores(seen, parts, self._intercepts[question])
            for question, parts in self._heads.items()
        }


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


def _outcome(chat: ChatText, answer: str) -> Outcome:
    return cast("Outcome", answer) if chat.customer and chat.agent else UNKNOWN
