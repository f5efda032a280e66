"""The chat model's weights as arrays, and their file, ``chat.npz`` with its card beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qa_audit.contact.features import BLOCKS, DENSE, MOOD_COLUMNS, SHAPE_COLUMNS, SIDES, Lexicon
from qa_audit.records import EMOTIONS, MOODS, OUTCOMES, TOPICS
from qa_audit.sentiment.weights import Array, InvalidModel, read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

    from qa_audit.contact.features import Side

NAME = "chat"
# what each labelled question may be answered with; 无法判断 is not learned, it is said of a chat without words
CLASSES: Mapping[str, tuple[str, ...]] = {
    "topic": TOPICS,
    "resolved": tuple(outcome for outcome in OUTCOMES if outcome != "unknown"),
    "emotion": EMOTIONS,
    "end_mood": MOODS,
}
DISSATISFIED = "dissatisfied"  # learned from how a chat ended: nobody labels it
ANSWERS: Mapping[str, tuple[str, ...]] = {**CLASSES, DISSATISFIED: ("no", "yes")}


@dataclass(frozen=True, slots=True)
class SideWeights:
    """The n-grams of one side with their inverse document frequencies, and its words."""

    ngrams: Array
    idf: Array
    words: Array
    word_group: Array

    @property
    def lexicon(self) -> Lexicon:
        """The words with their groups."""
        return Lexicon(tuple(self.words.tolist()), tuple(self.word_group.tolist()))


@dataclass(frozen=True, slots=True)
class ChatWeights:
    """Everything that ``predict`` multiplies and adds.

    ``heads[question][part]``: coefficients of a block or of dense columns, one column an answer of ``ANSWERS``;
    ``intercepts[question]``: what is added to the scores of its answers. ``calibrations[question]``: scale, then a shift
    for each answer; softmax(scale · scores + shifts) are probabilities. A question without one has none.
    """

    sides: Mapping[Side, SideWeights]
    heads: Mapping[str, Mapping[str, Array]]
    intercepts: Mapping[str, Array]
    calibrations: Mapping[str, Array] = field(default_factory=dict)

    def fault(self) -> str:
        """What does not fit together in these arrays; "" if everything does."""
        for side, own in self.sides.items():
            if own.idf.shape != own.ngrams.shape or own.word_group.shape != own.words.shape:
                return f"n-grams or words of the {side} do not fit their numbers"
        rows = self.rows()
        for question, parts in self.heads.items():
            answers = len(ANSWERS[question])
            if self.intercepts[question].shape != (answers,):
                return f"{question} has {self.intercepts[question].shape} intercepts, not {answers}"
            calibration = self.calibrations.get(question)
            if calibration is not None and calibration.shape != (answers + 1,):
                return f"{question} has {calibration.shape} numbers of calibration, not {answers + 1}"
            for part, coefficients in parts.items():
                if coefficients.shape != (rows[part], answers):
                    return (
                        f"{question} of {part} has the shape {coefficients.shape}, not {rows[part], answers}"
                    )
        return ""

    def rows(self) -> dict[str, int]:
        """How many features each block and each dense part has."""
        groups = {side: own.lexicon.groups for side, own in self.sides.items()}
        blocks = {block: len(self.sides[side].ngrams) for block in BLOCKS for side in SIDES if side in block}
        return blocks | {
            "topic words": 2 * len(TOPICS),
            "ending words": 2 * (sum(groups.values()) - 2 * len(TOPICS)),
            "mood": MOOD_COLUMNS,
            "shape": SHAPE_COLUMNS,
        }


def write(weights: ChatWeights, card: Mapping[str, object], directory: Path) -> None:
    """Writes both files of a chat model into ``directory``; the same weights always give the same bytes."""
    write_arrays(NAME, _as_arrays(weights), card, directory)


def read(directory: Path) -> tuple[ChatWeights, Mapping[str, Any]]:
    """The weights and the card in ``directory``. Raises InvalidModel where one is missing, damaged or too new."""
    arrays, card = read_arrays(NAME, directory)
    file = directory / f"{NAME}.npz"
    try:
        weights = _from_arrays(arrays)
    except KeyError as error:
        raise InvalidModel(file, f"not the weights of a chat model ({error})") from error
    if fault := weights.fault():
        raise InvalidModel(file, fault)
    return weights, card


def exists(directory: Path) -> bool:
    """Whether there is a chat model in ``directory``."""
    return (directory / f"{NAME}.json").exists()


def _as_arrays(weights: ChatWeights) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for side, own in weights.sides.items():
        arrays |= {
            f"{side}/ngrams": own.ngrams,
            f"{side}/idf": own.idf.astype(np.float32),
            f"{side}/words": own.words,
            f"{side}/word_group": own.word_group,
        }
    for question, parts in weights.heads.items():
        arrays[f"{question}/intercept"] = weights.intercepts[question]
        if question in weights.calibrations:
            arrays[f"{question}/calibration"] = weights.calibrations[question]
        arrays |= {
            f"{question}/{part}": coefficients.astype(np.float32) for part, coefficients in parts.items()
        }
    return arrays


def _from_arrays(arrays: Mapping[str, Array]) -> ChatWeights:
    sides = {
        side: SideWeights(
            arrays[f"{side}/ngrams"],
            arrays[f"{side}/idf"].astype(np.float64),
            arrays[f"{side}/words"],
            arrays[f"{side}/word_group"],
        )
        for side in SIDES
    }
    known = [question for question in ANSWERS if f"{question}/intercept" in arrays]
    heads = {
        question: {
            part: arrays[f"{question}/{part}"].astype(np.float64)
            for part in (*BLOCKS, *DENSE)
            if f"{question}/{part}" in arrays
        }
        for question in known
    }
    return ChatWeights(
        sides,
        heads,
        {question: arrays[f"{question}/intercept"] for question in known},
        {q: arrays[f"{q}/calibration"] for q in known if f"{q}/calibration" in arrays},
    )
