"""Checks of what was measured: ``limit``, ``ratio``, ``mood``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa_audit.check.evidence import all_evidence, counted_by, not_applicable, undecidable, whole
from qa_audit.check.waits import Wait, stints_of, waits_of
from qa_audit.hours import DAY, Hours, clock, is_open, open_seconds
from qa_audit.records import Message, RuleResult, Transcript, Verdict
from qa_audit.rule import Rule
from qa_audit.segment import is_own, speaker
from qa_audit.view import AgentView, seconds_between

UNANNOUNCED_HOLD_S = 900.0  # a hold without an announced time: 15 minutes (standard, “Wait”)


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure: its value (None: the data is missing), the bound where it is not the rule's own, and its rounds.

    ``applies`` is False where there was nothing to measure.
    """

    value: float | None
    limit: float | None = None
    rounds: tuple[int, ...] = ()
    applies: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a rule allows of a measure.

    ``hours`` (minutes after midnight) are for a measure of the time of day; of a wait only what lies in
    ``service_hours`` counts (None: all).
    """

    limit: float = 0.0
    hours: Hours = (0, DAY)
    service_hours: Hours | None = None


def rings(view: AgentView, bound: Bound) -> Measured:
    """Rings before the call was answered."""
    del bound
    if view.took_over == "human":
        return Measured(None, applies=False, note="转接后接手")
    value = view.transcript.rings
    return Measured(None if value is None else float(value), note="没有振铃次数记录")


def ring_s(view: AgentView, bound: Bound) -> Measured:
    """Seconds of ringing before the call was answered."""
    del bound
    if view.took_over == "human":
        return Measured(None, applies=False, note="转接后接手")
    return Measured(view.transcript.ring_s, note="没有振铃时长记录")


def first_response_s(view: AgentView, bound: Bound) -> Measured:
    """Seconds from the customer's first message after the hand-over (or the hand-over itself) to the agent's first.

    Where nothing says when a colleague handed the chat on, they are the most it can have been: within the bound that
    is enough to know, beyond it nothing is known.
    """
    messages = view.transcript.messages
    own = view.own[0].messages[0]
    # by message: a round of the customer may have begun before the hand-over
    asked = next(
        (m.index for m in messages[view.start : own] if m.role == "customer" and m.kind != "recalled"), None
    )
    waited = view.took_over is not None or any(m.role == "customer" for m in messages[: view.start])
    if asked is None and waited and view.start > 0:
        asked = view.start - 1  # the hand-over notice, or the last word of whoever had the chat before
    if asked is None:
        return Measured(None, applies=False, note="坐席先于客户发言")
    seconds = _seconds(messages[asked], messages[own], bound)
    if seconds is not None and seconds > bound.limit and not stints_of(view)[0].known:
        return Measured(None, note="没有转接时刻，不知客户何时归其接待")
    return Measured(seconds, rounds=_rounds(view, asked, own), note="没有消息时间")


def _seconds(begin: Message, end: Message, bound: Bound) -> float | None:
    """Seconds between two messages; with service hours only those that lie in them."""
    if bound.service_hours is not None and begin.at is not None and end.at is not None:
        return open_seconds(begin.at, end.at, bound.service_hours)
    return seconds_between(begin, end)


def longest_wait_s(view: AgentView, bound: Bound) -> Measured:
    """The longest wait but the first; during an announced hold its own time is the bound.

    The wait that exceeds its bound most decides; an unanswered message at an unknown end is undecidable. A customer
    who wrote on, but nothing that waits for an answer, has waited 0 seconds.
    """
    waits = [wait for wait in waits_of(view, bound.service_hours) if not wait.first]
    if not waits:
        own = view.own[0].messages[0]
        wrote = any(m.role == "customer" for m in view.transcript.messages[own : view.end])
        closed = any(not wait.first for wait in waits_of(view))
        note = "客户的等待不在服务时段" if closed else "首次响应之后客户没有再发言"
        wrote = wrote and not closed
        return Measured(0.0 if wrote else None, applies=wrote, note=note)
    known = [wait for wait in waits if wait.seconds is not None]
    if not known:
        return Measured(None, note="没有消息时间")
    worst = max(known, key=lambda wait: ((wait.seconds or 0.0) - _allowed(wait, bound), -wait.asked))
    allowed = _allowed(worst, bound)
    if (worst.seconds or 0.0) <= allowed and len(known) < len(waits):
        return Measured(None, note="末尾的等待没有结束时间")
    return Measured(worst.seconds, allowed, rounds=_rounds(view, worst.asked, worst.answered))


def _allowed(wait: Wait, bound: Bound) -> float:
    return bound.limit if wait.hold_s is None else (wait.hold_s or UNANNOUNCED_HOLD_S)


def overlap_s(view: AgentView, bound: Bound) -> Measured:
    """The longest time the agent spoke into the customer's speech; needs separate audio channels.

    Back-channels (嗯, 好的, 您说) interrupt nobody and cannot be interrupted. Where some messages have no times, only
    an overlap beyond the bound among the others is known.
    """
    transcript = view.transcript
    if transcript.audio_channels != 2:
        return Measured(None, note="录音未分声道，无法判断打断")
    said = [m for m in transcript.messages if m.text and not view.says("back_channel", m.index)]
    customers = [m for m in said if m.role == "customer"]
    own = [m for m in said if is_own(m) and speaker(m, transcript) == view.agent]
    if not any(m.role == "customer" for m in transcript.messages):
        return Measured(None, applies=False, note="客户没有说话")
    value, pair = 0.0, (-1, -1)
    for mine in filter(_is_timed, own):
        for theirs in filter(_is_timed, customers):
            seconds = _overlap(mine, theirs)
            if seconds > value:
                value, pair = seconds, (theirs.index, mine.index)
    if value <= bound.limit and not all(map(_is_timed, [*own, *customers])):
        return Measured(None, note="没有起止时间")
    return Measured(round(value, 3), rounds=_rounds(view, *pair) if value else ())


def _is_timed(message: Message) -> bool:
    return message.start_s is not None and message.end_s is not None


def _overlap(agent: Message, customer: Message) -> float:
    """Seconds of the customer's speech that remain after the agent began within it."""
    assert agent.start_s is not None
    assert agent.end_s is not None
    assert customer.start_s is not None
    assert customer.end_s is not None
    if agent.start_s <= customer.start_s:
        return 0.0
    return min(agent.end_s, customer.end_s) - agent.start_s


