from __future__ import annotations

from dataclasses import replace

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.records import Evidence, Message, RuleResult, Scorecard, Transcript, Verdict
from qa_audit.report import evidence, wording
from qa_audit.report.table import Rich, Run
from qa_audit.rule import Condition, Where

FAIL = Verdict.FAIL


def said(text: str) -> Transcript:
    return Transcript("S1", (Message(0, "agent", text),))


def found(text: str, words: str) -> Evidence:
    start = text.index(words)
    return Evidence(0, start, start + len(words), words)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        (
            "好的。这是您自己弄错了。稍等",
            "您自己弄错",
            (Run("这是"), Run("您自己弄错", hit=True), Run("了。")),
        ),
        ("自己看", "自己看", (Run("自己看", hit=True),)),
        ("第一行\n  不归我管\n第三行", "不归我管", (Run("不归我管", hit=True),)),
        ("是吗？你说什么？", "你说什么", (Run("你说什么", hit=True), Run("？"))),
        ("怎么！真的！不行", "真的！不行", (Run("真的！不行", hit=True),)),
    ],
)
def test_a_quote_is_the_sentence_with_the_hit_marked(text: str, words: str, shown: tuple[Run, ...]) -> None:
    assert evidence.quote(said(text), found(text, words)) == Rich(shown)


def test_a_long_sentence_is_cut_on_both_sides_of_the_hit() -> None:
    text = "啊" * 50 + "不归我管" + "呀" * 50
    shown = evidence.quote(said(text), found(text, "不归我管"), at_most=10)
    assert shown == Rich((Run("…啊啊啊"), Run("不归我管", hit=True), Run("呀呀呀…")))


@given(st.text(alphabet="您好。？！\n a=", min_size=1), st.data())
def test_a_quote_holds_exactly_the_words_of_the_evidence(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    if words.strip() != words:
        return
    shown = evidence.quote(said(text), Evidence(0, start, end, words))
    assert isinstance(shown, Rich)
    assert [run.text for run in shown.runs if run.hit] == [words]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40))))
def test_highlighting_changes_no_character_and_marks_what_the_spans_cover(
    text: str, spans: list[tuple[int, int]]
) -> None:
    shown = evidence.highlight(text, spans)
    covered = {i for low, high in spans for i in range(max(low, 0), min(high, len(text)))}
    marked: list[bool] = []
    for run in shown.runs if isinstance(shown, Rich) else (Run(shown),):
        marked += [run.hit] * len(run.text)
    assert str(shown) == text
    assert marked == [i in covered for i in range(len(text))]


@pytest.mark.parametrize(
    ("rule_id", "result", "text"),
    [
        ("OPEN-01", RuleResult("OPEN-01", FAIL, searched=(0, 1), wanted="问候或欢迎"), "检查了第1、2轮坐席发言，未见：问候或欢迎"),
        ("CLOSE-01", RuleResult("CLOSE-01", FAIL, searched=(4, 5, 6, 9)), "检查了第5–7、10轮坐席发言，未见：询问其他需求"),
        ("RESP-01", RuleResult("RESP-01", FAIL, searched=(0, 1), measured=31, limit=30, unit="秒"), "首次响应 31 秒，限 30 秒"),
        ("RESP-01", RuleResult("RESP-01", FAIL, measured=4, limit=3, unit="声"), "振铃 4 声，限 3 声"),
        ("RESP-03", RuleResult("RESP-03", FAIL, measured=301.5, limit=300, unit="秒"), "最长等待 301.5 秒，限 300 秒"),
        ("MOOD-01", RuleResult("MOOD-01", FAIL, measured=0.934, limit=0.85, unit="概率"), "概率 93.4%，限 85%"),
        ("COMM-10", RuleResult("COMM-10", FAIL, note="见附件"), "见附件"),
        ("COMM-10", RuleResult("COMM-10", FAIL), "专业术语"),
    ],
)  # fmt: skip
def test_grounds_without_words_say_what_was_searched_or_measured(
    rule_id: str, result: RuleResult, text: str
) -> None:
    assert evidence.grounds(said("您好"), factory.STANDARD.rule(rule_id), result, None) == text


@pytest.mark.parametrize(
    ("where", "searched", "shown", "linked"),
    [
        (Where(first=2), (1, 3), ("客户：“在吗”", "坐席：“订单号发一下”"), "订单号发一下"),
        (Where(last=2), (1, 3), ("客户：“好的谢谢”", "坐席：“嗯”"), "嗯"),
        (
            Where(),
            (0, 1),
            ("客户：“在吗”", "坐席：“订单号发一下”"),
            "在吗",
        ),  # a measure begins with the customer
        (Where(), (), (), "在吗"),
        # asked for in the last rounds: pinned to the end, whichever of them were searched
        (Where(last=3), (1,), ("客户：“好的谢谢”", "坐席：“嗯”"), "嗯"),
    ],
)
def test_what_is_missing_is_shown_by_the_exchange_in_which_it_was_due(
    where: Where, searched: tuple[int, ...], shown: tuple[str, ...], linked: str
) -> None:
    talk = (
        ("customer", "在吗"),
        ("bot", "您好"),
        ("agent", "订单号发一下"),
        ("customer", "好的谢谢"),
        ("agent", "嗯"),
    )
    messages = tuple(Message(i, role, text) for i, (role, text) in enumerate(talk))  # type: ignore[arg-type] # roles
    card = replace(
        factory.report().scorecards[0], transcript=Transcript("S1", messages), round_of=(0, -1, 1, 2, 3)
    )
    result = RuleResult("OPEN-01", FAIL, searched=searched, wanted="问候")
    rule = replace(factory.STANDARD.rule("OPEN-01"), where=where)
    assert evidence.exchange(card, rule, result, at_most=20) == shown
    assert messages[evidence.anchor(card, rule, result, None)].text == linked  # where its links lead


