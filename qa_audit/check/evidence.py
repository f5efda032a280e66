"""Hits that count and hits that are excused; the parts every check shares."""

from __future__ import annotations

from collections.abc import Sequence

from qa_audit.match.scan import longest
from qa_audit.records import Evidence, Excused, Round, RuleResult, Verdict
from qa_audit.rule import Expression, Rule, alternatives
from qa_audit.view import AgentView, Said

EXCEPTED = "例外用语"


def counted(
    view: AgentView,
    rounds: Sequence[Round],
    expression: Expression,
    *,
    excepted: Expression | None = None,
    together_with: Expression | None = None,
    unless: tuple[str, ...] = (),
) -> tuple[list[Said], list[Excused]]:
    """The hits of ``expression`` in ``rounds``: those that count, and those that an exception or a cue excuses."""
    hits: list[Said] = []
    excused: list[Excused] = []
    for said in view.said_in(expression, rounds):
        if together_with is not None and not view.hits(together_with, said.message):
            continue
        reason = excuse(view, said, excepted, unless)
        if not reason:
            hits.append(said)
        elif hidden := _hidden(view, said, expression, excepted, unless):
            hits += hidden
        else:
            excused.append(Excused(view.evidence(said), reason))
    return hits, excused


def _hidden(
    view: AgentView, said: Said, expression: Expression, excepted: Expression | None, unless: tuple[str, ...]
) -> list[Said]:
    """What counts of the shorter hits that an excused one has swallowed: of overlapping hits the longest is kept."""
    start, end = said.span
    spans = {span for part in alternatives(expression) for span in view.hits(part, said.message)} - {
        said.span
    }
    inside = [Said(said.message, (a, b)) for a, b in longest(spans) if a < end and start < b]
    return [other for other in inside if not excuse(view, other, excepted, unless)]


def excuse(view: AgentView, said: Said, excepted: Expression | None, unless: tuple[str, ...]) -> str:
    """Why a hit does not count: an exception or a cue; empty if it does."""
    # asked as one first: most messages hold no exception at all, and a lexicon has dozens of alternatives
    if (
        excepted is not None
        and view.hits(excepted, said.message)
        and any(_within(view, said, part) for part in alternatives(excepted))
    ):
        return EXCEPTED
    if not unless:
        return ""
    text = view.conversation.text(said.message)
    return view.language.cues.excuse(text, said.span, view.sentence_of(said), unless)


def _within(view: AgentView, said: Said, expression: Expression) -> bool:
    start, end = said.span
    return any(a <= start and end <= b for a, b in view.hits(expression, said.message))


def counted_by(view: AgentView, rule: Rule, rounds: Sequence[Round]) -> tuple[list[Said], list[Excused]]:
    """``counted`` with the keys of a rule; in a call ``on_phone`` stands in for ``look_for``."""
    assert rule.look_for is not None, "the rulebook requires look_for for this check"
    return counted(
        view,
        rounds,
        (view.transcript.channel == "phone" and rule.on_phone) or rule.look_for,
        excepted=rule.excepted,
        together_with=rule.together_with,
        unless=rule.unless,
    )


def all_evidence(view: AgentView, hits: Sequence[Said]) -> tuple[Evidence, ...]:
    """The exact words of hits, by message and start, none twice."""
    found = {(e.message, e.start, e.end): e for e in map(view.evidence, hits)}
    return tuple(found[key] for key in sorted(found))


def not_applicable(rule: Rule, note: str) -> RuleResult:
    """The rule's condition did not arise."""
    return RuleResult(rule.id, Verdict.NOT_APPLICABLE, note=note)


def undecidable(rule: Rule, note: str) -> RuleResult:
    """The data to decide is not there."""
    return RuleResult(rule.id, Verdict.UNDECIDABLE, note=note)


def numbers(rounds: Sequence[Round]) -> tuple[int, ...]:
    """The round numbers that were searched."""
    return tuple(round_.index for round_ in rounds)


def whole(view: AgentView, messages: Sequence[int]) -> tuple[Evidence, ...]:
    """Whole messages as evidence, those without text left out."""
    texts = ((m, view.transcript.messages[m].text) for m in messages)
    return tuple(Evidence(m, 0, len(text), text) for m, text in texts if text)
