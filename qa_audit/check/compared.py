"""Checks that compare texts: ``repeat`` (with earlier rounds), ``echo`` (with the customer), ``state`` (with policy)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers, undecidable
from qa_audit.match.similar import Bigrams, bigrams, coverage
from qa_audit.numerals import number_of
from qa_audit.records import Evidence, Excused, Round, RuleResult, Verdict
from qa_audit.rule import Rule, Similarity
from qa_audit.view import AgentView, Said

CLAUSE = re.compile(r"[^\s,;。!?…~、:]+")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of a message between marks or spaces, with its bigrams (anonymisation masks left out)."""

    said: Said
    grams: Bigrams


def _clauses(view: AgentView, round_: Round, similar: Similarity, rule: Rule) -> Iterator[_Clause]:
    """The clauses of a round that are long enough to compare, without the excepted ones."""
    for message in round_.messages:
        # masks keep their length, so spans still hold
        text = view.language.masks.sub(lambda m: " " * len(m[0]), view.conversation.text(message))
        excepted = view.hits(rule.excepted, message) if rule.excepted is not None else []
        for match in CLAUSE.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in excepted):
                continue
            grams = bigrams(match[0])
            if grams.total() + 1 >= similar.min_characters:
                yield _Clause(Said(message, match.span()), grams)


def repeat(view: AgentView, rule: Rule) -> RuleResult:
    """No near-identical clauses in rounds of one side, N times; no words that say so (``look_for``)."""
    assert rule.similar is not None, "the rulebook requires similar for this check"
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, "检测范围内没有发言")
    clauses = [list(_clauses(view, r, rule.similar, rule)) for r in rounds]
    again: list[Said] = []
    for number, current in enumerate(clauses):
        earlier = clauses[max(0, number - rule.similar.look_back) : number]
        again += [c.said for c in current if _times(c, earlier, rule.similar) >= rule.similar.times]
    excused: list[Excused] = []
    if rule.look_for is not None:
        said, excused = counted_by(view, rule, rounds)
        again += said
    evidence = all_evidence(view, again)
    return RuleResult(
        rule.id, Verdict.FAIL if evidence else Verdict.PASS, evidence=evidence, excused=tuple(excused)
    )


def _times(clause: _Clause, earlier: Sequence[Sequence[_Clause]], similar: Similarity) -> int:
    """How many rounds say it, this one included."""
    return 1 + sum(any(_same(clause, other, similar.threshold) for other in round_) for round_ in earlier)


def _same(a: _Clause, b: _Clause, threshold: float) -> bool:
    """Whether the shorter of two clauses is covered by the longer one, which is not twice as long."""
    shorter, longer = sorted((a.grams, b.grams), key=lambda grams: grams.total())
    return longer.total() <= 3 * shorter.total() and coverage(shorter, longer) >= threshold


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
        asked = [c for r in before for c in _clauses(view, r, rule.similar, rule)]
        for mine in _clauses(view, round_, rule.similar, rule):
            if any(coverage(mine.grams, theirs.grams) >= rule.similar.threshold for theirs in asked):
                yield mine.said


def _echo_values(view: AgentView, rule: Rule, rounds: Sequence[Round]) -> RuleResult:
    """Each value the customer gave is repeated, whole or by its last four characters, or confirmed."""
    assert rule.of is not None
    given, _ = counted(view, view.customer, rule.of)
    missing: list[Said] = []
    searched: set[int] = set()
    for value in given:
        later = [r for r in rounds if r.messages[-1] > value.message][: rule.within.rounds]
        if not later:
            continue
        text = view.conversation.text(value.message)[slice(*value.span)]
        confirmed, _ = counted_by(view, rule, later)
        if not confirmed and not any(
            text[-4:] in view.conversation.text(m) for r in later for m in r.messages
        ):
            missing.append(value)
            searched.update(numbers(later))
    if not given:
        return not_applicable(rule, "客户没有提供需要复述的信息")
    if not missing:
        return RuleResult(rule.id, Verdict.PASS)
    return RuleResult(
        rule.id,
        Verdict.FAIL,
        evidence=all_evidence(view, missing),
        searched=tuple(sorted(searched)),
        wanted=rule.wanted,
    )


def state(view: AgentView, rule: Rule) -> RuleResult:
    """A limit that the agent states for a policy subject equals the dated policy table."""
    rounds = view.scope(rule.where) or ()
    wrong: list[Evidence] = []
    right: list[Evidence] = []
    masked = False
    for statement in rule.statements:
        pattern = re2.compile(statement.value)
        for subject in view.said_in(statement.expression, rounds):
            start, end = view.sentence_of(subject)
            for match in pattern.finditer(view.conversation.text(subject.message)[start:end]):
                number = number_of(match[1])
                span = (start + match.start(), start + match.end())
                if number is None:
                    masked = True  # an anonymised number has no magnitude
                elif number == statement.limit:
                    right.append(view.evidence(Said(subject.message, span)))
                else:
                    wrong.append(view.evidence(Said(subject.message, span)))
    if wrong:
        return RuleResult(rule.id, Verdict.FAIL, evidence=_in_order(wrong))
    if right:
        return RuleResult(rule.id, Verdict.PASS, evidence=_in_order(right))
    if masked:
        return undecidable(rule, "数字已脱敏，无法与政策核对")
    return not_applicable(rule, "坐席没有说明政策时限")


def _in_order(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=lambda e: (e.message, e.start, e.end)))
