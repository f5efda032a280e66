"""One chat as the page shows it: its messages with marks, what was found, what was excused, and the mood of each round."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qa_audit.page.marks import Piece, Span, pieces
from qa_audit.records import (
    Evidence,
    Message,
    RuleResult,
    Scorecard,
    Severity,
    Transcript,
    Unanswered,
    Verdict,
)
from qa_audit.report import deductions, evidence, feared, wording
from qa_audit.report.deductions import status
from qa_audit.report.table import Rich
from qa_audit.rule import Standard

Detail = dict[str, object]
NOTED = "备注"
FREE = (*deductions.FREE, NOTED)  # findings that cost nothing and call nobody


@dataclass(slots=True)
class _Marks:
    """The marks of a chat, numbered as they are made; ``spans`` are those of each message."""

    made: list[Detail] = field(default_factory=list)
    spans: dict[int, list[Span]] = field(default_factory=dict)

    def add(self, found: Evidence, kind: str, rule: int, why: str) -> int:
        """Marks these words; returns the number of the mark."""
        number = len(self.made)
        self.made.append(_full({"kind": kind, "rule": rule, "why": why}))
        self.spans.setdefault(found.message, []).append(Span(found.start, found.end, number))
        return number


def card_detail(card: Scorecard, standard: Standard, numbers: Mapping[str, int]) -> Detail:
    """An audited chat; ``numbers`` is the place of each rule in the page's list of rules."""
    marks = _Marks()
    bonuses = frozenset(rule.id for rule in standard.rules if rule.severity is Severity.BONUS)
    findings = [*_deducted(card, standard, numbers, marks), *_noted(card, standard, numbers, marks)]
    excused = [
        _full({"rule": numbers[result.rule_id], "text": one.evidence.text, "why": one.reason, "message": one.evidence.message,
               "mark": marks.add(one.evidence, "excused", numbers[result.rule_id], one.reason)})
        for result in card.results
        for one in result.excused
    ]  # fmt: skip
    passed = [
        _full({"rule": numbers[result.rule_id], "said": _passed(result, standard),
               "marks": [marks.add(found, "pass", numbers[result.rule_id], "") for found in result.evidence]})
        for result in card.results
        if result.verdict is Verdict.PASS
    ]  # fmt: skip
    return _full(
        {
            "messages": _messages(card.transcript, card.round_of, marks, card.agent),
            "marks": marks.made,
            "findings": findings,
            "excused": excused,
            "passed": passed,
            "unsure": _others(card, numbers, Verdict.UNDECIDABLE),
            "not_applicable": _others(card, numbers, Verdict.NOT_APPLICABLE),
            "missed": _others(card, numbers, Verdict.FAIL, bonuses),
            "moods": [
                [mood.message, mood.label, [round(share * 100) for share in mood.probabilities]]
                for mood in card.moods
            ],
            "turns": [[turn.message, turn.change] for turn in card.course.turning_points]
            if card.course
            else [],
            "facts": list(_facts(card)),
        }
    )


def unanswered_detail(chat: Unanswered) -> Detail:
    """A chat that nobody answered: nothing in it is judged but the missing answer."""
    transcript = chat.transcript
    return _full({"messages": _messages(transcript, (), _Marks(), ""), "facts": list(_source(transcript))})


def _deducted(
    card: Scorecard, standard: Standard, numbers: Mapping[str, int], marks: _Marks
) -> Iterator[Detail]:
    results = {result.rule_id: result for result in card.results}
    charged: set[str] = set()
    for deduction in card.deductions:
        rule, result = standard.rule(deduction.rule_id), results[deduction.rule_id]
        counted = status(rule, deduction, again=rule.id in charged)
        remark = "；".join(part for part in (deduction.waived, result.note) if part)
        found = deduction.evidence
        number = numbers[rule.id]
        kind = "free" if counted in FREE else "fail"
        yield _full(
            {
                "rule": number,
                "status": counted,
                "points": deduction.points,
                "grounds": _pieces(evidence.grounds(card.transcript, rule, result, found)),
                "remark": remark,
                "advice": rule.advice_on.get(card.topic),  # the others are said once, with the rules
                "message": evidence.anchor(card, rule, result, found),
                "mark": None if found is None else marks.add(found, kind, number, remark),
            }
        )
        charged.add(rule.id)


