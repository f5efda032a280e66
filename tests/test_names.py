"""Agents' own names in what they say: the same two characters for each, and the way back to the original."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talks import segmenter, talk

from qa_audit.names import SOMEBODY, names_in, without_names
from qa_audit.normalise import normalise
from qa_audit.segment import segment

WORDS = {"高兴", "任性", "宁静"}


def plain(text: str, *agents: str) -> str:
    names = names_in(agents, WORDS.__contains__)
    return normalise(text).text if names is None else without_names(normalise(text), names).text


@pytest.mark.parametrize(
    ("text", "agents", "wanted"),
    [
        ("我是客服唐念,请讲", ["1005_唐念"], "我是客服某某,请讲"),
        ("唐念为您服务", ["1005_唐念"], "某某为您服务"),
        ("已转接1005_唐念", ["1005_唐念"], "已转接某某"),
        ("我是小美", ["灯塔百货:小美"], "我是某某"),
        ("我是欧阳静", ["欧阳静"], "我是某某"),
        ("我是唐念,转给周一帆", ["唐念", "周一帆"], "我是某某,转给某某"),
        # a name that is a word is one only where it is named
        ("很高兴为您服务,我是高兴", ["高兴"], "很高兴为您服务,我是某某"),
        ("工号80017,您的80017元", ["80017"], "工号某某,您的80017元"),
        ("工号800171", ["80017"], "工号800171"),
        ("我是安,安排一下", ["安"], "我是某某,安排一下"),
        ("客服安排一下", ["安"], "客服安排一下"),
        ("this is linda, linda's", ["Linda"], "this is 某某, 某某's"),
        ("lindab", ["Linda"], "lindab"),
        ("ok的", ["OK"], "ok的"),
        ("我是客服A", ["客服A"], "我是客服a"),
        ("客服会联系您", ["客服"], "客服会联系您"),
        ("我是agent", ["agent"], "我是agent"),
        ("顺丰速运物流", ["顺丰速运物流"], "顺丰速运物流"),
    ],
)
def test_names(text: str, agents: Sequence[str], wanted: str) -> None:
    assert plain(text, *agents) == wanted


@pytest.mark.parametrize("name", ["唐念", "欧阳静", "高兴", "Linda", "2077"])
def test_evidence_stands_where_it_stood(name: str) -> None:
    text = f"您\u200b好，我是客服{name}，再见"
    conversation = segment(talk(f"客服：{text}", agent=None), segmenter())
    assert SOMEBODY not in conversation.text(0)
    names = names_in([name], WORDS.__contains__)
    assert names is not None
    normalised = without_names(normalise(text), names)
    start = normalised.text.index("再见")
    assert slice_of(text, normalised.original_span(start, start + 2)) == "再见"
    start = normalised.text.index(SOMEBODY)
    assert slice_of(text, normalised.original_span(start, start + 2)) == name


def slice_of(text: str, span: tuple[int, int]) -> str:
    return text[span[0] : span[1]]


@given(st.lists(st.sampled_from(["唐念", "您好", "\u200b", "，", "客服", "安"]), max_size=12))
def test_every_character_keeps_its_place(parts: list[str]) -> None:
    text = "".join(parts)
    names = names_in(["1005_唐念"], WORDS.__contains__)
    assert names is not None
    normalised = without_names(normalise(text), names)
    assert normalised.text.count(SOMEBODY) == text.replace("\u200b", "").count("唐念")
    if normalised.offsets is not None:
        assert len(normalised.offsets) == len(normalised.text) + 1
        assert list(normalised.offsets) == sorted(normalised.offsets)
    for index in range(len(normalised.text)):
        start, end = normalised.original_span(index, index + 1)
        assert 0 <= start < end <= len(text)
