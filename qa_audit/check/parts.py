"""The check ``parts``: several checks, each with its own scope and condition, that one rule asks for together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from qa_audit.check.compared import echo
from qa_audit.check.conditions import fact, unmet_condition
from qa_audit.check.felt import emotion
from qa_audit.check.measured import limit, mood
from qa_audit.check.repeated import repeat
from qa_audit.check.said import forbid, require, respond
from qa_audit.check.shares import ratio
from qa_audit.check.stated import state
from qa_audit.records import RuleResult, Verdict
from qa_audit.rule import Rule
from qa_audit.view import AgentView

T = TypeVar("T")
OF_ONE_PART = {
    "forbid": forbid,
    "require": require,
    "respond": respond,
    "limit": limit,
    "repeat": repeat,
    "echo": echo,
    "state": state,
    "ratio": ratio,
    "mood": mood,
    "fact": fact,
    "emotion": emotion,
}


def parts(view: AgentView, rule: Rule) -> RuleResult:
    """Every part that applies holds: one that fails fails the rule, else one that cannot be decided leaves it open.

    A fail has the evidence, the rounds searched and the wants of all parts that failed, and nothing of the others.
    """
    results = [_part(view, part) for part in rule.parts]
    for verdict in (Verdict.FAIL, Verdict.UNDECIDABLE, Verdict.PASS):
        decisive = [result for result in results if result.verdict is verdict]
        if decisive:
            return _together(rule, verdict, decisive, results)
    return _together(rule, Verdict.NOT_APPLICABLE, results, results)


def _part(view: AgentView, part: Rule) -> RuleResult:
    unmet = unmet_condition(view, part)
    return unmet if unmet is not None else OF_ONE_PART[part.check](view, part)


def _together(
    rule: Rule, verdict: Verdict, decisive: Iterable[RuleResult], results: Iterable[RuleResult]
) -> RuleResult:
    decisive = list(decisive)
    measured = next((result for result in decisive if result.measured is not None), decisive[0])
    return RuleResult(
        rule.id,
        verdict,
        evidence=tuple(
            sorted(_once(e for r in decisive for e in r.evidence), key=lambda e: (e.message, e.start))
        ),
        searched=tuple(sorted(_once(n for r in decisive for n in r.searched))),
        wanted="；".join(_once(r.wanted for r in decisive if r.wanted)),
        measured=measured.measured,
        limit=measured.limit,
        unit=measured.unit,
        excused=tuple(_once(e for r in results for e in r.excused)),
        note="；".join(_once(r.note for r in decisive if r.note)),
    )


def _once(items: Iterator[T]) -> list[T]:
    """The items in order, none twice."""
    return list(dict.fromkeys(items))
