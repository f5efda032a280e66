from __future__ import annotations

from collections import Counter
from dataclasses import replace

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.records import AgentReport, Verdict
from qa_audit.report.review import ReviewBook, review_sheets
from qa_audit.report.sampling import FEWEST_RULES, Picks, Plan, picks_of
from qa_audit.report.table import Link, Rich, Run, Table

STANDARD = factory.STANDARD
REPORTS = factory.reports(chats=24)


def book(*, plan: Plan | None = None, reports: tuple[AgentReport, ...] = REPORTS) -> ReviewBook:
    picks = picks_of(reports, STANDARD, plan or Plan(seed=7))
    return review_sheets(
        picks, factory.unanswered(), factory.problems(), STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID
    )


def table(made: ReviewBook, title: str) -> Table:
    return next(t for t in made.tables if t.title == title)


def records(table: Table) -> list[dict[str, object]]:
    return [dict(zip([c.title for c in table.columns], row, strict=True)) for row in table.rows()]


def test_the_sheets_come_in_reading_order_and_the_strata_are_secret() -> None:
    made = book()
    assert [(t.title, t.secret) for t in made.tables] == [
        ("必查队列", False), ("无人应答", False), ("随机抽检", False), ("会话全文", False), ("未能质检", False), ("规则说明", False), ("_抽样", True),
    ]  # fmt: skip


def test_the_queue_goes_from_fatal_over_alert_to_low_score() -> None:
    rows = records(table(book(), "必查队列"))
    order = {"高": 0, "中": 1, "低": 2}
    gravest: dict[object, int] = {}
    for row in rows:
        gravest[row["序号"]] = min(gravest.get(row["序号"], 9), order[str(row["风险"])])
    assert list(gravest.values()) == sorted(gravest.values())
    assert rows[0]["依据"] == Rich(
        (Run("这张券昨天到期了，这是"), Run("您自己没看清时间", hit=True), Run("，跟我们没有关系。"))
    )
    assert [rows[0][name] for name in ("风险", "规则编号", "得分", "致命前得分", "等级", "复核判定")] == [
        "高",
        "ATT-01",
        0.0,
        94.0,
        "致命",
        None,
    ]


def test_a_low_score_without_fatal_or_alert_says_what_cost_most() -> None:
    card = REPORTS[0].scorecards[0]
    kept = tuple(d for d in card.deductions if not d.rule_id.startswith("MOOD"))
    low = replace(REPORTS[0], scorecards=(replace(card, deductions=kept, alerts=()),))
    (row,) = records(table(book(reports=(low,)), "必查队列"))
    assert (row["风险"], row["规则编号"], row["规则名称"]) == ("低", None, "低分会话")
    assert (
        row["依据"]
        == "主要扣分：生硬、不耐烦、反问 8、安抚共情 6、及时接起/首次响应 5、主动问候 5、承诺带时限 5、礼貌结束语 5、询问其他需求 4、模糊用语 2"
    )


def test_a_long_queue_is_cut_to_the_most_urgent_and_says_so() -> None:
    made, whole = book(plan=Plan(seed=7, queue=3)), book()
    assert "必查 16 通（列出风险最高的 3 通）" in made.subtitle
    assert {row["_key"] for row in records(table(made, "必查队列"))} == {
        row["_key"] for row in records(table(whole, "必查队列")) if int(str(row["序号"])) <= 3
    }


def test_the_sample_shows_no_verdict_and_asks_for_one() -> None:
    sample = table(book(), "随机抽检")
    assert [c.title for c in sample.columns] == [
        "序号", "会话ID", "坐席", "时间", "渠道", "规则编号", "规则名称", "判定要点", "标准来源", "判定", "复核人", "意见", "_key",
    ]  # fmt: skip
    assert {row["判定"] for row in records(sample)} == {None}
    assert next(c.choices for c in sample.columns if c.title == "判定") == (
        "通过",
        "违规",
        "不适用",
        "无法判定",
    )


def test_transcripts_of_the_review_workbook_carry_no_marks() -> None:
    made = table(book(), "会话全文")
    assert [c.title for c in made.columns] == ["会话ID", "话轮", "时间", "角色", "内容"]
    assert all(type(row[4]) is str for row in made.rows())


