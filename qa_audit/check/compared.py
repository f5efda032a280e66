"""``echo``: the agent's words compared with the customer's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_audit.check.clauses import clauses_of
from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers
from qa_audit.match.similar import coverage
from qa_audit.records import Round, RuleResult, Verdict
from qa_audit.rule import Rule
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
