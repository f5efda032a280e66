"""Checks that compare texts: ``echo`` (with the customer), ``state`` (with policy)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from qa_audit.check.clauses import clauses_of
from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers, undecidable
from qa_audit.match.similar import coverage
from qa_audit.numerals import number_of
from qa_audit.records import Evidence, Round, RuleResult, Verdict
from qa_audit.rule import Rule, Statement
from qa_audit.view import AgentView, Said


def echo(view: AgentView, rule: Rule) -> RuleResult:
    """The customer's values (``of``) or request come back in the agent's words, or are asked about (``look_for``)."""
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, "检测范围内没有发言")
    if rule.of is not None:
        return _echo_values(view, rule, rounds)
    hits, excused = counted_by(view, rule, rounds)
    restated = list(_restatements(view, rule, rounds)) if rule.similar is not None else []
    evidence = all_evidence(view, [*hits, *restated])
    if evidence:
        return RuleResult(rule.id, Verdict.PASS, evidence=evidence, excused=tuple(excused))
    return RuleResult(
        rule.id, Verdict.FAIL, searched=numbers(rounds), wanted=rule.wanted, excused=tuple(excused)
    )


def _restatements(view: AgentView, rule: Rule, rounds: Sequence[Round]) -> Iterator[Said]:
    """The agent's clauses that share their bigrams with what the customer had said in the rounds before."""
    assert rule.similar is not None
    for round_ in rounds:
        before = [r for r in view.customer if r.index < round_.index][-rule.similar.look_back :]
        asked = [c for r in before for c in clauses_of(view, r, rule.similar, rule)]
        for mine in clauses_of(view, round_, rule.similar, rule):
            if any(coverage(mine.grams, theirs.grams) >= rule.similar.threshold for theirs in asked):
                yield mine.said


def _echo_values(view: AgentView, rule: Rule, rounds: Sequence[Round]) -> RuleResult:
    """Each value the customer gave is repeated, whole or by its last four characters, or confirmed."""
    assert rule.of is not None
    given, _ = counted(view, view.customer, rule.of)
    missing: list[Said] = []
    repeated: list[Said] = []
    searched: set[int] = set()
    judged = 0
    for value in given:
        later = [r for r in rounds if r.messages[-1] > value.message][: rule.within.rounds]
        if not later:
            continue
        judged += 1
        confirmed, _ = counted_by(view, rule, later)
        again = [*confirmed, *_again(view, value, later)]
        repeated += again
        if not again:
            missing.append(value)
            searched.update(numbers(later))
    if not judged:
        return not_applicable(
            rule, "客户提供信息之后坐席没有机会复述" if given else "客户没有提供需要复述的信息"
        )
    if not missing:
        return RuleResult(rule.id, Verdict.PASS, evidence=all_evidence(view, repeated))
    return RuleResult(
        rule.id,
        Verdict.FAIL,
        evidence=all_evidence(view, missing),
        searched=tuple(sorted(searched)),
        wanted=rule.wanted,
    )


def _again(view: AgentView, value: Said, rounds: Sequence[Round]) -> Iterator[Said]:
    """Where the last four characters of a value are said again."""
    tail = view.conversation.text(value.message)[slice(*value.span)][-4:]
    for message in (m for r in rounds for m in r.messages):
        at = view.conversation.text(message).find(tail)
        if at >= 0:
            yield Said(message, (at, at + len(tail)))


def state(view: AgentView, rule: Rule) -> RuleResult:
    """A limit that the agent states for a policy subject equals the dated policy table."""
    rounds = view.scope(rule.where) or ()
    wrong: list[Evidence] = []
    right: list[Evidence] = []
    masked = False
    named = [(s, said) for s in rule.statements for said in view.said_in(s.expression, rounds)]
    for statement, subject in named:
        stated = _stated(view, statement, subject, [said for _, said in named])
        if stated is None:
            continue
        value = number_of(stated.number)
        if value is None:
            masked = True  # an anonymised number has no magnitude
        else:
            (right if value == statement.limit else wrong).append(view.evidence(stated.said))
    if wrong:
        return RuleResult(rule.id, Verdict.FAIL, evidence=_in_order(wrong))
    if right:
        return RuleResult(rule.id, Verdict.PASS, evidence=_in_order(right))
    if masked:
        return undecidable(rule, "数字已脱敏，无法与政策核对")
    return not_applicable(rule, "坐席没有说明政策时限")


@dataclass(frozen=True, slots=True)
class _Stated:
    """A limit as somebody states it: the words, and the number in them."""

    said: Said
    number: str


def _stated(view: AgentView, statement: Statement, subject: Said, subjects: Sequence[Said]) -> _Stated | None:
    """What stands nearest to a subject in its sentence, unless it belongs to a subject that is nearer still."""
    start, end = view.sentence_of(subject)
    text = view.conversation.text(subject.message)[start:end]
    found = [
        _Stated(Said(subject.message, (start + m.start(), start + m.end())), m[1])
        for m in re2.compile(statement.value).finditer(text)
        if m[1]
    ]
    if not found:
        return None
    nearest = min(found, key=lambda stated: _gap(stated.said.span, subject.span))
    others = [said.span for said in subjects if said.message == subject.message]
    gap = _gap(nearest.said.span, subject.span)
    return None if any(_gap(nearest.said.span, other) < gap for other in others) else nearest


def _gap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Characters between two spans, 0 where they touch."""
    return max(a[0] - b[1], b[0] - a[1], 0)


def _in_order(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=lambda e: (e.message, e.start, e.end)))
