"""The keys of a rule file and of ``_standard.yml``, and the types of their values (pydantic: people write these)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from qa_audit.match.cues import CueKind
from qa_audit.overrides import GradeFile, Hours, Number, Points
from qa_audit.records import Severity
from qa_audit.rule import CheckName, Edge

Expr = Any  # read by ``expressions``, which knows more of it than a schema can say


def _rule_id(value: str) -> str:
    if re.fullmatch(r"[A-Z]{3,5}-\d\d", value) is None:
        raise ValueError(f"{value} is not like ATT-01")
    return value


def _slug(value: str) -> str:
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) is None:
        raise ValueError(f"{value} is not like blaming-the-customer")
    return value


class Strict(BaseModel):
    """A mapping of a hand-written file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class GivenFile(Strict):
    """What was said before, and the hits that depend on it."""

    said: Expr
    hits: Expr = None


class WhenFile(Strict):
    """What ``respond`` waits for."""

    side: Literal["agent", "customer"] = "customer"
    look_for: Expr = None
    mood: str = ""
    mood_unsure: str = ""
    rule: str = ""
    except_: Expr = Field(None, alias="except")
    unless: list[CueKind] = []
    alone: bool = False
    otherwise: Literal["not_applicable", "pass"] = "not_applicable"
    joined: bool = False
    answering: GivenFile | None = None
    except_given: GivenFile | None = None
    unheard: bool = False
    unheard_except: Expr = None


class SimilarFile(Strict):
    """How alike two rounds must be to say the same."""

    threshold: Number
    look_back: int = 6
    min_characters: int = 4
    times: int = 2
    ignoring: Expr = None
    no_answer: Expr = None
    unit: Literal["clause", "reply"] = "clause"
    framed: Expr = None
    insisting: Expr = None
    answer: Expr = None


class ShareFile(Strict):
    """Bounds of a share of messages."""

    at_most: Number | None = None
    at_least: Number | None = None
    at_most_count: int | None = None
    enough: int | None = None
    of: Expr = None
    counting: Literal["messages", "hits"] = "messages"
    answers_to: Expr = None
    answers_except: Expr = None


class ValuesFile(Strict):
    """The customer's values that must come back."""

    look_for: Expr
    bare: Expr = None
    asked: Expr = None
    except_: Expr = Field(None, alias="except")


class StatementFile(Strict):
    """How a policy subject and its number are said; the number itself stands in the policy table."""

    subject: str
    look_for: Expr
    value: str
    start: Expr = None
    other_start: Expr = None


class AgreedFile(Strict):
    """What the agent affirms with a yes: the customer's words, the yes, and what takes it back."""

    by: Expr
    look_for: Expr = None
    except_: Expr = Field(None, alias="except")


class ExampleFile(Strict):
    """One example: the talk, transcript fields, and what the rule must find."""

    why: str
    talk: str
    searched: list[int] | None = None
    measured: Number | None = None
    waived: bool | None = None
    agent: str | None = None
    channel: Literal["chat", "phone", "email"] = "chat"
    opened_at: str | None = None
    closed_at: str | None = None
    rings: int | None = None
    ring_s: Number | None = None
    direction: Literal["inbound", "outbound"] | None = None
    ended_by: Literal["customer", "agent"] | None = None
    assigned_agent: str | None = None
    offline: bool = False
    shop: str | None = None
    audio_channels: Annotated[int, Field(ge=1, le=2)] | None = None


class DecisionFile(Strict):
    """The keys that say what is looked for, where, and when: those of a rule and of each of its parts."""

    wanted: str = ""
    applies_when: Expr = None
    where: dict[str, Any] = {}
    look_for: Expr = None
    on_phone: Expr = None
    no_answer: Expr = None
    except_: Expr = Field(None, alias="except")
    together_with: Expr = None
    unless: list[CueKind] = []
    within: dict[str, Any] = {}
    hours: Hours | None = None
    when: WhenFile | None = None
    at_least: int = 1
    at_most: int | None = None
    counting: Literal["hits", "rounds"] = "hits"
    enough: int | None = None
    similar: SimilarFile | None = None
    share: ShareFile | None = None
    of: Expr = None
    values: ValuesFile | None = None
    statements: list[StatementFile] = []
    agreed: AgreedFile | None = None
    holds: Expr = None
    trajectory: Literal["end_negative", "worsened"] | None = None
    emotion: list[Literal["anxious", "angry", "disappointed"]] = []
    threshold: str = ""


