"""How well each rule does by what people have judged so far: the figures that the next night's workbooks show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from qa_audit.errors import InputError
from qa_audit.records import Interval

FOLDER = "reviews"  # under the folder of the nights
FILE = "quality.json"
NOTHING = Interval(None, None, None, 0)


@dataclass(frozen=True, slots=True)
class Quality:
    """One rule by what people judged, each figure with its 95 % interval.

    From the blind sample, weighted by stratum: ``precision``, the share of the machine's fails that people call fails;
    ``miss_rate``, the share of people's fails that the machine let pass; ``omission``, the share of the machine's
    passes that people call fails; ``kappa`` of fail against not fail. ``reviewed`` counts the blind verdicts behind
    them. From the agents' workbooks: ``overturned``, the share of judged deductions taken back; ``appeals``, the share
    of charged chats appealed against; ``upheld``, the share of decided appeals that were granted.
    """

    rule_id: str
    reviewed: int
    precision: Interval = NOTHING
    miss_rate: Interval = NOTHING
    omission: Interval = NOTHING
    kappa: Interval = NOTHING
    overturned: Interval = NOTHING
    appeals: Interval = NOTHING
    upheld: Interval = NOTHING


def quality(out: Path) -> Mapping[str, Quality]:
    """The figures of each rule that people judged in the nights under ``out``; empty where none were collected.

    Raises:
        InputError: the file of figures is not one.
    """
    path = out / FOLDER / FILE
    if not path.exists():
        return {}
    try:
        rules = msgspec.json.decode(path.read_bytes(), type=list[Quality])
    except msgspec.DecodeError as error:
        raise InputError(
            f"{path}: holds no figures of rules ({error}); delete it and collect the workbooks again"
        ) from error
    return {rule.rule_id: rule for rule in rules}


def write_quality(out: Path, rules: Mapping[str, Quality]) -> None:
    """The figures of all rules in their place under ``out``, in the order of their ids."""
    path = out / FOLDER / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = msgspec.json.encode([rules[rule_id] for rule_id in sorted(rules)], order="sorted")
    path.write_bytes(msgspec.json.format(encoded, indent=1) + b"\n")
