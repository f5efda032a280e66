"""扣分明细: one row per deduction, with its evidence and the one cell where its verdict is corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qa_audit.records import Deduction, Evidence, Review, ReviewedCard, RuleResult, Scorecard, Severity
from qa_audit.report import evidence as grounds_of
from qa_audit.report import wording
from qa_audit.report.fit import Shown, fitted
from qa_audit.report.places import Place, Places, key
from qa_audit.report.spill import in_order
from qa_audit.report.table import DEDUCTIONS, FIRST_ROW, TRANSCRIPTS, Column, Link, Rich, Row, Table, Value
from qa_audit.rule import Rule, Standard

JUDGEMENTS = ("通过", "违规", "不适用")
FATAL = "致命待复核"
CONFIRMED = "致命已确认"
CHARGED = "扣分"
FREE = ("免扣", "试行")  # what costs nothing and comes last
LINE = 36  # characters of each side of an exchange: two lines of its column at most
COLUMNS = (
    Column("序号", 5, "integer"),
    Column("会话ID", 14, "link"),
    Column("话轮", 5, "integer"),
    Column("时间", 18, "date_time"),
    Column("规则编号", 9, "center"),
    Column("规则名称", 16, "wrap"),
    Column("一级指标", 16, "center"),
    Column("严重程度", 9, "center", tones=wording.SEVERITY_TONES),
    Column(
        "计分",
        10.5,
        "center",
        tones=(
            (FATAL, "fatal"),
            (CONFIRMED, "fatal"),
            ("免扣", "muted"),
            ("已计", "muted"),
            ("试行", "muted"),
            ("预警", "warn"),
        ),
    ),
    Column("扣分", 6, "decimal"),
    Column("依据", 46, "wrap"),
    Column("推荐话术", 32, "wrap"),
    Column("说明", 18, "wrap"),
    Column("标准来源", 16, "wrap"),
    Column("复核判定", 10, "input", choices=JUDGEMENTS, review=True),
    Column("复核说明", 24, "input_wrap", review=True),
    Column("_key", 8, hidden=True),
    Column("_hit", 8, hidden=True),
)


def deduction_table(cards: Iterable[Scorecard], standard: Standard, where: Places, *, shown: Shown) -> Table:
    """The table of all deductions of these cards: fatal ones, what costs most, alerts, at last what costs nothing."""

    def numbered() -> Iterator[tuple[int, Row]]:
        rules = {rule.id: rule for rule in standard.rules}
        for card, place in zip(cards, where, strict=True):
            numbers = (row - FIRST_ROW for row in place.deduction_rows)
            yield from zip(numbers, _rows(card, place, rules), strict=True)

    def rows() -> Iterator[Row]:
        return in_order(numbered(), where.deductions)

    columns = fitted(COLUMNS, shown)
    return Table(DEDUCTIONS, "deductions", columns, rows, empty="本期没有扣分。", dimmed=("计分", FREE))


def _rows(card: Scorecard, place: Place, rules: dict[str, Rule]) -> Iterator[Row]:
    results = {result.rule_id: result for result in card.results}
    charged: set[str] = set()
    review = review_of(card)
    settled = review.settled if review else frozenset()
    chat_key = key(card.transcript.id, card.agent)
    for deduction in card.deductions:
        rule, result = rules[deduction.rule_id], results[deduction.rule_id]
        found = deduction.evidence
        message = grounds_of.anchor(card, rule, result, found)
        turn = card.round_of[message]
        state = status(rule, deduction, again=rule.id in charged, settled=rule.id in settled)
        yield (
            place.number,
            transcript_link(card, place, message),
            turn + 1 if turn >= 0 else None,
            wording.moment(card.transcript.messages[message]),
            rule.id,
            rule.title,
            rule.section,
            wording.SEVERITIES[deduction.severity],
            state,
            deduction.points,
            _grounds(card, rule, result, found, free=state in FREE),
            rule.advice_for(card.topic),
            _remark(deduction, result, review),
            wording.source(rule),
            None,
            None,
            chat_key,
            hit_key(rule.id, found),
        )
        charged.add(rule.id)


def _grounds(
    card: Scorecard, rule: Rule, result: RuleResult, found: Evidence | None, *, free: bool
) -> Rich | str:
    """What a deduction rests on; of something missing or measured also what was said where it was due."""
    grounds = grounds_of.grounds(card.transcript, rule, result, found)
    if free and isinstance(grounds, Rich):
        return Rich(tuple(replace(run, look="free") for run in grounds.runs))
    said = () if found is not None else grounds_of.exchange(card, rule, result, at_most=LINE)
    return "\n".join([str(grounds), *said]) if said else grounds


def hit_key(rule_id: str, found: Evidence | None = None) -> str:
    """Which finding of a chat a row is about: the rule, and the words where it has some."""
    place = (str(found.message), str(found.start), str(found.end)) if found is not None else ()
    return key(rule_id, *place)


def transcript_link(card: Scorecard, place: Place, message: int) -> Value:
    """The chat's id, leading to this message of its transcript where that is written."""
    row = place.message_row(message)
    return card.transcript.id if row is None else Link(card.transcript.id, TRANSCRIPTS, row)


def review_of(card: Scorecard) -> Review | None:
    """What people made of a chat; None where nobody reviewed it."""
    return card.review if isinstance(card, ReviewedCard) else None


def status(rule: Rule, deduction: Deduction, *, again: bool, settled: bool = False) -> str:
    """Whether a deduction counts: 扣分, 致命待复核, 免扣 (waived), 预警, 试行, or 已计 (charged by a row above or a cap).

    ``settled``: people confirmed the fatal (致命已确认), or gave a score of their own.
    """
    if rule.status == "trial":
        return "试行"
    if deduction.waived:
        return "免扣"
    if deduction.severity is Severity.ALERT:
        return "预警"
    if deduction.severity is Severity.CRITICAL:
        return "已计" if again else CONFIRMED if settled else FATAL
    return CHARGED if deduction.points else "已计"


def _remark(deduction: Deduction, result: RuleResult, review: Review | None) -> str | None:
    by = f"复核人 {'、'.join(review.reviewers)}" if review and review.reviewers else ""
    parts = [part for part in (deduction.waived, result.note, by) if part]
    return "；".join(parts) or None
