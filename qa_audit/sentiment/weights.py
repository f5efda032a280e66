"""A model's weights as arrays, and their file: npz without pickle, with its card beside it; those of the mood model."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from qa_audit.errors import QaAuditError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
NAME = "mood"
WEIGHTS_FILE = f"{NAME}.npz"
CARD_FILE = f"{NAME}.json"
REMEDY = "train it again with `qa-audit train`, or restore the model that came with qa-audit"

Array = npt.NDArray[Any]


class InvalidModel(QaAuditError):  # noqa: N818 - named like its siblings InvalidStandard and InvalidConfiguration
    """A model directory cannot be used; the message names the file, the fault and the remedy."""

    def __init__(self, file: Path, fault: str) -> None:
        super().__init__(f"{file}: {fault}; {REMEDY}")


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything that ``predict`` multiplies and adds; rows are features, each three columns ``records.MOODS``.

    ``text_*``: n-grams of the turn, their inverse document frequencies, and coefficients (6) for a turn that stands
    alone and for one in a chat. ``agent_*``: the same of the agent's rounds, coefficients (9) for the round before, the
    one after, and the mean of all. ``words`` with the group of each, and a coefficient row per group (12): alone, in a
    chat, in the customer's earlier rounds, in the later. ``shape_coef`` (6): length and number of pieces;
    ``position_coef`` (3): see ``predict.positions``. ``intercept`` (6). ``calibration``: one scale, then a shift per
    mood; a row for turns alone, one for turns in a chat.
    """

    text_ngrams: Array
    text_idf: Array
    text_coef: Array
    agent_ngrams: Array
    agent_idf: Array
    agent_coef: Array
    words: Array
    word_group: Array
    word_coef: Array
    shape_coef: Array
    position_coef: Array
    intercept: Array
    calibration: Array

    def fault(self) -> str:
        """What does not fit together in these arrays; "" if everything does."""
        expected: dict[str, tuple[int, ...]] = {
            "text_coef": (len(self.text_ngrams), 6),
            "agent_coef": (len(self.agent_ngrams), 9),
            "word_coef": (int(self.word_group.max(initial=-1)) + 1, 12),
            "shape_coef": (2, 6),
            "position_coef": (5, 3),
            "text_idf": (len(self.text_ngrams),),
            "agent_idf": (len(self.agent_ngrams),),
            "word_group": (len(self.words),),
            "intercept": (6,),
            "calibration": (2, 4),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                return f"{name} has the shape {getattr(self, name).shape}, not {shape}"
        return ""


def write(weights: Weights, card: Mapping[str, object], directory: Path) -> None:
    """Writes both files of a mood model into ``directory``; the same weights always give the same bytes."""
    write_arrays(
        NAME, {field.name: getattr(weights, field.name) for field in fields(weights)}, card, directory
    )


def read(directory: Path) -> tuple[Weights, Mapping[str, Any]]:
    """The weights and the card in ``directory``. Raises InvalidModel where one is missing, damaged or too new."""
    arrays, card = read_arrays(NAME, directory)
    thresholds = card.get("thresholds")
    if not isinstance(thresholds, dict) or not {"negative", "positive"} <= thresholds.keys():
        raise InvalidModel(directory / CARD_FILE, "no thresholds for negative and positive")
    file = directory / WEIGHTS_FILE
    try:
        weights = Weights(**{field.name: arrays[field.name] for field in fields(Weights)})
    except KeyError as error:
        raise InvalidModel(file, f"not the weights of a mood model ({error})") from error
    if fault := weights.fault():
        raise InvalidModel(file, fault)
    return weights, card


def write_arrays(name: str, arrays: Mapping[str, Array], card: Mapping[str, object], directory: Path) -> None:
    """Writes the arrays of the model ``name`` and its card; the same arrays always give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # its other parameter is a bool
    content = buffer.getvalue()
    directory.mkdir(parents=True, exist_ok=True)
    head = {"format": FORMAT, "file": f"{name}.npz", "sha256": sha256(content)}
    text = json.dumps(head | dict(card), ensure_ascii=False, indent=2) + "\n"
    written = {".npz": content, ".json": text.encode()}
    for ending, own in written.items():  # a full disk must not cost the model that was there
        (directory / f"{name}{ending}.part").write_bytes(own)
    for ending in written:
        (directory / f"{name}{ending}.part").replace(directory / f"{name}{ending}")


def read_arrays(name: str, directory: Path) -> tuple[dict[str, Array], Mapping[str, Any]]:
    """The arrays and the card of the model ``name``. Raises InvalidModel where one is missing, damaged or too new."""
    card = _read_card(directory / f"{name}.json", name)
    file = directory / f"{name}.npz"
    content = _bytes(file)
    if sha256(content) != card["sha256"]:
        raise InvalidModel(file, f"damaged, or not the weights that {name}.json describes (sha256 differs)")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}, card
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidModel(file, f"not the weights of a {name} model ({error})") from error


def sha256(content: bytes) -> str:
    """The SHA-256 of ``content`` in hexadecimal: the identity of a model."""
    return hashlib.sha256(content).hexdigest()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidModel(file, f"cannot be read ({error.strerror})") from error


def _read_card(file: Path, name: str) -> Mapping[str, Any]:
    try:
        card = json.loads(_bytes(file))
    except ValueError as error:
        raise InvalidModel(file, f"not JSON ({error})") from error
    if not isinstance(card, dict) or "format" not in card:
        raise InvalidModel(file, f"not the card of a {name} model")
    if card["format"] != FORMAT:
        raise InvalidModel(
            file, f"format {card['format']}, but this version of qa-audit reads format {FORMAT}"
        )
    if "sha256" not in card:
        raise InvalidModel(file, "no sha256")
    return card
