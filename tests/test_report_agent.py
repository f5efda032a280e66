from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.records import (
    AgentReport,
    AgentStatistics,
    Deduction,
    Evidence,
    Interval,
    Scorecard,
    Severity,
    Verdict,
)
from qa_audit.report import spill
from qa_audit.report.agent import agent_sheets
from qa_audit.report.chats import base
from qa_audit.report.coaching import focus
from qa_audit.report.deductions import status
from qa_audit.report.examples import Examples
from qa_audit.report.fit import shown_of
from qa_audit.report.overview import Figure, Night, SectionScore, trend
from qa_audit.report.places import key, places, sizes_of
from qa_audit.report.rank import Rank, ranks
from qa_audit.report.spill import in_order
from qa_audit.report.survey import survey
from qa_audit.report.table import Formula, Link, Rich, Row, Run, Table, Value, column_letter, letter_of

STANDARD = factory.STANDARD
REPORT = factory.report()


def table(title: str, report: AgentReport = REPORT) -> Table:
    return next(t for t in agent_sheets(report, STANDARD).tables if t.title == title)


def column(table: Table, title: str) -> list[Value]:
    index = [c.title for c in table.columns].index(title)
    return [row[index] for row in table.rows()]


def only(rows: list[Row]) -> Row:
    assert len(rows) == 1
    return rows[0]


def test_the_sheets_come_in_reading_order() -> None:
    book = agent_sheets(REPORT, STANDARD)
    assert [t.title for t in book.tables] == ["逐通评分", "扣分明细", "会话全文", "规则说明"]
    assert (book.agent, book.night, book.run_id) == ("1024 王小雨", "2025-11-20", "2025-11-20-7f3a")


@pytest.mark.parametrize("title", ["逐通评分", "扣分明细", "会话全文", "规则说明"])
def test_every_row_has_a_value_for_every_column_and_rows_start_over(title: str) -> None:
    made = table(title)
    rows = list(made.rows())
    assert rows
    assert {len(row) for row in rows} == {len(made.columns)}
    assert list(made.rows()) == rows


def test_a_chat_row_is_complete() -> None:
    made = table("逐通评分")
    row = dict(zip([c.title for c in made.columns], list(made.rows())[3], strict=True))
    formula = row.pop("最终得分")
    assert isinstance(formula, Formula)
    assert formula.value == 0.0
    assert row == {
        "序号": 4, "会话ID": Link("S10004", "会话全文", 18), "时间": factory.local(2025, 11, 20, 10, 38, 12), "渠道": "在线", "主题": "支付", "客户": "客户0004",
        "得分": 0.0, "机器得分": 0.0, "复核情况": None, "等级": "致命", "致命（待复核）": "是", "致命前得分": 94.0, "判定规则数": 12,
        "RESP-01 及时接起/首次响应": "√", "RESP-03 长时间未回应": "√", "OPEN-01 主动问候": "√", "COMM-01 确认理解客户诉求": "—", "COMM-05 模糊用语": "√",
        "COMM-10 专业术语": "√", "ATT-01 责怪客户": "×", "ATT-03 生硬、不耐烦、反问": "√", "ATT-05 安抚共情": "×", "HOLD-01 礼貌请客户等待": "—",
        "SOLV-01 承诺带时限": "—", "CLOSE-01 询问其他需求": "—", "CLOSE-02 礼貌结束语": "○", "CLOSE-04 邀请评价": "—", "COMP-04 引导站外/私下交易": "√",
        "MOOD-01 情绪未平复": "×", "MOOD-02 升级风险": "√", "首轮情绪": "中性", "最差情绪": "负面", "末轮情绪": "负面", "情绪走势": "变差", "客户情绪": "愤怒", "情绪依据": "90%（“算了不买了”）", "解决情况": "未解决",
        "不满概率": 0.7, "升级风险": 0.6, "升级依据": "愤怒（“算了不买了”）；结束时情绪",
        "复核得分": None, "复核人": None, "意见": None, "申诉": None, "申诉理由": None, "申诉结果": None, "_key": "S10004|1024 王小雨", "_base": 94.0,
    }  # fmt: skip


