"""The satisfaction model's weights as arrays, and their file, ``satisfaction.npz`` with its card beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa_audit.contact.features import SIDES, Side
from qa_audit.satisfaction.chats import SPELLINGS, Speller
from qa_audit.satisfaction.features import (
    BLOCKS,
    COURSE_COLUMNS,
    SHAPE_COLUMNS,
    WAIT_COLUMNS,
    Ngrams,
    side_of,
)
from qa_audit.satisfaction.moods import PARTS, PLACE_COLUMNS
from qa_audit.sentiment.ngrams import Floats
from qa_audit.sentiment.weights import Array, InvalidModel, read_arrays, write_arrays

NAME = "satisfaction"
CARD_FILE = f"{NAME}.json"
DENSE: Mapping[str, int] = {
    "turns": COURSE_COLUMNS,  # the course of the model's own moods
    "mood": COURSE_COLUMNS,  # the course of the mood model's
    "shape": SHAPE_COLUMNS,
    "waits": WAIT_COLUMNS,
}


@dataclass(frozen=True, slots=True)
class Head:
    """Coefficients by part, (features, answers), and what is added to the scores of the answers."""

    parts: Mapping[str, Floats]
    intercept: Floats


@dataclass(frozen=True, slots=True)
class SatisfactionWeights:
    """Everything that ``predict`` multiplies and adds.

    ``turns`` with its own n-grams is the model of turns, None where no turn was labelled. ``calibration``: one scale, then a
    shift for each class. ``shares`` of the classes among the chats learned from. ``typical``: what each part
    of the head says of the least satisfied class on average, for the factors.
    """

    classes: tuple[str, ...]
    speller: Speller
    ngrams: Mapping[Side, Ngrams]
    head: Head
    calibration: Floats
    shares: Floats
    typical: Mapping[str, float]
    turn_ngrams: Mapping[Side, Ngrams] | None = None
    turns: Head | None = None

    def fault(self) -> str:
        """What does not fit together in these arrays; "" if everything does."""
        k = len(self.classes)
        rows = dict(DENSE) | {block: len(self.ngrams[side_of(block)].ngrams) for block in BLOCKS}
        wrong = _misfit(self.head, rows, k)
        if not wrong and self.turns is not None and self.turn_ngrams is not None:
            own = {part: len(self.turn_ngrams[side].ngrams) for part, (side, _) in PARTS.items()}
            wrong = _misfit(self.turns, own | {"place": PLACE_COLUMNS}, 3)
        if not wrong and (self.calibration.shape, self.shares.shape) != ((1 + k,), (k,)):
            wrong = f"calibration or shares do not fit {k} classes"
        return wrong


def _misfit(head: Head, rows: Mapping[str, int], answers: int) -> str:
    if head.intercept.shape != (answers,):
        return f"{head.intercept.shape} intercepts, not {answers}"
    for part, coefficients in head.parts.items():
        if coefficients.shape != (rows[part], answers):
            return f"{part} has the shape {coefficients.shape}, not {rows[part], answers}"
    return ""


def write(weights: SatisfactionWeights, card: Mapping[str, object], directory: Path) -> None:
    """Writes both files into ``directory``; the same weights always give the same bytes."""
    arrays: dict[str, Array] = {
        "classes": np.array(weights.classes),
        "spelling": np.array(weights.speller.spelling),
        "words": np.array(weights.speller.words, dtype=np.str_),
        "calibration": weights.calibration,
        "shares": weights.shares,
        "typical": np.array([weights.typical.get(part, 0.0) for part in (*BLOCKS, *DENSE)]),
    }
    arrays |= _ngram_arrays("ngrams", weights.ngrams) | _head_arrays("head", weights.head)
    if weights.turns is not None and weights.turn_ngrams is not None:
        arrays |= _ngram_arrays("turn ngrams", weights.turn_ngrams) | _head_arrays("turns", weights.turns)
    write_arrays(NAME, arrays, card, directory)


def _ngram_arrays(name: str, sides: Mapping[Side, Ngrams]) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for side, own in sides.items():
        arrays[f"{name}/{side}"] = np.array(own.ngrams, dtype=np.str_)
        arrays[f"{name} idf/{side}"] = own.idf.astype(np.float32)
    return arrays


def _head_arrays(name: str, head: Head) -> dict[str, Array]:
    wide = {
        part: own.astype(np.float32) if len(own) > COURSE_COLUMNS else own for part, own in head.parts.items()
    }
    return {f"{name}/{part}": own for part, own in wide.items()} | {f"{name} intercept": head.intercept}


def read(directory: Path) -> tuple[SatisfactionWeights, Mapping[str, Any]]:
    """The weights and the card in ``directory``. Raises InvalidModel where one is missing, damaged or too new."""
    arrays, card = read_arrays(NAME, directory)
    file = directory / f"{NAME}.npz"
    try:
        weights = _weights(arrays)
        fault = weights.fault()
    except KeyError as error:
        raise InvalidModel(file, f"not the weights of a satisfaction model ({error})") from error
    if fault:
        raise InvalidModel(file, fault)
    return weights, card


def _weights(arrays: Mapping[str, Array]) -> SatisfactionWeights:
    spelling = str(arrays["spelling"])
    if spelling not in SPELLINGS:
        raise KeyError(spelling)
    has_turns = "turns intercept" in arrays
    return SatisfactionWeights(
        classes=tuple(arrays["classes"].tolist()),
        speller=Speller(spelling, tuple(arrays["words"].tolist())),
        ngrams=_ngrams("ngrams", arrays),
        head=_head("head", arrays),
        calibration=arrays["calibration"].astype(np.float64),
        shares=arrays["shares"].astype(np.float64),
        typical=dict(zip((*BLOCKS, *DENSE), arrays["typical"].tolist(), strict=True)),
        turn_ngrams=_ngrams("turn ngrams", arrays) if has_turns else None,
        turns=_head("turns", arrays) if has_turns else None,
    )


def _ngrams(name: str, arrays: Mapping[str, Array]) -> dict[Side, Ngrams]:
    return {
        side: Ngrams(
            tuple(arrays[f"{name}/{side}"].tolist()), arrays[f"{name} idf/{side}"].astype(np.float64)
        )
        for side in SIDES
    }


def _head(name: str, arrays: Mapping[str, Array]) -> Head:
    prefix = f"{name}/"
    parts = {
        key.removeprefix(prefix): own.astype(np.float64)
        for key, own in arrays.items()
        if key.startswith(prefix)
    }
    return Head(parts, arrays[f"{name} intercept"].astype(np.float64))
