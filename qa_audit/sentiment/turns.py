"""What the mood model sees of a customer's round, and the spelling it sees it in.

Training and prediction go through the same function, so a model always meets text as it was trained on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Numbers, addresses and their masks say what, not how: all become one placeholder.
PLACEHOLDER = "0"
# Joins texts so that each pattern runs once per batch; no pattern below matches it.
JOINT = "\0"
_SPACES = "[^\\S\0]"
_VALUE = re.compile(
    rf"(?:(?:\[[^\[\]\0]{{1,8}}x\]|<[a-z_]+>|\*{{2,}}|https?://[!-~]+|\d[\d.,:*]*){_SPACES}*)+"  # [数字x] <num> ** 3.5
)
_EMOTICON_MASK = re.compile(r"#e-[a-z]\d+")
_ORDER_CARD = re.compile(r"\[订单编号:[^\[\]\0]*\]")  # pasted by the shop window, not typed by the customer
_SPACE_RUN = re.compile(rf"{_SPACES}+")
_EDGE = re.compile(f" ?{JOINT} ?")
_REPEATED = re.compile(f"([^{JOINT}])\\1{{3,}}")


@dataclass(frozen=True, slots=True)
class CustomerTurn:
    """A customer's round and what it answers, both normalised.

    ``text`` is the round's messages joined by newlines; ``before`` the agent's previous round, "" if none.
    """

    text: str
    before: str = ""


def clean(texts: Sequence[str]) -> list[str]:
    """The normalised ``texts`` without what carries no mood: values and masks, layout, more than three repeats."""
    if not texts:
        return []
    batch = JOINT.join([text.replace(JOINT, " ") for text in texts])
    batch = _EMOTICON_MASK.sub(" ", batch)
    batch = _VALUE.sub(PLACEHOLDER, batch)
    batch = _ORDER_CARD.sub(PLACEHOLDER, batch)
    batch = _SPACE_RUN.sub(" ", batch)
    batch = _REPEATED.sub(r"\1\1\1", batch)
    return _EDGE.sub(JOINT, f"{JOINT}{batch}{JOINT}")[1:-1].split(JOINT)
