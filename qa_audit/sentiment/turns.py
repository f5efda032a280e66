"""What the mood model sees of a customer's round, and the spelling it sees it in.

Training and prediction go through the same function, so a model always meets text as it was trained on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Numbers, addresses and their masks say what, not how: all become one placeholder.
PLACEHOLDER = "0"
# Joins texts so that each pattern runs once per batch; no pattern below matches it.
JOINT = "\0"
_SPACES = "[^\\S\0]"
# One value; it begins with a set of characters, which `re` looks for quickly, and not with a choice.
_ONE_VALUE = r"[\[<*h\d](?:(?<=\[)[^\[\]\0]{1,8}x\]|(?<=<)[a-z_]+>|(?<=\*)\*+|(?<=h)ttps?://[!-~]+|(?<=\d)[\d.,:*]*)"  # [数字x] <num> ** https://… 3.5
_VALUE = re.compile(f"{_ONE_VALUE}{_SPACES}*(?:{_ONE_VALUE}{_SPACES}*)*")
_EMOTICON_MASK = re.compile(r"#e-[a-z]\d+")
_ORDER_CARD = re.compile(r"\[订单编号:[^\[\]\0]*\]")  # pasted by the shop window, not typed by the customer
_SPACE_RUN = re.compile(rf"{_SPACES}+")
_EDGE = re.compile(f" ?{JOINT} ?")
MOST_REPEATS = 3


@dataclass(frozen=True, slots=True)
class CustomerTurn:
    """A customer's round and the chat around it, all normalised; a round's messages are joined by newlines.

    ``before`` and ``after``: the agent's round before and after it, "" if none. ``earlier`` and ``later``: the
    customer's other rounds; ``agent``: all rounds of the agent.
    """

    text: str
    before: str = ""
    after: str = ""
    earlier: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it is all that the customer said."""
        return not (self.earlier or self.later)


def turns_of(rounds: Iterable[tuple[str, str]]) -> list[CustomerTurn]:
    """The customer's turns in a chat of rounds (role, text); only customer and agent count."""
    spoken = [(role, text) for role, text in rounds if role in ("customer", "agent")]
    customer = tuple(text for role, text in spoken if role == "customer")
    agent = tuple(text for role, text in spoken if role == "agent")
    turns: list[CustomerTurn] = []
    answered = 0  # agent rounds so far
    for role, text in spoken:
        if role == "agent":
            answered += 1
            continue
        number = len(turns)
        turns.append(
            CustomerTurn(
                text,
                before=agent[answered - 1] if answered else "",
                after=agent[answered] if answered < len(agent) else "",
                earlier=customer[:number],
                later=customer[number + 1 :],
                agent=agent,
            )
        )
    return turns


def clean(texts: Sequence[str]) -> list[str]:
    """The normalised ``texts`` without what carries no mood: values and masks, layout, more than three repeats."""
    if not texts:
        return []
    batch = JOINT.join([text.replace(JOINT, " ") for text in texts])
    batch = _EMOTICON_MASK.sub(" ", batch)
    batch = _VALUE.sub(PLACEHOLDER, batch)
    batch = _ORDER_CARD.sub(PLACEHOLDER, batch)
    batch = _SPACE_RUN.sub(" ", batch)
    batch = _without_repeats(batch)
    return _EDGE.sub(JOINT, f"{JOINT}{batch}{JOINT}")[1:-1].split(JOINT)


def _without_repeats(batch: str) -> str:
    """``batch`` without the fourth and further of equal characters in a row, joints aside."""
    points = np.frombuffer(batch.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kept = np.ones(len(points), dtype=np.bool_)
    equal = (points[1:] == points[:-1]) & (points[1:] != ord(JOINT))
    kept[MOST_REPEATS:] = ~(equal[2:] & equal[1:-1] & equal[:-2])
    return batch if kept.all() else points[kept].tobytes().decode("utf-32-le", "surrogatepass")
