"""A segmented conversation as the chat model sees it."""

from __future__ import annotations

from collections.abc import Mapping

from qa_audit.contact.features import NO_MOOD, ChatText, Probabilities
from qa_audit.records import RoundMood
from qa_audit.segment import Conversation


def chat_text(conversation: Conversation, moods: Mapping[int, RoundMood]) -> ChatText:
    """The rounds that hold words, with the moods of the customer's (keyed by the first message of the round)."""
    customer: list[str] = []
    agent: list[str] = []
    felt: list[Probabilities] = []
    last = ""
    for round_ in conversation.rounds:
        text = conversation.round_text(round_)
        if round_.role == "bot" or not text.strip():
            continue
        last = round_.role
        if last == "customer":
            mood = moods.get(round_.messages[0])
            customer.append(text)
            felt.append(NO_MOOD if mood is None else mood.probabilities)
        else:
            agent.append(text)
    return ChatText(tuple(customer), tuple(agent), tuple(felt), customer_spoke_last=last == "customer")
