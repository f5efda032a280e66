from __future__ import annotations

from collections import Counter
from dataclasses import replace

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.packed import unpacked
from qa_audit.records import (
    AgentReport,
    Channel,
    Deduction,
    Evidence,
    Factor,
    RuleResult,
    Severity,
    Transcript,
    Verdict,
)
from qa_audit.report.criteria import criteria
from qa_audit.report.places import key
from qa_audit.report.review import ReviewBook, review_sheets
from qa_audit.report.sampling import (
    FEWEST_RULES,
    Known,
    Picks,
    Plan,
    Stratum,
    findings,
    is_at_risk,
    picks_of,
    urgency,
)
from qa_audit.report.table import Link, Rich, Run, Table
from qa_audit.rule import Example

STANDARD = factory.STANDARD
REPORTS = factory.reports(chats=24)


def book(
    *, plan: Plan | None = None, reports: tuple[AgentReport, ...] = REPORTS, known: Known | None = None
) -> ReviewBook:
    picks = picks_of(reports, STANDARD, plan or Plan(seed=7), known)
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
        gravest[row["序号"]] = min(gravest.get(row["序号"], 9), order[str(row["优先级"])])
    assert list(gravest.values()) == sorted(gravest.values())
    assert rows[0]["依据"] == Rich(
        (Run("这张券昨天到期了，这是"), Run("您自己没看清时间", hit=True), Run("，跟我们没有关系。"))
    )
    assert [rows[0][name] for name in ("优先级", "规则编号", "得分", "致命前得分", "等级", "复核判定")] == [
        "高",
        "ATT-01",
        0.0,
        94.0,
        "致命",
        None,
    ]


def test_a_likely_escalation_is_must_check_with_its_reasons() -> None:
    card = next(c for c in REPORTS[0].scorecards if not c.deductions)
    words = Evidence(0, 0, 2, card.transcript.messages[0].text[:2])
    feared = replace(
        card, escalation=0.6, escalation_factors=(Factor("leaving", 2.0, (words,)), Factor("end_mood", -1.0))
    )
    (row,) = records(table(book(reports=(replace(REPORTS[0], scorecards=(feared,)),)), "必查队列"))
    assert (row["优先级"], row["升级风险"], row["规则编号"], row["规则名称"]) == (
        "中",
        0.6,
        None,
        "升级风险高",
    )
    assert row["依据"] == f"表示要离开（“{words.text}”）"
    assert not is_at_risk(replace(feared, escalation=0.4), STANDARD)
    assert not is_at_risk(feared, STANDARD, frozenset({"OPEN-01"}))  # somebody has looked at it
    fatal = next(c for c in REPORTS[0].scorecards if c.grade == "致命")
    others = [replace(c, escalation=0.1) for c in (card, fatal)]
    order = sorted([*others, feared], key=lambda one: urgency(one, STANDARD))
    assert order == [others[1], feared, others[0]]


def test_a_low_score_without_fatal_or_alert_says_what_cost_most() -> None:
    card = REPORTS[0].scorecards[0]
    kept = tuple(d for d in card.deductions if not d.rule_id.startswith("MOOD"))
    low = replace(REPORTS[0], scorecards=(replace(card, deductions=kept, alerts=(), escalation=0.3),))
    (row,) = records(table(book(reports=(low,)), "必查队列"))
    assert (row["优先级"], row["规则编号"], row["规则名称"]) == ("低", None, "低分会话")
    assert (
        row["依据"]
        == "主要扣分：生硬、不耐烦、反问 8、安抚共情 6、及时接起/首次响应 5、主动问候 5、承诺带时限 5、礼貌结束语 5、询问其他需求 4、模糊用语 2"
    )


def test_a_long_queue_is_cut_to_the_most_urgent_and_says_so() -> None:
    made, whole = book(plan=Plan(seed=7, queue=3)), book()
    assert "必查 16 通（列出优先级最高的 3 通）" in made.subtitle
    assert {row["_key"] for row in records(table(made, "必查队列"))} == {
        row["_key"] for row in records(table(whole, "必查队列")) if int(str(row["序号"])) <= 3
    }


