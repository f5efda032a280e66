"""``state``: what the agent says, or affirms, of a policy's limit and of the day it is counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import re2

from qa_audit.check.agreed import affirmed, before
from qa_audit.check.evidence import excuse, not_applicable, undecidable
from qa_audit.numerals import days_of
from qa_audit.records import Evidence, Excused, Round, RuleResult, Verdict
from qa_audit.rule import Limit, Rule, Statement
from qa_audit.view import AgentView, Said

UNDATED = "没有会话日期，无法确定当时适用的政策"
MASKED = "数字已脱敏，无法与政策核对"
# 十五天内能换吗: who says yes to this has not said that the limit is fifteen days
WITHIN = re2.compile("能|可以|可不可以|行不行|行吗|来得及")


@dataclass(slots=True)
class _Found:
    """What a chat says of the policy: evidence by judgement, and why some of it cannot be judged."""

    wrong: list[Evidence] = field(default_factory=list)
    right: list[Evidence] = field(default_factory=list)
    excused: list[Excused] = field(default_factory=list)
    open: str = ""


def state(view: AgentView, rule: Rule) -> RuleResult:
    """A limit that the agent states or affirms for a policy subject is that of the dated table, from the right day.

    Where the agent names no subject, the duration answers for the one that the customer has just named. A talk of
    a policy in which no limit is stated passes; one that names no subject does not concern the rule.
    """
    found, rounds = _Found(), view.scope(rule.where) or ()
    for round_ in rounds:
        _judge_round(view, rule, round_, found)
    excused = tuple(dict.fromkeys(found.excused))
    if found.wrong:
        return RuleResult(rule.id, Verdict.FAIL, evidence=_in_order(found.wrong), excused=excused)
    if found.open and not found.right:
        return replace(undecidable(rule, found.open), excused=excused)
    if not any(_names(view, statement, (*rounds, *view.customer)) for statement in rule.statements):
        return not_applicable(rule, "没有谈到政策")
    return RuleResult(rule.id, Verdict.PASS, evidence=_in_order(found.right), excused=excused)


def _judge_round(view: AgentView, rule: Rule, round_: Round, found: _Found) -> None:
    asked = before(view, round_)
    stated = list(_stated_in(view, rule, [round_], found))
    starts = list(_starts(view, rule, [round_], asked, rule.unless))
    for wrong, said in starts:
        (found.wrong if wrong else found.right).append(view.evidence(said))
    if not stated and not any(_names(view, s, [round_]) for s in rule.statements):
        stated = list(_answered(view, rule, round_, asked, found))
    for statement, said, duration in stated:
        _judge(view, statement, duration, said, found)
    if stated or starts or rule.agreed is None:
        return
    yes = affirmed(view, round_, rule.agreed)
    if yes is None:
        return
    for statement, said, duration in _stated_in(view, rule, asked, _Found()):
        days = days_of(duration)
        limits = _in_force(view, statement)
        text = view.conversation.text(said.message)
        if days is not None and limits and WITHIN.search(text) and days[1] < limits[-1].days:
            continue
        _judge(view, statement, duration, yes, found)
    for wrong, _ in _starts(view, rule, asked, asked, ()):
        (found.wrong if wrong else found.right).append(view.evidence(yes))


def _judge(view: AgentView, statement: Statement, duration: str, said: Said, found: _Found) -> None:
    days = days_of(duration)
    limits = _in_force(view, statement)
    if days is None:
        found.open = found.open or MASKED  # an anonymised number has no magnitude
        return
    allowed = [limit.allows(*days) for limit in limits]
    if all(allowed) and allowed:
        found.right.append(view.evidence(said))
    elif any(allowed):
        found.open = found.open or UNDATED
    elif allowed:
        found.wrong.append(view.evidence(said))


def _in_force(view: AgentView, statement: Statement) -> list[Limit]:
    """The line of the table on the day of the chat; all of them where that day is not known."""
    began = view.transcript.began_at
    if began is None:
        return list(statement.limits)
    return [limit for limit in statement.limits if limit.holds_on(began.date())][-1:]


def _stated_in(
    view: AgentView, rule: Rule, rounds: Sequence[Round], found: _Found
) -> Iterator[tuple[Statement, Said, str]]:
    """Each subject named in some rounds with the duration beside it."""
    named = [(s, said) for s in rule.statements for said in view.said_in(s.expression, rounds)]
    for statement, subject in named:
        start, end = view.sentence_of(subject)
        values = list(_values(view, rule, statement, subject.message, (start, end), found))
        if not values:
            continue
        said, duration = min(values, key=lambda value: _gap(value[0].span, subject.span))
        others = [other.span for _, other in named if other.message == subject.message]
        gap = _gap(said.span, subject.span)
        if not any(_gap(said.span, other) < gap for other in others):
            yield statement, said, duration


def _answered(
    view: AgentView, rule: Rule, round_: Round, asked: Sequence[Round], found: _Found
) -> Iterator[tuple[Statement, Said, str]]:
    """The durations of a round that names no subject, for the one that the customer named last."""
    named = [(said, s) for s in rule.statements for said in view.said_in(s.expression, asked)]
    if not named:
        return
    statement = max(named, key=lambda pair: (pair[0].message, pair[0].span))[1]
    for message in round_.messages:
        whole = (0, len(view.conversation.text(message)))
        for said, duration in _values(view, rule, statement, message, whole, found):
            yield statement, said, duration


def _values(
    view: AgentView, rule: Rule, statement: Statement, message: int, within: tuple[int, int], found: _Found
) -> Iterator[tuple[Said, str]]:
    """The durations in a stretch of a message, without those that are excused."""
    start, end = within
    text = view.conversation.text(message)[start:end]
    for match in re2.compile(statement.value).finditer(text):
        if not match[1]:
            continue
        said = Said(message, (start + match.start(), start + match.end()))
        # the customer asks, and may report: what counts is the yes to it
        theirs = view.transcript.messages[message].role == "customer"
        reason = excuse(view, said, rule.excepted, () if theirs else rule.unless)
        if reason:
            found.excused.append(Excused(view.evidence(said), reason))
        else:
            yield said, match[1]


def _starts(
    view: AgentView, rule: Rule, rounds: Sequence[Round], asked: Sequence[Round], unless: tuple[str, ...]
) -> Iterator[tuple[bool, Said]]:
    """Where some rounds say from which day a subject is counted, and whether that is the wrong one."""
    for statement in rule.statements:
        if not (_names(view, statement, rounds) or _names(view, statement, asked)):
            continue
        for expression, wrong in ((statement.other_start, True), (statement.start, False)):
            for said in view.said_in(expression, rounds) if expression is not None else ():
                if not excuse(view, said, rule.excepted, unless):
                    yield wrong, said


def _names(view: AgentView, statement: Statement, rounds: Sequence[Round]) -> bool:
    return any(True for _ in view.said_in(statement.expression, rounds))


def _gap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Characters between two spans, 0 where they touch."""
    return max(a[0] - b[1], b[0] - a[1], 0)


def _in_order(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=lambda e: (e.message, e.start, e.end)))
