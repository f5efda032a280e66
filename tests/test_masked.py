"""What is stored of a chat: masked texts of the same length, evidence cut from them, no customer's name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talks import is_exact, talk

from qa_audit.mask import mask
from qa_audit.masked import masked_scorecard, masked_unanswered
from qa_audit.records import (
    Deduction,
    Evidence,
    Excused,
    Factor,
    RuleResult,
    Scorecard,
    Severity,
    Transcript,
    Unanswered,
    Verdict,
)

KEY = b"of the tests"
PHONE = "13812345678"
HIDDEN = "138****5678"


def scorecard(transcript: Transcript, *evidence: Evidence) -> Scorecard:
    return Scorecard(
        transcript=transcript,
        agent="客服",
        round_of=tuple(range(len(transcript.messages))),
        results=(
            RuleResult("TST-01", Verdict.FAIL, evidence=evidence),
            RuleResult("TST-02", Verdict.PASS, excused=tuple(Excused(e, "否定：不是") for e in evidence)),
            RuleResult("TST-03", Verdict.PASS, note="无"),
        ),
        moods=(),
        deductions=(
            *(Deduction("TST-01", Severity.MINOR, 2.0, e) for e in evidence),
            Deduction("TST-03", Severity.MINOR, 1.0),
        ),
        bonus=0.0,
        score=97.0,
        score_before_fatal=97.0,
        grade="优秀",
        decided=3,
        alerts=(),
        measures={"first_response_s": 3.0},
        emotion_evidence=evidence,
        dissatisfied_factors=(Factor("words", 0.5, evidence),),
        escalation_factors=(Factor("words", 0.5, evidence), Factor("end", 0.1)),
    )


def evidence_of(card: Scorecard) -> list[Evidence]:
    """Every evidence that a scorecard holds, wherever it stands."""
    found = [e for result in card.results for e in (*result.evidence, *(x.evidence for x in result.excused))]
    found += [d.evidence for d in card.deductions if d.evidence is not None]
    factors = (*card.dissatisfied_factors, *card.escalation_factors)
    return [*found, *card.emotion_evidence, *(e for factor in factors for e in factor.evidence)]


def test_texts_evidence_and_names_are_masked() -> None:
    said = replace(
        talk(f"客户：我是王小明，电话{PHONE}\n客服：好的，{PHONE}对吗"),
        customer="王小明",
        extra={"备注": f"回电{PHONE}", "次数": 3},
    )
    card = masked_scorecard(scorecard(said, Evidence(1, 3, 14, PHONE), Evidence(1, 0, 2, "好的")), key=KEY)
    assert [m.text for m in card.transcript.messages] == [f"我是王小明，电话{HIDDEN}", f"好的，{HIDDEN}对吗"]
    assert card.transcript.customer == "王**"
    assert card.transcript.extra == {"备注": f"回电{HIDDEN}", "次数": 3}
    shown = [Evidence(1, 3, 14, HIDDEN), Evidence(1, 0, 2, "好的")]
    assert evidence_of(card) == shown * 6
    assert card.results[2] == RuleResult("TST-03", Verdict.PASS, note="无")
    assert card.deductions[-1] == Deduction("TST-03", Severity.MINOR, 1.0)


def test_evidence_within_a_masked_number_is_masked() -> None:
    card = masked_scorecard(scorecard(talk(f"客服：{PHONE}"), Evidence(0, 2, 8, "812345")), key=KEY)
    assert evidence_of(card) == [Evidence(0, 2, 8, "8****5")] * 6


def test_nothing_else_of_a_scorecard_changes() -> None:
    before = scorecard(talk("客户：在吗\n客服：在"), Evidence(1, 0, 1, "在"))
    before = replace(before, transcript=replace(before.transcript, customer=None))
    assert masked_scorecard(before, key=KEY) == before


@pytest.mark.parametrize(
    ("customer", "name"), [("王小明", "王**"), ("王", "王"), ("😀x", "😀*"), ("", ""), (None, None)]
)
def test_the_first_character_of_a_name_is_left(customer: str | None, name: str | None) -> None:
    said = replace(talk("客户：在吗\n客服：在"), customer=customer)
    assert masked_scorecard(scorecard(said), key=KEY).transcript.customer == name
    assert masked_unanswered(Unanswered(said, None, None)).transcript.customer == name


def test_customers_are_told_apart_by_a_keyed_hash() -> None:
    def key_of(customer: str | None, key: bytes = KEY) -> str:
        said = replace(talk("客户：在吗\n客服：在"), customer=customer)
        return masked_scorecard(scorecard(said), key=key).customer_key

    assert key_of("王小明") == key_of("王小明")
    assert len({key_of("王小明"), key_of("王小红"), key_of("王小明", b"another")}) == 3
    assert key_of(None) == ""
    assert key_of("") == ""


def test_an_unanswered_chat_is_masked() -> None:
    said = replace(talk(f"客户：打{PHONE}\n客服：在"), customer="王小明")
    result = RuleResult("TST-01", Verdict.FAIL, note="客户发言后无人工应答")
    chat = masked_unanswered(Unanswered(said, "客服", result))
    assert [m.text for m in chat.transcript.messages] == [f"打{HIDDEN}", "在"]
    assert (chat.agent, chat.result) == ("客服", result)


@given(
    st.lists(
        st.sampled_from(["您好", PHONE, "，", "3栋501室", "a@b.cn", "😀", "１３８１２３４５６７８"]),
        max_size=6,
    ),
    st.data(),
)
def test_evidence_fits_the_stored_text(parts: list[str], data: st.DataObject) -> None:
    text = "亲" + "".join(parts)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    said = talk(f"客服：{text}")
    card = masked_scorecard(scorecard(said, Evidence(0, start, end, text[start:end])), key=KEY)
    assert card.transcript.messages[0].text == mask(text)
    assert all(is_exact(e, card.transcript) for e in evidence_of(card))
    assert {(e.start, e.end) for e in evidence_of(card)} == {(start, end)}


def texts(transcript: Transcript) -> list[str]:
    stored = masked_scorecard(scorecard(transcript), key=KEY).transcript
    return [message.text for message in stored.messages]


def test_a_code_said_where_one_was_asked_for_is_masked() -> None:
    said = talk("客服：把手机收到的验证码发我\n客户：这样安全吗 482913\n客服：收到 482913")
    assert texts(said) == ["把手机收到的验证码发我", "这样安全吗 ******", "收到 ******"]


@pytest.mark.parametrize(
    "answer", ["1999元", "2026年的", "订单 260051234567", "1999.50", "20个", "12-2045", "A4829"]
)
def test_sums_dates_and_orders_beside_a_code_stay(answer: str) -> None:
    assert texts(talk(f"客服：验证码收到了吗\n客户：{answer}"))[1] == answer


def test_bare_numbers_stay_where_nobody_asked_for_a_code() -> None:
    far = "\n".join(["客服：验证码收到了吗", *["客户：嗯", "客服：好"] * 4, "客户：尾号482913"])
    assert texts(talk(far))[-1] == "尾号482913"
    assert texts(talk("客服：您要几号的\n客户：482913"))[1] == "482913"
