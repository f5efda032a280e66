"""The conversation as one agent is judged on it: own rounds, the customer's rounds they answer for, waits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from qa_audit.match.cues import Cues
from qa_audit.match.scan import Found, Scanner
from qa_audit.numerals import numbers_in
from qa_audit.records import Evidence, Message, Round, RoundMood, RuleResult, Transcript
from qa_audit.rule import Anchor, Expression, Where
from qa_audit.segment import Conversation, clauses, is_own, sentences, speaker

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a standard: everything it looks for, compiled; its cues; its lexicons by name."""

    scanner: Scanner
    cues: Cues
    lexicons: Mapping[str, Expression]
    masks: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Wait:
    """From the first unanswered customer message to the agent's next own message.

    ``seconds`` is None where a time is missing or the chat ends unanswered at an unknown time. ``hold_s`` is the
    announced time of a hold (0: announced without a time, None: no hold).
    """

    asked: int
    answered: int | None
    seconds: float | None
    hold_s: float | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A hit of an expression in one message."""

    message: int
    span: Span


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent's part of a conversation; ``start`` and ``end`` bound the messages they answer for.

    ``took_over`` says from whom: None if this agent opened the chat. ``last``: nobody took over from them.
    """

    conversation: Conversation
    agent: str
    language: Language
    start: int
    end: int
    took_over: Literal["bot", "human"] | None
    last: bool
    own: tuple[Round, ...]
    customer: tuple[Round, ...]
    found: Mapping[int, Found]
    moods: Mapping[int, RoundMood]
    thresholds: Mapping[str, float]
    results: dict[str, RuleResult] = field(default_factory=dict)
    _waits: list[tuple[Wait, ...]] = field(default_factory=list)
    _unmasked: dict[int, str] = field(default_factory=dict)

    @property
    def transcript(self) -> Transcript:
        """The transcript as read."""
        return self.conversation.transcript

    def rounds(self, side: str) -> tuple[Round, ...]:
        """The rounds of one side that this agent answers for."""
        return self.own if side == "agent" else self.customer

    def hits(self, expression: Expression, message: int) -> list[Span]:
        """Spans of ``expression`` in the normalised text of a message."""
        found = self.found.get(message)
        if not found:
            return []
        return self.language.scanner.find(expression, found, lambda: self._around(message))

    def _around(self, message: int) -> list[Found]:
        """What was found in the other messages of the same round: a round may be cut into messages anyhow."""
        position = self.conversation.round_of[message]
        round_ = self.conversation.rounds[position].messages if position >= 0 else ()
        return [self.found[m] for m in round_ if m != message and m in self.found]

    def says(self, lexicon: str, message: int) -> bool:
        """Whether a message holds an expression of a lexicon."""
        return bool(self.hits(self.language.lexicons[lexicon], message))

    def said_in(self, expression: Expression, rounds: Sequence[Round]) -> Iterator[Said]:
        """Every hit in some rounds, in order."""
        for round_ in rounds:
            for message in round_.messages:
                for span in self.hits(expression, message):
                    yield Said(message, span)

    def unmasked(self, message: int) -> str:
        """The normalised text with its masks blanked: they keep their length, so spans still hold."""
        if message not in self._unmasked:
            text = self.conversation.text(message)
            self._unmasked[message] = self.language.masks.sub(lambda m: " " * len(m[0]), text)
        return self._unmasked[message]

    def evidence(self, said: Said) -> Evidence:
        """The exact original words of a hit."""
        text = self.transcript.messages[said.message].text
        start, end = self.conversation.normalised[said.message].original_span(*said.span)
        return Evidence(said.message, start, end, text[start:end])

    def sentence_of(self, said: Said) -> Span:
        """The sentence (normalised offsets) that holds the start of a hit."""
        text = self.conversation.text(said.message)
        for start, end in sentences(text):
            if start <= said.span[0] < end:
                return start, max(end, said.span[1])
        return 0, len(text)

    def scope(self, where: Where) -> tuple[Round, ...] | None:
        """The rounds that ``where`` names; None if one of its anchors does not occur."""
        rounds = self.rounds(where.side)
        if where.after is not None:
            anchor = self._anchor(where.after)
            if anchor is None:
                return None
            rounds = tuple(r for r in rounds if r.index > anchor)
        if where.before is not None:
            anchor = self._anchor(where.before)
            if anchor is None:
                return None
            rounds = tuple(r for r in rounds if r.index < anchor)
        if where.first is not None:
            rounds = rounds[: where.first]
        if where.last is not None:
            rounds = rounds[-where.last :]
        return rounds

    def _anchor(self, anchor: Anchor) -> int | None:
        """The round of the anchor's nth hit."""
        for number, said in enumerate(self.said_in(anchor.expression, self.rounds(anchor.side)), start=1):
            if number == anchor.nth:
                return self.conversation.round_of[said.message]
        return None

    def waits(self) -> tuple[Wait, ...]:
        """The waits of this agent's part, in order."""
        if not self._waits:
            self._waits.append(tuple(_waits(self)))
        return self._waits[0]


