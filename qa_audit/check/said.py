"""Checks of what was said: ``forbid``, ``require``, ``respond``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers, undecidable
from qa_audit.records import Evidence, Excused, Round, RuleResult, Verdict
from qa_audit.rule import Rule, When
from qa_audit.segment import is_own
from qa_audit.view import AgentView, says_only, seconds_between

NO_ROUNDS = "检测范围内没有发言"
NO_ANCHOR = "前置条件未出现"


def forbid(view: AgentView, rule: Rule) -> RuleResult:
    """None of the expressions occurs in scope, unless excused."""
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, NO_ANCHOR if rounds is None else NO_ROUNDS)
    hits, excused = counted_by(view, rule, rounds)
    verdict = Verdict.FAIL if hits else Verdict.PASS
    return RuleResult(rule.id, verdict, evidence=all_evidence(view, hits), excused=tuple(excused))


def require(view: AgentView, rule: Rule) -> RuleResult:
    """The expressions occur in scope at least (at most) N times."""
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, NO_ANCHOR if rounds is None else NO_ROUNDS)
    hits, excused = counted_by(view, rule, rounds)
    if len(hits) < rule.at_least:
        return RuleResult(
            rule.id, Verdict.FAIL, searched=numbers(rounds), wanted=rule.wanted, excused=tuple(excused)
        )
    too_many = rule.at_most is not None and len(hits) > rule.at_most
    evidence = all_evidence(view, hits[rule.at_most :] if too_many else hits)
    return RuleResult(
        rule.id, Verdict.FAIL if too_many else Verdict.PASS, evidence=evidence, excused=tuple(excused)
    )


@dataclass(frozen=True, slots=True)
class _Trigger:
    """One occurrence of A: its message, and its words where it has any."""

    message: int
    words: Evidence | None


def respond(view: AgentView, rule: Rule) -> RuleResult:
    """Each time A occurs, B follows in time; one unanswered A fails the rule, or too few answered (``enough``)."""
    assert rule.when is not None, "the rulebook requires when for this check"
    triggers, excused = _triggers(view, rule.when)
    unanswered: list[_Trigger] = []
    searched: set[int] = set()
    answered: list[Evidence] = []
    judged = 0
    enough = rule.enough if rule.enough is not None else len(triggers)
    for trigger in triggers:
        candidates = list(_candidates(view, rule, trigger.message))
        if not candidates:
            continue
        judged += 1
        found, more_excused = _answers(view, rule, candidates)
        excused += more_excused
        answered += found
        if not found:
            unanswered.append(trigger)
            searched.update(view.conversation.round_of[m] for m in candidates)
    if unanswered and judged - len(unanswered) < enough:
        return RuleResult(
            rule.id,
            Verdict.FAIL,
            evidence=tuple(dict.fromkeys(t.words for t in unanswered if t.words is not None)),
            searched=tuple(sorted(searched)),
            wanted=rule.wanted,
            excused=tuple(dict.fromkeys(excused)),
        )
    if judged:
        kept = tuple(sorted(set(answered), key=lambda e: (e.message, e.start)))
        return RuleResult(rule.id, Verdict.PASS, evidence=kept, excused=tuple(dict.fromkeys(excused)))
    if rule.when.mood_unsure and _in_mood(view, rule.when.mood_unsure):
        return undecidable(rule, "客户情绪模型的把握不足，不作判定")
    if not triggers and rule.when.otherwise == "pass":
        return RuleResult(rule.id, Verdict.PASS, excused=tuple(excused))
    return not_applicable(rule, "触发条件未出现" if not triggers else "触发之后坐席没有机会回应")


def _triggers(view: AgentView, when: When) -> tuple[list[_Trigger], list[Excused]]:
    """Every A of this agent's part, in order, and the excused ones."""
    triggers: dict[int, _Trigger] = {}
    excused: list[Excused] = []
    if when.expression is not None:
        hits, excused = counted(
            view, view.rounds(when.side), when.expression, excepted=when.excepted, unless=when.unless
        )
        for said in hits:
            if not when.alone or says_only(view, when.expression, said.message):
                triggers.setdefault(said.message, _Trigger(said.message, view.evidence(said)))
    if when.mood:
        for message in _in_mood(view, when.mood):
            triggers.setdefault(message, _Trigger(message, None))
    if when.rule:
        for evidence in view.results[when.rule].evidence:
            triggers.setdefault(evidence.message, _Trigger(evidence.message, evidence))
    return [triggers[message] for message in sorted(triggers)], excused


def _in_mood(view: AgentView, threshold: str) -> list[int]:
    """First messages of the customer's rounds whose mood is negative at a named threshold."""
    bound = view.thresholds[threshold]
    return [
        r.messages[0]
        for r in view.customer
        if (m := view.moods.get(r.messages[0])) is not None and m.probabilities[0] >= bound
    ]


def _candidates(view: AgentView, rule: Rule, trigger: int) -> Iterator[int]:
    """The messages in which B may stand for an A in message ``trigger``."""
    within, messages = rule.within, view.transcript.messages
    rounds = view.rounds(rule.where.side)
    if within.messages is not None:
        if within.messages == 0:
            yield trigger
            return
        after = [m for r in rounds for m in r.messages if m > trigger and _theirs(view, rule, m)]
        if within.from_s is not None and after:
            gap = seconds_between(messages[trigger], messages[after[0]])
            if gap is not None and gap <= within.from_s:
                return
        yield from after[: within.messages]
        return
    position = view.conversation.round_of[trigger]
    allowed = within.rounds if within.rounds is not None else len(rounds)
    later = [r for r in rounds if r.index > position][:allowed]
    same = [r for r in rounds if r.index == position]
    for round_ in (*same, *later):
        for message in round_.messages:
            # a window of rounds holds its first round whole, however that is cut into messages
            seconds = seconds_between(messages[trigger], messages[message])
            if within.seconds is None or seconds is None or 0 <= seconds <= within.seconds:
                yield message


def _theirs(view: AgentView, rule: Rule, message: int) -> bool:
    return rule.where.side == "customer" or is_own(view.transcript.messages[message])


def _answers(view: AgentView, rule: Rule, messages: Sequence[int]) -> tuple[list[Evidence], list[Excused]]:
    """The hits of B in some messages."""
    rounds = [Round(view.conversation.round_of[m], rule.where.side, None, (m,)) for m in messages]
    hits, excused = counted_by(view, rule, rounds)
    return [view.evidence(said) for said in hits], excused