def outside_hours_min(view: AgentView, bound: Bound) -> Measured:
    """Minutes between the beginning and the nearest of the allowed hours; 0 within them, both ends included."""
    began = view.transcript.began_at
    if began is None:
        return Measured(None, note="没有通话开始时间")
    minute = began.hour * 60 + began.minute + began.second / 60
    begin, end = bound.hours
    outside = not (begin <= minute <= end if begin <= end else minute >= begin or minute <= end)
    return Measured(round(min((begin - minute) % DAY, (minute - end) % DAY), 2) if outside else 0.0)


def _rounds(view: AgentView, *messages: int | None) -> tuple[int, ...]:
    found = {view.conversation.round_of[m] for m in messages if m is not None and m >= 0}
    return tuple(sorted(found - {-1}))


Measure = Callable[[AgentView, Bound], Measured]
MEASURES: dict[str, Measure] = {
    "rings": rings,
    "ring_s": ring_s,
    "first_response_s": first_response_s,
    "longest_wait_s": longest_wait_s,
    "overlap_s": overlap_s,
    "outside_hours_min": outside_hours_min,
}
HOURLY = "outside_hours_min"  # the measure that reads a rule's ``hours``
HOUR_BY_HOUR = ("longest_wait_s",)  # what counts is when it was, not when the chat was opened
# measured over an agent's night by ``score``, not in one chat
AGENT_MEASURES = ("mean_first_response_s",)
UNITS = {
    "rings": "声",
    "ring_s": "秒",
    "first_response_s": "秒",
    "longest_wait_s": "秒",
    "overlap_s": "秒",
    "outside_hours_min": "分钟",
    "mean_first_response_s": "秒",
}


