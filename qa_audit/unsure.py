"""Which verdicts on masked text hang on what was masked: found out by putting other values in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from qa_audit.audit import Auditor
from qa_audit.records import RuleResult, Scorecard, Transcript, Verdict

HIDDEN = "*"  # what masking puts in the place of a character
FILLED_WITH = ("1234567890", "7418529630", "甲乙丙丁戊")
Key = tuple[str, str]


def key_of(card: Scorecard) -> Key:
    """Chat and agent."""
    return card.transcript.id, card.agent


def unsure(
    auditor: Auditor, transcripts: Iterable[Transcript], cards: Mapping[Key, Scorecard]
) -> set[tuple[str, str, str]]:
    """(chat, agent, rule) whose verdict is another one when other values stand in the masked places."""
    hidden = [t for t in transcripts if any(HIDDEN in message.text for message in t.messages)]
    found: set[tuple[str, str, str]] = set()
    for characters in FILLED_WITH:
        filled = [_filled(transcript, characters) for transcript in hidden]
        again = {key_of(card): card for card in auditor.audit(filled).scorecards}
        found |= unlike(again, {key: cards[key] for key in again})
    return found


def _filled(transcript: Transcript, characters: str) -> Transcript:
    """The transcript with something else in each masked place, no two places alike."""
    number = count()
    messages = tuple(
        replace(
            message,
            text="".join(
                characters[next(number) % len(characters)] if character == HIDDEN else character
                for character in message.text
            ),
        )
        for message in transcript.messages
    )
    return replace(transcript, messages=messages)


def unlike(some: Mapping[Key, Scorecard], others: Mapping[Key, Scorecard]) -> set[tuple[str, str, str]]:
    """(chat, agent, rule) decided differently, of those that both have."""
    found = set()
    for key in some.keys() & others.keys():
        known = {result.rule_id: decided(result) for result in others[key].results}
        found |= {
            (*key, result.rule_id)
            for result in some[key].results
            if known.get(result.rule_id, decided(result)) != decided(result)
        }
    return found


def decided(result: RuleResult) -> tuple[Verdict, bool]:
    """The verdict, and whether it costs nothing."""
    return result.verdict, bool(result.waived)
