"""Checks of what was said: ``forbid``, ``require``, ``respond``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.check.agreed import agreements
from qa_audit.check.context import in_context, says_more
from qa_audit.check.evidence import all_evidence, counted, counted_by, not_applicable, numbers, undecidable
from qa_audit.records import Evidence, Excused, Round, RuleResult, Verdict
from qa_audit.rule import Rule, When
from qa_audit.segment import is_own
from qa_audit.view import AgentView, Said, says_only, seconds_between

NO_ROUNDS = "检测范围内没有发言"
NO_ANCHOR = "前置条件未出现"
NO_TIMES = "没有消息时间"


def forbid(view: AgentView, rule: Rule) -> RuleResult:
    """None of the expressions occurs in scope, unless excused, nor does the agent say yes to what ``agreed`` names.

    Where nothing stands unanswered, what must not stand there does not.
    """
    if not view.timed(rule.where):
        return undecidable(rule, NO_TIMES)
    rounds = view.scope(rule.where)
    if not rounds and not (rounds == () and rule.where.unanswered):
        return not_applicable(rule, NO_ANCHOR if rounds is None else NO_ROUNDS)
    hits, excused = counted_by(view, rule, rounds)
    if rule.where.unanswered:
        hits = [Said(hit.message, view.sentence_of(hit)) for hit in hits]  # all of it stands unanswered
    if rule.agreed is not None:
        hits = [*hits, *agreements(view, rounds, rule.agreed)]
    verdict = Verdict.FAIL if hits else Verdict.PASS
    return RuleResult(rule.id, verdict, evidence=all_evidence(view, hits), excused=tuple(excused))


def require(view: AgentView, rule: Rule) -> RuleResult:
    """The expressions occur in scope at least (at most) N times."""
    if not view.timed(rule.where):
        return undecidable(rule, NO_TIMES)
    rounds = view.scope(rule.where)
    if not rounds:
        return not_applicable(rule, NO_ANCHOR if rounds is None else NO_ROUNDS)
    hits, excused = counted_by(view, rule, rounds)
    if rule.counting == "rounds":
        rounds_with: dict[int, Said] = {}
        for said in hits:
            rounds_with.setdefault(view.conversation.round_of[said.message], said)
        hits = list(rounds_with.values())
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
    """One occurrence of A: its message, and its words where it has any; ``end`` in the normalised text."""

    message: int
    words: Evidence | None
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Window:
    """The messages in which one answer is looked for, and the A's that it answers."""

    triggers: tuple[_Trigger, ...]
    messages: tuple[int, ...]


def respond(view: AgentView, rule: Rule) -> RuleResult:
    """Each time A occurs, B follows in time; one unanswered A fails the rule, or too few answered (``enough``)."""
    assert rule.when is not None, "the rulebook requires when for this check"
    triggers, excused = _triggers(view, rule.when)
    unanswered: list[_Trigger] = []
    searched: set[int] = set()
    answered: list[Evidence] = []
    judged, untimed = 0, False
    enough = rule.enough if rule.enough is not None else len(triggers)
    for window in _windows(view, rule, triggers):
        timely = [(m, _in_time(view, rule, window, m)) for m in window.messages]
        found, more_excused = _answers(view, rule, window, [m for m, in_time in timely if in_time])
        excused += more_excused
        answered += found
        if not found and any(in_time is None for _, in_time in timely):
            untimed = True
            continue
        judged += len(window.triggers)
        if not found and not _settled(view, rule, window, answered):
            unanswered += window.triggers
            searched.update(view.conversation.round_of[m] for m in window.messages)
    if unanswered and judged - len(unanswered) < enough:
        return RuleResult(
            rule.id,
            Verdict.FAIL,
            evidence=tuple(dict.fromkeys(t.words for t in unanswered if t.words is not None)),
            searched=tuple(sorted(searched)),
            wanted=rule.wanted,
            excused=tuple(dict.fromkeys(excused)),
        )
    if untimed:
        return undecidable(rule, NO_TIMES)
    if judged:
        kept = tuple(sorted(set(answered), key=lambda e: (e.message, e.start)))
        return RuleResult(rule.id, Verdict.PASS, evidence=kept, excused=tuple(dict.fromkeys(excused)))
    unsure = _in_mood(view, rule.when.mood_unsure) if rule.when.mood_unsure else []
    if any(list(_window(view, rule, message)) for message in unsure):
        return undecidable(rule, "客户情绪模型的把握不足，不作判定")
    if not triggers and rule.when.otherwise == "pass":
        return RuleResult(rule.id, Verdict.PASS, excused=tuple(excused))
    return not_applicable(rule, "触发条件未出现" if not triggers else "触发之后坐席没有机会回应")


