"""What is stored of a chat when personal data is masked: texts of the same length, so evidence still fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_audit.mask import CODE_WORDS, customer_key, mask, mask_answered_codes
from qa_audit.records import (
    Deduction,
    Evidence,
    Factor,
    Message,
    RuleResult,
    Scorecard,
    Transcript,
    Unanswered,
)

CODE_REACH = 6  # messages after one that names a code in which the code may be said


def masked_scorecard(card: Scorecard, *, key: bytes) -> Scorecard:
    """The scorecard with masked texts and evidence, and a keyed hash in the customer's place."""
    transcript = _transcript(card.transcript)
    customer = card.transcript.customer
    return replace(
        card,
        transcript=transcript,
        results=tuple(_result(result, transcript) for result in card.results),
        deductions=tuple(_deduction(deduction, transcript) for deduction in card.deductions),
        emotion_evidence=tuple(_evidence(evidence, transcript) for evidence in card.emotion_evidence),
        dissatisfied_factors=tuple(_factor(factor, transcript) for factor in card.dissatisfied_factors),
        escalation_factors=tuple(_factor(factor, transcript) for factor in card.escalation_factors),
        customer_key=customer_key(customer, key=key) if customer else "",
    )


def masked_unanswered(chat: Unanswered) -> Unanswered:
    """The unanswered chat with masked texts."""
    return replace(chat, transcript=_transcript(chat.transcript))


def _transcript(transcript: Transcript) -> Transcript:
    messages = tuple(
        replace(message, text=text)
        for message, text in zip(transcript.messages, _texts(transcript.messages), strict=True)
    )
    extra = {
        name: mask(value) if isinstance(value, str) else value for name, value in transcript.extra.items()
    }
    return replace(transcript, messages=messages, customer=_name(transcript.customer), extra=extra)


def _texts(messages: Sequence[Message]) -> Iterator[str]:
    """The masked text of each message; near a word for a code also the bare numbers that may be one."""
    named = -1 - CODE_REACH
    for number, message in enumerate(messages):
        if CODE_WORDS.search(message.text):
            named = number
        text = mask(message.text)
        yield mask_answered_codes(text) if number - named <= CODE_REACH else text


def _name(customer: str | None) -> str | None:
    """A name of which only the first character is left."""
    return None if customer is None else customer[:1] + "*" * (len(customer) - 1)


def _evidence(evidence: Evidence, transcript: Transcript) -> Evidence:
    text = transcript.messages[evidence.message].text[evidence.start : evidence.end]
    return evidence if text == evidence.text else replace(evidence, text=text)


def _result(result: RuleResult, transcript: Transcript) -> RuleResult:
    if not result.evidence and not result.excused:
        return result
    return replace(
        result,
        evidence=tuple(_evidence(evidence, transcript) for evidence in result.evidence),
        excused=tuple(replace(one, evidence=_evidence(one.evidence, transcript)) for one in result.excused),
    )


def _deduction(deduction: Deduction, transcript: Transcript) -> Deduction:
    if deduction.evidence is None:
        return deduction
    return replace(deduction, evidence=_evidence(deduction.evidence, transcript))


def _factor(factor: Factor, transcript: Transcript) -> Factor:
    return replace(factor, evidence=tuple(_evidence(evidence, transcript) for evidence in factor.evidence))
