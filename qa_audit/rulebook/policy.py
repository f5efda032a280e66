"""The dated policy table ``lexicons/policy.yml``: limits that a customer is entitled to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from qa_audit.numerals import days_of
from qa_audit.rule import Limit
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.text import read_text
from qa_audit.yamltext import describe, load


class PolicyLine(BaseModel):
    """One limit, since when (and until when, that day included) it holds, and where it is written."""

    model_config = ConfigDict(extra="forbid")
    limit: float
    unit: Literal["天", "周", "月", "年"]
    bound: Literal["exact", "at_least", "at_most"] = "exact"
    since: date
    until: date | None = None
    source: str


def _listed(value: object) -> object:
    """A subject with a single line may be written without a list."""
    return [value] if isinstance(value, dict) else value


class _PolicyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subjects: dict[str, Annotated[list[PolicyLine], BeforeValidator(_listed)]]


def table_is_broken(lexicons: Lexicons) -> bool:
    """Whether the table has faults of its own: what it lacks says nothing then."""
    return any(lexicons.errors_of(folder / "policy.yml") for folder in lexicons.folders)


def policy_limits(lexicons: Lexicons, subject: str) -> tuple[Limit, ...]:
    """The lines of a subject, oldest first; none if the table has none. Faults go to the lexicons' errors."""
    file = next((f / "policy.yml" for f in lexicons.folders if (f / "policy.yml").is_file()), None)
    if file is None:
        return ()
    document = load(read_text(file, lexicons.errors), str(file))
    lexicons.errors += document.errors
    if document.data is None and document.errors:
        return ()
    try:
        lines = _PolicyFile.model_validate(document.data).subjects.get(subject, [])
    except ValidationError as error:
        lexicons.errors += describe(error, document, model=_PolicyFile)
        return ()
    for number, line in enumerate(lines):
        if line.until is not None and line.until < line.since:
            fault = f"{subject} ends on {line.until}, before it begins; correct one of the dates"
            lexicons.errors.append(document.at(("subjects", subject, number, "until"), fault))
    limits = (Limit(_days(line), line.bound, line.since, line.until) for line in lines)
    return tuple(sorted(limits, key=lambda limit: limit.since))


def _days(line: PolicyLine) -> float:
    days = days_of(f"{line.limit:g}{line.unit}")
    assert days is not None, "a number and a unit are a duration"
    return days[1]
