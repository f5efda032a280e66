"""Must pass: talks whose deduction a supervisor would overturn, run against the whole shipped standard.

The list is that of the service standard. Each talk marks with [[…]] the words that must cost nothing: no rule at all
may charge them, be it live or on trial, so that a new rule meets every talk. ``kept`` names the rules that must not
fail for anything in the talk, something missing included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.records import RuleResult, Scorecard, Severity, Transcript, Verdict
from qa_audit.rulebook.examples import parse_example
from qa_audit.rulebook.schema import ExampleFile


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk of the list: the marked words cost nothing, the rules of ``kept`` do not fail."""

    talk: str
    kept: tuple[str, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)


TALKS = {
    "a forecast with its reason and a follow-up": Talk(
        """
        客户：我买的净水器什么时候能到呀
        客服：您好，[[预计明天到，遇大雨可能延误，我盯着]]，有变化马上告诉您
        客户：好的
        客服：还有其他可以帮您的吗
        客户：没有了
        客服：感谢咨询，祝您生活愉快
        """,
        kept=("COMM-05", "COMM-06", "SOLV-01", "SOLV-05", "COMP-02"),
    ),
    "a material": Talk(
        """
        客户：这件衬衫是什么料子的
        客服：亲亲您好，这款是[[100%纯棉]]的哦，贴身穿很透气
        客户：好
        客服：请问还有其他问题吗
        客户：没了
        客服：谢谢您的光临，再见
        """,
        kept=("COMP-01", "COMP-02", "COMM-05"),
    ),
    "the same hold four times": Talk(
        """
        客户：我的退款到哪一步了
        客服：您好，[[还请您稍等，正在为您查询~]]
        客户：嗯
        客服：[[还请您稍等，正在为您查询~]]
        客户：好
        客服：[[还请您稍等，正在为您查询~]]
        客户：不急
        客服：[[还请您稍等，正在为您查询~]]
        客户：好
        客服：感谢您的耐心等待，查到了，款项今天上午已经退到您的零钱，请您查收
        客户：看到了
        客服：请问还有其他可以帮您的吗
        客户：没有
        客服：祝您生活愉快，再见
        """,
        kept=("COMM-07", "HOLD-01", "HOLD-02", "ATT-04", "ATT-06", "SOLV-01"),
    ),
    "a lawful exception, with what is offered instead": Talk(
        """
        客户：车厘子不想要了，能七天无理由退吗
        客服：您好，[[生鲜不支持七天无理由，坏了可以赔付]]，您收到有坏果拍照给我就好
        客户：明白了
        客服：还有什么可以帮您吗
        客户：没有
        客服：感谢您的理解，再见
        """,
        kept=("COMP-01", "COMP-05", "SOLV-02", "COMM-06", "ATT-04"),
    ),
    "a short answer with the card": Talk(
        """
        客户：您好，这台是白色的吗
        客服：您好，很高兴为您服务
        客服：[[是]]
        客服：（卡片）
        客户：那这台有五升吗
        客服：[[是]]
        客服：（卡片）
        客户：这个呢，也送滤芯吗
        客服：[[是]]
        客服：（卡片）
        客户：好的
        客服：请问还有其他需要吗，感谢您的咨询，再见
        """,
        kept=("ATT-06", "ATT-03"),
    ),
    "a customer who asks for the terms": Talk(
        """
        客户：[[你们的赔付标准是什么]]
        客服：您好，破损的商品按实付金额赔付，您收货后48小时内把照片发给我，我来为您登记
        客户：好的谢谢
        客服：请问还有其他可以帮您的吗
        客户：没有了
        客服：感谢您的咨询，再见
        """,
        kept=("MOOD-01", "MOOD-02", "ATT-05"),
    ),
    "a pointer with help": Talk(
        """
        客户：店里那个满减怎么用不了
        客服：您好，[[这个活动是店铺发起的，与京东自营无关，我帮您转商家客服]]，请您稍等
        客户：好的
        客服：已经为您转接，请问还有其他可以帮您的吗
        客户：没有
        客服：感谢您的理解，再见
        """,
        kept=("ATT-01", "ATT-03", "ATT-04", "SOLV-02", "SOLV-03", "COMM-06"),
    ),
    "an apology in jest": Talk(
        """
        客户：少了一包纸巾诶
        客服：[[抱歉抱歉，谁让您是老顾客呢，我给您补寄一包]]，今天就寄出
        客户：哈哈谢谢
        客服：还有其他可以帮您的吗
        客户：没了
        客服：感谢您的支持，祝您愉快
        """,
        kept=("ATT-01", "ATT-02", "ATT-03", "SOLV-05"),
    ),
    "what a company's invoice needs": Talk(
        """
        客户：我要开专票
        客服：您好，[[专票请提供税号、开户行、银行账号]]，我为您登记
        客户：发您邮箱了
        客服：收到，专票今天下午六点前为您开好。请问还有其他需要吗
        客户：没有了，谢谢
        客服：不客气，感谢您的支持，再见
        """,
        kept=("COMP-03", "COMP-04"),
    ),
    "a refund on the way it was paid": Talk(
        """
        客户：退款退到哪里
        客服：您好，[[微信支付会原路退回]]，1到3个工作日到账
        客户：好
        客服：请问还有其他可以帮您的吗
        客户：没有
        客服：感谢您的咨询，再见
        """,
        kept=("COMP-04", "COMP-02", "COMM-05", "SOLV-01"),
    ),
}
# The score must follow service, not ritual: the matter is settled in one answer and the customer is content. What an
# inspector might still name, no greeting or no closing, is worth less than one major rule and one minor one together.
CANCELLED = """
客户：帮我取消订单
客服：[[已取消，款项原路退回]]
客户：好的谢谢
"""
COSTS_LITTLE = 5.0