def test_rules_of_the_agent_level_have_no_column() -> None:
    assert not [c for c in table("逐通评分").columns if c.title.startswith("RESP-02")]


def test_links_lead_to_the_message_of_the_evidence_and_back() -> None:
    deductions, transcripts = list(table("扣分明细").rows()), list(table("会话全文").rows())
    ids, said = [str(row[0]) for row in transcripts], [row[4] for row in transcripts]
    for number, row in enumerate(deductions, start=2):
        link, grounds = row[1], row[10]
        assert isinstance(link, Link)
        assert (link.sheet, ids[link.row - 2]) == ("会话全文", link.text)
        back = transcripts[link.row - 2][6]
        assert isinstance(back, Link)
        assert back.sheet == "扣分明细"
        assert str(row[4]) in back.text.replace("\n", "、").split("、")
        assert all(line.count("、") <= 1 for line in back.text.split("\n"))
        assert deductions[back.row - 2][1] == link
        assert back.row <= number
        if isinstance(grounds, Rich):
            target = said[link.row - 2]
            assert isinstance(target, Rich)
            marked = {run.text for run in target.runs if run.hit}
            assert {run.text for run in grounds.runs if run.hit} <= marked


def test_a_deduction_row_quotes_the_sentence_with_the_hit() -> None:
    made = table("扣分明细")
    rows = [dict(zip([c.title for c in made.columns], row, strict=True)) for row in made.rows()]
    row = next(r for r in rows if r["规则编号"] == "ATT-01")
    assert row == {
        "序号": 4, "会话ID": Link("S10004", "会话全文", 21), "话轮": 4, "时间": factory.local(2025, 11, 20, 10, 39, 35), "规则编号": "ATT-01", "规则名称": "责怪客户",
        "一级指标": "服务态度", "严重程度": "致命", "计分": "致命待复核", "扣分": 0.0,
        "依据": Rich((Run("这张券昨天到期了，这是"), Run("您自己没看清时间", hit=True), Run("，跟我们没有关系。"))),
        "推荐话术": "没关系，我们一起看一下是哪里出了问题。", "说明": None, "标准来源": "客服规范 第3条", "复核判定": None, "复核说明": None,
        "_key": "S10004|1024 王小雨", "_hit": "ATT-01|3|11|19",
    }  # fmt: skip


def test_waived_deductions_are_listed_with_no_points_and_why() -> None:
    made = table("扣分明细")
    rows = [(row[4], row[8], row[9], row[12]) for row in made.rows() if row[8] == "免扣"]
    assert ("CLOSE-02", "免扣", 0.0, "处理中断，已计入 ATT-01") in rows
    assert ("COMM-01", "免扣", 0.0, "诉求单一，无需复述") in rows


@pytest.mark.parametrize(
    ("rule_id", "deduction", "again", "shown"),
    [
        ("OPEN-01", Deduction("OPEN-01", Severity.MAJOR, 5), False, "扣分"),
        ("OPEN-01", Deduction("OPEN-01", Severity.MAJOR, 0), True, "已计"),
        ("OPEN-01", Deduction("OPEN-01", Severity.MAJOR, 0, waived="已计入 ATT-01"), False, "免扣"),
        ("ATT-01", Deduction("ATT-01", Severity.CRITICAL, 0), False, "致命待复核"),
        ("ATT-01", Deduction("ATT-01", Severity.CRITICAL, 0), True, "已计"),
        ("ATT-01", Deduction("ATT-01", Severity.CRITICAL, 0, waived="已计入 ATT-02"), False, "免扣"),
        ("MOOD-02", Deduction("MOOD-02", Severity.ALERT, 0), False, "预警"),
        ("COMM-10", Deduction("COMM-10", Severity.MINOR, 0, waived="试运行规则，不扣分"), False, "试行"),
    ],
)
def test_a_deduction_says_whether_it_counts(
    rule_id: str,
    deduction: Deduction,
    again: bool,  # noqa: FBT001 - a column of the table above
    shown: str,
) -> None:
    assert status(STANDARD.rule(rule_id), deduction, again=again) == shown


