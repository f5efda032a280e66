"""final.xlsx, as rows: who changed what, what it does to agents' scores, and how rules and reviewers do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_audit.intervals import mean_interval, rate_interval
from qa_audit.records import Interval, Verdict
from qa_audit.report import wording
from qa_audit.report.outcome import OutcomeBook
from qa_audit.report.overview import Figure
from qa_audit.report.table import Column, Row, Table, Tone, Value
from qa_audit.report.wording import BOUNDS_NOTE
from qa_audit.review.agreement import Agreement
from qa_audit.review.estimates import POOLED_NIGHTS
from qa_audit.review.final import FinalChat
from qa_audit.review.quality import Quality
from qa_audit.review.records import NightReviews, ReviewProblem, Source

SOURCES: Mapping[Source, str] = {"blind": "盲评", "marked": "看过机器依据"}
GUIDE = (
    ("坐席成绩", "每位坐席的机器均分与最终均分；未确认的致命按致命前得分计入均分。"),
    ("逐通复核", "复核过的每一通：机器得分、最终得分、改动了哪些规则、由谁改动。"),
    (
        "规则质量",
        f"最近 {POOLED_NIGHTS} 晚的抽检按层加权：准确率、漏检率、κ，均附误差范围；推翻率和申诉来自坐席工作簿。{BOUNDS_NOTE}",
    ),
    ("复核人", "每位复核人：与机器是否一致（盲评），推翻了多少扣分，与其他人是否一致。"),
    ("一致性 / 分歧", "同一项由两人以上判定时的一致率、κ 和 Krippendorff α；分歧逐条列出，供校准会使用。"),
    ("申诉 / 跟进 / 情绪", "申诉及结果，无人应答会话的跟进，更正的客户情绪。"),
    ("未收集", "无法收集的单元格：文件、工作表、单元格、问题和处理办法；改正后重新收回即可。"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a collection came to."""

    files: int
    chats: tuple[FinalChat, ...]
    reviews: tuple[NightReviews, ...]
    rules: Mapping[str, Quality]
    titles: Mapping[str, str]
    agreement: Agreement
    problems: tuple[ReviewProblem, ...]


def outcome_book(outcome: Outcome) -> OutcomeBook:
    """The workbook of a collection."""
    nights = [one.night for one in outcome.reviews]
    said = [judgement for one in outcome.reviews for judgement in one.judgements]
    parts = [
        f"质检日期 {'、'.join(nights) or '—'}",
        f"回收工作簿 {outcome.files} 本",
        f"复核人 {len(outcome.agreement.reviewers)} 位",
        f"未收集 {len(outcome.problems)} 项",
    ]
    return OutcomeBook(
        title="复核汇总",
        subtitle="　|　".join(parts),
        figures=_figures(outcome, blind=sum(one.source == "blind" for one in said), judged=len(said)),
        guide=GUIDE,
        tables=(
            _agent_table(outcome.chats),
            _chat_table(outcome.chats),
            _rule_table(outcome.rules, outcome.titles),
            _reviewer_table(outcome.agreement),
            _pair_table(outcome.agreement),
            _dispute_table(outcome.agreement, outcome.titles),
            _appeal_table(outcome.chats),
            _follow_up_table(outcome.reviews),
            _mood_table(outcome.reviews),
            _problem_table(outcome.problems),
        ),
    )


