from __future__ import annotations

from dataclasses import replace

import factory
import pytest

from qa_audit.intervals import rate_interval
from qa_audit.report.table import Row, Table
from qa_audit.report.tally import BINS, RuleTally, score_bin, tally
from qa_audit.report.team import TeamBook, team_sheets

STANDARD = factory.STANDARD


def book(*, chats: int = 24) -> TeamBook:
    reports = factory.reports(chats=chats)
    tallies = [tally(report, STANDARD) for report in reports]
    return team_sheets(
        tallies, reports[0].team, STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID, unanswered=2
    )


def records(table: Table) -> list[dict[str, object]]:
    return [dict(zip([c.title for c in table.columns], row, strict=True)) for row in table.rows()]


def table(made: TeamBook, title: str) -> Table:
    return next(t for t in made.tables if t.title == title)


def test_the_sheets_come_in_reading_order() -> None:
    made = book()
    assert [t.title for t in made.tables] == [
        "坐席对比",
        "一级指标",
        "规则命中",
        "分数分布",
        "时段分布",
        "主题分布",
        "解决情况",
        "客户情绪",
        "规则说明",
    ]
    assert (
        made.overview.subtitle
        == "质检日期 2025-11-20　|　坐席 3 人　|　已质检 72 人次，未质检 3 通，无人应答 2 通　|　标准 客服服务标准 2025.11"
    )


def test_agents_are_ranked_by_their_mean_with_intervals_beside() -> None:
    rows = records(table(book(), "坐席对比"))
    assert [(row["排名"], row["坐席"]) for row in rows] == [
        (1, "1031 陈立"),
        (2, "1024 王小雨"),
        (2, "1057 赵敏"),
    ]
    own = factory.report(factory.AGENTS[1], chats=24).statistics
    assert rows[0] == {
        "排名": 1, "坐席": "1031 陈立", "会话数": 24, "平均得分": own.mean_score.value, "得分95%下限": own.mean_score.low, "得分95%上限": own.mean_score.high,
        "等级": "良好", "致命待复核": 4, "预警会话": 4, "30秒应答率": 1.0, "应答率95%下限": own.rate_30s.low, "应答率95%上限": 1.0,
        "首响均值": own.mean_first_response_s, "首响中位": own.median_first_response_s, "最长等待": 60.0, "平均等待": 24.5,
        "情绪好转": own.mood_better.value, "情绪变差": own.mood_worse.value, "结束时负面": own.negative_end.value, "不满概率均值": None, "升级风险均值": None, "未质检": 1,
    }  # fmt: skip


def test_agents_with_few_chats_are_not_ranked() -> None:
    assert {row["排名"] for row in records(table(book(chats=12), "坐席对比"))} == {"样本不足"}


def test_the_heat_map_puts_the_team_first() -> None:
    rows = records(table(book(), "一级指标"))
    assert [row["坐席"] for row in rows] == ["团队", "1031 陈立", "1024 王小雨", "1057 赵敏"]
    assert list(rows[0]) == [
        "坐席",
        "会话数",
        "响应时效",
        "开场与识别",
        "理解与沟通",
        "服务态度",
        "等待礼仪",
        "解决与跟进",
        "结束",
    ]


def test_rule_hits_carry_wilson_intervals_over_what_was_decided() -> None:
    row = next(row for row in records(table(book(), "规则命中")) if row["规则编号"] == "CLOSE-01")
    rate = rate_interval(32, 64)
    assert row == {
        "规则编号": "CLOSE-01", "规则名称": "询问其他需求", "一级指标": "结束", "严重程度": "一般", "状态": "正式", "判定通数": 64, "违规通数": 32,
        "其中免扣": 4, "无法判定": 0, "违规率": 0.5, "95%下限": rate.low, "95%上限": rate.high, "扣分合计": 112.0, "涉及坐席": 3, "实测依据": "未实测",
    }  # fmt: skip


def test_a_rule_that_was_never_decided_has_no_rate() -> None:
    report = replace(factory.report(), scorecards=())
    made = team_sheets(
        [tally(report, STANDARD)], report.team, STANDARD, night="undated", run_id="r", unanswered=0
    )
    row: Row = next(iter(table(made, "规则命中").rows()))
    assert row[5:13] == (0, 0, 0, 0, None, None, None, 0)


def test_the_distribution_counts_every_chat_once() -> None:
    made = book()
    assert sum(count for _, count in made.overview.scores) == 72
    assert dict(made.overview.scores)["致命待复核"] == 12
    assert [name for name, _ in made.overview.scores] == list(BINS)
    assert sum(count for _, count in made.overview.hours) == 72


@pytest.mark.parametrize(
    ("score", "grade", "name"),
    [(0.0, "致命", "致命待复核"), (None, "", "未评分"), (0.0, "待改进", "60 以下"), (59.9, "待改进", "60 以下"), (60.0, "待改进", "60–64.9"),
     (64.99, "待改进", "60–64.9"), (95.0, "优秀", "95–99.9"), (99.5, "优秀", "95–99.9"), (100.0, "优秀", "100")],
)  # fmt: skip
def test_score_bins_include_their_lower_end(score: float | None, grade: str, name: str) -> None:
    card = replace(factory.report().scorecards[0], score=score, grade=grade)
    assert score_bin(card, STANDARD) == name


def test_a_tally_counts_verdicts_and_points_of_each_rule() -> None:
    found = tally(factory.report(), STANDARD)
    assert found.rules["COMM-05"] == RuleTally(passes=10, fails=2, waived=0, undecidable=0, points=4.0)
    assert found.rules["MOOD-01"] == RuleTally(passes=9, fails=2, waived=0, undecidable=1, points=0.0)
    assert (found.alerts, found.not_audited) == (2, 1)
