"""How likely a matter goes further, and what the probability is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import talk

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.contact.escalation import BASE, SAID, WEIGHTS, Signs, escalation_of
from qa_audit.records import Contact, Estimate, Evidence, Mood, RoundMood, Scorecard
from qa_audit.segment import Conversation, Segmenter, segment

FELT: Mapping[Mood, tuple[float, float, float]] = {
    "negative": (0.9, 0.1, 0.0),
    "neutral": (0.1, 0.8, 0.1),
    "positive": (0.0, 0.1, 0.9),
}
NOTHING = Contact()
SEGMENTER = Segmenter()
FURIOUS = Contact(emotion="angry", emotions=(0.05, 0.05, 0.9, 0.0), unresolved=0.6)


def conversation(text: str) -> Conversation:
    return segment(talk(text), SEGMENTER)


def signs(text: str, *moods: Mood, contact: Contact = NOTHING, **more: object) -> Signs:
    talked = conversation(text)
    first = [r.messages[0] for r in talked.rounds if r.role == "customer"]
    felt = tuple(RoundMood(m, mood, FELT[mood]) for m, mood in zip(first, moods, strict=True))
    return replace(Signs(talked, felt, contact), **more)  # type: ignore[arg-type]  # fields by name


def risk(found: Signs) -> Estimate:
    estimate = escalation_of(found)
    assert estimate is not None
    return estimate


def factors(estimate: Estimate) -> dict[str, tuple[str, ...]]:
    return {factor.name: tuple(words.text for words in factor.evidence) for factor in estimate.factors}


def test_nobody_can_say_of_a_customer_who_said_nothing() -> None:
    assert escalation_of(signs("客服：您好")) is None


def test_a_calm_chat_goes_nowhere() -> None:
    calm = risk(signs("客户：在吗\n客服：在\n客户：好的谢谢", "neutral", "positive"))
    assert calm.probability < 0.02


def test_who_names_an_authority_is_on_the_way() -> None:
    words = Evidence(2, 2, 9, "打12378投诉")
    found = signs(
        "客户：怎么扣了两次\n客服：系统正常\n客户：那我打12378投诉", "neutral", "neutral", announced=[words]
    )
    assert risk(found).probability > 0.5
    assert factors(risk(found))["authority"] == ("打12378投诉",)
    milder = replace(found, announced=[replace(words, text="投诉你们")])
    assert "authority" not in factors(risk(milder))
    assert 0.2 < risk(milder).probability < risk(found).probability


def test_anger_without_a_solution_at_the_end_is_as_likely_as_not() -> None:
    text = "客户：断网三天了\n客服：请等待\n客户：等不了！你们管不管"
    angry = risk(signs(text, "neutral", "negative", contact=FURIOUS))
    assert 0.4 < angry.probability < 0.9
    thanked = risk(signs(text, "negative", "positive", contact=replace(FURIOUS, unresolved=0.0)))
    assert thanked.probability < 0.15


@pytest.mark.parametrize(
    ("said", "name", "words"),
    [
        ("叫你们主管来跟我说", "supervisor", ("叫你们主管",)),
        ("你们经理呢", "supervisor", ("你们经理呢",)),
        ("我的客户经理是小周", "supervisor", None),
        ("我是公司负责人", "supervisor", None),
        ("那我换一家银行", "leaving", ("换一家",)),
        ("以后再也不会来你们这住", "leaving", ("再也不会来你们这住",)),
        ("我要換一家銀行", "leaving", ("換一家",)),
        ("帮我换一个尺码", "leaving", None),
        ("我这是第三次打来了", "repeated", ("第三次",)),
        ("催了好几次都没人管", "repeated", ("催了好几次",)),
        ("昨天你们也说今天到", "repeated", ("昨天你们也说",)),
        ("一次也没用过", "repeated", None),
        ("第二天就收到了，昨天都看了", "repeated", None),
    ],
)
def test_what_customers_say(said: str, name: str, words: tuple[str, ...] | None) -> None:
    assert factors(risk(signs(f"客户：{said}\n客服：您好", "negative"))).get(name) == words


def test_how_to_close_an_account_may_be_asked_calmly() -> None:
    asked = "客户：请问银行卡怎么销户\n客服：您好"
    assert risk(signs(asked, "positive")).probability < risk(signs(asked, "negative")).probability / 5
    assert "leaving" not in factors(risk(signs(asked, "positive")))


def test_only_long_waits_count() -> None:
    text = "客户：在吗\n客服：在"
    assert "wait" in factors(risk(signs(text, "neutral", longest_wait_s=301.0)))
    assert "wait" not in factors(risk(signs(text, "neutral", longest_wait_s=300.0)))


MOODS = st.lists(st.sampled_from(list(FELT)), min_size=1, max_size=5)


@settings(deadline=None)
@given(MOODS, st.floats(0, 1), st.floats(0, 1))
def test_what_adds_up_is_the_probability(moods: Sequence[Mood], angry: float, unresolved: float) -> None:
    text = "\n".join("客户：第三次了\n客服：您好" for _ in moods)
    contact = Contact(emotions=(1 - angry, 0.0, angry, 0.0), unresolved=unresolved)
    estimate = risk(signs(text, *moods, contact=contact))
    total = BASE + sum(factor.log_odds for factor in estimate.factors)
    assert math.log(estimate.probability / (1 - estimate.probability)) == pytest.approx(total, abs=0.25)
    assert set(factors(estimate)) <= WEIGHTS.keys()
    assert set(SAID) < WEIGHTS.keys()
    strengths = [abs(factor.log_odds) for factor in estimate.factors]
    assert strengths == sorted(strengths, reverse=True)


# ------------------------------------------------------------------------------------------------ the whole way


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor.open(Config())


def card(auditor: Auditor, text: str) -> Scorecard:
    (found,) = auditor.audit([talk(text)]).scorecards
    return found


THREATENS = (
    "客户：宽带断了四天，这是第三次报修了\n客服：已经为您登记，请耐心等待\n"
    "客户：你们就会让我等，气死我了\n客服：抱歉，这边无法处理\n客户：那我现在就去工信部投诉你们，叫你们领导接电话"
)


def test_a_threat_is_seen_with_its_words(auditor: Auditor) -> None:
    found = card(auditor, THREATENS)
    assert found.escalation is not None
    assert found.escalation > 0.9
    assert found.escalation_factors[0].name == "authority"
    shown = {f.name: [e.text for e in f.evidence] for f in found.escalation_factors}
    assert "工信部" in shown["authority"][0]
    assert shown["repeated"] == ["第三次"]
    assert shown["supervisor"] == ["叫你们领导"]
    for factor in (*found.escalation_factors, *found.dissatisfied_factors):
        for words in factor.evidence:
            text = found.transcript.messages[words.message].text
            assert words.text == text[words.start : words.end]


def test_an_upset_customer_is_likely_dissatisfied_and_angry(auditor: Auditor) -> None:
    found = card(auditor, THREATENS)
    assert found.dissatisfied is not None
    assert found.dissatisfied > 0.5
    assert found.emotion == "angry"
    assert sum(found.emotions.values()) == pytest.approx(1.0)
    assert max(found.emotions, key=found.emotions.__getitem__) == "angry"
    assert [words.message for words in found.emotion_evidence] == sorted(
        {words.message for words in found.emotion_evidence}
    )
    assert "气死我了" in "".join(words.text for words in found.emotion_evidence)


def test_a_thankful_customer_is_neither(auditor: Auditor) -> None:
    found = card(auditor, "客户：积分怎么兑换\n客服：在首页点积分商城\n客户：找到了，谢谢你\n客服：不客气")
    assert found.escalation is not None
    assert found.dissatisfied is not None
    assert found.escalation < 0.02
    assert found.dissatisfied < 0.1
    assert found.emotion_evidence == ()


class Gloomy:
    """A team's own model, to whom all customers are dissatisfied."""

    hash = "gloomy"

    def dissatisfied(
        self, conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
    ) -> list[Estimate | None]:
        assert len(conversations) == len(moods)
        return [Estimate(0.75)] * len(conversations)


@pytest.mark.parametrize("with_chat_model", [True, False])
def test_a_model_of_ones_own_says_who_is_dissatisfied(auditor: Auditor, *, with_chat_model: bool) -> None:
    own = replace(auditor, satisfaction=Gloomy(), chat_model=auditor.chat_model if with_chat_model else None)
    found = card(own, "客户：在吗\n客服：在\n客户：谢谢")
    assert (found.dissatisfied, found.dissatisfied_factors) == (0.75, ())
    assert bool(found.emotions) == with_chat_model
    assert own.model_hash.endswith("+gloomy")
