"""``repeat``: the same said again by one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_audit.check.clauses import Clause, clauses_of, same
from qa_audit.check.evidence import all_evidence, counted_by, not_applicable
from qa_audit.check.replies import repeated, replies_of
from qa_audit.records import Excused, Round, RuleResult, Verdict
from qa_audit.rule import Rule
from qa_audit.view import AgentView, Said, says_nothing_else


def repeat(view: AgentView, rule: Rule) -> RuleResult:
    """No near-identical clauses (or whole replies, ``unit``) in rounds of one side, N times; no words that say so (``look_for``).

    Both clauses must ask (``of``), unless what the agent said in between answers nothing (``no_answer``).
    Words that say so count from the second round on: before it nothing was said to this agent.
    """
    assert rule.similar is not None, "the rulebook requires similar for this check"
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, "检测范围内没有发言")
    if rule.similar.unit == "reply":
        again = list(repeated(replies_of(view, rounds, rule), rule.similar))
    else:
        again = list(_clauses_again(view, rule, rounds))
    excused: list[Excused] = []
    if rule.look_for is not None:
        said, excused = counted_by(view, rule, rounds[1:])
        again += said
    evidence = all_evidence(view, again)
    return RuleResult(
        rule.id, Verdict.FAIL if evidence else Verdict.PASS, evidence=evidence, excused=tuple(excused)
    )


def _clauses_again(view: AgentView, rule: Rule, rounds: Sequence[Round]) -> Iterator[Said]:
    """The clauses that say again what earlier rounds said."""
    assert rule.similar is not None
    clauses = [list(clauses_of(view, r, rule.similar, rule)) for r in rounds]
    for number, round_ in enumerate(rounds):
        begin = max(0, number - rule.similar.look_back)
        earlier = [(clauses[n], _unanswered(view, rule, rounds[n], round_)) for n in range(begin, number)]
        yield from (c.said for c in clauses[number] if _times(c, earlier, rule) >= rule.similar.times)


def _unanswered(view: AgentView, rule: Rule, earlier: Round, later: Round) -> bool:
    """Whether the agent said nothing between two rounds but what answers no question."""
    if rule.similar is None or rule.similar.no_answer is None:
        return False
    between = [m for r in view.own if earlier.index < r.index < later.index for m in r.messages]
    return bool(between) and says_nothing_else(view, rule.similar.no_answer, between)


def _times(clause: Clause, earlier: Sequence[tuple[Sequence[Clause], bool]], rule: Rule) -> int:
    """How many rounds say it, this one included."""
    assert rule.similar is not None
    threshold = rule.similar.threshold
    return 1 + sum(
        any(same(clause, other, threshold) for other in round_ if unanswered or (clause.asks and other.asks))
        for round_, unanswered in earlier
    )
