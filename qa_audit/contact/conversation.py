"""A segmented conversation as the chat model sees it, and the model's answers with the words they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qa_audit.contact.features import NO_MOOD, ChatText, Probabilities
from qa_audit.contact.predict import Reading
from qa_audit.records import Contact, Evidence, Factor, RoundMood
from qa_audit.segment import Conversation

LAST_ROUNDS = 3
SHOWN = ("mood", "customer_words")  # the factors that the customer's words show


def chat_text(conversation: Conversation, moods: Mapping[int, RoundMood]) -> ChatText:
    """The rounds that hold words, with the moods of the customer's (keyed by the first message of the round)."""
    customer: list[str] = []
    agent: list[str] = []
    felt: list[Probabilities] = []
    messages: list[tuple[int, ...]] = []
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
            messages.append(round_.messages)
        else:
            agent.append(text)
    return ChatText(tuple(customer), tuple(agent), tuple(felt), last == "customer", tuple(messages))


def with_words(reading: Reading, chat: ChatText, conversation: Conversation) -> Contact:
    """What was said of a chat, with the customer's words that show it.

    The mood that counts most for or against dissatisfaction is shown by the most negative, or most positive, of the last
    three rounds; the way the customer ended by the last round.
    """
    contact = reading.contact
    evidence = [
        words for number in reading.emotion_rounds for words in _words(conversation, chat.messages[number])
    ]
    estimate = contact.dissatisfied
    if estimate is not None:
        factors = tuple(
            replace(factor, evidence=_words(conversation, chat.messages[_shown_by(factor, chat)]))
            if factor.name in SHOWN
            else factor
            for factor in estimate.factors
        )
        estimate = replace(estimate, factors=factors)
    return replace(contact, emotion_evidence=tuple(evidence), dissatisfied=estimate)


def _shown_by(factor: Factor, chat: ChatText) -> int:
    """The number of the customer's round that shows a factor."""
    last = len(chat.customer) - 1
    if factor.name != "mood":
        return last
    kind = 0 if factor.log_odds > 0 else 2
    return max(range(max(last - LAST_ROUNDS + 1, 0), last + 1), key=lambda n: (chat.moods[n][kind], n))


def round_words(conversation: Conversation, message: int) -> tuple[Evidence, ...]:
    """Everything that was written in the round which begins with this message."""
    return _words(conversation, conversation.rounds[conversation.round_of[message]].messages)


def _words(conversation: Conversation, messages: tuple[int, ...]) -> tuple[Evidence, ...]:
    texts = ((message, conversation.transcript.messages[message].text) for message in messages)
    return tuple(Evidence(message, 0, len(text), text) for message, text in texts if text)


def words_of(conversation: Conversation, message: int, span: tuple[int, int]) -> Evidence:
    """The original words of a span of a message's normalised text."""
    text = conversation.transcript.messages[message].text
    start, end = conversation.normalised[message].original_span(*span)
    return Evidence(message, start, end, text[start:end])
