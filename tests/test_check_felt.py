"""The check of what the customer felt: whose emotion it is, and the rounds that carry it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talks import decide, judge_of, words

from qa_audit.check.judge import Judge
from qa_audit.records import Contact, Emotion, RuleResult, Severity, Verdict
from qa_audit.report.chats import chat_rules
from qa_audit.rulebook import load_standard
from qa_audit.score import score

RULE = "check: emotion\nemotion: [anxious, angry]\nseverity: note"
TALK = "客户：在吗\n客服：您好\n客户：气死人了\n客户：真的\n客服：抱歉"


def judge(emotion: Emotion | None) -> Judge:
    return replace(
        judge_of({"TST-01": RULE}), contacts=lambda chats, _: [Contact(emotion=emotion) for _ in chats]
    )


def test_the_rounds_called_negative_carry_the_emotion() -> None:
    result = decide(RULE, TALK, judge=judge("angry"))
    assert (result.verdict, words(result), result.note) == (Verdict.FAIL, ["气死人了", "真的"], "愤怒")


def test_where_no_round_is_called_negative_the_nearest_to_it_does() -> None:
    result = decide(RULE, "客户：在吗\n客服：您好\n客户：不太满意\n客服：抱歉", judge=judge("anxious"))
    assert (result.verdict, words(result), result.note) == (Verdict.FAIL, ["不太满意"], "焦虑")


@pytest.mark.parametrize("felt", ["none", "disappointed"])
def test_an_emotion_that_the_rule_does_not_name_passes(felt: Emotion) -> None:
    assert decide(RULE, TALK, judge=judge(felt)) == RuleResult("TST-01", Verdict.PASS)


def test_an_emotion_in_a_colleague_s_part_is_not_this_agent_s() -> None:
    talk = "客户：气死人了\n客服A：抱歉，给您转接\n客服B：您好\n客户：好的\n客服B：请讲"
    assert decide(RULE, talk, agent="客服A", judge=judge("angry")).verdict is Verdict.FAIL
    result = decide(RULE, talk, agent="客服B", judge=judge("angry"))
    assert (result.verdict, result.note) == (Verdict.PASS, "情绪出现在其他坐席的服务段")


def test_without_a_model_or_words_it_cannot_be_decided() -> None:
    result = decide(RULE, TALK, judge=judge(None))
    assert (result.verdict, result.note) == (Verdict.UNDECIDABLE, "没有情绪模型")
    silent = decide(RULE, "客户：（图片）\n客服：收到", judge=judge("none"))
    assert (silent.verdict, silent.note) == (Verdict.UNDECIDABLE, "没有可判断情绪的客户发言")


def test_a_note_costs_nothing_and_calls_nobody() -> None:
    standard = load_standard().standard
    rule = standard.rule("MOOD-03")
    assert rule.severity is Severity.NOTE
    points = score([RuleResult("OPEN-01", Verdict.PASS), RuleResult("MOOD-03", Verdict.FAIL)], standard)
    assert (points.deductions, points.alerts, points.score, points.decided) == ((), (), 100.0, 1)
    assert "MOOD-03" not in {shown.id for shown in chat_rules(standard)}
