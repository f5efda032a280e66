"""A chat as the satisfaction model sees it, and how its texts become the units that n-grams are made of.

Readable text is cut into characters. Pre-tokenised text (word ids between spaces) has a vocabulary: every known word
becomes one private character, so both kinds go through the same tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from qa_audit.contact.features import Probabilities
from qa_audit.records import RoundMood
from qa_audit.segment import Conversation
from qa_audit.sentiment.turns import clean

Spelling = Literal["characters", "words"]
SPELLINGS: tuple[Spelling, Spelling] = ("characters", "words")
FEWEST_CHATS = 2  # a word of fewer chats is unknown
UNKNOWN, FIRST_WORD = 0xE000, 0xE001  # private characters, past the surrogates
MOST_WORDS = 0x110000 - FIRST_WORD
BEGIN, END = "\2", "\3"  # the edges of a turn, in n-grams


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer's or an agent's turn: normalised text, or word ids between spaces.

    ``mood`` is P(negative, neutral, positive) of a customer's turn; ``waited_s`` the seconds since the other side's
    turn ended. None where nobody knows.
    """

    customer: bool
    text: str
    mood: Probabilities | None = None
    waited_s: float | None = None


Chat = tuple[Turn, ...]


@dataclass(frozen=True)
class Speller:
    """Turns texts into strings of one character a unit; ``words`` are the known words of pre-tokenised text."""

    spelling: Spelling
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, spelling: Spelling, chats: Iterable[Chat]) -> Speller:
        """A speller with the words of these chats."""
        if spelling == "characters":
            return cls(spelling)
        found: Counter[str] = Counter()
        for chat in chats:
            found.update({word for turn in chat for word in turn.text.split()})
        frequent = [(-count, word) for word, count in found.items() if count >= FEWEST_CHATS]
        return cls(spelling, tuple(sorted(word for _, word in sorted(frequent)[:MOST_WORDS])))

    def spelled(self, texts: Sequence[str]) -> list[str]:
        """Each text as its units between the edges of a turn."""
        if self.spelling == "characters":
            return [f"{BEGIN}{text.translate(_EDGES)}{END}" for text in clean(texts)]
        known = self._characters
        return [
            BEGIN + "".join([known.get(word, chr(UNKNOWN)) for word in text.split()]) + END for text in texts
        ]

    @cached_property
    def _characters(self) -> Mapping[str, str]:
        return {word: chr(FIRST_WORD + number) for number, word in enumerate(self.words)}


_EDGES = str.maketrans({BEGIN: " ", END: " "})


def chat_of(conversation: Conversation, moods: Mapping[int, RoundMood]) -> Chat:
    """The rounds of a conversation that hold words; bots and notices are left out.

    ``moods`` by the first message of each customer round.
    """
    messages = conversation.transcript.messages
    turns: list[Turn] = []
    ended: tuple[bool, float] | None = None
    for round_ in conversation.rounds:
        text = conversation.round_text(round_)
        if round_.role not in ("customer", "agent") or not text.strip():
            continue
        customer = round_.role == "customer"
        own = [messages[i] for i in round_.messages]
        begins = own[0].at.timestamp() if own[0].at is not None else own[0].start_s
        ends = own[-1].at.timestamp() if own[-1].at is not None else own[-1].end_s
        waited = None
        if ended is not None and begins is not None and ended[0] != customer:
            waited = max(begins - ended[1], 0.0)
        ended = (customer, ends) if ends is not None else None
        mood = moods.get(round_.messages[0])
        turns.append(Turn(customer, text, mood.probabilities if mood is not None else None, waited))
    return tuple(turns)
