"""主题分布, 解决情况, 客户情绪: what is counted, and how sure the rates are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import factory

from qa_audit.intervals import rate_interval
from qa_audit.records import Contact
from qa_audit.report.contacts import NOTHING, contact_tables
from qa_audit.report.table import Table
from qa_audit.report.tally import tally
from qa_audit.show import show_chat

CONTACTS = Counter(
    {
        Contact("发票", "yes", "none", "positive"): 6,
        Contact("物流配送", "yes", "none", "neutral"): 5,
        Contact("物流配送", "no", "angry", "negative"): 2,
        Contact("物流配送", "unknown", "anxious", "neutral"): 1,
    }
)


def records(table: Table) -> list[dict[str, object]]:
    return [dict(zip([c.title for c in table.columns], row, strict=True)) for row in table.rows()]


def test_topics_with_how_they_ended_most_frequent_first() -> None:
    topics, _, _ = contact_tables(CONTACTS)
    rate = rate_interval(5, 7)  # the chat of which nobody knows is in no rate
    assert records(topics)[0] == {
        "主题": "物流配送", "会话数": 8, "占比": 8 / 14, "已解决": 5, "部分解决": 0, "未解决": 2, "无法判断": 1,
        "解决率": rate.value, "误差下限": rate.low, "误差上限": rate.high, "焦虑": 1, "愤怒": 2, "失望": 0,
    }  # fmt: skip
    assert [row["主题"] for row in records(topics)] == ["物流配送", "发票"]


def test_outcomes_and_emotions_with_intervals() -> None:
    _, outcomes, emotions = contact_tables(CONTACTS)
    share = rate_interval(11, 14)
    assert records(outcomes)[0] == {
        "解决情况": "已解决", "会话数": 11, "占比": share.value, "误差下限": share.low, "误差上限": share.high,
    }  # fmt: skip
    assert [(row["客户情绪"], row["会话数"]) for row in records(emotions)] == [
        ("无", 11),
        ("焦虑", 1),
        ("愤怒", 2),
        ("失望", 0),
    ]


def test_without_a_model_the_sheets_say_so() -> None:
    for table in contact_tables(Counter({Contact(): 9})):
        assert list(table.rows()) == []
        assert table.empty == NOTHING


def test_an_agent_s_chats_are_counted_by_what_is_known_of_them() -> None:
    report = factory.report(factory.AGENTS[0], chats=6)
    counted = tally(report, factory.STANDARD).contacts
    assert sum(counted.values()) == 6
    assert counted[report.scorecards[0].contact] >= 1


def test_a_chat_in_the_terminal_says_what_it_was_about() -> None:
    card = factory.report(factory.AGENTS[0], chats=1).scorecards[0]
    told = replace(card, topic="退款", outcome="partly", emotion="angry")
    assert show_chat(told).splitlines()[1] == "主题：退款　解决情况：部分解决　客户情绪：愤怒"
    bare = replace(card, topic="", outcome=None, emotion=None, end_mood=None)
    assert "主题" not in show_chat(bare).splitlines()[1]
    assert bare.contact == Contact()
