"""The review workbook, as rows: what must be checked, who got no answer, and the blind sample of the night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.packed import Packed, unpacked
from qa_audit.records import Deduction, Problem, Scorecard, Severity, Transcript, Unanswered
from qa_audit.report import evidence, feared, wording
from qa_audit.report.criteria import criteria
from qa_audit.report.deductions import JUDGEMENTS, hit_key
from qa_audit.report.fit import fitted, shown_of
from qa_audit.report.places import key
from qa_audit.report.rules import rule_table
from qa_audit.report.sampling import Drawn, Known, Picks, findings
from qa_audit.report.table import FIRST_ROW, LAST_ROW, TRANSCRIPTS, Column, Link, Row, Table, Tone, Value
from qa_audit.report.transcripts import blind_table
from qa_audit.rule import Standard

GUIDE, QUEUE, UNANSWERED, SAMPLE, PROBLEMS, STRATA = (
    "使用说明",
    "必查队列",
    "无人应答",
    "随机抽检",
    "未能质检",
    "_抽样",
)
UNASSIGNED = "未分配"
HIGH, MIDDLE, LOW = "高", "中", "低"
RISK_TONES: tuple[tuple[str, Tone], ...] = ((HIGH, "fatal"), (MIDDLE, "warn"), (LOW, "muted"))
SAMPLE_JUDGEMENTS = (*JUDGEMENTS, "无法判定")
OF_CHAT = 10  # columns of 必查队列 that say the same in every row of a chat
GUIDE_LINES = (
    (
        "必查队列",
        "致命、预警、合规问题、升级风险高和低分的会话，按优先级从高到低，已复核的不再列出。请在“复核判定”中选择结论；低分会话可直接填写“复核得分”。同一通的各条规则相邻，会话信息从第二行起变灰。红字是坐席的话，蓝字是客户的话。",
    ),
    ("无人应答", "客户发言后没有人工坐席回复的会话，不计入坐席得分，请安排回访；会话ID 链接到全文。"),
    (
        "随机抽检",
        "按规则分层随机抽取，机器的判定不在此表中显示。请先阅读会话全文，再按“判定要点”独立填写“判定”。",
    ),
    ("会话全文", "以上会话的原文，没有任何标记，避免先入为主。"),
    ("未能质检", "没有进入质检的输入行或会话，附原因和处理办法；与 problems.csv 一致。"),
    ("填写方法", "黄色单元格供填写，可以排序和筛选；请保留隐藏列和工作表名称，以便收回后汇总。"),
)


@dataclass(frozen=True, slots=True)
class ReviewBook:
    """The sheets of the review workbook in reading order, and the run they come from; ``guide`` is the first one."""

    night: str
    run_id: str
    title: str
    subtitle: str
    guide: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The cards and unanswered chats whose transcripts the workbook holds, and the first row of each by its key."""

    cards: tuple[Packed, ...]
    unanswered: tuple[Unanswered, ...]
    first_row: dict[str, int]

    def link(self, card: Scorecard, message: int = 0) -> Value:
        """The chat's id, leading to this message."""
        return self._to(_key(card), card.transcript.id, message)

    def link_unanswered(self, chat: Unanswered) -> Value:
        """The chat's id, leading to its beginning."""
        return self._to(_key_unanswered(chat), chat.transcript.id, 0)

    def _to(self, chat_key: str, shown: str, message: int) -> Value:
        row = self.first_row.get(chat_key)
        return shown if row is None else Link(shown, TRANSCRIPTS, row + message)


def review_sheets(
    picks: Picks,
    unanswered: Sequence[Unanswered],
    problems: Sequence[Problem],
    standard: Standard,
    *,
    night: str,
    run_id: str,
) -> ReviewBook:
    """The review workbook of a night from its picks."""
    queue, sample = picks.queue(), picks.sample()
    shown = _shown([*queue, *{drawn.chat: drawn.card for drawn in sample}.values()], unanswered)
    left_out = picks.must_check - len(queue)
    parts = [
        f"质检日期 {night}",
        f"必查 {picks.must_check} 通" + (f"（列出优先级最高的 {len(queue)} 通）" if left_out else ""),
        f"无人应答 {len(unanswered)} 通",
        f"抽检 {len({drawn.chat for drawn in sample})} 通 {len(sample)} 次判定",
        f"未能质检 {len(problems)} 项",
    ]
    tables = (
        _queue_table(queue, shown, standard, picks.known),
        _unanswered_table(unanswered, shown),
        _sample_table(sample, shown, standard),
        blind_table(shown.cards, [chat.transcript for chat in shown.unanswered]),
        _problem_table(problems),
        rule_table(standard),
        _strata_table(sample),
    )
    return ReviewBook(night, run_id, "合规与质检复核", "　|　".join(parts), GUIDE_LINES, tables)