def test_transcripts_are_those_with_findings_and_those_of_good_examples() -> None:
    shown = {str(value) for value in column(table("会话全文"), "会话ID")}
    findings = {card.transcript.id for card in REPORT.scorecards if card.deductions or card.alerts}
    assert findings <= shown
    # S10005 has no finding; the good example of CLOSE-01 stands in it
    assert shown - findings == {"S10005"}


def test_a_transcript_shows_times_speakers_rounds_and_moods() -> None:
    made = table("会话全文")
    rows = [row for row in made.rows() if row[0] == "S10007"]
    assert [row[:7] for row in rows[:4]] == [
        (
            "S10007",
            1,
            factory.local(2025, 11, 20, 12, 11, 12),
            "机器人",
            "您好，我是智能助手，请描述您的问题。",
            None,
            None,
        ),
        ("S10007", 2, factory.local(2025, 11, 20, 12, 11, 18), "客户", "转人工", "中性", None),
        ("S10007", None, factory.local(2025, 11, 20, 12, 11, 20), "系统", "已为您转接人工客服", None, None),
        (
            "S10007",
            2,
            factory.local(2025, 11, 20, 12, 11, 23),
            "客户",
            "收货地址写错了，想改到公司",
            "中性",
            None,
        ),
    ]
    key = "S10007|1024 王小雨"
    assert [row[7:] for row in rows[:4]] == [
        (None, None),
        (None, f"{key}|1"),
        (None, None),
        (None, f"{key}|3"),
    ]


def test_the_overview_says_what_the_supervisor_needs() -> None:
    shown = agent_sheets(REPORT, STANDARD).overview
    assert shown.subtitle == "质检周期 2025-11-20　|　已质检 12 通，未质检 1 通　|　标准 客服服务标准 2025.11"
    assert [figure.label for figure in shown.figures] == [
        "平均得分", "等级", "致命（待复核）", "团队排名", "30秒应答率", "首响均值", "最长等待", "情绪好转 / 变差",
    ]  # fmt: skip
    assert shown.figures[2] == Figure("致命（待复核）", 2, "integer", "通；平均分取致命前", "fatal")
    assert shown.figures[3] == Figure("团队排名", "样本不足", "text", "不足 20 通不排名", "muted")
    assert shown.figures[4].note == "误差范围 55.2%–95.3%，n=12"
    assert shown.figures[6].note.startswith("不含首响；平均 ")
    assert shown.sections[0] == SectionScore(
        "响应时效", REPORT.statistics.sections["响应时效"], REPORT.team.sections["响应时效"]
    )
    assert shown.alerts == ""


def test_unanswered_chats_of_the_agent_stand_on_the_overview() -> None:
    few = agent_sheets(replace(REPORT, unanswered=("U1", "U2")), STANDARD).overview
    assert few.alerts == "无人应答　2 通分配给本人而没有回复：U1、U2"
    many = agent_sheets(replace(REPORT, unanswered=tuple(f"U{i}" for i in range(1, 8))), STANDARD).overview
    assert many.alerts == "无人应答　7 通分配给本人而没有回复：U1、U2、U3、U4、U5等"


def test_advice_is_about_what_the_customer_asked() -> None:
    special = "您是想知道到哪儿了，对吗？"
    rules = tuple(replace(rule, advice_on={"物流配送": special}) for rule in STANDARD.rules)
    topics = {card.transcript.id: card.topic for card in REPORT.scorecards}
    made = agent_sheets(REPORT, replace(STANDARD, rules=rules))
    table_of = next(t for t in made.tables if t.title == "扣分明细")
    rows = [dict(zip([c.title for c in table_of.columns], row, strict=True)) for row in table_of.rows()]
    about = [topics[str(row["会话ID"])] == "物流配送" for row in rows]
    assert set(about) == {True, False}
    assert [row["推荐话术"] == special for row in rows] == about


def test_agent_level_alerts_stand_on_the_overview() -> None:
    shown = agent_sheets(factory.report(factory.AGENTS[1]), STANDARD).overview
    assert shown.alerts == "坐席级预警　首响均值超2分钟：首响均值 131 秒，限 120 秒"


