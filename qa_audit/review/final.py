"""The final score of a chat: the machine's verdicts with what people corrected, scored by the standard of that night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from qa_audit.records import Review, ReviewedCard, RuleResult, Scorecard, Severity, Verdict
from qa_audit.report.deductions import hit_key
from qa_audit.review.records import ChatReview, Judgement
from qa_audit.review.settle import Settled, majority, settled_rules
from qa_audit.rule import Standard
from qa_audit.score import Score, grade_of, score

How = Literal["复核得分", "改判", "致命已确认", "致命待复核", "已复核", "机器"]


@dataclass(frozen=True, slots=True)
class FinalChat:
    """One agent's part of one chat: what the machine said, what people made of it, and who they were.

    ``counted`` is the score in means: a fatal that nobody has confirmed yet counts as the score before it, as in the
    workbooks. ``open_rules`` are those on which reviewers disagree; the machine's verdict stands there.
    """

    night: str
    chat: str
    agent: str
    machine_score: float | None
    machine_grade: str
    machine_counted: float | None
    final_score: float | None
    final_grade: str
    counted: float | None
    how: How
    reviewers: tuple[str, ...] = ()
    overturned: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    open_rules: tuple[str, ...] = ()
    appeal: bool = False
    appeal_reason: str = ""
    appeal_result: str = ""
    notes: str = ""


LIFTED = "人工复核：不成立"


def reviewed_card(
    night: str,
    card: Scorecard,
    standard: Standard,
    judgements: Iterable[Judgement],
    reviews: Iterable[ChatReview],
) -> ReviewedCard:
    """The chat as people corrected it; see ``ReviewedCard``. Judgements on rules that it does not have say nothing."""
    known = {result.rule_id for result in card.results}
    judged, reviewed = [one for one in judgements if one.rule_id in known], tuple(reviews)
    final = final_chat(night, card, standard, judged, reviewed)
    changed = _changed(card, settled_rules(card, judged))
    again = rescored(card, changed, standard) if changed else _as_it_was(card)
    standing = {hit_key(d.rule_id, d.evidence) for d in again.deductions}
    lifted = (
        replace(d, points=0.0, waived=LIFTED)
        for d in card.deductions
        if hit_key(d.rule_id, d.evidence) not in standing
    )
    past = {d.rule_id for d in again.deductions} if final.how == "复核得分" else final.confirmed
    review = Review(card.score, card.grade, final.how, final.reviewers, frozenset(past))
    own = {field.name: getattr(card, field.name) for field in fields(Scorecard)} | {
        "results": tuple(_corrected(result, changed.get(result.rule_id)) for result in card.results),
        "deductions": (*again.deductions, *lifted),
        "bonus": again.bonus,
        "decided": again.decided,
        "alerts": again.alerts,
        "score": final.final_score,
        "score_before_fatal": final.counted,
        "grade": final.final_grade,
    }
    return ReviewedCard(**own, review=review)


def _changed(card: Scorecard, settled: Mapping[str, Settled]) -> dict[str, Settled]:
    """The answers that change what the machine said."""
    machine = {result.rule_id: result.verdict for result in card.results}
    return {rule: answer for rule, answer in settled.items() if _changes(machine[rule], answer)}


def final_chat(
    night: str,
    card: Scorecard,
    standard: Standard,
    judgements: Iterable[Judgement] = (),
    reviews: Iterable[ChatReview] = (),
) -> FinalChat:
    """A chat as it stands after review; without one as the machine left it."""
    judged, reviewed = tuple(judgements), tuple(reviews)
    settled = settled_rules(card, judged)
    machine = {result.rule_id: result.verdict for result in card.results}
    changed = _changed(card, settled)
    again = rescored(card, changed, standard) if changed else _as_it_was(card)
    fatal = again.grade == standard.fatal_grade
    standing = {d.rule_id for d in again.deductions if d.severity is Severity.CRITICAL and not d.waived}
    certain = any(answer.confirmed for rule, answer in settled.items() if rule in standing)
    given = majority(review.score for review in reviewed if review.score is not None)
    overturned = tuple(rule for rule in changed if machine[rule] is Verdict.FAIL)
    added = tuple(
        rule for rule, answer in changed.items() if answer.verdict is Verdict.FAIL and rule not in overturned
    )
    appealed = [review for review in reviewed if review.appeal]
    final, grade, counted = (
        again.score,
        again.grade,
        again.score if certain or not fatal else again.score_before_fatal,
    )
    how = _how(fatal=fatal, certain=certain, judged=bool(settled), changed=bool(changed))
    if given is not None:
        final, grade, counted, how = given, grade_of(given, standard), given, "复核得分"
    return FinalChat(
        night=night,
        chat=card.transcript.id,
        agent=card.agent,
        machine_score=card.score,
        machine_grade=card.grade,
        machine_counted=card.score_before_fatal,
        final_score=final,
        final_grade=grade,
        counted=counted,
        how=how,
        reviewers=tuple(sorted({*(one.reviewer for one in judged), *(one.reviewer for one in reviewed)})),
        overturned=overturned,
        added=added,
        confirmed=tuple(rule for rule, answer in settled.items() if answer.confirmed and rule not in added),
        open_rules=tuple(sorted({one.rule_id for one in judged} - settled.keys())),
        appeal=bool(appealed),
        appeal_reason=_joined(one.appeal_reason for one in appealed),
        appeal_result=majority(one.appeal_result for one in appealed if one.appeal_result) or "",
        notes=_joined((*(one.note for one in reviewed), *(one.note for one in judged))),
    )


def _joined(texts: Iterable[str]) -> str:
    return "；".join(dict.fromkeys(text for text in texts if text))


def rescored(card: Scorecard, settled: Mapping[str, Settled], standard: Standard) -> Score:
    """What the corrected verdicts come to.

    What was waived stays waived, also where the rule that it yielded to was taken back: nobody has judged it.
    """
    return score([_corrected(result, settled.get(result.rule_id)) for result in card.results], standard)


def _as_it_was(card: Scorecard) -> Score:
    return Score(
        card.deductions,
        card.bonus,
        card.score,
        card.score_before_fatal,
        card.grade,
        card.decided,
        card.alerts,
    )


def _corrected(result: RuleResult, answer: Settled | None) -> RuleResult:
    if answer is None or (verdict := _stands(answer)) is None:
        return result
    if verdict is not Verdict.FAIL:
        return replace(result, verdict=verdict, evidence=(), waived="")
    if result.verdict is not Verdict.FAIL:
        return replace(result, verdict=Verdict.FAIL, evidence=(), waived="", note="人工复核")
    left = tuple(e for e in result.evidence if hit_key(result.rule_id, e) not in answer.lifted)
    return replace(result, evidence=left)


def _stands(answer: Settled) -> Verdict | None:
    """The verdict that counts; None where people could not tell either, and the machine's stands."""
    return None if answer.verdict is Verdict.UNDECIDABLE else answer.verdict


def _changes(machine: Verdict, answer: Settled) -> bool:
    return _stands(answer) not in (None, machine) or bool(answer.lifted)


def _how(*, fatal: bool, certain: bool, judged: bool, changed: bool) -> How:
    if fatal:
        return "致命已确认" if certain else "致命待复核"
    if changed:
        return "改判"
    return "已复核" if judged else "机器"
