"""How long a customer waited for one agent: from stint to stint, from a question or a hold to the next own message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qa_audit.hours import Hours, is_open, open_seconds
from qa_audit.numerals import numbers_in
from qa_audit.records import Message, Transcript
from qa_audit.segment import is_own, speaker
from qa_audit.view import AgentView, says_only, seconds_between

HANDOVER = "handover"
HANDED_ON = "handed_on"


@dataclass(frozen=True, slots=True)
class Wait:
    """From the first unanswered customer message to the agent's next own message.

    ``answered`` is None where the agent never answered: the chat passed to somebody else, or ended. ``seconds`` run
    to that moment; None where a time is missing. ``hold_s`` is the announced time of a hold (0: announced without a
    time, None: no hold).
    """

    asked: int
    answered: int | None
    seconds: float | None
    hold_s: float | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Stint:
    """The messages from ``begin`` to ``end`` (exclusive) while an agent has the chat.

    ``left`` is the message with which the chat passed to somebody else; None: it ended with this agent.
    ``owed``: the customer's question that a colleague had left open, known by the message of the hand-over.
    ``known``: whether the record says when the chat came to this agent.
    """

    begin: int
    end: int
    left: int | None
    owed: int | None = None
    known: bool = True


def waits_of(view: AgentView, hours: Hours | None = None) -> tuple[Wait, ...]:
    """The waits of an agent's part, in order.

    Whoever had the chat answers for the wait: at a hand-over it ends for the one, and begins for the other. With
    ``hours`` only what lies in the hours of service counts, and a wait without any of them is none.
    """
    waits = [
        wait
        for number, stint in enumerate(stints_of(view))
        for wait in _waits(view, stint, first=number == 0)
    ]
    if hours is None:
        return tuple(waits)
    counted = (_in_hours(view, wait, hours) for wait in waits)
    return tuple(wait for wait in counted if wait is not None)


def _in_hours(view: AgentView, wait: Wait, hours: Hours) -> Wait | None:
    begin = view.transcript.messages[wait.asked].at
    if begin is None or wait.seconds is None:
        return wait
    seconds = open_seconds(begin, begin + timedelta(seconds=wait.seconds), hours)
    return replace(wait, seconds=seconds) if seconds or is_open(begin, hours) else None


def stints_of(view: AgentView) -> list[Stint]:
    """The stints of an agent: several where the chat was handed back (A, B, A)."""
    runs = _runs(view)
    stints: list[Stint] = []
    for number, (agent, first, last) in enumerate(runs):
        if agent != view.agent:
            continue
        begin, end, left = view.start, view.end, None
        owed, known = None, True
        if stints or view.took_over == "human":
            begin, known = _taken(view, runs[number - 1][2], first)
            if stints and known and _open_question(view, begin) is not None:
                owed = begin - 1
        if number + 1 < len(runs):
            end = left = _left(view, last, runs[number + 1][1])
            end = max(end, last + 1)
        elif not view.last:
            left = view.end
        stints.append(Stint(begin, end, left, owed, known))
    return stints


def _runs(view: AgentView) -> list[tuple[str, int, int]]:
    """(agent, first, last own message) of each run of messages of one human agent."""
    runs: list[tuple[str, int, int]] = []
    for message in filter(is_own, view.transcript.messages):
        agent = speaker(message, view.transcript)
        if runs and runs[-1][0] == agent:
            runs[-1] = (agent, runs[-1][1], message.index)
        else:
            runs.append((agent, message.index, message.index))
    return runs


def _notices(view: AgentView, after: int, before: int) -> list[int]:
    """The notices of a hand-over between two messages."""
    between = view.transcript.messages[after + 1 : before]
    return [m.index for m in between if m.role == "system" and view.says(HANDOVER, m.index)]


def _announced(view: AgentView, last: int) -> bool:
    """Whether an agent's last message says that it hands the chat on."""
    return view.says(HANDED_ON, last)


def _taken(view: AgentView, left: int, first: int) -> tuple[int, bool]:
    """From which message on an agent has the chat, and whether the record says so.

    The last notice before their first word; else the words with which the colleague handed it on; else unknown, and
    theirs from their first word.
    """
    notices = _notices(view, left, first)
    if notices:
        return notices[-1] + 1, True
    return (left + 1, True) if _announced(view, left) else (first, False)


def _left(view: AgentView, last: int, following: int) -> int:
    """The message with which an agent's stint ends: the first notice, their own announcement, the colleague's word."""
    notices = _notices(view, last, following)
    if notices:
        return notices[0]
    return last if _announced(view, last) else following


def _open_question(view: AgentView, before: int) -> int | None:
    """The first customer message before ``before`` that nobody has answered."""
    asked = None
    for message in view.transcript.messages[:before]:
        if is_own(message):
            asked = None
        elif asked is None and _waits_for_answer(view, message):
            asked = message.index
    return asked


def _waits_for_answer(view: AgentView, message: Message) -> bool:
    """Whether a customer's message wants an answer: no acknowledgement, nor one that was taken back."""
    return (
        message.role == "customer"
        and message.kind != "recalled"
        and not view.says("acknowledgement_only", message.index)
    )


def _waits(view: AgentView, stint: Stint, *, first: bool) -> Iterator[Wait]:
    messages = view.transcript.messages
    asked = stint.owed
    hold: tuple[int, float] | None = None
    for message in messages[stint.begin : stint.end]:
        if asked is None and _waits_for_answer(view, message):
            asked = message.index
        elif is_own(message):
            if hold is not None:
                seconds = seconds_between(messages[hold[0]], message)
                yield Wait(hold[0], message.index, seconds, hold_s=hold[1])
            elif asked is not None:
                yield Wait(asked, message.index, seconds_between(messages[asked], message), first=first)
            asked, first = None, False
            announced = announces_hold(view, message.index)
            hold = (message.index, announced_s(view, message.index)) if announced else None
    began, hold_s = hold if hold is not None else (asked, None)
    if began is None or began == stint.left:
        return
    yield Wait(began, None, _until_left(view, began, stint), hold_s=hold_s, first=first)


def _until_left(view: AgentView, began: int, stint: Stint) -> float | None:
    """Seconds until the chat passed to somebody else, or was closed; None where a time is unknown."""
    messages = view.transcript.messages
    if stint.left is not None:
        return seconds_between(messages[began], messages[stint.left])
    return _until_close(messages[began].at, view.transcript)


def _until_close(at: datetime | None, transcript: Transcript) -> float | None:
    if at is None or transcript.closed_at is None:
        return None
    return (transcript.closed_at - at).total_seconds()


def announces_hold(view: AgentView, message: int) -> bool:
    """Whether a message asks to wait and says nothing that already is the answer."""
    return view.says("hold_request", message) and says_only(
        view, view.language.lexicons["hold_request"], message
    )


UNIT_S = {"秒": 1.0, "分": 60.0, "刻": 900.0, "时": 3600.0, "钟头": 3600.0}


def announced_s(view: AgentView, message: int) -> float:
    """The longest time that a hold announces (3-5分钟, 两分钟), in seconds; 0 where it names none."""
    longest = 0.0
    for start, end in view.hits(view.language.lexicons["short_duration"], message):
        text = view.conversation.text(message)[start:end]
        unit = next((seconds for mark, seconds in UNIT_S.items() if mark in text), 0.0)
        longest = max(longest, unit * max(numbers_in(text), default=0.0))
    return longest