def seconds_between(a: Message, b: Message) -> float | None:
    """Seconds from the end of ``a`` to the start of ``b``; None where one has no time."""
    if a.at is not None and b.at is not None:
        return (b.at - a.at).total_seconds()
    start = a.end_s if a.end_s is not None else a.start_s
    if start is not None and b.start_s is not None:
        return b.start_s - start
    return None


def _waits(view: AgentView) -> Iterator[Wait]:
    messages = view.transcript.messages
    asked: int | None = None
    hold: tuple[int, float] | None = None
    first = True
    for message in messages[view.start : view.end]:
        if message.role == "customer":
            if asked is None and not view.says("acknowledgement_only", message.index):
                asked = message.index
        elif is_own(message) and speaker(message, view.transcript) != view.agent:
            asked, hold = None, None  # a colleague has answered
        elif is_own(message):
            if hold is not None:
                seconds = seconds_between(messages[hold[0]], message)
                yield Wait(hold[0], message.index, seconds, hold_s=hold[1])
            elif asked is not None:
                yield Wait(asked, message.index, seconds_between(messages[asked], message), first=first)
            asked, first = None, False
            hold = (
                (message.index, announced_s(view, message.index))
                if _announces_hold(view, message.index)
                else None
            )
    if hold is not None and view.last:
        yield Wait(hold[0], None, _until_close(messages[hold[0]].at, view.transcript), hold_s=hold[1])
    elif asked is not None and view.last:
        yield Wait(asked, None, _until_close(messages[asked].at, view.transcript), first=first)


def _until_close(at: datetime | None, transcript: Transcript) -> float | None:
    """Seconds until the chat was closed; None where either time is unknown."""
    if at is None or transcript.closed_at is None:
        return None
    return (transcript.closed_at - at).total_seconds()


def _announces_hold(view: AgentView, message: int) -> bool:
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


def says_only(view: AgentView, expression: Expression, message: int) -> bool:
    """Whether the sentences of a message without ``expression`` carry next to nothing (up to 8 characters)."""
    text = view.conversation.text(message)
    spans = view.hits(expression, message)
    rest = 0
    for start, end in sentences(text):
        if not any(start <= a < end for a, _ in spans):
            rest += sum(character.isalnum() for character in text[start:end])
    return rest <= FEW_CHARACTERS


def says_nothing_else(view: AgentView, expression: Expression, messages: Sequence[int]) -> bool:
    """Whether the clauses of some messages without ``expression`` carry next to nothing; masks do not count."""
    rest = 0
    for message in messages:
        text, spans = view.unmasked(message), view.hits(expression, message)
        for start, end in clauses(text):
            if not any(low < end and start < high for low, high in spans):
                rest += sum(map(str.isalnum, text[start:end]))
                if rest > FEW_CHARACTERS:
                    return False
    return True


FEW_CHARACTERS = 8  # 好的亲, 马上就好: less than any answer