def test_coaching_names_the_fatal_first_then_what_cost_most() -> None:
    assert [rule.id for rule in focus(survey(REPORT.scorecards, STANDARD), STANDARD)] == [
        "ATT-01",
        "COMP-04",
        "CLOSE-01",
    ]
    lines = agent_sheets(REPORT, STANDARD).overview.coaching
    last = lines[2]
    assert (last.rule_id, last.count, last.points) == ("CLOSE-01", 5, 20.0)
    assert last.quote == Rich(
        (
            Run("客户：“物流三天没更新了，我妈等着用呢”\n"),
            Run("坐席：“可能是仓库那边忙吧，你自己看物流不就…”\n"),
            Run("未见：询问还有无其他需求", hit=True),
        )
    )
    assert last.advice == "请问还有其他可以帮您的吗？"
    assert last.good == "本人：“请问还有其他想了解的吗？”"
    assert last.good_evidence is not None
    transcripts = list(table("会话全文").rows())
    assert str(transcripts[last.good_evidence.row - 2][4]).endswith("请问还有其他想了解的吗？")
    deductions = list(table("扣分明细").rows())
    assert [deductions[line.evidence.row - 2][4] for line in lines] == ["ATT-01", "COMP-04", "CLOSE-01"]
    assert lines[0].quote == Rich(
        (Run("这张券昨天到期了，这是"), Run("您自己没看清时间", hit=True), Run("，跟我们没有关系。"))
    )


def test_what_an_agent_never_does_well_is_shown_by_the_team_or_the_standard() -> None:
    def without_pass(card: Scorecard) -> Scorecard:
        kept = tuple(r for r in card.results if not (r.rule_id == "CLOSE-01" and r.verdict is Verdict.PASS))
        return replace(card, results=kept)

    report = replace(REPORT, scorecards=tuple(map(without_pass, REPORT.scorecards)))
    team = Examples(STANDARD)
    for other in factory.reports():
        for card in other.scorecards:
            team.add(card)
    (line,) = (
        c
        for c in agent_sheets(report, STANDARD, examples=team.best).overview.coaching
        if c.rule_id == "CLOSE-01"
    )
    best = team.best["CLOSE-01", ""]
    assert line.good == f"团队（会话 {best.chat}）：{best.text}"
    assert line.good_evidence is None
    alone = agent_sheets(report, STANDARD).overview.coaching
    assert {line.good for line in alone if line.rule_id == "CLOSE-01"} == {"—"}


def test_the_teams_example_is_the_same_however_the_chats_are_split() -> None:
    cards = [card for report in factory.reports() for card in report.scorecards]

    def of(some: Sequence[Scorecard]) -> Examples:
        made = Examples(STANDARD)
        for card in some:
            made.add(card)
        return made

    whole, halves = of(cards), of(cards[1::2])
    halves.merge(of(cards[::2]))
    assert of(cards[::-1]).best == halves.best == whole.best


def test_an_agent_without_deductions_has_nothing_to_coach() -> None:
    good = tuple(card for card in REPORT.scorecards if not card.deductions)
    assert agent_sheets(replace(REPORT, scorecards=good), STANDARD).overview.coaching == ()


def test_an_agent_without_chats_has_empty_tables() -> None:
    empty = replace(REPORT, scorecards=(), statistics=factory.statistics(factory.AGENTS[0], ()))
    book = agent_sheets(empty, STANDARD)
    assert [list(t.rows()) for t in book.tables[:3]] == [[], [], []]
    assert book.overview.figures[0] == Figure("平均得分", "—", "decimal", "n=0")


@pytest.mark.parametrize(
    ("points", "score", "expected"), [((5.0,), 95.0, 95.0), ((60.0, 50.0), 0.0, -10.0), ((5.0,), 88.8, 88.8)]
)
def test_points_are_given_back_to_the_sum_before_the_floor(
    points: tuple[float, ...], score: float, expected: float
) -> None:
    deductions = tuple(Deduction("OPEN-01", Severity.MAJOR, p) for p in points)
    card = replace(
        REPORT.scorecards[0], deductions=deductions, bonus=0.0, score=score, score_before_fatal=score
    )
    assert base(card) == expected


