"""``repeat``: the same said again by one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.check.clauses import Clause, clauses_of, follows_up, insisted, same, words_of
from qa_audit.check.evidence import all_evidence, counted_by, not_applicable
from qa_audit.check.replies import repeated, replies_of
from qa_audit.match.similar import Bigrams
from qa_audit.records import Excused, Round, RuleResult, Verdict
from qa_audit.rule import Rule, Similarity
from qa_audit.view import AgentView, Said, says_nothing_else

A_STATEMENT = 4  # bigrams; 修改地址, 退货 are headings, not yet said


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
        again += [hit for hit in said if not any(_inside(hit, clause) for clause in again)]
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
        earlier = [_earlier(view, rule, clauses[n], rounds[n], round_) for n in range(begin, number)]
        yield from (c.said for c in clauses[number] if _times(c, earlier, rule) >= rule.similar.times)


def _inside(hit: Said, clause: Said) -> bool:
    (start, end), (low, high) = hit.span, clause.span
    return hit.message == clause.message and low <= start and end <= high


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What was said in an earlier round, and what the agent said since: nothing (``unanswered``), or what.

    ``answered``: plainly, with a yes or no.
    """

    clauses: Sequence[Clause]
    unanswered: bool
    answered: bool
    answer: Bigrams


def _earlier(
    view: AgentView, rule: Rule, clauses: Sequence[Clause], earlier: Round, later: Round
) -> _Earlier:
    assert rule.similar is not None
    similar = rule.similar
    between = [m for r in view.own if earlier.index < r.index < later.index for m in r.messages]
    return _Earlier(
        clauses,
        unanswered=similar.no_answer is not None
        and bool(between)
        and says_nothing_else(view, similar.no_answer, between),
        answered=similar.answer is not None and any(view.hits(similar.answer, m) for m in between),
        answer=words_of(view, similar, between),
    )


def _times(clause: Clause, earlier: Sequence[_Earlier], rule: Rule) -> int:
    """How many rounds say it, this one included."""
    assert rule.similar is not None
    return 1 + sum(
        any(_again(clause, other, since, rule.similar) for other in since.clauses) for since in earlier
    )


def _again(clause: Clause, other: Clause, since: _Earlier, similar: Similarity) -> bool:
    """Whether a clause says what another one said, and is no further question after an answer."""
    asked = clause.asks and other.asks
    unheard = since.unanswered and min(clause.grams.total(), other.grams.total()) >= A_STATEMENT
    again = same(clause, other, similar.threshold) and (asked or unheard)
    return (again or insisted(clause, other)) and not follows_up(
        clause, other, since.answer, answered=since.answered
    )
