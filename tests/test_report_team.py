from __future__ import annotations

from dataclasses import replace

import factory
import pytest

from qa_audit.intervals import rate_interval
from qa_audit.records import Interval
from qa_audit.report.changes import Counted
from qa_audit.report.coach_first import coach_first
from qa_audit.report.table import Row, Table
from qa_audit.report.tally import BINS, AgentTally, RuleTally, score_bin, tally
from qa_audit.report.targets import Target, targets
from qa_audit.report.team import Beside, TeamBook, team_sheets
from qa_audit.review.quality import Quality

STANDARD = factory.STANDARD


REVIEWED = (
    "盲审次数", "准确率", "准确率误差下限", "准确率误差上限", "漏判率", "漏判率误差下限", "漏判率误差上限", "一致性κ", "κ误差下限", "κ误差上限",
    "申诉率", "被扣会话数", "申诉成立率",
)  # fmt: skip


def book(*, chats: int = 24, beside: Beside | None = None) -> TeamBook:
    reports = factory.reports(chats=chats)
    tallies = [tally(report, STANDARD) for report in reports]
    return team_sheets(
        tallies,
        reports[0].team,
        STANDARD,
        night=factory.NIGHT,
        run_id=factory.RUN_ID,
        unanswered=2,
        beside=beside,
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
        == "质检日期 2025-11-20　|　坐席 3 人　|　已质检 72 通，未质检 3 通，无人应答 2 通　|　标准 客服服务标准 2025.11"
    )


def test_agents_are_ranked_by_their_mean_with_intervals_beside() -> None:
    rows = records(table(book(), "坐席对比"))
    assert [(row["排名"], row["坐席"]) for row in rows] == [
        (1, "1031 陈立"),
        (2, "1024 王小雨"),
        (2, "1057 赵敏"),
    ]
    own = factory.report(factory.AGENTS[1], chats=24).statistics
    solved = rate_interval(20, 24)
    assert rows[0] == {
        "排名": 1, "坐席": "1031 陈立", "会话数": 24, "平均得分": own.mean_score.value, "得分误差下限": own.mean_score.low, "得分误差上限": own.mean_score.high,
        "等级": "良好", "上次均分": 81.0, "上次会话数": 24, "较上次": 13.0, "每通扣分次数": 36 / 24, "致命（待复核）": 4, "预警会话": 4, "30秒应答率": 1.0, "应答率误差下限": own.rate_30s.low, "应答率误差上限": own.rate_30s.high, "应答率会话数": 24,
        "首响均值": own.mean_first_response_s, "首响中位": own.median_first_response_s, "最长等待": 60.0, "平均等待": 24.5,
        "情绪好转": own.mood_better.value, "情绪变差": own.mood_worse.value, "结束时负面": own.negative_end.value, "有情绪会话数": 24,
        "解决率": 20 / 24, "解决率误差下限": solved.low, "解决率误差上限": solved.high, "可判断会话数": 24,
        "满意率": None, "满意率误差下限": None, "满意率误差上限": None, "有评分会话数": None, "不满概率均值": None, "升级风险均值": None, "未质检": 1,
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
        "其中免扣": 4, "无法判定": 0, "违规率": 0.5, "误差下限": rate.low, "误差上限": rate.high, "扣分合计": 112.0, "涉及人数": 3, "实测依据": "未实测",
    } | dict.fromkeys(REVIEWED)  # fmt: skip


def test_rule_hits_show_what_people_judged_once_reviews_were_collected() -> None:
    judged = {
        "CLOSE-01": Quality(
            "CLOSE-01",
            40,
            precision=rate_interval(18, 20),
            kappa=Interval(0.8, 0.6, 0.9, 40),
            appeals=rate_interval(3, 32),
        )
    }
    made = table(book(beside=Beside(judged=judged)), "规则命中")
    row = next(row for row in records(made) if row["规则编号"] == "CLOSE-01")
    assert (row["盲审次数"], row["准确率"], row["一致性κ"], row["申诉率"], row["被扣会话数"]) == (
        40,
        0.9,
        0.8,
        3 / 32,
        32,
    )
    assert {column.title for column in made.columns if column.hidden} == {
        "漏判率",
        "漏判率误差下限",
        "漏判率误差上限",
        "申诉成立率",
    }
    assert {column.title for column in table(book(), "规则命中").columns if column.hidden} == set(REVIEWED)


def test_a_bonus_that_was_not_earned_is_no_offence() -> None:
    row = next(row for row in records(table(book(), "规则命中")) if row["规则编号"] == "CLOSE-04")
    assert row["判定通数"]
    assert (row["违规通数"], row["违规率"], row["涉及人数"]) == (None, None, None)


def test_load_is_counted_by_weekday_and_hour() -> None:
    made = table(book(), "时段分布")
    rows = records(made)
    assert len(rows) == 24
    assert sum(row["合计"] for row in rows) == 72
    # 20 November 2025 is a Thursday
    assert [c.title for c in made.columns if not c.hidden] == ["小时", "合计", "周四"]
    assert all(row["周四"] == (row["合计"] or None) for row in rows)