def ended(*talk: tuple[str, str]) -> Scorecard:
    messages = tuple(Message(i, role, text) for i, (role, text) in enumerate(talk))  # type: ignore[arg-type] # roles
    turns = tuple(-1 if role == "system" else i for i, (role, _) in enumerate(talk))
    return replace(factory.report().scorecards[0], transcript=Transcript("S1", messages), round_of=turns)


def test_what_is_missing_at_the_end_points_at_the_last_that_was_said() -> None:
    card = ended(("customer", "能退吗"), ("agent", "能"), ("customer", "好的谢谢"), ("system", "会话结束"))
    rule = replace(factory.STANDARD.rule("CLOSE-01"), where=Where(last=3))
    result = RuleResult("CLOSE-01", FAIL, searched=(1,), wanted="询问")
    assert evidence.anchor(card, rule, result, None) == 2
    assert evidence.exchange(card, rule, result, at_most=20) == ("坐席：“能”", "客户：“好的谢谢”")


def test_a_rule_of_parts_points_at_the_end_only_for_what_was_due_there() -> None:
    card = ended(("agent", "喂"), ("customer", "哪位"), ("agent", "挂了"))
    whole = factory.STANDARD.rule("CLOSE-01")
    first = replace(whole, wanted="自报身份", where=Where(first=2))
    last = replace(whole, wanted="感谢接听", where=Where(last=2))
    fact = replace(whole, wanted="由客户先挂断", where=Where(), holds=Condition("fact", "customer_ended"))
    rule = replace(whole, where=Where(), parts=(first, last, fact))

    def at(wanted: str) -> int:
        return evidence.anchor(card, rule, RuleResult("X", FAIL, searched=(0,), wanted=wanted), None)

    found = [at(wanted) for wanted in ("自报身份", "感谢接听", "自报身份；感谢接听", "由客户先挂断")]
    assert found == [0, 2, 0, 2]


def test_a_hit_in_the_words_of_a_customer_is_told_apart() -> None:
    transcript = Transcript("S1", (Message(0, "customer", "能退吗"), Message(1, "agent", "自己看")))
    asked, harsh = Evidence(0, 0, 3, "能退吗"), Evidence(1, 0, 3, "自己看")
    assert evidence.quote(transcript, asked) == Rich((Run("能退吗", hit=True, look="customer"),))
    assert evidence.quote(transcript, harsh) == Rich((Run("自己看", hit=True),))


def test_a_line_of_an_exchange_is_cut_visibly() -> None:
    assert evidence.shortened("一 二\n三四五", 20) == "一 二 三四五"
    assert evidence.shortened("一二三四五", 4) == "一二三…"


def test_grounds_name_the_side_that_was_searched() -> None:
    rule = replace(factory.STANDARD.rule("COMM-01"), where=Where(side="customer"))
    result = RuleResult("COMM-01", FAIL, searched=(2,), wanted="确认")
    assert evidence.grounds(said("您好"), rule, result, None) == "检查了第3轮客户发言，未见：确认"


def test_grounds_of_an_unanswered_trigger_quote_it_and_say_what_did_not_follow() -> None:
    result = RuleResult("ATT-05", FAIL, (found("太慢了", "太慢了"),), searched=(1, 3), wanted="致歉或共情")
    shown = evidence.grounds(said("太慢了"), factory.STANDARD.rule("ATT-05"), result, result.evidence[0])
    assert shown == Rich((Run("太慢了", hit=True), Run("（检查了第2、4轮坐席发言，未见：致歉或共情）")))


def test_grounds_of_a_share_quote_an_instance_and_give_the_share() -> None:
    result = RuleResult("COMM-05", FAIL, (found("嗯", "嗯"),), measured=0.6, limit=0.5, unit="占比")
    shown = evidence.grounds(said("嗯"), factory.STANDARD.rule("COMM-05"), result, result.evidence[0])
    assert shown == Rich((Run("嗯", hit=True), Run("（占比 60%，限 50%）")))


@given(st.sets(st.integers(0, 60), min_size=1))
def test_the_rounds_a_person_reads_are_the_rounds_that_were_searched(indices: set[int]) -> None:
    read: set[int] = set()
    for part in wording.rounds(indices).split("、"):
        first, _, last = part.partition("–")
        within = range(int(first) - 1, int(last or first))
        # a range stands for every round in it, or for every second one
        read.update(within if set(within) <= indices else within[::2])
    assert read == indices


@pytest.mark.parametrize(
    ("indices", "text"), [((0, 1), "1、2"), ((1, 3), "2、4"), ((1, 3, 5, 7), "2–8"), ((0, 1, 2, 5), "1–3、6"), ((3, 9, 11), "4、10、12")]
)  # fmt: skip
def test_rounds_of_one_side_in_a_row_are_joined(indices: tuple[int, ...], text: str) -> None:
    assert wording.rounds(indices) == text


def test_a_source_is_shown_without_the_hash_of_its_file_name() -> None:
    rule = replace(factory.RULES[0], source="003_e0ffbc9026f4e7aa.txt 第2条；首次30秒应答率")
    assert wording.source(rule) == "003 第2条；首次30秒应答率"


def test_marks_tell_a_waived_fail_from_a_fail() -> None:
    results = (
        RuleResult("A", Verdict.PASS),
        RuleResult("A", FAIL),
        RuleResult("A", FAIL, waived="已计入 ATT-01"),
        RuleResult("A", Verdict.NOT_APPLICABLE),
        RuleResult("A", Verdict.UNDECIDABLE),
    )
    assert [wording.mark(result) for result in results] == ["√", "×", "○", "—", "?"]