def _settled(view: AgentView, rule: Rule, window: _Window, answered: Sequence[Evidence]) -> bool:
    """Whether an answer to an earlier A stands so shortly before this one that it serves it too."""
    first = window.triggers[0].message
    before = [e.message for e in answered if e.message < first]
    if not before or not rule.within.settles:
        return False
    since, until = view.conversation.round_of[max(before)], view.conversation.round_of[first]
    return sum(since < r.index < until for r in view.rounds(rule.where.side)) < rule.within.settles


def _windows(view: AgentView, rule: Rule, triggers: Sequence[_Trigger]) -> list[_Window]:
    """The messages in which each A may be answered; none for an A after which the side had no turn."""
    assert rule.when is not None, "the rulebook requires when for this check"
    windows: list[_Window] = []
    # 请稍等, said once more and nothing else, is no coming back from the first one
    again = frozenset(
        trigger.message
        for trigger in (triggers if rule.when.alone else ())
        if not _answers(view, rule, _Window((trigger,), ()), [trigger.message])[0]  # 谢谢您等我 is one
    )
    for trigger in triggers:
        messages = tuple(_window(view, rule, trigger.message, again))
        if not messages:
            continue
        if rule.when.joined and windows and not set(windows[-1].messages).isdisjoint(messages):
            last = windows.pop()
            both = tuple(sorted({*last.messages, *messages}))
            windows.append(_Window((*last.triggers, trigger), both))
        else:
            windows.append(_Window((trigger,), messages))
    return windows


def _triggers(view: AgentView, when: When) -> tuple[list[_Trigger], list[Excused]]:
    """Every A of this agent's part, in order, and the excused ones."""
    triggers: dict[int, _Trigger] = {}
    excused: list[Excused] = []
    if when.expression is not None:
        hits, excused = counted(
            view, view.rounds(when.side), when.expression, excepted=when.excepted, unless=when.unless
        )
        for said in in_context(view, when, hits):
            if not when.alone or says_only(view, when.expression, said.message):
                triggers.setdefault(said.message, _Trigger(said.message, view.evidence(said), said.span[1]))
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


def _window(view: AgentView, rule: Rule, trigger: int, again: frozenset[int] = frozenset()) -> Iterator[int]:
    """The messages in which B may stand for an A in message ``trigger``, whenever they were sent.

    ``again``: messages that are nothing but A once more, and are passed over where messages are counted.
    """
    within, messages = rule.within, view.transcript.messages
    rounds = view.rounds(rule.where.side)
    if within.messages is not None:
        if within.messages == 0:
            yield trigger
            return
        after = [m for r in rounds for m in r.messages if m > trigger and m not in again]
        after = [m for m in after if _theirs(view, rule, m)]
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
        yield from round_.messages  # a window of rounds holds its first round whole, however that is cut


def _in_time(view: AgentView, rule: Rule, window: _Window, message: int) -> bool | None:
    """Whether ``message`` came within the seconds that the rule allows; None where a time is missing."""
    if rule.within.seconds is None:
        return True
    messages = view.transcript.messages
    passed = [seconds_between(messages[t.message], messages[message]) for t in window.triggers]
    known = [seconds for seconds in passed if seconds is not None]
    if any(0 <= seconds <= rule.within.seconds for seconds in known):
        return True
    return None if len(known) < len(passed) else False


def _theirs(view: AgentView, rule: Rule, message: int) -> bool:
    return rule.where.side == "customer" or is_own(view.transcript.messages[message])


def _answers(
    view: AgentView, rule: Rule, window: _Window, messages: Sequence[int]
) -> tuple[list[Evidence], list[Excused]]:
    """The hits of B in some messages, or what they say beyond what is no answer."""
    rounds = [Round(view.conversation.round_of[m], rule.where.side, None, (m,)) for m in messages]
    hits, excused = counted_by(view, rule, rounds)
    first = window.triggers[0]
    behind = (first.message, first.end) if rule.within.behind else (-1, 0)
    hits = [said for said in hits if (said.message, said.span[0]) >= behind]
    if not hits and rule.no_answer is not None:
        hits = says_more(view, rule.no_answer, messages, behind)
    return [view.evidence(said) for said in hits], excused
