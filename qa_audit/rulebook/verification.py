"""Procedures in which codes, IDs or card numbers may be asked for: ``lexicons/allowed_verification.yml``."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_audit.rule import AnyOf, Procedure
from qa_audit.rulebook.lexicons import PATTERN, Lexicons, phrase
from qa_audit.rulebook.text import read_text
from qa_audit.yamltext import Document, describe, load

FILE = "allowed_verification.yml"


class _ProcedureFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    asks: Annotated[list[Literal["code", "id", "card"]], Field(min_length=1)]
    words: Annotated[list[str], Field(min_length=1)]
    since: date
    until: date | None = None
    shops: list[str] = []
    source: str


class _VerificationFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    procedures: list[_ProcedureFile]


def load_procedures(lexicons: Lexicons) -> tuple[Procedure, ...]:
    """The procedures of the first folder that has the file; none without it. Faults go to the lexicons' errors."""
    file = next((f / FILE for f in lexicons.folders if (f / FILE).is_file()), None)
    if file is None:
        return ()
    document = load(read_text(file, lexicons.errors), str(file))
    lexicons.errors += document.errors
    try:
        read = _VerificationFile.model_validate(document.data)
    except ValidationError as error:
        lexicons.errors += describe(error, document, model=_VerificationFile)
        return ()
    return tuple(_procedure(p, n, document, lexicons) for n, p in enumerate(read.procedures))


def _procedure(file: _ProcedureFile, number: int, document: Document, lexicons: Lexicons) -> Procedure:
    at = f"{document.path}:{document.line(('procedures', number, 'words'))}"
    words = tuple(
        lexicons.pattern(word, at) if word.startswith(PATTERN) else phrase(word) for word in file.words
    )
    return Procedure(file.name, tuple(file.asks), AnyOf(words), file.since, file.until, tuple(file.shops))
