"""What the mood model sees of a customer's round, and the spelling it sees it in.

Training and prediction go through the same function, so a model always meets text as it was trained on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from qa_audit.sentiment.ngrams import CODE_POINTS, Integers, points_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Numbers, addresses and their masks say what, not how: all become one placeholder.
PLACEHOLDER = "0"
# Joins texts so that each pattern runs once per batch; no pattern below matches it.
JOINT = "\0"
# One value; it begins with a set of ASCII characters, which `re` looks for quickly, and the commonest choice goes first.
_ONE_VALUE = r"[\[<*h0-9](?:(?<=[0-9])[0-9.,:*]*|(?<=\[)[^\[\]\0]{1,8}x\]|(?<=<)[a-z_]+>|(?<=\*)\*+|(?<=h)ttps?://[!-~]+)"  # 3.5 [数字x] <num> ** https://…
_VALUE = re.compile(f"{_ONE_VALUE} *(?:{_ONE_VALUE} *)*")
_EMOTICON_MASK = re.compile(r"#e-[a-z][0-9]+")
_ORDER_CARD = re.compile(r"\[订单编号:[^\[\]\0]*\]")  # pasted by the shop window, not typed by the customer
_JOINT_POINT, _SPACE_POINT, _ANY_DIGIT = ord(JOINT), ord(" "), ord("0")
MOST_REPEATS = 3
_LAST_DIGIT = 0x1FFFF  # no decimal digit and no white space lies past it


def _plain() -> Integers:
    """Each code point's plain spelling: white space is a space, a decimal digit of any script 0."""
    plain = np.arange(CODE_POINTS)
    characters = np.arange(_LAST_DIGIT + 1, dtype=np.uint32).view("U1")
    plain[np.flatnonzero(np.strings.isspace(characters))] = _SPACE_POINT
    plain[np.flatnonzero(np.strings.isdecimal(characters))] = _ANY_DIGIT
    return plain


_PLAIN = _plain()


@dataclass(frozen=True, slots=True)
class Chat:
    """What is said in a chat, round by round, normalised; a round's messages are joined by newlines.

    ``answered``: of each of the customer's rounds, how many of the agent's stand before it.
    """

    customer: tuple[str, ...]
    agent: tuple[str, ...]
    answered: tuple[int, ...]


class CustomerTurn(NamedTuple):
    """A customer's round within its chat: the one with this ``number``, from 0. A tuple, since a night makes millions."""

    chat: Chat
    number: int

    @property
    def text(self) -> str:
        """What the customer says."""
        return self.chat.customer[self.number]

    @property
    def before(self) -> str:
        """The agent's round before it, "" if none."""
        answered = self.chat.answered[self.number]
        return self.chat.agent[answered - 1] if answered else ""

    @property
    def after(self) -> str:
        """The agent's round after it, "" if none."""
        return next(iter(self.chat.agent[self.chat.answered[self.number] :]), "")

    @property
    def earlier(self) -> tuple[str, ...]:
        """The customer's rounds before it."""
        return self.chat.customer[: self.number]

    @property
    def later(self) -> tuple[str, ...]:
        """The customer's rounds after it."""
        return self.chat.customer[self.number + 1 :]

    @property
    def agent(self) -> tuple[str, ...]:
        """All rounds of the agent."""
        return self.chat.agent

    @property
    def alone(self) -> bool:
        """Whether it is all that the customer said."""
        return len(self.chat.customer) == 1


def turns_of(rounds: Iterable[tuple[str, str]]) -> list[CustomerTurn]:
    """The customer's turns in a chat of rounds (role, text); only customer and agent count."""
    customer: list[str] = []
    agent: list[str] = []
    answered: list[int] = []
    for role, text in rounds:
        if role == "customer":
            customer.append(text)
            answered.append(len(agent))
        elif role == "agent":
            agent.append(text)
    chat = Chat(tuple(customer), tuple(agent), tuple(answered))
    return [CustomerTurn(chat, number) for number in range(len(customer))]


def clean(texts: Sequence[str]) -> list[str]:
    """The normalised ``texts`` without what carries no mood: values and masks, layout, more than three repeats."""
    return _text(cleaned_points(texts)).split(JOINT)[:-1]


def cleaned_points(texts: Sequence[str]) -> Integers:
    """The characters of the same, each text followed by a zero."""
    batch = JOINT.join([*texts, ""])
    if batch.count(JOINT) > len(texts):
        batch = JOINT.join([*(text.replace(JOINT, " ") for text in texts), ""])
    batch = _text(_PLAIN[points_of(batch)])
    batch = _EMOTICON_MASK.sub(" ", batch)
    batch = _VALUE.sub(PLACEHOLDER, batch)
    batch = _ORDER_CARD.sub(PLACEHOLDER, batch)
    return _without_repeats(_without_layout(points_of(batch)))


def _text(points: Integers) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _without_layout(points: Integers) -> Integers:
    """``points`` with one space for each run of spaces within a text, and none at a text's edges."""
    kept: npt.NDArray[np.bool_] = points != _SPACE_POINT
    inked = np.flatnonzero(kept)
    in_text = points[inked] != _JOINT_POINT
    runs = np.flatnonzero((np.diff(inked) > 1) & in_text[1:] & in_text[:-1])
    kept[inked[runs] + 1] = True
    return points[kept]


def _without_repeats(points: Integers) -> Integers:
    """``points`` without the fourth and further of equal characters in a row, joints aside."""
    kept = np.ones(len(points), dtype=np.bool_)
    equal = (points[1:] == points[:-1]) & (points[1:] != _JOINT_POINT)
    kept[MOST_REPEATS:] = ~(equal[2:] & equal[1:-1] & equal[:-2])
    return points[kept]
