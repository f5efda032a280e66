"""Everything that keeps a standard honest, in one call: loading, lint, examples, clause test."""

from __future__ import annotations

from dataclasses import dataclass

from qa_audit.rulebook.lint import lint
from qa_audit.rulebook.load import Loaded
from qa_audit.rulebook.trial import Trier, clauses_of, idle_clauses, run_examples


@dataclass(frozen=True, slots=True)
class StandardReport:
    """How many rules, examples, clauses and lexicons were looked at, and every fault as ``path:line: …``."""

    rules: int
    examples: int
    clauses: int
    lexicons: int
    findings: tuple[str, ...]


def check_standard(loaded: Loaded, decide: Trier) -> StandardReport:
    """Lints a loaded standard, runs all its examples and takes out every clause."""
    findings = list(lint(loaded))
    examples = 0
    for outcome in run_examples(loaded, decide):
        examples += 1
        findings += [
            f"{outcome.rule.path}:{outcome.example.line}: example “{outcome.example.why}”: {fault}"
            for fault in outcome.faults
        ]
    findings += idle_clauses(loaded, decide)
    clauses = sum(len(list(clauses_of(source.document.data))) for source in loaded.sources.values())
    return StandardReport(
        rules=len(loaded.standard.rules),
        examples=examples,
        clauses=clauses,
        lexicons=len(loaded.lexicons.names()),
        findings=tuple(findings),
    )
