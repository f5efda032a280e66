"""What scoring needs of the standard that a night was audited with, kept in the night's folder.

Standards change; what people say of a night weeks later is still scored by the rules of that night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import msgspec

from qa_audit.errors import InputError
from qa_audit.records import Severity
from qa_audit.rule import Grade, Rule, Section, Standard

FILE = "standard.json"


@dataclass(frozen=True, slots=True)
class _Rule:
    """The fields of ``Rule`` that scoring and tables of scores read."""

    id: str
    name: str
    title: str
    section: str
    severity: Severity
    status: Literal["trial", "live"]
    points: float
    per: Literal["chat", "hit", "agent"]
    limits: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class _Standard:
    title: str
    version: str
    mode: Literal["deduct", "weighted"]
    sections: tuple[Section, ...]
    grades: tuple[Grade, ...]
    fatal_grade: str
    rules: tuple[_Rule, ...]
    hash: str
    lexicon_hash: str


def write_snapshot(folder: Path, standard: Standard) -> None:
    """The standard as scoring sees it, into a night's folder."""
    rules = tuple(_Rule(*(getattr(rule, field.name) for field in fields(_Rule))) for rule in standard.rules)
    whole = {field.name: getattr(standard, field.name) for field in fields(_Standard)} | {"rules": rules}
    encoded = msgspec.json.encode(_Standard(**whole), order="deterministic")
    (folder / FILE).write_bytes(msgspec.json.format(encoded, indent=1) + b"\n")


def read_snapshot(folder: Path) -> Standard:
    """The standard of a night: it scores as then, and can neither judge nor explain.

    Raises:
        InputError: the folder has none, or one that cannot be read.
    """
    path = folder / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Standard)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            f"{path}: the standard of this night cannot be read ({error}); audit the night again with --replace"
        ) from None
    rules = tuple(
        Rule(
            **{field.name: getattr(rule, field.name) for field in fields(_Rule)},
            why="",
            source="",
            message="",
            advice="",
            check="forbid",
            path="",
        )
        for rule in kept.rules
    )
    whole = {field.name: getattr(kept, field.name) for field in fields(_Standard)} | {"rules": rules}
    return Standard(**whole)
