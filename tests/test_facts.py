"""Named facts of one agent's part of a chat."""

from __future__ import annotations

import pytest
from talks import view_of

from qa_audit.facts import FACTS, LEXICONS
from qa_audit.segment import Conversation

BOTH = "客服A：您好\n客户：嗯\n客服B：我来接手"


@pytest.mark.parametrize(
    ("fact", "said", "agent", "holds"),
    [
        ("mid_handling", "客户：在吗\n客服：正在为您查", None, True),
        ("mid_handling", "客户：在吗\n客服：请稍等", None, True),
        ("mid_handling", "客户：在吗\n客服：请稍等\n客户：好", None, True),
        ("mid_handling", "客户：在吗\n客服：正在为您查，一二三四五六七八", None, True),
        ("mid_handling", "客户：在吗\n客服：正在为您查，一二三四五六七八九", None, False),
        ("mid_handling", "客户：在吗\n客服：正在为您查，查到了，包裹明天就会送到您家", None, False),
        ("mid_handling", "客户：在吗\n客服：正在为您查\n客服：查到了，包裹明天就会送到您家", None, False),
        ("mid_handling", "客户：在吗\n客服：请稍等\n客服：亲", None, True),
        ("mid_handling", "客户：在吗\n客服：正在为您查\n客服：再见", None, False),
        ("mid_handling", "客户：在吗\n客服：再见\n客服：正在为您查", None, False),
        ("mid_handling", "客户：在吗\n客服：请稍等，还有别的问题吗", None, False),
        ("mid_handling", "客户：在吗\n客服：请稍等\n客户：好\n客服：到上海了", None, False),
        ("mid_handling", "客户：在吗\n客服：在的", None, False),
        ("asked_question", "客户：多久能到\n客服：明天", None, True),
        ("asked_question", "客户：我要退货\n客服：怎么了？", None, False),
        ("announced_hold", "客户：请稍等\n客服：好", None, False),
        ("announced_hold", "客户：在吗\n客服：请稍等\n客服：好了", None, True),
        ("explained", "客户：在吗\n客服：因为下雨", None, True),
        ("explained", "客户：因为下雨\n客服：嗯", None, False),
        ("order_matter", "客户：我的快递呢\n客服：在", None, True),
        ("order_matter", "客户：在吗\n客服：什么订单", None, False),
        ("took_over_from_human", BOTH, "客服A", False),
        ("took_over_from_human", BOTH, "客服B", True),
        ("took_over_from_human", "机器人：您好\n客户：在吗\n客服：在", None, False),
        ("order_unknown", "客户：还没发货\n客服：一般两天", None, True),
        ("order_unknown", "客户：还没发货\n客服：查到了，一般两天", None, False),
        ("order_unknown", "客户：还没发货\n客服：您好，在的呢", None, False),
        ("order_unknown", "客户：还没发货\n客服：请稍等", None, False),
        ("order_unknown", "客户：还没发货\n客服A：转给售后\n客服B：您好", "客服A", False),
        ("answered", "客户：在吗\n客服：您好，嗯，在的呢", None, False),
        ("answered", "客户：在吗\n客服：您好，在的，请稍等", None, False),
        ("answered", "客户：在吗\n客服：明天到呢", None, True),
        ("order_unknown", "客户：还没发货的一般几天\n客服：一般两天", None, False),
        ("order_unknown", "客户：一般几天。还没发货\n客服：一般两天", None, True),
        ("order_unknown", "客户：123456还没发货\n客服：一般两天", None, False),
        ("order_unknown", "客户：（卡片）\n机器人：在\n客户：还没发货\n客服：一般两天", None, False),
        ("order_unknown", "客户：在吗\n客服：单号\n客户：123456", None, True),
        ("order_unknown", "客户：123456\n客服：单号", None, False),
        ("told_before", "客户：我要退货\n客服A：好\n客服B：我来接手", "客服B", True),
        ("told_before", "客户：转人工，在吗\n客服A：好\n客户：我要退货\n客服B：我来接手", "客服B", False),
        ("told_before", "客户：您好我那热水器不打火\n客服A：好\n客服B：我来接手", "客服B", True),
        ("told_before", "客户：您好我要人工\n客服A：好\n客服B：我来接手", "客服B", False),
        ("last_agent", BOTH, "客服A", False),
        ("last_agent", BOTH, "客服B", True),
        ("customer_wrote", "客服：您好\n系统：客户已离开", None, False),
        ("customer_wrote", "客服：您好\n客户：在", None, True),
        ("customer_wrote", "客户：在吗\n客服A：您好\n客服B：我来接手", "客服B", False),
        ("left_offline", "客户：在吗\n客服：在", None, False),
        ("customer_left", "客户：退货\n客服：您的订单是哪个？", None, True),
        ("customer_left", "客户：退货\n客服：是哪个？\n客户：第一个", None, False),
        ("customer_left", "客户：退货\n客服：已经退了", None, False),
        ("customer_left", "客户：退货\n客服A：是哪个？\n客服B：我来接手", "客服A", False),
        ("customer_acknowledged", "客户：怎么退\n客服：建议您拒收\n客户：明白了", None, True),
        ("customer_acknowledged", "客户：明白了\n客服：建议您拒收\n客户：嗯", None, False),
        ("customer_acknowledged", "客服：请讲\n客户：好的\n客服：因为下雨", None, False),
        ("customer_acknowledged", "客服：请讲\n客户：好的", None, True),
        ("several_rounds", "客户：在吗\n客服：在\n客服：请讲", None, False),
        ("several_rounds", "客户：在吗\n客服：在\n客户：退货\n客服：好", None, True),
        ("has_times", "[10:00:00] 客户：在吗\n[10:00:05] 客服：在", None, True),
        ("has_times", "[1.0-2.0] 客户：在吗\n[2.0-3.0] 客服：在", None, True),
        ("has_times", "[10:00:00] 客户：在吗\n客服：在", None, None),
        ("has_times", "[10:00:00] 客户：在吗\n[10:00:05] 客服A：在\n客服B：我来", "客服B", None),
        ("untimed", "客户：在吗\n客服：在的", None, True),
        ("untimed", "[10:00:00] 客户：在吗\n[10:00:05] 客服：在的", None, False),
        ("settled_at_once", "客户：帮我退掉\n客服：已经退掉，钱原路返回\n客户：谢谢", None, True),
        (
            "settled_at_once",
            "客户：在吗\n客服：在的\n客户：帮我退掉\n客服：已经退掉，钱原路返回\n客户：谢谢",
            None,
            True,
        ),
        ("settled_at_once", "客户：帮我退掉\n客服：已经退掉，钱原路返回", None, False),
        (
            "settled_at_once",
            "客户：帮我退掉\n客服：已经退掉，钱原路返回\n客户：谢谢，多久到账？",
            None,
            False,
        ),
        ("settled_at_once", "客户：谢谢\n客服：请稍等", None, False),
        (
            "settled_at_once",
            "客户：帮我退掉\n客服：可以退的，因为还没有签收\n客户：好的\n客服：因为是质量问题，运费由我们承担\n客户：好的",
            None,
            False,
        ),
        ("only_hold", "客户：在吗\n客服：请稍等\n客户：嗯\n客服：稍等，亲", None, True),
        ("only_hold", "客户：在吗\n客服：请稍等\n客服：到上海了", None, False),
        ("only_hold", "客户：在吗\n客服：请稍等。一二三四五六七八", None, True),
        ("only_hold", "客户：在吗\n客服：请稍等。一二三四五六七八九", None, False),
        ("only_hold", "客户：在吗\n客服：请稍等。包裹昨天已经到上海了", None, False),
    ],
)
def test_a_fact_of_a_talk(fact: str, said: str, agent: str | None, *, holds: bool | None) -> None:
    assert FACTS[fact](view_of(said, agent)) is holds


