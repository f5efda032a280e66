"""逐通评分: one row per chat, with every rule's mark and the cells that a reviewer fills in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qa_audit.records import Scorecard, Severity
from qa_audit.report import feared, wording
from qa_audit.report.deductions import FATAL, review_of, transcript_link
from qa_audit.report.fit import Shown
from qa_audit.report.places import Place, Places, key
from qa_audit.report.table import CHATS, FIRST_ROW, Column, Formula, Row, Table, Value, letter_of
from qa_audit.rule import Rule, Standard

YES, NO = "是", "否"


def chat_rules(standard: Standard) -> tuple[Rule, ...]:
    """The rules that have a mark for each chat, in the order of the standard; a note has a column of its own."""
    return tuple(
        rule for rule in standard.rules if rule.per != "agent" and rule.severity is not Severity.NOTE
    )


def chat_table(
    cards: Iterable[Scorecard], standard: Standard, where: Places, deductions: Table, *, shown: Shown
) -> Table:
    """The table of these cards; 最终得分 follows what is corrected here and in 扣分明细."""
    rules = chat_rules(standard)
    columns = _columns(shown, rules, standard)
    letters = {title: letter_of(columns, title) for title in ("序号", "得分", "复核得分", "_base")}
    rows_of_deductions = max(where.deductions, 1)
    ranges = {
        title: _range(deductions, title, rows_of_deductions) for title in ("序号", "计分", "扣分", "复核判定")
    }
    by_points = standard.mode == "deduct"

    def rows() -> Iterator[Row]:
        for card, place in zip(cards, where, strict=True):
            row = FIRST_ROW + place.number - 1
            formula = final_score(row, letters, ranges, refunds=by_points)
            yield _row(card, place, rules, fatal_grade=standard.fatal_grade, formula=formula)

    return Table(CHATS, "chats", columns, rows, empty="本期没有可评分的会话。")


def _range(table: Table, title: str, rows: int) -> str:
    letter = letter_of(table.columns, title)
    return f"'{table.title}'!${letter}${FIRST_ROW}:${letter}${FIRST_ROW + rows - 1}"


def _columns(shown: Shown, rules: tuple[Rule, ...], standard: Standard) -> tuple[Column, ...]:
    marks = tuple(
        Column(
            f"{rule.id} {rule.title}",
            2.7,
            "mark",
            tones=wording.MARK_TONES,
            upright=True,
            hidden=rule.id not in shown.decided,
        )
        for rule in rules
    )
    return (
        Column("序号", 5, "integer"),
        Column("会话ID", shown.id_width, "link"),
        Column("时间", 18, "date_time", hidden=not shown.times),
        Column("渠道", 5, "center"),
        Column("主题", 10, "center", hidden=not shown.topics),
        Column("客户", 12, "center", hidden=not shown.customers),
        Column("得分", 6, "decimal"),
        Column("机器得分", 6, "decimal", hidden=not shown.reviews),
        Column("复核情况", 10, "center", hidden=not shown.reviews),
        Column("等级", 7, "center", tones=wording.grade_tones(standard)),
        Column("致命（待复核）", 7, "center", tones=((YES, "fatal"),)),
        Column("致命前得分", 7, "decimal"),
        Column("判定规则数", 6, "integer"),
        *marks,
        Column("首轮情绪", 5.5, "center", tones=wording.MOOD_TONES),
        Column("最差情绪", 5.5, "center", tones=wording.MOOD_TONES),
        Column("末轮情绪", 5.5, "center", tones=wording.MOOD_TONES),
        Column("情绪走势", 5.5, "center", tones=feared.CHANGE_TONES),
        Column("客户情绪", 6, "center", tones=wording.EMOTION_TONES, hidden=not shown.topics),
        Column("情绪依据", 16, hidden=not shown.emotion_evidence),
        Column("解决情况", 9, "center", tones=wording.OUTCOME_TONES, hidden=not shown.topics),
        Column("不满概率", 7, "percent", hidden=not shown.dissatisfied),
        Column("升级风险", 7, "percent", hidden=not shown.escalation),
        Column("升级依据", 18, hidden=not shown.escalation_evidence),
        Column("复核得分", 7, "input_decimal", between=(0, 100), review=True),
        Column("复核人", 10, "input", review=True),
        Column("意见", 18, "input_wrap", review=True),
        Column("申诉", 6, "input", choices=(YES, NO), review=True),
        Column("申诉理由", 18, "input_wrap", review=True),
        Column("申诉结果", 9, "input", choices=("成立", "部分成立", "不成立"), review=True),
        Column("最终得分", 7, "final"),
        Column("_key", 8, hidden=True),
        Column("_base", 8, hidden=True),
    )


def _row(card: Scorecard, place: Place, rules: tuple[Rule, ...], *, fatal_grade: str, formula: str) -> Row:
    fatal, review = card.grade == fatal_grade, review_of(card)
    results = {result.rule_id: result for result in card.results}
    marks = [wording.mark(results[rule.id]) if rule.id in results else None for rule in rules]
    return (
        place.number,
        transcript_link(card, place, 0),
        wording.clock(card.transcript.opened_at),
        wording.CHANNELS[card.transcript.channel],
        card.topic or None,
        card.transcript.customer,
        card.score,
        review.machine_score if review else card.score,
        review.how if review else None,
        card.grade or None,
        YES if fatal else None,
        card.score_before_fatal if fatal else None,
        card.decided,
        *marks,
        *_course(card),
        wording.EMOTIONS[card.emotion] if card.emotion else None,
        feared.emotion_reason(card),
        wording.OUTCOMES[card.outcome] if card.outcome else None,
        card.dissatisfied,
        card.escalation,
        feared.escalation_reasons(card),
        *(None,) * 6,
        Formula(formula, card.score),
        key(card.transcript.id, card.agent),
        base(card),
    )


def _course(card: Scorecard) -> tuple[Value, ...]:
    """The moods of the first, worst and last round, and the change."""
    course = card.course
    if course is None:
        return (None,) * 4
    moods = [wording.MOOD_NAMES[mood.label] for mood in (course.start, course.worst, course.end)]
    return (*moods, feared.CHANGES[course.change])


def base(card: Scorecard) -> float | None:
    """What points given back are added to: the sum before floor and ceiling where the score is such a sum."""
    before = card.score_before_fatal if card.score_before_fatal is not None else card.score
    total = 100 - sum(deduction.points for deduction in card.deductions) + card.bonus
    return total if before is not None and min(max(total, 0.0), 100.0) == before else before


def final_score(row: int, letters: dict[str, str], ranges: dict[str, str], *, refunds: bool) -> str:
    """The formula of 最终得分: the reviewer's score, else the machine's with overturned deductions given back.

    A fatal that nobody has overturned keeps it at 0. Caps are not reopened: `review collect` scores anew.
    """
    reviewed, number = f"{letters['复核得分']}{row}", f"{letters['序号']}{row}"
    score, total = f"{letters['得分']}{row}", f"{letters['_base']}{row}"
    judged = ranges["复核判定"]
    back = "".join(
        f'+SUMIFS({ranges["扣分"]},{ranges["序号"]},{number},{judged},"{verdict}")'
        for verdict in ("通过", "不适用")
    )
    standing = f'COUNTIFS({ranges["序号"]},{number},{ranges["计分"]},"{FATAL}",{judged},"<>通过",{judged},"<>不适用")'
    corrected = f"MAX(0,MIN(100,{total}{back if refunds else ''}))"
    return f'IF({reviewed}<>"",{reviewed},IF({score}="","",IF({standing}>0,0,{corrected})))'
