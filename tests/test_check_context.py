"""``respond``: A in answer to something, A excused by what was said before, B behind A alone."""

from __future__ import annotations

import pytest
from talks import decide

from qa_audit.records import Verdict

PASS, FAIL, NOT_APPLICABLE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE

REFUSES = """
    check: respond
    when: {side: agent, look_for: [不行, 没门], answering: {said: [便宜, 改], hits: 不行}}
    look_for: 抱歉
    within: {rounds: 1}
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客户：便宜点\n客服：不行", FAIL),
        ("客户：便宜点\n客服：不行，抱歉", PASS),
        ("客户：能机洗吗\n客服：不行", NOT_APPLICABLE),
        ("客户：便宜点\n客服：嗯\n客户：能机洗吗\n客服：不行", NOT_APPLICABLE),
        ("客服：不行", NOT_APPLICABLE),
        ("客服：没门", FAIL),
    ],
)
def test_a_counts_only_in_answer(said: str, verdict: Verdict) -> None:
    assert decide(REFUSES, said).verdict is verdict


FRESH = """
    check: respond
    when:
      side: agent
      look_for: [不退, 坏了也不管]
      except_given: {said: 水果, hits: 不退}
      otherwise: pass
    look_for: 特殊处理
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客户：衣服能退吗\n客服：不退", FAIL),
        ("客户：水果能退吗\n客服：不退", PASS),
        ("客户：能退吗\n客服：水果不退", PASS),
        ("客户：能退吗\n客服：不退\n客户：我买的水果", FAIL),
        ("客户：水果烂了\n客服：坏了也不管", FAIL),
    ],
)
def test_what_was_said_before_excuses_some_hits(said: str, verdict: Verdict) -> None:
    assert decide(FRESH, said).verdict is verdict


REPORTS = """
    check: respond
    when: {side: agent, look_for: 我查一下}
    look_for: [已经, 查到]
    within: {behind: true}
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客服：我查一下，查到了", PASS),
        ("客服：已经取消，我查一下", FAIL),
        ("客服：已经取消\n客服：我查一下", FAIL),
        ("客服：我查一下\n客户：好\n客服：查到了", PASS),
    ],
)
def test_b_stands_behind_a(said: str, verdict: Verdict) -> None:
    assert decide(REPORTS, said).verdict is verdict


ANSWERS = """
    check: respond
    when: {side: agent, look_for: 我查一下}
    look_for: 查到
    no_answer: [嗯嗯, 还有问题吗]
    within: {behind: true}
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客服：我查一下\n客户：好\n客服：嗯嗯，还有问题吗", FAIL),
        ("客服：我查一下\n客户：好\n客服：是顺丰", PASS),
        ("客服：是顺丰，我查一下", FAIL),
        ("客服：我查一下\n客户：好\n客服：（图片）", PASS),
        ("客服：（图片）\n客服：我查一下", FAIL),
    ],
)
def test_whatever_is_no_filler_is_an_answer(said: str, verdict: Verdict) -> None:
    assert decide(ANSWERS, said).verdict is verdict
