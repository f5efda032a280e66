"""The list of a night: one row per chat with what it is searched, filtered and sorted by, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.records import Deduction, RuleResult, Scorecard, Severity, Transcript, Unanswered, Verdict
from qa_audit.report import feared, wording
from qa_audit.report.sampling import findings, is_at_risk
from qa_audit.rule import Rule, Standard

NONE, LOW, MIDDLE, HIGH = range(4)  # risk
FIRST_WORDS = 30  # characters of the customer's first message, to know a chat again
# a letter per rule, capital where a hit was excused: pass, fail, waived, trial, noted, not applicable, undecidable
LETTERS = {Verdict.PASS: "p", Verdict.NOT_APPLICABLE: "n", Verdict.UNDECIDABLE: "u"}
ABSENT = "."


@dataclass(frozen=True, slots=True)
class Row:
    """One chat of the list; ``order`` sorts it by risk. ``marks`` has one letter per rule of the standard."""

    order: tuple[int | float | str, ...]
    risk: int
    id: str
    agent: str
    customer: str
    time: str
    channel: str
    topic: str
    score: float | None
    before: float | None
    grade: str
    end: str
    says: str
    marks: str
    reason: str = ""
    unanswered: bool = False


def card_row(
    card: Scorecard, standard: Standard, judged: frozenset[str], *, order: tuple[int | float | str, ...]
) -> Row:
    """An audited chat; ``judged`` are the rules that people have judged in it already."""
    transcript = card.transcript
    grave = findings(card, standard, judged)
    likely = feared.is_likely(card) and not judged
    reasons = [
        *(standard.rule(deduction.rule_id).title for deduction in grave),
        *([feared.LIKELY_NAME] if likely else []),
    ]
    at_risk = is_at_risk(card, standard, judged)
    return Row(
        order=order,
        risk=_risk(grave, likely=likely) if at_risk else NONE,
        id=transcript.id,
        agent=card.agent,
        customer=transcript.customer or "",
        time=_time(transcript),
        channel=wording.CHANNELS[transcript.channel],
        topic=card.topic,
        score=card.score,
        before=card.score_before_fatal if card.score_before_fatal != card.score else None,
        grade=card.grade,
        end=wording.MOOD_NAMES[card.moods[-1].label] if card.moods else "",
        says=_says(transcript),
        marks=_marks(card.results, standard),
        reason="、".join(dict.fromkeys(reasons)) or ("低分会话" if at_risk else ""),
    )


def unanswered_row(chat: Unanswered) -> Row:
    """A chat that nobody answered."""
    transcript = chat.transcript
    verdict = chat.result.verdict if chat.result else Verdict.UNDECIDABLE
    return Row(
        order=(_time(transcript), transcript.id),
        risk=NONE,
        id=transcript.id,
        agent=chat.agent or "",
        customer=transcript.customer or "",
        time=_time(transcript),
        channel=wording.CHANNELS[transcript.channel],
        topic="",
        score=None,
        before=None,
        grade="",
        end="",
        says=_says(transcript),
        marks="",
        reason=f"首响{wording.VERDICTS[verdict]}",
        unanswered=True,
    )


def columns(rows: Sequence[Row], places: Sequence[tuple[int, int]]) -> dict[str, object]:
    """The rows as columns; texts that recur as a list of them and numbers; ``places`` are (part, place), -1 for none."""
    table: dict[str, object] = {
        name: [getattr(row, name) for row in rows]
        for name in ("id", "customer", "time", "score", "before", "says", "marks", "risk")
    }
    for name in ("agent", "channel", "topic", "grade", "end", "reason"):
        values = [getattr(row, name) for row in rows]
        known = {value: number for number, value in enumerate(sorted(set(values)))}
        table[name] = {"names": list(known), "of": [known[value] for value in values]}
    table["unanswered"] = [int(row.unanswered) for row in rows]
    table["part"] = [part for part, _ in places]
    table["place"] = [place for _, place in places]
    return table


def rule_table(standard: Standard) -> list[dict[str, object]]:
    """The rules as the page explains them, in the order of the standard."""
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "section": rule.section,
            "severity": wording.SEVERITIES[rule.severity],
            "why": rule.why,
            "advice": rule.advice,
            "limits": wording.limits(rule),
            "source": wording.source(rule),
        }
        for rule in standard.rules
    ]


def _risk(grave: Sequence[Deduction], *, likely: bool) -> int:
    """How urgent a chat of the queue is, as the review workbook has it."""
    if any(deduction.severity is Severity.CRITICAL for deduction in grave):
        return HIGH
    return MIDDLE if grave or likely else LOW


def _marks(results: Sequence[RuleResult], standard: Standard) -> str:
    of = {result.rule_id: result for result in results}
    return "".join(_letter(rule, of[rule.id]) if rule.id in of else ABSENT for rule in standard.rules)


def _letter(rule: Rule, result: RuleResult) -> str:
    letter = _fail(rule, result) if result.verdict is Verdict.FAIL else LETTERS[result.verdict]
    return letter.upper() if result.excused else letter


def _fail(rule: Rule, result: RuleResult) -> str:
    if rule.severity in (Severity.NOTE, Severity.BONUS):
        return "o"
    if rule.status == "trial":
        return "t"
    return "w" if result.waived else "f"


def _time(transcript: Transcript) -> str:
    began = wording.clock(transcript.began_at)
    return "" if began is None else began.strftime("%Y-%m-%d %H:%M:%S")


def _says(transcript: Transcript) -> str:
    said = next((m for m in transcript.messages if m.role == "customer" and m.text), None)
    text = " ".join(said.text.split()) if said else ""
    return text if len(text) <= FIRST_WORDS else text[:FIRST_WORDS] + "…"