def _figures(outcome: Outcome, *, blind: int, judged: int) -> tuple[Figure, ...]:
    chats = outcome.chats
    changed = sum(_differs(chat) for chat in chats)
    before = mean_interval(
        [c.machine_counted for c in chats if c.machine_counted is not None], low=0, high=100
    )
    after = mean_interval([c.counted for c in chats if c.counted is not None], low=0, high=100)
    appeals = [chat for chat in chats if chat.appeal]
    granted = sum(chat.appeal_result in ("成立", "部分成立") for chat in appeals)
    agreed = rate_interval(sum(item.agreed for item in outcome.agreement.items), len(outcome.agreement.items))
    return (
        Figure("复核判定", judged, "integer", f"其中盲评 {blind} 次"),
        Figure("改分会话", changed, "integer", f"共 {len(chats)} 通", "warn" if changed else None),
        Figure("机器均分", _shown(before.value), "decimal", wording.bounds(before)),
        Figure("最终均分", _shown(after.value), "decimal", wording.bounds(after)),
        Figure("申诉成立", f"{granted} / {len(appeals)}", "text", "含部分成立"),
        Figure("复核一致率", _shown(agreed.value), "percent", wording.bounds(agreed, share=True)),
    )


def _shown(value: float | None) -> Value:
    return "—" if value is None else value


def _differs(chat: FinalChat) -> bool:
    return chat.final_score != chat.machine_score


def _ends(interval: Interval) -> tuple[Value, Value, Value]:
    return interval.value, interval.low, interval.high


def _rate(title: str) -> tuple[Column, ...]:
    return (
        Column(title, 9, "percent"),
        Column(f"{title}下限", 9, "percent"),
        Column(f"{title}上限", 9, "percent"),
    )


def _agent_table(chats: Sequence[FinalChat]) -> Table:
    columns = (
        Column("坐席", 18), Column("会话数", 8, "integer"), Column("已复核", 8, "integer"), Column("改分", 7, "integer"),
        Column("机器均分", 9, "decimal", heat=True), Column("机器误差下限", 11, "decimal"), Column("机器误差上限", 11, "decimal"),
        Column("最终均分", 9, "decimal", heat=True), Column("最终误差下限", 11, "decimal"), Column("最终误差上限", 11, "decimal"), Column("差值", 8, "signed"),
        Column("致命已确认", 10, "integer"), Column("致命已推翻", 10, "integer"), Column("致命待复核", 10, "integer"),
        Column("申诉", 7, "integer"), Column("申诉成立", 9, "integer"),
    )  # fmt: skip
    by_agent: defaultdict[str, list[FinalChat]] = defaultdict(list)
    for chat in chats:
        by_agent[chat.agent].append(chat)

    def rows() -> Iterator[Row]:
        for agent in sorted(by_agent):
            own = by_agent[agent]
            before = mean_interval(
                [c.machine_counted for c in own if c.machine_counted is not None], low=0, high=100
            )
            after = mean_interval([c.counted for c in own if c.counted is not None], low=0, high=100)
            gap = after.value - before.value if after.value is not None and before.value is not None else None
            yield (
                agent, len(own), sum(bool(c.reviewers) for c in own), sum(_differs(c) for c in own), *_ends(before), *_ends(after), gap,
                sum(c.how == "致命已确认" for c in own), sum(_fatal_lifted(c) for c in own), sum(c.how == "致命待复核" for c in own),
                sum(c.appeal for c in own), sum(c.appeal_result in ("成立", "部分成立") for c in own),
            )  # fmt: skip

    return Table("坐席成绩", "final_agents", columns, rows, empty="没有收集到复核。", frozen=1)


def _fatal_lifted(chat: FinalChat) -> bool:
    """Whether the machine said fatal and people did not leave it so."""
    was_fatal = chat.machine_score == 0 and chat.machine_counted != chat.machine_score
    return was_fatal and chat.final_score != 0