@pytest.mark.parametrize(
    ("actual", "kind", "verdict"),
    [
        (Interval(0.97, 0.96, 0.98, 500), "at_least", "达标"),
        (Interval(0.97, 0.90, 0.99, 40), "at_least", "达标（误差内）"),
        (Interval(0.80, 0.70, 0.88, 60), "at_least", "未达标"),
        (Interval(0.90, 0.80, 0.96, 60), "at_least", "未达标（误差内）"),
        (Interval(0.99, 0.98, 1.0, 60), "at_most", "未达标"),
        (Interval(0.80, 0.70, 0.88, 60), "estimated", "仅供参考"),
        (Interval(None, None, None, 0), "estimated", "无数据"),
    ],
)
def test_a_target_is_reached_or_not_as_far_as_the_data_say(actual: Interval, kind: str, verdict: str) -> None:
    target = Target(
        "满意度", 0.95, actual, "percent", at_most=kind == "at_most", estimated=kind == "estimated"
    )
    assert target.verdict == verdict


def test_targets_stand_beside_what_was_rated_judged_and_measured() -> None:
    report = factory.report(chats=24)
    rated = [
        replace(card, transcript=replace(card.transcript, rating=rating), dissatisfied=0.1)
        for card, rating in zip(report.scorecards, [5, 4, 3, 80] * 6, strict=True)
    ]
    numbers = tally(replace(report, scorecards=tuple(rated)), STANDARD)
    team = replace(report.statistics, dissatisfied=0.1, first_response_s=Interval(95.0, 60.0, 130.0, 24))
    satisfied, guessed, solved, first = targets([numbers], team, STANDARD)
    assert (satisfied.actual.value, satisfied.actual.n) == (
        12 / 18,
        18,
    )  # a rating of 80 is on no known scale
    assert (guessed.actual, guessed.verdict) == (Interval(0.9, None, None, 24), "仅供参考")
    assert (solved.actual, solved.target) == (rate_interval(20, 24), 0.9)
    assert (first.target, first.verdict) == (120.0, "达标（误差内）")


def test_without_ratings_and_models_there_is_no_satisfaction() -> None:
    satisfied, *_ = book().overview.targets
    assert satisfied.verdict == "无数据"
    assert [target.label for target in book().overview.targets if target.estimated] == []


def test_a_night_stands_beside_earlier_ones() -> None:
    last = Counted("上一晚 11-19", 40, 40, 90.0, 40, 1, 30, 36)
    week = replace(last, label="此前7天 11-13–11-19", timed=0, prompt=0, same_standard=False)
    shown = book(beside=Beside(earlier=(last, week))).overview
    assert shown.stretches == ("上一晚 11-19", "此前7天 11-13–11-19*")
    assert shown.changes_note == "* 该期标准与本期不同，变化含标准变更的影响"
    found = {one.label: one for one in shown.changes}
    assert found["平均得分"].before == (90.0, 90.0)
    assert found["每通扣分次数"].before == (1.0, 1.0)
    assert found["30秒应答率"].before == (30 / 36, None)
    assert found["会话数 n"].now == 72
    assert [found["会话数 n"].step(40), found["30秒应答率"].step(None)] == [None, None]
    rate = replace(found["30秒应答率"], now=0.875)
    assert rate.step(0.833) == pytest.approx(4.2)  # percentage points
    assert replace(found["平均得分"], now=92.5).step(90.0) == 2.5
    assert book().overview.changes_note == "没有更早的日期可比"


def test_whom_to_coach_first_has_most_fatals_then_alerts_then_the_lowest_mean() -> None:
    def one(agent: str, fatal: int, alerts: int, mean: float | None) -> AgentTally:
        own = replace(report.statistics, agent=agent, fatal=fatal, mean_score=Interval(mean, None, None, 24))
        return replace(numbers, statistics=own, alerts=alerts)

    report = factory.report(chats=24)
    numbers = tally(report, STANDARD)
    night = [
        one("甲", 0, 9, 50.0), one("乙", 1, 0, 99.0), one("丙", 0, 9, 40.0), one("丁", 2, 0, 90.0), one("戊", 0, 0, None),
        *(one(f"己{number}", 0, 0, 80.0) for number in range(9)),
    ]  # fmt: skip
    found = coach_first(night, STANDARD)
    assert [line.agent for line in found] == ["丁", "乙", "丙", "甲", "己0", "己1", "己2", "己3"]


def test_the_rule_to_coach_first_is_a_fatal_one_then_the_costliest() -> None:
    def rule(rules: dict[str, RuleTally]) -> str | None:
        (line,) = coach_first([replace(numbers, rules=rules)], STANDARD)
        return line.rule.id if line.rule else None

    numbers = tally(factory.report(chats=24), STANDARD)
    cheap, dear = RuleTally(fails=3, points=6.0), RuleTally(fails=2, points=9.0)
    assert rule({"COMM-05": cheap, "CLOSE-01": dear}) == "CLOSE-01"
    assert rule({"COMM-05": cheap, "CLOSE-01": dear, "ATT-01": RuleTally(fails=1)}) == "ATT-01"
    assert rule({"COMM-05": cheap, "ATT-01": RuleTally(fails=1, waived=1)}) == "COMM-05"
    assert rule({"ATT-01": RuleTally(passes=5)}) is None


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


def test_a_chat_that_several_agents_served_counts_once() -> None:
    reports = factory.reports(chats=24)
    tallies = [tally(report, STANDARD) for report in reports]
    made = team_sheets(
        tallies,
        reports[0].team,
        STANDARD,
        night=factory.NIGHT,
        run_id="r",
        unanswered=2,
        beside=Beside(chats=70),
    )
    assert "已质检 70 通（其中转接的按坐席各评一份，共 72 份），未质检" in made.overview.subtitle