def _noted(
    card: Scorecard, standard: Standard, numbers: Mapping[str, int], marks: _Marks
) -> Iterator[Detail]:
    """Fails of rules that say something beside the score."""
    for result in card.results:
        rule = standard.rule(result.rule_id)
        if result.verdict is Verdict.FAIL and rule.severity is Severity.NOTE:
            for found in result.evidence or (None,):
                yield _full(
                    {
                        "rule": numbers[rule.id],
                        "status": NOTED,
                        "grounds": _pieces(evidence.grounds(card.transcript, rule, result, found)),
                        "remark": result.waived or result.note,
                        "message": evidence.anchor(card, rule, result, found),
                        "mark": None
                        if found is None
                        else marks.add(found, "free", numbers[rule.id], result.note),
                    }
                )


def _passed(result: RuleResult, standard: Standard) -> str:
    if result.measured is not None:
        return wording.measure(standard.rule(result.rule_id), result)
    return "" if result.evidence else result.note  # the marks show the words


def _others(
    card: Scorecard, numbers: Mapping[str, int], verdict: Verdict, among: Collection[str] | None = None
) -> list[Detail]:
    """The rules that came to this verdict, with why; only those ``among`` these if given."""
    return [
        _full({"rule": numbers[result.rule_id], "why": result.note})
        for result in card.results
        if result.verdict is verdict and (among is None or result.rule_id in among)
    ]


def _messages(transcript: Transcript, round_of: Sequence[int], marks: _Marks, agent: str) -> list[Detail]:
    said = []
    for index, message in enumerate(transcript.messages):
        turn = round_of[index] + 1 if index < len(round_of) and round_of[index] >= 0 else None
        text: list[Piece] = pieces(wording.spoken(message), marks.spans.get(index, ()))
        named = message.agent if message.role == "agent" and message.agent != agent else None
        said.append(
            _full(
                {
                    "role": message.role,
                    "auto": message.auto or None,
                    "round": turn,
                    "at": _when(message, transcript),
                    "text": text,
                    "name": named,
                }
            )
        )
    return said


def _when(message: Message, transcript: Transcript) -> str | None:
    """The clock time, with the day where it is not the first one; or how far into the call."""
    moment = wording.moment(message)
    if isinstance(moment, timedelta):
        minutes, seconds = divmod(int(moment.total_seconds()), 60)
        return f"{minutes:02}:{seconds:02}"
    if moment is None:
        return None
    first = wording.clock(transcript.began_at)
    same_day = isinstance(first, datetime) and first.date() == moment.date()
    return moment.strftime("%H:%M:%S" if same_day else "%m-%d %H:%M:%S")


def _facts(card: Scorecard) -> Iterator[list[str]]:
    """What is known of the whole chat, as pairs of a name and a value; those with reasons are long and come last."""
    if card.outcome:
        yield ["解决情况", wording.OUTCOMES[card.outcome]]
    if card.course and len(card.moods) > 1:
        yield ["情绪走势", feared.CHANGES[card.course.change]]
    for name, value in card.measures.items():
        if name in wording.MEASURES:
            unit = " 声" if name == "rings" else " 秒" if name.endswith("_s") else ""
            yield [wording.MEASURES[name], wording.number(value) + unit]
    yield from _source(card.transcript)
    if card.emotion:
        yield [
            "客户情绪",
            " ".join(filter(None, (wording.EMOTIONS[card.emotion], feared.emotion_reason(card)))),
        ]
    for name, probability, why in (
        ("不满概率", card.dissatisfied, feared.reasons(card.dissatisfied_factors)),
        ("升级风险", card.escalation, feared.escalation_reasons(card)),
    ):
        if probability is not None:
            told = f"：{why}" if why and probability >= feared.WORTH_A_REASON else ""
            yield [name, f"{probability:.0%}{told}"]


def _source(transcript: Transcript) -> Iterator[list[str]]:
    if transcript.customer:
        yield ["客户", transcript.customer]
    if transcript.rating is not None:
        yield ["客户评分", wording.number(transcript.rating)]
    if transcript.source:
        line = f" 第{transcript.line}行" if transcript.line else ""
        yield ["来源", transcript.source + line]


def _pieces(grounds: Rich | str) -> list[Piece]:
    """Strings, and [a hit, 1 where it is the customer's words]."""
    if isinstance(grounds, str):
        return [grounds]
    return [[run.text, int(run.look == "customer")] if run.hit else run.text for run in grounds.runs]


def _full(record: Detail) -> Detail:
    """The record without what is not there: a night has many chats, and most keys are empty in most."""
    return {key: value for key, value in record.items() if value not in (None, "", [])}
