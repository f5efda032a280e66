"""The satisfaction model's own model of turns, for data whose turns carry labels of their own.

The score of a customer's turn is what its words say, and what the turns around say: both sides' turns before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa_audit.contact.features import SIDES, Side
from qa_audit.satisfaction.chats import Chat
from qa_audit.satisfaction.features import Block, Spoken, Table
from qa_audit.sentiment.ngrams import Floats, Integers

# part → (side whose words count, steps in the customer's or the agent's turns; 0: the turn itself)
PARTS: Mapping[str, tuple[Side, int]] = {
    "own": ("customer", 0),
    "customer before": ("customer", -1),
    "customer after": ("customer", 1),
    "agent before": ("agent", -1),
    "agent before that": ("agent", -2),
    "agent after": ("agent", 1),
    "agent after that": ("agent", 2),
}
PLACE_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class TurnFeatures:
    """The customer's turns of many chats: words of every turn by side, and for each part which turn's words count (-1: none)."""

    words: Mapping[Side, Block]
    turn_of: Mapping[str, Integers]
    places: Floats
    chat_of: Integers


def turn_features(chats: Sequence[Chat], spoken: Spoken, tables: Mapping[Side, Table]) -> TurnFeatures:
    """Everything the model of turns looks at."""
    words = {
        side: tables[side].block(
            spoken.texts[side], np.arange(len(spoken.texts[side])), height=len(spoken.texts[side])
        )
        for side in SIDES
    }
    turn_of: dict[str, list[int]] = {part: [] for part in PARTS}
    places: list[tuple[float, ...]] = []
    first: dict[Side, int] = dict.fromkeys(SIDES, 0)
    for chat in chats:
        _add_chat(chat, first, turn_of, places)
        for side in SIDES:
            first[side] += sum(turn.customer == (side == "customer") for turn in chat)
    return TurnFeatures(
        words,
        {part: np.array(turns, dtype=np.int64) for part, turns in turn_of.items()},
        np.array(places, dtype=np.float64).reshape(-1, PLACE_COLUMNS),
        spoken.chat_of["customer"],
    )


def _add_chat(
    chat: Chat,
    first: Mapping[Side, int],
    turn_of: Mapping[str, list[int]],
    places: list[tuple[float, ...]],
) -> None:
    """Adds the customer's turns of one chat; ``first`` is the number of its first turn of each side."""
    total = {"customer": sum(turn.customer for turn in chat)}
    total["agent"] = len(chat) - total["customer"]
    before = {"customer": 0, "agent": 0}
    for place, turn in enumerate(chat):
        if turn.customer:
            for part, (side, step) in PARTS.items():
                # the agent's turn after the customer's turn is the one that ``before`` counts up to
                at = before[side] + (step - 1 if side == "agent" and step > 0 else step)
                turn_of[part].append(first[side] + at if 0 <= at < total[side] else -1)
            share = place / max(len(chat) - 1, 1)
            left = total["customer"] - before["customer"]
            places.append(
                (
                    share,
                    share > 0.9,
                    share < 0.1,
                    np.log1p(len(turn.text.split()) if " " in turn.text else len(turn.text)),
                    place + 1 < len(chat) and chat[place + 1].customer,
                    place > 0 and chat[place - 1].customer,
                    left == 1,
                    left <= 3,
                    before["customer"] == 0,
                    not turn.text,
                )
            )
        before["customer" if turn.customer else "agent"] += 1


def turn_scores(seen: TurnFeatures, coefficients: Mapping[str, Floats], intercept: Floats) -> Floats:
    """The log-odds of each answer for each customer turn: shape (turns, answers)."""
    scores = np.tile(intercept, (len(seen.places), 1))
    for part, (side, _) in PARTS.items():
        own = np.vstack([seen.words[side].times(coefficients[part]), np.zeros((1, len(intercept)))])
        scores += own[seen.turn_of[part]]
    for column, own in zip(seen.places.T, coefficients["place"], strict=True):
        scores += column[:, None] * own
    return scores


def turn_probabilities(scores: Floats) -> Floats:
    """One-versus-rest log-odds as probabilities: rows sum to 1."""
    chances = 1.0 / (1.0 + np.exp(-scores))
    sums: Floats = chances.sum(axis=1, keepdims=True)
    return np.divide(chances, sums)
