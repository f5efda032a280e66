"""The dated policy table ``lexicons/policy.yml``: limits that a customer is entitled to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.text import read_text
from qa_audit.yamltext import describe, load


class PolicyEntry(BaseModel):
    """One limit, since when it holds, and where it is written."""

    model_config = ConfigDict(extra="forbid")
    limit: float
    unit: str
    since: str
    source: str


class _PolicyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subjects: dict[str, PolicyEntry]


def policy_limit(lexicons: Lexicons, subject: str) -> PolicyEntry | None:
    """The entry of a subject; None if the table has none. Faults go to the lexicons' errors."""
    file = next((f / "policy.yml" for f in lexicons.folders if (f / "policy.yml").is_file()), None)
    if file is None:
        return None
    document = load(read_text(file, lexicons.errors), str(file))
    lexicons.errors += document.errors
    try:
        return _PolicyFile.model_validate(document.data).subjects.get(subject)
    except ValidationError as error:
        lexicons.errors += describe(error, document, model=_PolicyFile)
        return None
