"""The conversation as one agent is judged on it: own rounds and the customer's rounds they answer for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qa_audit.match.cues import Cues
from qa_audit.match.scan import Found, Scanner
from qa_audit.records import Contact, Evidence, Message, Round, RoundMood, RuleResult, Transcript
from qa_audit.rule import Anchor, Expression, Procedure, Where
from qa_audit.segment import Conversation, clauses, sentences

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a standard: everything it looks for, compiled; its cues; its lexicons by name; its procedures."""

    scanner: Scanner
    cues: Cues
    lexicons: Mapping[str, Expression]
    masks: re.Pattern[str]
    procedures: tuple[Procedure, ...] = ()


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
    contact: Contact = field(default_factory=Contact)
    results: dict[str, RuleResult] = field(default_factory=dict)
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
        if where.unanswered:
            others = self.rounds("customer" if where.side == "agent" else "agent")
            if where.ignoring is not None:
                others = tuple(r for r in others if not says_nothing_but(self, where.ignoring, r.messages))
            rounds = tuple(r for r in rounds if r.index > others[-1].index) if others else rounds
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
        rounds = self._in_seconds(where, rounds)
        if where.first is not None:
            rounds = rounds[: where.first]
        if where.last is not None:
            rounds = rounds[-where.last :]
        return rounds

    def _in_seconds(self, where: Where, rounds: tuple[Round, ...]) -> tuple[Round, ...]:
        """What of some rounds was said in the first or last seconds; what has no time is not in them."""
        if where.first_s is None and where.last_s is None:
            return rounds
        kept = []
        for round_ in rounds:
            messages = tuple(m for m in round_.messages if self._in_time(where, m))
            if messages:
                kept.append(replace(round_, messages=messages))
        return tuple(kept)

    def _in_time(self, where: Where, message: int) -> bool:
        since, until = since_begin(self.transcript, message), until_end(self.transcript, message)
        if where.first_s is not None:
            return since is not None and since <= where.first_s
        return where.last_s is not None and until is not None and until <= where.last_s

    def timed(self, where: Where) -> bool:
        """Whether the record has the times that a scope asks for."""
        if where.first_s is None and where.last_s is None:
            return True
        said = [m for r in self.rounds(where.side) for m in r.messages]
        return all(since_begin(self.transcript, m) is not None for m in said)

    def _anchor(self, anchor: Anchor) -> int | None:
        """The round of the anchor's nth hit."""
        for number, said in enumerate(self.said_in(anchor.expression, self.rounds(anchor.side)), start=1):
            if number == anchor.nth:
                return self.conversation.round_of[said.message]
        return None


def since_begin(transcript: Transcript, message: int) -> float | None:
    """Seconds from the beginning of a chat or call to a message; None where it has no time."""
    said, began = transcript.messages[message], transcript.began_at
    if said.at is not None and began is not None:
        return (said.at - began).total_seconds()
    return said.start_s


def until_end(transcript: Transcript, message: int) -> float | None:
    """Seconds from a message to the end of its chat or call: when it was closed, else its last message."""
    said = transcript.messages[message]
    ends = [m.end_s if m.end_s is not None else m.start_s for m in transcript.messages]
    if said.at is None:
        last = max((end for end in ends if end is not None), default=None)
        return None if said.start_s is None or last is None else last - said.start_s
    closed = transcript.closed_at or max(m.at for m in transcript.messages if m.at is not None)
    return (closed - said.at).total_seconds()


def seconds_between(a: Message, b: Message) -> float | None:
    """Seconds from the end of ``a`` to the start of ``b``; None where one has no time."""
    if a.at is not None and b.at is not None:
        return (b.at - a.at).total_seconds()
    start = a.end_s if a.end_s is not None else a.start_s
    if start is not None and b.start_s is not None:
        return b.start_s - start
    return None


def says_only(view: AgentView, expression: Expression, message: int) -> bool:
    """Whether the sentences of a message without ``expression`` carry next to nothing (up to 8 characters).

    What was found out meanwhile (稍等，查到了) is something else, however short.
    """
    text = view.conversation.text(message)
    spans = view.hits(expression, message)
    if spans and gives_result(view, message, after=spans[0][1]):
        return False
    rest = 0
    for start, end in sentences(text):
        if not any(start <= a < end for a, _ in spans):
            rest += sum(character.isalnum() for character in text[start:end])
    return rest <= FEW_CHARACTERS


def gives_result(view: AgentView, message: int, *, after: int) -> bool:
    """Whether a message tells what was found out, behind a place in its normalised text."""
    return any(start >= after for start, _ in view.hits(view.language.lexicons["found_out"], message))


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


def says_nothing_but(view: AgentView, expression: Expression, messages: Sequence[int]) -> bool:
    """Whether some messages hold no character beside ``expression`` but particles; a picture says something."""
    for message in messages:
        text, spans = view.conversation.text(message), view.hits(expression, message)
        if not spans:
            return False
        rest = (c for i, c in enumerate(text) if not any(low <= i < high for low, high in spans))
        if any(c.isalnum() and c not in PARTICLES for c in rest):
            return False
    return True


PARTICLES = "那就了哦呢哈啊呀啦吧嘛哒滴您亲也还先请"  # no answer; 好 and 是 are one
FEW_CHARACTERS = 8  # 好的亲, 马上就好: less than any answer