def test_ranks_leave_out_agents_with_few_chats_and_share_places() -> None:
    def agent(name: str, mean: float, n: int) -> AgentStatistics:
        return replace(REPORT.statistics, agent=name, mean_score=Interval(mean, mean - 1, mean + 1, n))

    found = ranks([agent("甲", 90, 20), agent("乙", 95, 19), agent("丙", 90, 40), agent("丁", 80, 25)])
    assert found == {"甲": Rank(1, 3), "丙": Rank(1, 3), "丁": Rank(3, 3)}


def test_a_rank_is_shown_from_twenty_chats_on() -> None:
    report = factory.report(chats=24)
    shown = agent_sheets(report, STANDARD, rank=Rank(2, 3)).overview
    assert shown.figures[3] == Figure("团队排名", "2/3", "text", "满 20 通者参与")


def test_a_trend_marks_the_night_from_which_the_standard_differs() -> None:
    assert trend((("2025-11-18", 80.0, 9, "x"), ("2025-11-19", None, 0, "y"), ("undated", 85.0, 7, "y"))) == (
        Night("11-18", 80.0, 9),
        Night("11-19*", None, 0),
        Night("undated", 85.0, 7),
    )


def test_a_missing_night_is_a_gap_in_the_trend() -> None:
    nights = (("2025-11-12", 80.0, 9, "x"), ("2025-11-14", 81.0, 3, "x"), ("2025-11-20", 85.0, 7, "x"))
    shown = trend(nights)
    assert shown == (
        Night("11-12", 80.0, 9),
        Night("11-13无数据", None, 0),
        Night("11-14", 81.0, 3),
        Night("11-15–11-19无数据", None, 0),
        Night("11-20", 85.0, 7),
    )
    note = agent_sheets(replace(REPORT, trend=nights), STANDARD).overview.trend_note
    assert note == "末晚 n=7，较前一晚（11-14，n=3）+4.0；折线断开处无数据"


@pytest.mark.parametrize(
    ("own", "team", "tone"),
    [
        (Interval(80.0, 75.0, 85.0, 25), Interval(92.0, 90.0, 94.0, 80), "bad"),
        (Interval(99.0, 98.0, 100.0, 25), Interval(92.0, 90.0, 94.0, 80), "good"),
        (Interval(90.0, 85.0, 95.0, 25), Interval(92.0, 90.0, 94.0, 80), None),  # they meet
        (Interval(80.0, 75.0, 85.0, 19), Interval(92.0, 90.0, 94.0, 80), None),  # too few
        (Interval(80.0, None, None, 1), Interval(92.0, 90.0, 94.0, 80), None),
        (Interval(None, None, None, 0), Interval(92.0, 90.0, 94.0, 80), None),
    ],
)
def test_only_a_difference_that_means_something_has_a_colour(
    own: Interval, team: Interval, tone: str | None
) -> None:
    shown = SectionScore("结束", own, team)
    assert shown.tone == tone
    assert shown.gap == (None if own.value is None else own.value - 92.0)


def test_rules_that_apply_to_no_chat_take_no_room() -> None:
    made = table("逐通评分")
    marks = {c.title: c.hidden for c in made.columns if c.upright}
    unseen = {title for title in marks if set(column(made, title)) <= {"—", None}}
    assert {title for title, hidden in marks.items() if hidden} == unseen


def test_one_night_makes_no_trend_and_says_so() -> None:
    shown = agent_sheets(replace(REPORT, trend=REPORT.trend[-1:]), STANDARD).overview
    assert shown.trend_note == "目前只有一晚，走势从第二晚开始"


