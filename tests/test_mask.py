"""Masking keeps the length and leaves nothing that looks like a mobile number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.mask import customer_key, mask

LOOKS_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678，谢谢", "电话138****5678，谢谢"),
        ("打我138-1234-5678", "打我138-****-5678"),
        ("+86 138 1234 5678", "+86 138 **** 5678"),
        ("8613812345678", "86138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("13812345678/13912345678", "138****5678/139****5678"),
        ("座机010-62345678", "座机***-****5678"),
        ("(021) 62345678 转3", "(***) ****5678 转3"),
        ("身份证11010519491231002X", "身份证**************002X"),
        ("老证110105491231002", "老证***********1002"),
        ("卡号4111 1111 1111 1111", "卡号**** **** **** 1111"),
        ("卡4111111111111111", "卡************1111"),
        ("发到zhang.san@example.com吧", "发到*********@example.com吧"),
        ("我住在桂花西路120号3栋501室，麻烦改", "我住在**************，麻烦改"),
        ("寄到江宁区桂花大道100号", "寄到江宁区********"),
        ("3栋2单元501", "********"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "您好，请问有什么可以帮您？",
        "订单号298765432100已发货",
        "订单2013812345678901",
        "11010519491231002A",
        "110105194912310021 这个校验位不对",
        "4111111111111112 这个校验位也不对",
        "15号发货，一共20件，2026-11-20 10:00:05 已出库",
        "1-2号到，7天无理由",
        "QQ 12345678",
        "",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(st.sampled_from("0123456789０１13858 -+@.a路号栋室Xx(（，您好0")) | st.text())
def test_masking_keeps_the_length_and_every_visible_character(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(new in (old, "*") for old, new in zip(text, masked, strict=True))


@given(
    st.from_regex(r"[^0-9]{0,5}(\+?86)?1[3-9][0-9]{9}[^0-9]{0,5}", fullmatch=True),
    st.from_regex(r"[0-9 \-]{0,20}[^0-9]", fullmatch=True),
)
def test_no_mobile_number_survives(number: str, before: str) -> None:
    masked = mask(before + number)
    assert LOOKS_MOBILE.search(masked) is None


def test_a_customer_key_needs_the_key_and_tells_customers_apart() -> None:
    assert customer_key("王女士", key=b"a") == customer_key("王女士", key=b"a")
    assert re.fullmatch("[0-9a-f]{16}", customer_key("王女士", key=b"a"))
    assert (
        len(
            {
                customer_key("王女士", key=b"a"),
                customer_key("王女士", key=b"b"),
                customer_key("李女士", key=b"a"),
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "身份证110101199003071230",
            "身份证**************1230",
        ),  # a wrong check digit is an ID number all the same
        ("身份证号 110101 19900307 1230", "身份证号 ****** ******** 1230"),
        ("卡号6222020200012345670", "卡号***************5670"),
        ("我的验证码482913", "我的验证码******"),
        ("电话一三八一二三四五六七八", "电话一三八****五六七八"),
        ("幺三八 幺二三四 五六七八", "幺三八 **** 五六七八"),
    ],
)
def test_numbers_that_are_named_or_spoken(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text", ["一三得三", "订单号2026112000012345", "密码锁按了三次", "一二三四五六七八九"]
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask(text) == text
