"""``echo``: the agent's words compared with the customer's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_audit.check.clauses import A_WORD, clauses_of, words_of
from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers
from qa_audit.check.values import said_again
from qa_audit.match.similar import coverage
from qa_audit.records import Round, RuleResult, Verdict
from qa_audit.rule import Rule, Values
from qa_audit.segment import sentences
from qa_audit.view import AgentView, Said

SHARED_WORDS = 2  # one word in common is the subject of any answer


def echo(view: AgentView, rule: Rule) -> RuleResult:
    """The customer's values (``values``) or request come back in the agent's words, or are asked about (``look_for``)."""
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, "检测范围内没有发言")
    if rule.values is not None:
        return _echo_values(view, rule, rule.values, rounds)
    hits, excused = counted_by(view, rule, rounds)
    # what the words have shown already need not be compared
    restated = list(_restatements(view, rule, rounds)) if rule.similar is not None and not hits else []
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
        if rule.similar.framed is not None:
            yield from _taken_up(view, rule, round_, before)
            continue
        asked = [c for r in before for c in clauses_of(view, r, rule.similar, rule)]
        for mine in clauses_of(view, round_, rule.similar, rule):
            if any(coverage(mine.grams, theirs.grams) >= rule.similar.threshold for theirs in asked):
                yield mine.said


def _taken_up(view: AgentView, rule: Rule, round_: Round, before: Sequence[Round]) -> Iterator[Said]:
    """The sentences with ``framed`` of which enough, frame and ignored words aside, are the customer's words."""
    similar = rule.similar
    assert similar is not None, "only a rule with similar compares"
    assert similar.framed is not None, "asked only where the rule has frames"
    theirs = words_of(view, similar, [m for r in before for m in r.messages])
    for message in round_.messages:
        framing, _ = counted(
            view, [Round(round_.index, "agent", None, (message,))], similar.framed, excepted=rule.excepted
        )
        frames = [said.span for said in framing]
        for span in sentences(view.unmasked(message)) if frames else ():
            if any(span[0] <= start < span[1] for start, _ in frames):
                mine = words_of(view, similar, [message], span=span, framed=frames)
                shared = sum(len(gram) == A_WORD for gram in mine & theirs)
                if shared >= SHARED_WORDS and coverage(mine, theirs) >= similar.threshold:
                    yield Said(message, span)


def _echo_values(view: AgentView, rule: Rule, values: Values, rounds: Sequence[Round]) -> RuleResult:
    """Of the values that a round of the customer gave one is repeated, at least in part, or confirmed."""
    missing: list[Said] = []
    repeated: list[Said] = []
    searched: set[int] = set()
    judged = 0
    given = list(_given(view, values))
    for said in given:
        later = [r for r in rounds if r.messages[-1] > said[-1].message][: rule.within.rounds]
        if not later:
            continue
        judged += 1
        confirmed, _ = counted_by(view, rule, later)
        again = [*confirmed, *(s for value in said for s in _again(view, value, later))]
        repeated += again
        if not again:
            missing += said
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


def _given(view: AgentView, values: Values) -> Iterator[list[Said]]:
    """The values of each round of the customer that gives some."""
    for round_ in view.customer:
        hits = counted(view, [round_], values.expression, excepted=values.excepted)[0]
        before = [r for r in view.own if r.index < round_.index][-1:]
        if values.bare is not None and values.asked is not None and before:
            asked = counted(view, before, values.asked, excepted=values.excepted)[0]
            if asked:
                hits = hits or counted(view, [round_], values.bare, excepted=values.excepted)[0]
        if hits:
            yield hits


def _again(view: AgentView, value: Said, rounds: Sequence[Round]) -> Iterator[Said]:
    """Where a value, or a telling part of it, is said again."""
    words = view.conversation.text(value.message)[slice(*value.span)]
    for message in (m for r in rounds for m in r.messages if m > value.message):
        span = said_again(words, view.conversation.text(message))
        if span is not None:
            yield Said(message, span)