def test_columns_without_anything_to_show_are_hidden_but_kept() -> None:
    bare = []
    for card in REPORT.scorecards:
        messages = tuple(replace(message, at=None) for message in card.transcript.messages)
        transcript = replace(card.transcript, messages=messages, opened_at=None, customer=None)
        calm = replace(card, emotion_evidence=(), dissatisfied=None, escalation=None)
        bare.append(replace(calm, transcript=transcript, topic=""))
    report = replace(REPORT, scorecards=tuple(bare))
    for title, titles in (
        (
            "逐通评分",
            {
                "时间",
                "主题",
                "客户",
                "客户情绪",
                "情绪依据",
                "解决情况",
                "不满概率",
                "升级风险",
                "升级依据",
                "机器得分",
                "复核情况",
            },
        ),
        ("扣分明细", {"时间"}),
        ("会话全文", {"时间"}),
    ):
        columns = table(title, report).columns
        assert [c.title for c in columns] == [c.title for c in table(title).columns]
        assert {c.title for c in columns if c.hidden and c.title[0] != "_"} == titles
        # nobody has reviewed anything yet
        unreviewed = {"机器得分", "复核情况"} if title == "逐通评分" else set()
        assert {c.title for c in table(title).columns if c.hidden and c.title[0] != "_"} == unreviewed


def test_the_column_of_ids_fits_them_within_reason() -> None:
    def width(chat_id: str) -> float:
        card = REPORT.scorecards[0]
        return shown_of([replace(card, transcript=replace(card.transcript, id=chat_id))]).id_width

    assert [width("1"), width("S" * 10), width("f" * 36)] == [9.0, 13.0, 26.0]


def test_places_count_messages_of_shown_chats_only() -> None:
    cards = REPORT.scorecards[:3]
    found = places(sizes_of(cards))
    assert [(p.number, p.transcript_row, len(p.deduction_rows)) for p in found] == [
        (1, 2, 10),
        (2, None, 0),
        (3, 10, 1),
    ]
    assert sorted(row for p in found for row in p.deduction_rows) == list(range(2, 13))


def test_deductions_come_by_weight_and_what_costs_nothing_last() -> None:
    made = table("扣分明细")
    rows = [dict(zip([c.title for c in made.columns], row, strict=True)) for row in made.rows()]
    kinds = [
        3
        if row["计分"] in ("免扣", "试行")
        else 2
        if row["计分"] == "预警"
        else int(row["严重程度"] != "致命")
        for row in rows
    ]
    assert set(kinds) == {0, 1, 2, 3}
    assert kinds == sorted(kinds)
    points = [row["扣分"] for row, kind in zip(rows, kinds, strict=True) if kind == 1]
    assert points == sorted(points, reverse=True)
    assert made.dimmed == ("计分", ("免扣", "试行"))
    grey = [
        run
        for row, kind in zip(rows, kinds, strict=True)
        if kind == 3 and isinstance(row["依据"], Rich)
        for run in row["依据"].runs
    ]
    assert {run.look for run in grey if run.hit} == {"free"}


def test_every_link_to_a_deduction_leads_to_its_chat_and_rule() -> None:
    book = agent_sheets(REPORT, STANDARD)
    rows = list(next(t for t in book.tables if t.title == "扣分明细").rows())
    for line in book.overview.coaching:
        assert rows[line.evidence.row - 2][4] == line.rule_id
    for row in table("会话全文").rows():
        if isinstance(row[6], Link):
            back = rows[row[6].row - 2]
            assert str(back[1]) == row[0]
            assert str(back[4]) in row[6].text


@given(st.permutations(range(40)), st.integers(0, 60))
def test_rows_come_back_in_the_order_of_their_numbers(numbers: list[int], length: int) -> None:
    rows: list[tuple[int, Row]] = [
        (number, (number, Link("S1", "会话全文", number), Rich((Run("长" * length, hit=True),))))
        for number in numbers
    ]
    assert list(in_order(rows, len(rows))) == [row for _, row in sorted(rows)]


def test_rows_beyond_memory_come_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "IN_MEMORY", 100)
    rows: list[tuple[int, Row]] = [(9 - i, (f"第{i}行" * 20,)) for i in range(10)]
    assert list(in_order(rows, 10)) == [row for _, row in reversed(rows)]