def test_the_sample_shows_no_verdict_and_asks_for_one() -> None:
    sample = table(book(), "随机抽检")
    assert [c.title for c in sample.columns] == [
        "序号", "会话ID", "坐席", "时间", "渠道", "规则编号", "规则名称", "判定要点", "标准来源", "判定", "复核人", "意见", "_key", "_hit",
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
    assert [c.title for c in made.columns] == ["会话ID", "话轮", "时间", "角色", "内容", "情绪更正", "_key"]
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


NEW = Known(new_agents=frozenset({REPORTS[1].statistics.agent}))


def test_every_stratum_is_drawn_with_its_known_probability() -> None:
    plan = Plan(seed=7, share=0.25, at_most=6)
    picks = picks_of(REPORTS, STANDARD, plan, NEW)
    population = Counter(
        Stratum(r.rule_id, r.verdict, report is REPORTS[1])
        for report in REPORTS
        for card in report.scorecards
        for r in card.results
        if r.verdict in (Verdict.PASS, Verdict.FAIL)
    )
    assert picks.population == population
    sizes = plan.sizes(population, sum(len(report.scorecards) for report in REPORTS))
    drawn = Counter(one.stratum for one in picks.sample() if one.population)
    assert drawn == {stratum: size for stratum, size in sizes.items() if size}
    assert all(
        (one.sampled, one.population) == (drawn[one.stratum], population[one.stratum])
        for one in picks.sample()
        if one.population
    )


def strata(*, rules: int, fails: int, passes: int, new_share: float = 0.0) -> dict[Stratum, int]:
    made = {}
    for rule in range(rules):
        for verdict, count in ((Verdict.FAIL, fails), (Verdict.PASS, passes)):
            made[Stratum(f"R-{rule}", verdict, True)] = round(count * new_share)
            made[Stratum(f"R-{rule}", verdict, False)] = count - round(count * new_share)
    return {stratum: count for stratum, count in made.items() if count}


def test_about_five_percent_of_the_chats_of_a_night_are_looked_at() -> None:
    population = strata(rules=30, fails=150, passes=9_000)
    sizes = Plan(seed=1).sizes(population, 10_000)
    fails = sum(size for stratum, size in sizes.items() if stratum.verdict is Verdict.FAIL)
    passes = max(size for stratum, size in sizes.items() if stratum.verdict is Verdict.PASS)
    assert 0.04 * 10_000 < fails + passes <= 0.05 * 10_000


def test_a_small_night_asks_about_some_rules_and_other_nights_about_others() -> None:
    population = strata(rules=40, fails=3, passes=60)
    asked = []
    for night in ("2025-11-20", "2025-11-21", "2025-11-22", "2025-11-23"):
        sizes = Plan(seed=1, night=night).sizes(population, 70)
        assert set(sizes.values()) == {0, 2}
        rules = {stratum.rule_id for stratum, size in sizes.items() if size}
        assert all(size == 2 for stratum, size in sizes.items() if stratum.rule_id in rules)
        assert len(rules) == 9  # two fails each, the passes shared: 20 chats at most
        asked.append(rules)
    assert len(set.union(*asked)) > 20


def test_a_new_agents_verdicts_are_drawn_twice_as_often() -> None:
    population = strata(rules=10, fails=400, passes=4_000, new_share=0.25)
    sizes = Plan(seed=1).sizes(population, 8_000)
    for rule in range(10):
        for verdict in (Verdict.FAIL, Verdict.PASS):
            new, old = Stratum(f"R-{rule}", verdict, True), Stratum(f"R-{rule}", verdict, False)
            chance = {stratum: sizes[stratum] / population[stratum] for stratum in (new, old)}
            assert chance[new] / chance[old] == pytest.approx(2, rel=0.1)


@given(
    st.dictionaries(
        st.builds(
            Stratum, st.sampled_from("ABC"), st.sampled_from([Verdict.PASS, Verdict.FAIL]), st.booleans()
        ),
        st.integers(1, 500),
    ),
    st.integers(1_000, 5_000),  # at 5 % more than the fewest verdicts of three rules
)
def test_where_all_rules_can_be_asked_no_stratum_is_left_without_a_chance(
    population: dict[Stratum, int], chats: int
) -> None:
    sizes = Plan(seed=1).sizes(population, chats)
    assert all(min(2, count) <= sizes[stratum] <= min(count, 40) for stratum, count in population.items())


def test_chats_that_people_have_judged_do_not_come_back() -> None:
    first = picks_of(REPORTS, STANDARD, Plan(seed=7))
    judged = {
        key(card.transcript.id, card.agent): frozenset(r.rule_id for r in card.results)
        for card in unpacked((*first.queue()[:3], *(one.card for one in first.sample()[:9])))
    }
    again = picks_of(REPORTS, STANDARD, Plan(seed=7), Known(judged=judged))
    cards = unpacked((*again.queue(), *(one.card for one in again.sample())))
    shown = {key(card.transcript.id, card.agent) for card in cards}
    assert not shown & judged.keys()
    assert again.must_check == first.must_check - sum(
        key(c.transcript.id, c.agent) in judged for c in unpacked(first.queue())
    )


def test_a_finding_that_nobody_has_judged_keeps_its_chat_in_the_queue() -> None:
    card = picks_of(REPORTS, STANDARD, Plan(seed=7)).queue()[0].unpack()
    chat = key(card.transcript.id, card.agent)
    known = Known(judged={chat: frozenset({"OPEN-01"})})
    rows = [r for r in records(table(book(known=known), "必查队列")) if r["_key"] == chat]
    assert [row["_hit"] for row in rows] == ["ATT-01|3|11|19", "MOOD-01|6|0|5"]


def test_findings_of_the_policy_section_are_must_check() -> None:
    card = next(c for c in REPORTS[0].scorecards if not c.deductions)
    rule = STANDARD.rule("COMP-04")
    policy = replace(STANDARD, rules=(*STANDARD.rules, replace(rule, id="COMP-01", severity=Severity.MAJOR)))
    found = Deduction("COMP-01", Severity.MAJOR, 10.0)
    result = RuleResult("COMP-01", Verdict.FAIL)
    tried = replace(card, deductions=(found,), results=(*card.results, result))
    assert findings(tried, policy) == (found,)
    assert is_at_risk(tried, policy)
    assert not is_at_risk(tried, policy, frozenset({"COMP-01"}))
    assert not is_at_risk(replace(tried, deductions=(replace(found, waived="已说明"),)), policy)


def test_a_chat_is_never_asked_for_one_rule_alone() -> None:
    asked = Counter(one.number for one in picks_of(REPORTS, STANDARD, Plan(seed=7)).sample())
    assert min(asked.values()) >= FEWEST_RULES


def test_the_strata_sheet_holds_what_the_weights_need() -> None:
    made = book()
    strata, sample = records(table(made, "_抽样")), records(table(made, "随机抽检"))
    assert [(row["序号"], row["_key"], row["_hit"]) for row in strata] == [
        (row["序号"], row["_key"], row["_hit"]) for row in sample
    ]
    first = next(row for row in strata if row["层内总数"])
    assert first["入选概率"] == int(str(first["抽取数"])) / int(str(first["层内总数"]))


@given(st.permutations(range(3)), st.integers(0, 3))
def test_the_picks_are_the_same_for_any_order_and_any_split_between_processes(
    order: list[int], cut: int
) -> None:
    plan = Plan(seed=3, at_most=4, queue=5)
    known = NEW
    whole = picks_of(REPORTS, STANDARD, plan, known)
    merged = picks_of([REPORTS[i] for i in order[:cut]], STANDARD, plan, known)
    merged.merge(picks_of([REPORTS[i] for i in order[cut:]], STANDARD, plan, known))
    assert merged.sample() == whole.sample()
    assert merged.queue() == whole.queue()
    assert (merged.population, merged.must_check, merged.chats) == (
        whole.population,
        whole.must_check,
        whole.chats,
    )


def test_another_seed_draws_another_sample() -> None:
    def chats(seed: int) -> set[str]:
        return {one.chat for one in picks_of(REPORTS, STANDARD, Plan(seed=seed, at_most=2)).sample()}

    assert chats(1) != chats(2)


def first_row(made: ReviewBook, chat: str) -> int:
    return 2 + [row[0] for row in table(made, "会话全文").rows()].index(chat)


def test_an_unanswered_chat_leads_to_what_was_said_in_it() -> None:
    made = book()
    row = records(table(made, "无人应答"))[0]
    assert (row["会话ID"], row["处理人"]) == (
        Link("U90001", "会话全文", first_row(made, "U90001")),
        factory.AGENTS[1],
    )
    said = [row for row in table(made, "会话全文").rows() if row[0] == "U90002"]
    assert [(row[3], row[4], row[6]) for row in said] == [("客户", "有人吗", None), ("客户", "算了", None)]


def test_a_chat_stands_together_in_the_queue_and_says_what_it_is_once() -> None:
    made = table(book(), "必查队列")
    keys = [str(row["_key"]) for row in records(made)]
    assert len(set(keys)) < len(keys)
    assert keys == sorted(keys, key=keys.index)
    assert [column.title for column in made.columns[: made.grouped]] == [
        "序号", "优先级", "会话ID", "坐席", "时间", "渠道", "得分", "致命前得分", "等级", "升级风险",
    ]  # fmt: skip


def test_criteria_come_from_the_standard_and_only_for_the_channel() -> None:
    def example(verdict: Verdict, why: str, channel: Channel, *, waived: bool | None = None) -> Example:
        return Example(verdict, why, Transcript("x", (), channel=channel), 1, waived=waived)

    rule = replace(
        STANDARD.rule("RESP-01"),
        why="等不起",
        wanted="应声",
        limits={"chat": {"first_response_s": 30.0}, "phone": {"rings": 3.0}},
        examples=(
            example(Verdict.FAIL, "免扣的", "chat", waived=True),
            example(Verdict.FAIL, "第四声才接", "phone"),
            example(Verdict.FAIL, "四十秒才回", "chat"),
            example(Verdict.PASS, "十秒就回", "chat"),
            example(Verdict.UNDECIDABLE, "没有时间", "chat"),
        ),
    )
    assert criteria(rule, "chat") == (
        "等不起\n应有：应声\n限值：在线：首次响应 ≤ 30 秒\n违规，如：四十秒才回；第四声才接\n通过，如：十秒就回"
    )
    assert "限值：电话：振铃 ≤ 3 声\n违规，如：第四声才接；" in criteria(rule, "phone")
    assert criteria(replace(rule, wanted="", limits={}, examples=()), "email") == "等不起"


def test_the_sample_shows_the_same_criteria_whatever_the_machine_said() -> None:
    made = records(table(book(), "随机抽检"))
    shown: dict[tuple[object, object], set[object]] = {}
    for row in made:
        shown.setdefault((row["规则编号"], row["渠道"]), set()).add(row["判定要点"])
    assert all(len(texts) == 1 for texts in shown.values())
    assert any("违规，如：" in str(row["判定要点"]) for row in made)


def test_unanswered_chats_and_problems_are_listed_whole() -> None:
    made = book()
    assert records(table(made, "无人应答"))[1] == {
        "会话ID": Link("U90002", "会话全文", first_row(made, "U90002")), "处理人": "未分配", "时间": None, "渠道": "在线", "客户": None, "客户发言数": 2, "客户发言": "有人吗\n算了", "首响判定": "无法判定",
        "来源": "old.csv 第12行", "跟进情况": None, "跟进人": None, "意见": None, "_key": "U90002|",
    }  # fmt: skip
    assert records(table(made, "未能质检"))[1] == {
        "文件": "旧系统.csv", "行": 3, "会话ID": None, "原因": "时间“13:61:00”无法识别", "处理办法": "改为 2025-11-20 13:01:00 这样的格式",
    }  # fmt: skip


def test_an_empty_night_makes_an_empty_book() -> None:
    made = review_sheets(Picks(Plan(seed=1), STANDARD), (), (), STANDARD, night="undated", run_id="r")
    assert [list(t.rows()) for t in made.tables if t.title != "规则说明"] == [[]] * 6
