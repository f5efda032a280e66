"""Personal data out of stored text, at the same length: each masked character becomes ``*``, so offsets hold.

Masked: mobile and landline numbers (mobile ones also as speech recognition spells them), ID numbers, bank cards,
e-mail addresses, codes named as such (验证码 482913) or said where a code was asked for, and the part of an address that leads to a door. Order numbers
stay: they are long, but no phone, and rarely pass a card's checksum. Names within a sentence stay: no list of
surnames tells 张三丰 from a brand.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Full-width digits and signs are read as plain ones; one character for one.
PLAIN = str.maketrans("０１２３４５６７８９＠．－＋（）　Ｘｘ", "0123456789@.-+() Xx")
PROMISING = re.compile(
    r"[一幺][ ,，、]?[三四五六七八九][ ,，、]?[零一二三四五六七八九幺两〇]|[0-9０-９]{2}|[@＠]|[0-9０-９][ \-]?[0-9０-９]|[0-9０-９]\s*[号弄栋幢座单室层楼户]"
)

EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]{1,64})@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}"
)
MOBILE = re.compile(
    r"(?<![0-9])(?:(?:\+|00)?86[ -]?|0)?"
    r"(1[3-9][0-9](?:[ -]?[0-9]{4}[ -]?[0-9]{4}|[0-9][ -]?[0-9]{3}[ -]?[0-9]{4}))(?![0-9])"
)
LANDLINE = re.compile(
    r"(?<![0-9])(\(0[0-9]{2,3}\) ?[0-9]{7,8}|0[0-9]{2,3}[ -]?[0-9]{3,4}[ -]?[0-9]{4})(?![0-9])"
)
ID_18 = re.compile(r"(?<![0-9])[1-8][0-9]{5}((?:18|19|20)[0-9]{6})[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
ID_15 = re.compile(r"(?<![0-9])[1-8][0-9]{5}([0-9]{6})[0-9]{3}(?![0-9A-Za-z])")
# Named as what it is, a number is masked whatever its check digit says; speech recognition splits and misreads them.
NAMED_ID = re.compile(
    r"(?:身份证|证件)[^0-9\n]{0,8}([1-8][0-9](?:[ -]?[0-9]){12,15}(?:[ -]?[0-9Xx])?)(?![0-9])"
)
NAMED_CARD = re.compile(
    r"(?:卡号|银行卡|信用卡|储蓄卡)[^0-9\n]{0,8}([0-9](?:[ *-]{0,6}[0-9]){9,18})(?![0-9])"
)
CODE = re.compile(
    r"(?:验证码|校验码|动态码|取件码|密码|口令)[^0-9\n]{0,6}([0-9](?:[ -]?[0-9]){3,7})(?![0-9])"
)
# Asked for a code, people answer with the bare number; sums, dates and quantities have their unit behind them.
CODE_WORDS = re.compile("验证码|校验码|动态码|动态密码|短信码|取件码|口令|密码")
BARE_CODE = re.compile(
    r"(?<![0-9A-Za-z.*-])([0-9](?: ?[0-9]){3,7})(?![0-9A-Za-z*]|[.-][0-9]|\s*[元块角件个台份天日年月号点米克升斤])"
)
SPOKEN = "[零一二三四五六七八九幺两〇]"
SPOKEN_PHONE = re.compile(f"(?<!{SPOKEN})([一幺][三四五六七八九](?:[ ,，、]?{SPOKEN}){{9}})(?!{SPOKEN})")
CARD = re.compile(r"(?<![0-9])[3-69][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}(?:[ -]?[0-9]{1,3})?(?![0-9])")
PROVINCES = frozenset(
    [
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
    ]
)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"

# 世纪大道100号3栋501室: a street or estate and what leads to a door, or two such parts in a row
STREET_NAME = "[^\\W0-9_在到是至寄送往址省市区县镇乡我你您们的了]{1,8}?"
STREET = "(?:路|街|大道|巷|弄|胡同|小区|花园|家园|新村|新城|公寓|大厦|广场|社区|村|苑)"
PART = "(?:[0-9]{1,5}(?:-[0-9]{1,5}){0,3}|[A-Za-z][0-9]{0,4}) ?(?:号楼|号院|号|弄|栋|幢|座|单元|室|层|楼|户)"
DOOR = "(?:[0-9]{3,4}(?![0-9年月日点元件天个]))?"
ADDRESS = re.compile(
    f"(?:{STREET_NAME}{STREET}[^\\W0-9_]{{0,6}}?{PART}|{PART}{PART})(?:[ ,，]?[^\\W0-9_]{{0,4}}?{PART})*{DOOR}"
)


def mask(text: str) -> str:
    """The text with its personal data masked; as long as it was.

    Phones keep their first three and last four digits, ID numbers and cards their last four, e-mails the domain.
    """
    if PROMISING.search(text) is None:
        return text
    plain = text.translate(PLAIN)
    hidden: set[int] = set()
    for pattern, places in MASKS:
        for found in pattern.finditer(plain):
            hidden.update(places(found))
    if not hidden:
        return text
    masked = "".join(["*" if index in hidden else character for index, character in enumerate(text)])
    # what stays visible of a card may, with the digits after it, look like a mobile number
    return mask(masked) if MOBILE.search(masked.translate(PLAIN)) else masked


def mask_answered_codes(text: str) -> str:
    """The text with every bare number of four to eight digits masked: for what is said when a code was asked for."""
    hidden = {place for found in BARE_CODE.finditer(text.translate(PLAIN)) for place in _code(found)}
    return "".join(["*" if index in hidden else character for index, character in enumerate(text)])


def customer_key(customer: str, *, key: bytes) -> str:
    """Who the customer is without saying it: 16 hex digits of BLAKE2b under a secret key of at most 64 bytes."""
    return hashlib.blake2b(customer.encode(), key=key, digest_size=8).hexdigest()


def _digits_but(found: re.Match[str], *, first: int, last: int, group: int = 0) -> list[int]:
    """Where the digits stand that are hidden: all but the first and last so many."""
    start, end = found.span(group)
    digits = [index for index in range(start, end) if found.string[index] in "0123456789Xx"]
    return digits[first : len(digits) - last]


def _email(found: re.Match[str]) -> list[int]:
    return list(range(*found.span(1)))


def _mobile(found: re.Match[str]) -> list[int]:
    return _digits_but(found, first=3, last=4, group=1)


def _landline(found: re.Match[str]) -> list[int]:
    return _digits_but(found, first=0, last=4, group=1)


def _id_18(found: re.Match[str]) -> list[int]:
    number = found[0].upper()
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, number, strict=False))
    valid = _is_id(number, found[1]) and ID_CHECK[total % 11] == number[17]
    return _digits_but(found, first=0, last=4) if valid else []


def _id_15(found: re.Match[str]) -> list[int]:
    return _digits_but(found, first=0, last=4) if _is_id(found[0], f"19{found[1]}") else []


def _is_id(number: str, birth: str) -> bool:
    try:
        date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return False
    return int(number[:2]) in PROVINCES


def _card(found: re.Match[str]) -> list[int]:
    digits = [int(character) for character in found[0] if character.isdigit()]
    doubled = [
        digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(reversed(digits))
    ]
    return _digits_but(found, first=0, last=4) if 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0 else []


def _named(found: re.Match[str]) -> list[int]:
    return _digits_but(found, first=0, last=4, group=1)


def _code(found: re.Match[str]) -> list[int]:
    return _digits_but(found, first=0, last=0, group=1)


def _spoken(found: re.Match[str]) -> list[int]:
    start, end = found.span(1)
    spoken = [index for index in range(start, end) if re.match(SPOKEN, found.string[index])]
    return spoken[3:-4]


def _address(found: re.Match[str]) -> list[int]:
    return list(range(*found.span()))


MASKS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[int]]], ...] = (
    (EMAIL, _email),
    (MOBILE, _mobile),
    (ID_18, _id_18),
    (ID_15, _id_15),
    (CARD, _card),
    (LANDLINE, _landline),
    (NAMED_ID, _named),
    (NAMED_CARD, _named),
    (CODE, _code),
    (SPOKEN_PHONE, _spoken),
    (ADDRESS, _address),
)