def test_a_workbook_holds_what_must_be_there_and_what_else_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    fatal, plain, good = (
        next(card for card in REPORT.scorecards if wanted(card))
        for wanted in (
            lambda card: card.grade == "致命",
            lambda card: card.deductions and not card.alerts and card.grade != "致命",
            lambda card: not card.deductions and not card.alerts,
        )
    )
    size = [len(card.transcript.messages) for card in (plain, fatal, good)]
    rows = 5 * 4 + 2 * sum(
        len(card.deductions) for card in (plain, plain, good, fatal)
    )  # of the other sheets
    monkeypatch.setattr("qa_audit.report.places.MOST_MESSAGES", size[0] + size[1] + rows)
    found = places(sizes_of([plain, plain, good, fatal]))
    assert [place.transcript_row for place in found] == [2, None, None, 2 + size[0]]
    found = places(sizes_of([plain, plain, good, fatal]), shown={2})
    assert [place.transcript_row for place in found] == [None, None, 2, 2 + size[2]]
    assert found.deductions == 2 * len(plain.deductions) + len(fatal.deductions)
    assert found[-1] == found[3] == found[2:][1]


@pytest.mark.parametrize(
    ("parts", "joined"),
    [(("S1", "a"), "S1|a"), (("a|b", "c"), "a%7Cb|c"), (("a", "b|c"), "a|b%7Cc"), (("50%", ""), "50%25|")],
)
def test_keys_cannot_be_confused(parts: tuple[str, str], joined: str) -> None:
    assert key(*parts) == joined


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters(index: int, letter: str) -> None:
    assert column_letter(index) == letter


def test_the_final_score_refers_to_the_columns_it_names() -> None:
    made, deductions = table("逐通评分"), table("扣分明细")
    formula = column(made, "最终得分")[0]
    assert isinstance(formula, Formula)
    reviewed, number, score, total = (
        letter_of(made.columns, title) for title in ("复核得分", "序号", "得分", "_base")
    )
    last = len(list(deductions.rows())) + 1
    no, state, points, judged = (
        f"'扣分明细'!${letter_of(deductions.columns, t)}$2:${letter_of(deductions.columns, t)}${last}"
        for t in ("序号", "计分", "扣分", "复核判定")
    )
    assert formula.text == (
        f'IF({reviewed}2<>"",{reviewed}2,IF({score}2="","",IF(COUNTIFS({no},{number}2,{state},"致命待复核",{judged},"<>通过",{judged},"<>不适用")>0,0,'
        f'MAX(0,MIN(100,{total}2+SUMIFS({points},{no},{number}2,{judged},"通过")+SUMIFS({points},{no},{number}2,{judged},"不适用"))))))'
    )


def test_evidence_of_the_factory_is_exact() -> None:
    for card in REPORT.scorecards:
        for result in card.results:
            for e in result.evidence:
                assert e == Evidence(
                    e.message, e.start, e.end, card.transcript.messages[e.message].text[e.start : e.end]
                )


def test_moods_are_marked_where_they_turn() -> None:
    rows = list(table("会话全文").rows())
    shown = {(row[0], str(row[5])[-1]) for row in rows if str(row[5])[-1] in "↓↑"}
    written = {row[0] for row in rows}
    arrows = {"worse": "↓", "better": "↑"}
    turns = {
        (card.transcript.id, arrows[turn.change])
        for card in REPORT.scorecards
        if card.course is not None and card.transcript.id in written
        for turn in card.course.turning_points
    }
    assert shown
    assert shown == turns


def test_a_chat_without_moods_has_no_course() -> None:
    bare = replace(REPORT, scorecards=tuple(replace(c, moods=(), course=None) for c in REPORT.scorecards))
    made = table("逐通评分", bare)
    for title in ("首轮情绪", "最差情绪", "末轮情绪", "情绪走势"):
        assert set(column(made, title)) == {None}


def test_a_negative_end_is_quoted_among_the_deductions() -> None:
    made = table("扣分明细")
    rows = [dict(zip([c.title for c in made.columns], row, strict=True)) for row in made.rows()]
    quotes = [row["依据"] for row in rows if row["规则编号"] == "MOOD-01"]
    assert quotes
    assert all(isinstance(quote, Rich) and any(run.hit for run in quote.runs) for quote in quotes)
