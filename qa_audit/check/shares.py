"""``ratio``: the share of messages, of hits, or of answers to the customer's questions that have a property."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa_audit.check.evidence import all_evidence, counted, not_applicable
from qa_audit.records import Round, RuleResult, Verdict
from qa_audit.rule import Expression, Rule, Share
from qa_audit.view import AgentView


def ratio(view: AgentView, rule: Rule) -> RuleResult:
    """The share of messages with a property stays within its bounds."""
    assert rule.share is not None, "the rulebook requires share for this check"
    assert rule.look_for is not None, "the rulebook requires look_for for this check"
    rounds = view.scope(rule.where) or ()
    share = rule.share
    hits, excused = counted(view, rounds, rule.look_for, excepted=rule.excepted, unless=rule.unless)
    if share.counting == "hits":
        assert share.of is not None, "the rulebook requires of for shares of hits"
        counted_in: list[tuple[int, ...]] = [(said.message,) for said in view.said_in(share.of, rounds)]
        with_property: list[tuple[int, ...]] = [(hit.message,) for hit in hits]
    else:
        counted_in = _counted_in(view, share, rounds)
        holding = {hit.message for hit in hits}
        with_property = [messages for messages in counted_in if holding.issuperset(messages)]
    if not counted_in:
        return not_applicable(rule, "没有可计入的发言")
    value = len(with_property) / len(counted_in)
    over = _is_over(share, value, len(with_property))
    under = share.at_least is not None and value < share.at_least
    within = {m for messages in with_property for m in messages}
    return RuleResult(
        rule.id,
        Verdict.FAIL if over or under else Verdict.PASS,
        evidence=all_evidence(view, [hit for hit in hits if hit.message in within]) if over else (),
        measured=round(value, 4),
        limit=share.at_most if share.at_most is not None else share.at_least,
        unit="占比",
        excused=tuple(excused),
    )


def _counted_in(view: AgentView, share: Share, rounds: Sequence[Round]) -> list[tuple[int, ...]]:
    """What a share is of: answers to a question, or single messages."""
    if share.answers_to is not None:
        return answers_of(view, share.answers_to, rounds, excepted=share.answers_excepted)
    messages = [m for r in rounds for m in r.messages]
    return [(m,) for m in messages if share.of is None or view.hits(share.of, m)]


def _is_over(share: Share, value: float, count: int) -> bool:
    """Whether a share is above its bound by more than what is allowed, or so many are enough by themselves."""
    if share.enough is not None and count >= share.enough:
        return True
    return share.at_most is not None and value > share.at_most and count > (share.at_most_count or 0)


def answers_of(
    view: AgentView, asked: Expression, rounds: Sequence[Round], *, excepted: Expression | None = None
) -> list[tuple[int, ...]]:
    """The messages of ``rounds`` after each customer round that holds ``asked``, up to the next such round.

    What the agent says while the customer goes on without a question belongs to the same answer: a 嗯 that only shows
    that somebody listens is followed by more.
    """
    hits, _ = counted(view, view.customer, asked, excepted=excepted)
    questions = sorted({view.conversation.round_of[said.message] for said in hits})
    answers = []
    for start, end in pairwise([*questions, len(view.conversation.rounds)]):
        messages = tuple(m for r in rounds if start < r.index < end for m in r.messages)
        if messages:
            answers.append(messages)
    return answers