def limit(view: AgentView, rule: Rule) -> RuleResult:
    """A measured quantity stays within its bound; of several bounds the first that the record has decides."""
    bounds: Mapping[str, float] | None = rule.limits.get(view.transcript.channel)
    if bounds is None:
        return not_applicable(rule, "本渠道没有时限")
    measured = Measured(None)
    hours = rule.service_hours
    for name, bound in bounds.items():
        if hours is not None and name not in HOUR_BY_HOUR and not _opened_in(view.transcript, hours):
            return not_applicable(rule, f"会话不在服务时段（{'–'.join(map(clock, hours))}）")
        measured = MEASURES[name](view, Bound(bound, rule.hours or (0, DAY), hours))
        if not measured.applies:
            return not_applicable(rule, measured.note)
        if measured.value is not None:
            allowed = bound if measured.limit is None else measured.limit
            verdict = Verdict.FAIL if measured.value > allowed else Verdict.PASS
            return RuleResult(
                rule.id,
                verdict,
                searched=measured.rounds,
                measured=measured.value,
                limit=allowed,
                unit=UNITS[name],
            )
    return undecidable(rule, measured.note)


def _opened_in(transcript: Transcript, hours: Hours) -> bool:
    """Whether a chat was opened in service hours; one without a time is taken to be."""
    opened = transcript.began_at
    return opened is None or is_open(opened, hours)


def mood(view: AgentView, rule: Rule) -> RuleResult:
    """The course of the customer's mood: not negative at the end, not worse than at the start.

    The end is the last round: the model at its threshold decides it, or the words of ``look_for`` unless the model
    calls it positive.
    """
    rounds = [(r, view.moods[r.messages[0]]) for r in view.customer if r.messages[0] in view.moods]
    if not rounds:
        return undecidable(rule, "没有可判断情绪的客户发言")
    bound = view.thresholds[rule.threshold]
    last, final = rounds[-1]
    hits, excused = counted_by(view, rule, [last]) if rule.look_for is not None else ([], [])
    by_model = final.probabilities[0] >= bound
    bad = (bool(hits) and final.label != "positive") or by_model
    if rule.trajectory == "worsened":
        bad = bad and rounds[0][1].label != "negative" and len(rounds) > 1
    return RuleResult(
        rule.id,
        Verdict.FAIL if bad else Verdict.PASS,
        evidence=whole(view, last.messages) if by_model and bad else all_evidence(view, hits) if bad else (),
        # where words decided, a probability below the bound would say the opposite
        measured=None if bad and not by_model else round(final.probabilities[0], 4),
        limit=None if bad and not by_model else bound,
        unit="" if bad and not by_model else "概率",
        excused=tuple(excused),
    )


def measures_of(view: AgentView) -> dict[str, float]:
    """What the record holds of an agent's part: first_response_s, longest_wait_s, mean_wait_s, rings, ring_s."""
    found: dict[str, float] = {}
    if view.transcript.channel == "phone":
        found |= {
            name: m.value
            for name in ("rings", "ring_s")
            if (m := MEASURES[name](view, Bound())).value is not None
        }
        return found
    first = first_response_s(view, Bound())
    if first.applies and first.value is not None:
        found["first_response_s"] = first.value
    waits = [
        w.seconds for w in waits_of(view) if w.seconds is not None and not w.first and w.answered is not None
    ]
    if waits:
        found["longest_wait_s"] = max(waits)
        found["mean_wait_s"] = sum(waits) / len(waits)
    return found