class PartFile(DecisionFile):
    """One part of a rule with the check ``parts``: a check of its own, in its own scope."""

    check: Literal[
        "forbid", "require", "respond", "limit", "repeat", "echo", "state", "ratio", "mood", "fact"
    ] = "require"


class RuleFile(DecisionFile):
    """One rule, as written."""

    id: Annotated[str, AfterValidator(_rule_id)]
    name: Annotated[str, AfterValidator(_slug)]
    title: str
    section: str
    severity: Severity
    status: Literal["trial", "live"] = "trial"
    points: Points = 0
    per: Literal["chat", "hit", "agent"] = "chat"
    why: str
    source: str
    message: str
    advice: str
    advice_on: dict[str, str] = {}
    measured_on: Literal["真实标注", "对照样例", "未实测"] = "未实测"
    check: CheckName
    edge: Edge | None = None
    parts: list[PartFile] = []
    service_hours: Hours | None = None
    waive_when: Expr = None
    yields_to: list[str] = []
    passes: list[ExampleFile] = []
    fails: list[ExampleFile] = []
    not_applicable: list[ExampleFile] = []
    undecidable: list[ExampleFile] = []


class WithinFile(Strict):
    """``within`` of ``respond`` and ``echo``."""

    messages: int | None = None
    rounds: int | None = None
    seconds: Number | None = None
    from_s: Number | None = None
    behind: bool = False
    settles: int = 0


class LimitsFile(Strict):
    """``within`` of ``limit``: per channel, measures with their bounds."""

    chat: dict[str, Points] = {}
    phone: dict[str, Points] = {}
    email: dict[str, Points] = {}


class SectionFile(Strict):
    """一级指标."""

    name: str
    letter: str
    cap: Points | None = None


class StandardFile(Strict):
    """``_standard.yml``: what all rules share."""

    title: str
    version: str
    mode: Literal["deduct", "weighted"] = "deduct"
    sections: list[SectionFile]
    grades: Annotated[list[GradeFile], Field(min_length=1)]
    fatal_grade: str = "致命"


# What a rule with the check ``parts`` leaves to its parts; its own condition holds for all of them.
OF_A_PART = frozenset(f.alias or name for name, f in DecisionFile.model_fields.items()) - {"applies_when"}

# Keys that each check needs, and those that only some checks read.
NEEDS: dict[str, tuple[str, ...]] = {
    "forbid": ("look_for",),
    "require": ("look_for", "wanted"),
    "respond": ("when", "look_for", "wanted"),
    "limit": ("within",),
    "repeat": ("similar",),
    "echo": ("look_for", "wanted"),
    "state": ("statements",),
    "ratio": ("look_for", "share"),
    "mood": ("trajectory", "threshold"),
    "fact": ("holds", "wanted"),
    "emotion": ("emotion",),
    "parts": ("parts",),
}
ONLY: dict[str, tuple[str, ...]] = {
    "when": ("respond",),
    "within": ("limit", "respond", "echo"),
    "similar": ("repeat", "echo"),
    "share": ("ratio",),
    "of": ("repeat",),
    "values": ("echo",),
    "statements": ("state",),
    "agreed": ("forbid", "state"),
    "parts": ("parts",),
    "trajectory": ("mood",),
    "holds": ("fact",),
    "emotion": ("emotion",),
    "threshold": ("mood",),
    "at_least": ("require",),
    "at_most": ("require",),
    "counting": ("require",),
    "enough": ("respond",),
    "on_phone": ("require", "respond"),
    "no_answer": ("respond",),
    "together_with": ("forbid", "require"),
    "service_hours": ("limit",),
    "hours": ("limit",),
}
