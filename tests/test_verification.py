"""Procedures in which codes and IDs may be asked for: the file, and the facts that read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from talks import talk, write_standard

from qa_audit.check.views import views_of
from qa_audit.config import MASKS
from qa_audit.errors import InvalidStandard
from qa_audit.facts import FACTS
from qa_audit.rule import AnyOf, Phrase, Procedure, Regex
from qa_audit.rulebook import language_of, load_standard
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.verification import load_procedures
from qa_audit.segment import Segmenter, segment

TABLE = """\
procedures:
  - {name: 国补, asks: [code, id], words: [国补, "re:补贴(?:资格|核销)"], since: 2024-09-01, source: 测试}
  - {name: 清关, asks: [id], words: [清关], since: 2016-01-01, until: 2026-11-19, source: 测试}
  - {name: 提现, asks: [card], words: [提现], since: 2018-01-01, shops: [小店], source: 测试}
  - {name: 换机, asks: [code], words: [换机], since: 2027-01-01, source: 测试}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    standard = tmp_path / "standard"
    standard.mkdir()
    write_standard(standard, {"TST-01": "check: forbid\nlook_for: 从不出现的话"})
    (standard / "lexicons" / "allowed_verification.yml").write_text(TABLE, "utf-8")
    return standard


def test_a_procedure_as_read(folder: Path) -> None:
    first, second, third, _ = load_procedures(Lexicons(folder / "lexicons"))
    assert first == Procedure(
        "国补",
        ("code", "id"),
        AnyOf((Phrase("国补", "both"), Regex("补贴(?:资格|核销)"))),
        date(2024, 9, 1),
    )
    assert second.until == date(2026, 11, 19)
    assert third.shops == ("小店",)


def test_no_file_allows_nothing(tmp_path: Path) -> None:
    assert load_procedures(Lexicons(tmp_path)) == ()


def test_faults_name_the_line(folder: Path) -> None:
    table = "procedures:\n  - {name: 国补, asks: [pin], words: [国补], since: soon}\n"
    (folder / "lexicons" / "allowed_verification.yml").write_text(table, "utf-8")
    with pytest.raises(InvalidStandard) as raised:
        load_standard(folder)
    faults = [error.replace(f"{folder}/", "") for error in raised.value.errors]
    assert [fault.partition(": ")[0] for fault in faults] == ["lexicons/allowed_verification.yml:2"] * 3
    assert any('"pin"' in fault for fault in faults)


@pytest.mark.parametrize(
    ("said", "fields", "code", "ident", "card"),
    [
        ("客户：国补怎么用\n客服：好", {"opened_at": "10:00"}, True, True, False),
        ("客户：在\n客服：补贴核销要验证", {}, True, True, False),
        ("客户：退款\n客服：好", {}, False, False, False),
        ("客户：清关\n客服：好", {"opened_at": "10:00"}, False, False, False),  # ended the day before
        ("客户：清关\n客服：好", {}, False, None, False),  # on which day?
        ("客户：换机\n客服：好", {"opened_at": "10:00"}, False, False, False),  # not yet
        ("客户：提现\n客服：好", {}, False, False, None),  # in which shop?
        ("客户：提现\n客服：好", {"shop": "小店"}, False, False, True),
        ("客户：提现\n客服：好", {"shop": "大店"}, False, False, False),
    ],
)
def test_what_may_be_asked(
    folder: Path,
    said: str,
    fields: dict[str, object],
    *,
    code: bool | None,
    ident: bool | None,
    card: bool | None,
) -> None:
    loaded = load_standard(folder)
    language = language_of(loaded.standard.rules, loaded.lexicons, MASKS)
    (view,) = views_of(segment(talk(said, **fields), Segmenter()), language, {}, {})
    assert [FACTS[f"{asked}_allowed"](view) for asked in ("code", "id", "card")] == [code, ident, card]


def test_exports_call_the_shop_by_several_names(folder: Path) -> None:
    loaded = load_standard(folder)
    language = language_of(loaded.standard.rules, loaded.lexicons, MASKS)
    transcript = replace(talk("客户：提现\n客服：好"), extra={"店铺": "小店"})
    (view,) = views_of(segment(transcript, Segmenter()), language, {}, {})
    assert FACTS["card_allowed"](view) is True