@cache
def auditor() -> Auditor:
    """One for all talks."""
    return Auditor.open(Config())


def read(talk: Talk) -> tuple[Transcript, tuple[tuple[int, int, int], ...]]:
    """The transcript, and (message, start, end) of the marked words."""
    lines = "\n".join(line.strip() for line in talk.talk.strip().splitlines())
    data = ExampleFile.model_validate({"why": "不应扣分", "talk": lines, **talk.fields})
    example = parse_example(data, Verdict.PASS, 1)
    return example.transcript, example.evidence


def card_of(transcript: Transcript) -> Scorecard:
    (card,) = auditor().audit([transcript]).scorecards
    return card


def charged(card: Scorecard) -> list[RuleResult]:
    """The fails that are not waived; a bonus not earned is no charge."""
    standard = auditor().standard
    return [
        result
        for result in card.results
        if result.verdict is Verdict.FAIL
        and not result.waived
        and standard.rule(result.rule_id).severity is not Severity.BONUS
    ]


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_the_words_in_question_cost_nothing(talk: Talk) -> None:
    transcript, marks = read(talk)
    assert [
        (result.rule_id, evidence.text)
        for result in charged(card_of(transcript))
        for evidence in result.evidence
        for message, start, end in marks
        if evidence.message == message and evidence.start < end and start < evidence.end
    ] == []


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_rules_that_must_be_kept(talk: Talk) -> None:
    transcript, _ = read(talk)
    failed = {result.rule_id for result in charged(card_of(transcript))}
    assert failed & set(talk.kept) == set()


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_a_good_talk_keeps_a_good_score(talk: Talk) -> None:
    transcript, _ = read(talk)
    card = card_of(transcript)
    assert card.score is not None
    assert card.score >= 90
    assert card.grade != auditor().standard.fatal_grade


def test_a_matter_settled_at_once_costs_little() -> None:
    transcript, marks = read(Talk(CANCELLED))
    card = card_of(transcript)
    assert card.score is not None
    assert 100 - card.score <= COSTS_LITTLE
    assert all((e.message, e.start, e.end) not in marks for r in charged(card) for e in r.evidence)