def test_links_of_queue_and_sample_lead_to_their_transcripts() -> None:
    made = book()
    ids = [row[0] for row in table(made, "会话全文").rows()]
    links = [
        value
        for title in ("必查队列", "随机抽检")
        for row in table(made, title).rows()
        for value in row
        if isinstance(value, Link)
    ]
    assert links
    assert all(ids[link.row - 2] == link.text for link in links)


def test_every_stratum_is_drawn_with_its_known_probability() -> None:
    plan = Plan(seed=7, share=0.25, at_least=2, at_most=6)
    picks = picks_of(REPORTS, STANDARD, plan)
    population = Counter(
        (r.rule_id, r.verdict)
        for report in REPORTS
        for card in report.scorecards
        for r in card.results
        if r.verdict in (Verdict.PASS, Verdict.FAIL)
    )
    assert picks.population == population
    drawn = Counter((one.rule_id, one.verdict) for one in picks.sample() if one.population)
    assert drawn == {stratum: plan.size(count) for stratum, count in population.items()}
    assert all(
        (one.sampled, one.population)
        == (drawn[one.rule_id, one.verdict], population[one.rule_id, one.verdict])
        for one in picks.sample()
        if one.population
    )


def test_a_chat_is_never_asked_for_one_rule_alone() -> None:
    asked = Counter(one.number for one in picks_of(REPORTS, STANDARD, Plan(seed=7)).sample())
    assert min(asked.values()) >= FEWEST_RULES


def test_the_strata_sheet_holds_what_the_weights_need() -> None:
    made = book()
    strata, sample = records(table(made, "_抽样")), records(table(made, "随机抽检"))
    assert [(row["序号"], row["_key"], row["规则编号"]) for row in strata] == [
        (row["序号"], row["_key"], row["规则编号"]) for row in sample
    ]
    first = next(row for row in strata if row["层内总数"])
    assert first["入选概率"] == int(str(first["抽取数"])) / int(str(first["层内总数"]))


@given(st.permutations(range(3)), st.integers(0, 3))
def test_the_picks_are_the_same_for_any_order_and_any_split_between_processes(
    order: list[int], cut: int
) -> None:
    plan = Plan(seed=3, at_most=4, queue=5)
    whole = picks_of(REPORTS, STANDARD, plan)
    merged = picks_of([REPORTS[i] for i in order[:cut]], STANDARD, plan)
    merged.merge(picks_of([REPORTS[i] for i in order[cut:]], STANDARD, plan))
    assert merged.sample() == whole.sample()
    assert merged.queue() == whole.queue()
    assert (merged.population, merged.must_check) == (whole.population, whole.must_check)


def test_another_seed_draws_another_sample() -> None:
    def chats(seed: int) -> set[str]:
        return {
            one.card.transcript.id
            for one in picks_of(REPORTS, STANDARD, Plan(seed=seed, at_least=1, at_most=1)).sample()
        }

    assert chats(1) != chats(2)


@pytest.mark.parametrize(("population", "size"), [(0, 0), (2, 2), (40, 3), (200, 10), (1000, 20)])
def test_the_size_of_a_sample_has_a_floor_and_a_ceiling(population: int, size: int) -> None:
    assert Plan(seed=1).size(population) == size


def test_unanswered_chats_and_problems_are_listed_whole() -> None:
    made = book()
    assert records(table(made, "无人应答"))[1] == {
        "会话ID": "U90002", "应接坐席": None, "时间": None, "渠道": "在线", "客户": None, "客户发言数": 2, "客户发言": "有人吗\n算了", "首响判定": "无法判定",
        "来源": "old.csv 第12行", "跟进情况": None, "跟进人": None, "意见": None, "_key": "U90002|",
    }  # fmt: skip
    assert records(table(made, "未能质检"))[1] == {
        "文件": "旧系统.csv", "行": 3, "会话ID": None, "原因": "时间“13:61:00”无法识别", "处理办法": "改为 2025-11-20 13:01:00 这样的格式",
    }  # fmt: skip


def test_an_empty_night_makes_an_empty_book() -> None:
    made = review_sheets(Picks(Plan(seed=1), STANDARD), (), (), STANDARD, night="undated", run_id="r")
    assert [list(t.rows()) for t in made.tables if t.title != "规则说明"] == [[]] * 6