def test_messages_left_off_line() -> None:
    assert FACTS["left_offline"](view_of("客户：在吗\n客服：在", offline=True)) is True


@pytest.mark.parametrize(("ended_by", "holds"), [("customer", True), ("agent", False), (None, None)])
def test_who_hung_up(ended_by: str | None, *, holds: bool | None) -> None:
    view = view_of("客户：再见\n客服：再见", channel="phone", ended_by=ended_by)
    assert FACTS["customer_ended"](view) is holds


@pytest.mark.parametrize(("closed_at", "holds"), [("10:02:30", True), ("10:02:31", False), (None, False)])
def test_a_chat_that_was_closed_before_anybody_could_answer(closed_at: str | None, *, holds: bool) -> None:
    view = view_of("[10:01:00] 客服：您好\n[10:02:00] 客户：怎么退", closed_at=closed_at)
    assert FACTS["closed_at_once"](view) is holds


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_a_fact_can_be_shown_to_people(fact: str) -> None:
    said = FACTS[fact].__doc__ or ""
    assert said.endswith("。")
    assert "\n" not in said


def test_facts_read_only_lexicons_that_they_name() -> None:
    view = view_of("客户：在吗\n客服：在")
    assert set(view.language.lexicons) == set(LEXICONS)
    assert isinstance(view.conversation, Conversation)