def _key(card: Scorecard) -> str:
    return key(card.transcript.id, card.agent)


def _key_unanswered(chat: Unanswered) -> str:
    return key(chat.transcript.id, chat.agent or "")


def _shown(cards: Sequence[Packed], unanswered: Sequence[Unanswered]) -> _Shown:
    first_row: dict[str, int] = {}
    next_row = FIRST_ROW

    def placed(chat: str, transcript: Transcript) -> bool:
        """Whether it has rows of its own now: not one that has some already, nor one for which no room is left."""
        nonlocal next_row
        length = len(transcript.messages)
        if chat in first_row or next_row + length - 1 > LAST_ROW:
            return False
        first_row[chat] = next_row
        next_row += length
        return True

    audited = [packed for packed in cards if placed(_key(card := packed.unpack()), card.transcript)]
    nobody = [chat for chat in unanswered if placed(_key_unanswered(chat), chat.transcript)]
    return _Shown(tuple(audited), tuple(nobody), first_row)


def _queue_table(queue: Sequence[Packed], shown: _Shown, standard: Standard, known: Known) -> Table:
    seen = shown_of(unpacked(queue))
    columns = (
        Column("序号", 6, "integer"), Column("优先级", 7, "center", tones=RISK_TONES), Column("会话ID", 16, "link"), Column("坐席", 14),
        Column("时间", 18, "date_time"), Column("渠道", 6, "center"), Column("得分", 7, "decimal"), Column("致命前得分", 8, "decimal"),
        Column("等级", 8, "center", tones=wording.grade_tones(standard)),
        Column("升级风险", 8, "percent", hidden=not seen.escalation), Column("规则编号", 10, "center"), Column("规则名称", 18, "wrap"),
        Column("依据", 60, "wrap"), Column("复核判定", 10, "input", choices=JUDGEMENTS, review=True),
        Column("复核得分", 9, "input_decimal", between=(0, 100), review=True), Column("复核人", 10, "input", review=True),
        Column("意见", 26, "input_wrap", review=True), Column("_key", 8, hidden=True), Column("_hit", 8, hidden=True),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for number, card in enumerate(unpacked(queue), start=1):
            judged = known.judged.get(_key(card), frozenset())
            for link, risk, finding, hit in _findings(card, shown, standard, judged):
                yield (
                    number, risk, link, card.agent, wording.clock(card.transcript.opened_at), wording.CHANNELS[card.transcript.channel],
                    card.score, card.score_before_fatal, card.grade or None, card.escalation, *finding, None, None, None, None, _key(card), hit,
                )  # fmt: skip

    return Table(
        QUEUE, "queue", fitted(columns, seen), rows, empty="本期没有必查会话。", frozen=3, grouped=OF_CHAT
    )


def _findings(
    card: Scorecard, shown: _Shown, standard: Standard, judged: frozenset[str]
) -> Iterator[tuple[Value, str, Row, str | None]]:
    """One line per finding, or one for a low score: the link, the risk, rule id, title and grounds, and which hit it is."""
    results = {result.rule_id: result for result in card.results}
    grave = findings(card, standard, judged)
    for deduction in grave:
        rule, result = standard.rule(deduction.rule_id), results[deduction.rule_id]
        message = evidence.anchor(card, rule, result, deduction.evidence)
        said = evidence.grounds(card.transcript, rule, result, deduction.evidence)
        risk = HIGH if deduction.severity is Severity.CRITICAL else MIDDLE
        yield (
            shown.link(card, message),
            risk,
            (rule.id, rule.title, said),
            hit_key(rule.id, deduction.evidence),
        )
    if not grave and feared.is_likely(card):
        yield shown.link(card), MIDDLE, (None, feared.LIKELY_NAME, feared.escalation_reasons(card)), None
    elif not grave:
        yield shown.link(card), LOW, (None, "低分会话", _costs(card.deductions, standard)), None


def _costs(deductions: Sequence[Deduction], standard: Standard) -> str:
    costs: dict[str, float] = {}
    for deduction in deductions:
        if deduction.points:
            costs[deduction.rule_id] = costs.get(deduction.rule_id, 0) + deduction.points
    dearest = sorted(costs.items(), key=lambda cost: -cost[1])
    return "主要扣分：" + "、".join(
        f"{standard.rule(rule_id).title} {wording.number(points)}" for rule_id, points in dearest
    )


def _unanswered_table(chats: Sequence[Unanswered], shown: _Shown) -> Table:
    columns = (
        Column("会话ID", 18, "link"), Column("处理人", 16, tones=((UNASSIGNED, "warn"),)), Column("时间", 18, "date_time"), Column("渠道", 7, "center"), Column("客户", 14, "center"),
        Column("客户发言数", 9, "integer"), Column("客户发言", 70, "wrap"), Column("首响判定", 10, "center", tones=(("违规", "bad"), ("无法判定", "warn"))),
        Column("来源", 24, "wrap"), Column("跟进情况", 10, "input", choices=("已联系", "无需联系", "联系不上"), review=True),
        Column("跟进人", 10, "input", review=True), Column("意见", 26, "input_wrap", review=True), Column("_key", 8, hidden=True),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for chat in chats:
            transcript = chat.transcript
            said = [wording.spoken(message) for message in transcript.messages if message.role == "customer"]
            place = f"{transcript.source} 第{transcript.line}行" if transcript.line else transcript.source
            yield (
                shown.link_unanswered(chat), chat.agent or UNASSIGNED, wording.clock(transcript.opened_at), wording.CHANNELS[transcript.channel], transcript.customer,
                len(said), "\n".join(said), wording.VERDICTS[chat.result.verdict] if chat.result else "无法判定", place,
                None, None, None, _key_unanswered(chat),
            )  # fmt: skip

    return Table(UNANSWERED, "unanswered", columns, rows, empty="本期没有无人应答的会话。")


def _sample_table(sample: Sequence[Drawn], shown: _Shown, standard: Standard) -> Table:
    columns = (
        Column("序号", 6, "integer"), Column("会话ID", 16, "link"), Column("坐席", 14), Column("时间", 18, "date_time"),
        Column("渠道", 6, "center"), Column("规则编号", 10, "center"), Column("规则名称", 20, "wrap"), Column("判定要点", 60, "wrap"),
        Column("标准来源", 20, "wrap"), Column("判定", 10, "input", choices=SAMPLE_JUDGEMENTS, review=True),
        Column("复核人", 10, "input", review=True), Column("意见", 30, "input_wrap", review=True), Column("_key", 8, hidden=True), Column("_hit", 8, hidden=True),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        cards = unpacked(drawn.card for drawn in sample)
        for number, (drawn, card) in enumerate(zip(sample, cards, strict=True), start=1):
            rule = standard.rule(drawn.rule_id)
            yield (
                number, shown.link(card), card.agent, wording.clock(card.transcript.opened_at), wording.CHANNELS[card.transcript.channel],
                rule.id, rule.title, criteria(rule, card.transcript.channel), wording.source(rule),
                None, None, None, _key(card), hit_key(rule.id),
            )  # fmt: skip

    return Table(
        SAMPLE,
        "sample",
        fitted(columns, shown_of(unpacked(drawn.card for drawn in sample))),
        rows,
        empty="本期没有可抽检的判定。",
    )


def _strata_table(sample: Sequence[Drawn]) -> Table:
    """What the sample's weights need, out of the reviewer's sight; a row without a probability is a decoy.

    The machine's verdict is not here either: the results know it.
    """
    columns = (
        Column("序号", 6, "integer"), Column("_key", 20), Column("_hit", 10), Column("新坐席", 10, "center"),
        Column("层内总数", 10, "integer"), Column("抽取数", 10, "integer"), Column("入选概率", 10, "percent"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for number, drawn in enumerate(sample, start=1):
            yield (
                number, drawn.chat, hit_key(drawn.rule_id), "是" if drawn.stratum.new else "否",
                drawn.population or None, drawn.sampled or None, drawn.sampled / drawn.population if drawn.population else None,
            )  # fmt: skip

    return Table(STRATA, "strata", columns, rows, empty="", secret=True)


def _problem_table(problems: Sequence[Problem]) -> Table:
    columns = (
        Column("文件", 30, "wrap"),
        Column("行", 8, "integer"),
        Column("会话ID", 18),
        Column("原因", 50, "wrap"),
        Column("处理办法", 50, "wrap"),
    )

    def rows() -> Iterator[Row]:
        return ((p.source, p.line or None, p.chat_id or None, p.reason, p.remedy) for p in problems)

    return Table(PROBLEMS, "problems", columns, rows, empty="全部输入都已质检。", frozen=1)
