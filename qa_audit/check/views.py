"""Cuts a conversation into the parts that its human agents answer for."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Literal

from qa_audit.match.scan import Found
from qa_audit.records import Contact, Round, RoundMood
from qa_audit.segment import Conversation, is_own, sentences, speaker
from qa_audit.view import AgentView, Language

HANDOVER = "handover"
HANDED_ON = "handed_on"
NO_CONTACT = Contact()


def scan(
    conversation: Conversation, language: Language, seen: MutableMapping[str, Found]
) -> dict[int, Found]:
    """What was found in each message of the customer, the agents and the system's notices.

    ``seen`` keeps what was found by text: stock replies, greetings and 好的 come up in chat after chat.
    """
    found: dict[int, Found] = {}
    for message in conversation.transcript.messages:
        if message.role == "bot" or message.auto:
            continue
        text, index = conversation.text(message.index), message.index
        if text and text not in seen:
            seen[text] = language.scanner.scan(
                text,
                lambda index=index: conversation.edges(index),  # type: ignore[misc]  # mypy: lambda default
                lambda text=text: conversation.segmenter.words(text),  # type: ignore[misc]  # same
                lambda text=text: sentences(text),  # type: ignore[misc]  # same
            )
        if text:
            found[index] = seen[text]
    return found


def agents_of(conversation: Conversation) -> list[str]:
    """The human agents, in the order of their first words."""
    transcript = conversation.transcript
    return list(dict.fromkeys(speaker(m, transcript) for m in transcript.messages if is_own(m)))


def views_of(
    conversation: Conversation,
    language: Language,
    moods: Mapping[int, RoundMood],
    thresholds: Mapping[str, float],
    contact: Contact = NO_CONTACT,
    seen: MutableMapping[str, Found] | None = None,
) -> list[AgentView]:
    """One view per human agent; none where no human ever wrote. ``seen``: texts scanned before, in the same batch."""
    agents = agents_of(conversation)
    found = scan(conversation, language, {} if seen is None else seen) if agents else {}
    views = []
    for number, agent in enumerate(agents):
        start, took_over = _start(conversation, language, found, agents, number)
        end = _end(conversation, language, found, agent)
        inside = [r for r in conversation.rounds if r.messages[-1] >= start and r.messages[0] < end]
        views.append(
            AgentView(
                conversation=conversation,
                agent=agent,
                language=language,
                start=start,
                end=end,
                took_over=took_over,
                last=end == len(conversation.transcript.messages),
                own=tuple(r for r in inside if r.role == "agent" and r.agent == agent),
                customer=tuple(
                    r
                    for r in inside
                    if r.role == "customer" and (len(agents) == 1 or agent in _beside(conversation, r, agent))
                ),
                found=found,
                moods=moods,
                thresholds=thresholds,
                contact=contact,
            )
        )
    return views


def _start(
    conversation: Conversation, language: Language, found: Mapping[int, Found], agents: list[str], number: int
) -> tuple[int, Literal["bot", "human"] | None]:
    """The first message an agent answers for, and from whom they took over."""
    messages = conversation.transcript.messages
    first = _first_word(conversation, agents[number])
    human = any(is_own(m) for m in messages[:first])
    bot = any(m.role == "bot" for m in messages[:first])
    handover = language.lexicons[HANDOVER]
    for index in range(first - 1, -1, -1):
        message = messages[index]
        notice = message.role == "system" and index in found and language.scanner.find(handover, found[index])
        # once a human has come, a bot that speaks in between hands nothing over
        if is_own(message) or notice or (message.role == "bot" and not human):
            return index + 1, "human" if human else "bot" if bot else None
    return 0, None


def _end(conversation: Conversation, language: Language, found: Mapping[int, Found], agent: str) -> int:
    """Where somebody else speaks after an agent's last word, or the chat is handed on for good.

    A chat handed back (A, B, A) ends with the first.
    """
    transcript = conversation.transcript
    own = [m for m in transcript.messages if is_own(m)]
    last = max(m.index for m in own if speaker(m, transcript) == agent)
    handed_on = language.lexicons[HANDED_ON]
    for message in transcript.messages[last + 1 :]:
        if is_own(message):
            return message.index
        notice = message.role == "system" and message.index in found
        if notice and language.scanner.find(handed_on, found[message.index]):
            return message.index
    return len(transcript.messages)


def _beside(conversation: Conversation, round_: Round, agent: str) -> set[str | None]:
    """The agents who spoke last before and first after a round; at either end of the chat, ``agent``."""
    own = [r for r in conversation.rounds if r.role == "agent"]
    before = [r.agent for r in own if r.index < round_.index][-1:]
    after = [r.agent for r in own if r.index > round_.index][:1]
    return {*(before or [agent]), *(after or [agent])}


def _first_word(conversation: Conversation, agent: str) -> int:
    transcript = conversation.transcript
    return next(m.index for m in transcript.messages if is_own(m) and speaker(m, transcript) == agent)