def _chat_table(chats: Sequence[FinalChat]) -> Table:
    how: tuple[tuple[str, Tone], ...] = (
        ("致命已确认", "fatal"),
        ("致命待复核", "bad"),
        ("改判", "warn"),
        ("复核得分", "warn"),
        ("已复核", "good"),
    )
    columns = (
        Column("质检日期", 12, "center"), Column("会话ID", 16), Column("坐席", 16), Column("机器得分", 9, "decimal"), Column("机器等级", 9, "center"),
        Column("最终得分", 9, "final"), Column("最终等级", 9, "center"), Column("依据", 11, "center", tones=how), Column("推翻的规则", 24, "wrap"), Column("补判的规则", 20, "wrap"),
        Column("确认的规则", 24, "wrap"), Column("有分歧的规则", 20, "wrap"), Column("复核人", 16, "wrap"), Column("意见", 40, "wrap"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for chat in chats:
            if chat.reviewers:
                yield (
                    chat.night, chat.chat, chat.agent, chat.machine_score, chat.machine_grade or None, chat.final_score, chat.final_grade or None, chat.how,
                    _listed(chat.overturned), _listed(chat.added), _listed(chat.confirmed), _listed(chat.open_rules), _listed(chat.reviewers), chat.notes or None,
                )  # fmt: skip

    return Table("逐通复核", "final_chats", columns, rows, empty="没有收集到复核。", frozen=3)


def _listed(texts: Sequence[str]) -> str | None:
    return "、".join(texts) or None


def _rule_table(rules: Mapping[str, Quality], titles: Mapping[str, str]) -> Table:
    columns = (
        Column("规则编号", 10, "center"), Column("规则名称", 22), Column("抽检数", 8, "integer"), *_rate("准确率"), *_rate("漏检率"), *_rate("通过中违规率"),
        Column("κ", 7, "two_decimals"), Column("κ下限", 8, "two_decimals"), Column("κ上限", 8, "two_decimals"),
        Column("复核扣分数", 10, "integer"), *_rate("推翻率"), Column("扣分会话", 9, "integer"), *_rate("申诉率"), Column("已裁定申诉", 10, "integer"), *_rate("申诉成立率"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for rule_id in sorted(rules):
            own = rules[rule_id]
            yield (
                rule_id, titles.get(rule_id), own.reviewed, *_ends(own.precision), *_ends(own.miss_rate), *_ends(own.omission), *_ends(own.kappa),
                own.overturned.n, *_ends(own.overturned), own.appeals.n, *_ends(own.appeals), own.upheld.n, *_ends(own.upheld),
            )  # fmt: skip

    return Table("规则质量", "rule_quality", columns, rows, empty="没有收集到判定。")


def _reviewer_table(found: Agreement) -> Table:
    columns = (
        Column("复核人", 22), Column("盲评判定", 9, "integer"), Column("扣分判定", 9, "integer"), Column("复核得分", 9, "integer"),
        *_rate("与机器一致"), Column("κ", 7, "two_decimals"), Column("κ下限", 8, "two_decimals"), Column("κ上限", 8, "two_decimals"),
        *_rate("推翻率"), Column("双评次数", 9, "integer"), *_rate("与他人一致"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for own in found.reviewers:
            yield (
                own.name, own.blind, own.marked, own.scores, *_ends(own.same), *_ends(own.kappa), *_ends(own.overturned), own.with_others.n, *_ends(own.with_others),
            )  # fmt: skip

    return Table("复核人", "reviewers", columns, rows, empty="没有收集到复核。", frozen=1)


def _pair_table(found: Agreement) -> Table:
    columns = (
        Column("复核人甲", 22), Column("复核人乙", 22), Column("共同判定", 9, "integer"), *_rate("一致率"),
        Column("系数", 14, "center"), Column("值", 8, "two_decimals"), Column("下限", 8, "two_decimals"), Column("上限", 8, "two_decimals"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for pair in found.pairs:
            yield (
                pair.first,
                pair.second,
                pair.agreement.n,
                *_ends(pair.agreement),
                "Cohen κ",
                *_ends(pair.kappa),
            )
        for source, value in found.alpha.items():
            own = [item for item in found.items if item.source == source]
            if own:
                agreed = rate_interval(sum(item.agreed for item in own), len(own))
                yield ("全部", SOURCES[source], len(own), *_ends(agreed), "Krippendorff α", *_ends(value))

    return Table("一致性", "agreement", columns, rows, empty="没有由两人以上判定的项目。")


def _dispute_table(found: Agreement, titles: Mapping[str, str]) -> Table:
    columns = (
        Column("质检日期", 12, "center"), Column("会话ID", 16), Column("坐席", 16), Column("规则编号", 10, "center"), Column("规则名称", 20),
        Column("方式", 14, "center"), Column("机器判定", 10, "center"), Column("各人判定", 40, "wrap"), Column("意见", 50, "wrap"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for item in found.items:
            if not item.agreed:
                said = "\n".join(f"{one.reviewer}：{wording.VERDICTS[one.verdict]}" for one in item.said)
                notes = "\n".join(f"{one.reviewer}：{one.note}" for one in item.said if one.note)
                yield (
                    item.night, item.chat, item.agent, item.rule_id, titles.get(item.rule_id), SOURCES[item.source], wording.VERDICTS[Verdict(item.machine)], said, notes or None,
                )  # fmt: skip

    return Table("分歧", "disputes", columns, rows, empty="没有分歧。", frozen=2)


def _appeal_table(chats: Sequence[FinalChat]) -> Table:
    tones: tuple[tuple[str, Tone], ...] = (
        ("成立", "good"),
        ("部分成立", "warn"),
        ("不成立", "muted"),
        ("待裁定", "bad"),
    )
    columns = (
        Column("质检日期", 12, "center"), Column("会话ID", 16), Column("坐席", 16), Column("申诉理由", 50, "wrap"), Column("申诉结果", 10, "center", tones=tones),
        Column("机器得分", 9, "decimal"), Column("最终得分", 9, "final"), Column("推翻的规则", 24, "wrap"), Column("复核人", 16, "wrap"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for chat in chats:
            if chat.appeal:
                yield (
                    chat.night, chat.chat, chat.agent, chat.appeal_reason or None, chat.appeal_result or "待裁定", chat.machine_score, chat.final_score,
                    _listed(chat.overturned), _listed(chat.reviewers),
                )  # fmt: skip

    return Table("申诉", "appeals", columns, rows, empty="没有申诉。")


def _follow_up_table(nights: Sequence[NightReviews]) -> Table:
    columns = (
        Column("质检日期", 12, "center"), Column("会话ID", 18), Column("应接坐席", 16), Column("跟进情况", 11, "center"), Column("跟进人", 18), Column("意见", 50, "wrap"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for night in nights:
            for one in night.follow_ups:
                yield (
                    night.night,
                    one.chat,
                    one.agent or None,
                    one.state or None,
                    one.reviewer,
                    one.note or None,
                )

    return Table("无人应答跟进", "follow_ups", columns, rows, empty="没有跟进记录。")


def _mood_table(nights: Sequence[NightReviews]) -> Table:
    columns = (
        Column("质检日期", 12, "center"), Column("会话ID", 18), Column("坐席", 16), Column("消息", 8, "integer"), Column("情绪更正", 10, "center", tones=wording.MOOD_TONES), Column("复核人", 18),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for night in nights:
            for fix in night.moods:
                yield (
                    night.night,
                    fix.chat,
                    fix.agent,
                    fix.message + 1,
                    wording.MOOD_NAMES[fix.mood],
                    fix.reviewer,
                )

    return Table("情绪更正", "mood_fixes", columns, rows, empty="没有更正情绪。")


def _problem_table(problems: Sequence[ReviewProblem]) -> Table:
    columns = (
        Column("文件", 40, "wrap"), Column("工作表", 14, "center"), Column("单元格", 10, "center"), Column("问题", 60, "wrap"), Column("处理办法", 50, "wrap"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        return ((p.file, p.sheet or None, p.cell or None, p.what, p.remedy) for p in problems)

    return Table("未收集", "not_collected", columns, rows, empty="全部填写都已收集。", frozen=1)
