"""What lint finds in a standard that loads, and copies and explanations of a standard."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from small_standard import rule_text, write_standard

from qa_audit import facts, paths
from qa_audit.errors import InputError
from qa_audit.rulebook import load_standard
from qa_audit.rulebook.copy import copy_standard
from qa_audit.rulebook.explain import explain
from qa_audit.rulebook.lint import lint

PASSES = "".join(f"\n  - {{why: 第{n}例, talk: 客服：您好}}" for n in range(4))
FAILS = "".join(f"\n  - {{why: 第{n}例, talk: '客服：[[随便你]]'}}" for n in range(4))
LEXICONS = {name: f"占位{name}\n" for name in facts.LEXICONS} | {"user_words": "自己看着办\n"}


def findings(
    tmp_path: Path,
    keys: Mapping[str, str | None] = MappingProxyType({}),
    *,
    lexicons: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """What lint says of one rule and its own lexicons; all lexicons of the small standard but these are dropped."""
    text = rule_text(**({"passes": PASSES, "fails": FAILS} | dict(keys)))
    folder = write_standard(tmp_path / "standard", {"ATT-03": text})
    for file in (folder / "lexicons").glob("*.txt"):
        file.unlink()
    for name, lines in (LEXICONS | dict(lexicons)).items():
        (folder / "lexicons" / f"{name}.txt").write_text(lines, encoding="utf-8")
    loaded = load_standard(folder)
    found = list(lint(loaded))
    assert list(lint(loaded)) == found, "lint says the same again"
    return [fault.replace(f"{folder}/", "") for fault in found]


def test_clean_with_the_shipped_lexicons_behind_it(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


MANY = "".join(f"\n  - {{why: 第{n}例, talk: 客服：您好}}" for n in range(8))
MANY_FAILS = "".join(f"\n  - {{why: 第{n}例, talk: '客服：[[随便你]]'}}" for n in range(8))
RULES: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "field": (
        {"message": "“{mach}”，限 {limit}{单位}"},
        [
            '10: a message has no field "mach"; did you mean "match"?',
            '10: a message has no field "单位"; one of match, measured, limit, unit, wanted is wanted',
        ],
    ),
    "no points": ({"points": None}, ["1: a minor rule needs points; add them"]),
    "points of 0": ({"points": "0"}, ["7: a minor rule needs points; add them"]),
    "alert without points": ({"severity": "alert", "points": "0"}, []),
    "too few of both": (
        {"passes": None, "fails": "\n  - {why: 甲, talk: '客服：[[随便你]]'}"},
        [
            "14: ATT-03 has 1 examples under fails, at least 4 are wanted",
            "1: ATT-03 has 0 examples under passes, at least 4 are wanted",
        ],
    ),
    "major": (
        {"severity": "major"},
        [
            "19: ATT-03 has 4 examples under fails, at least 8 are wanted",
            "14: ATT-03 has 4 examples under passes, at least 8 are wanted",
        ],
    ),
    "major with enough": ({"severity": "major", "passes": MANY, "fails": MANY_FAILS}, []),
    "a fail that states nothing": (
        {"fails": FAILS + "\n  - {why: 没有标出, talk: 客服：随便你}"},
        ["24: the failing example “没有标出” states no [[evidence]], searched or measured"],
    ),
    "exception without the phrase": (
        {"except_": "[随便你挑, 请您看看]"},
        ['24: "请您看看" holds none of the phrases it should except; remove it'],
    ),
    "exception of a pattern": ({"look_for": "'re:随便.?'", "except_": "[请您看看]"}, []),
    "measure": (
        {
            "check": "limit", "look_for": None, "within": "{chat: {first_response_s: 30}}",
            "fails": "\n  - {why: 甲, measured: 31, talk: 客服：您好}", "passes": "\n  - {why: 甲, talk: 客服：您好}",
        },
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), RULES.values(), ids=RULES)
def test_rule(tmp_path: Path, keys: dict[str, str | None], wanted: list[str]) -> None:
    assert findings(tmp_path, keys) == [f"ATT-03.yml:{fault}" for fault in wanted]


LISTS = {
    "idle": (
        {"rude": "随便\n"},
        ["rude.txt:1: no rule, fact or lexicon uses this list; remove it or name it in a rule"],
    ),
    "used through a macro": ({"harsh": "re:{rude}你\n", "rude": "随便\n"}, []),
    "empty and not used": (
        {"rude": "# 还没有\n"},
        [
            "rude.txt:1: no rule, fact or lexicon uses this list; remove it or name it in a rule",
            "rude.txt:1: the list is empty; remove it",
        ],
    ),
    "no user words": ({"user_words": ""}, []),
    "twice": ({"harsh": "随便你\n\n隨便你\n"}, ['harsh.txt:3: "隨便你" stands in line 1 already; remove one']),
    "pattern twice": ({"harsh": "re:随便.\nre:随便.\n"}, ['harsh.txt:2: "re:随便." stands in line 1 already; remove one']),
    "found by a shorter one": (
        {"harsh": "你自己看着办吧\n自己看着办\n"},
        ['harsh.txt:1: "你自己看着办吧" is found by "自己看着办" anyway; remove it'],
    ),
    "the shorter one needs word edges": ({"harsh": "随便你\n我随便你了\n"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("lexicons", "wanted"), LISTS.values(), ids=LISTS)
def test_lexicon(tmp_path: Path, lexicons: dict[str, str], wanted: list[str]) -> None:
    look_for = "lexicon:harsh" if "harsh" in lexicons else "[随便你]"
    found = findings(tmp_path, {"look_for": look_for}, lexicons=lexicons)
    assert found == [f"lexicons/{fault}" for fault in wanted]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small standard in the place of the shipped one."""
    folder = write_standard(tmp_path / "shipped")
    monkeypatch.setattr(paths, "STANDARD", folder)
    monkeypatch.setattr(paths, "shipped", lambda name: folder / name)
    return folder


def test_the_lexicons_of_the_shipped_standard_are_linted(shipped: Path) -> None:
    (shipped / "lexicons" / "rude.txt").write_text("随便\n", encoding="utf-8")
    found = [fault for fault in lint(load_standard()) if "/lexicons/" in fault]
    idle = "no rule, fact or lexicon uses this list; remove it or name it in a rule"
    assert found == [f"{shipped}/lexicons/rude.txt:1: {idle}"]


def test_copy_is_the_same_standard(shipped: Path, tmp_path: Path) -> None:
    original = load_standard()
    count = copy_standard(tmp_path / "mine")
    copied = load_standard(tmp_path / "mine")
    assert count == len(list(shipped.rglob("*.*"))) + 3  # the schemas
    assert copied.standard.hash == original.standard.hash
    assert copied.own_lexicons == tmp_path / "mine" / "lexicons"
    assert [rule.id for rule in copied.standard.rules] == [rule.id for rule in original.standard.rules]


def test_copy_keeps_what_is_there(shipped: Path, tmp_path: Path) -> None:
    del shipped
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"^.*/mine: is not empty; give a new folder$"):
        copy_standard(tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_explanation(tmp_path: Path) -> None:
    text = rule_text(
        check="limit",
        look_for=None,
        within="{chat: {first_response_s: 30}, phone: {rings: 3}}",
        status="trial",
        fails="\n  - why: 第31秒\n    measured: 31\n    talk: |\n      [10:00:00] 客户：在吗\n      [10:00:31] 客服：您好",
        passes="\n  - {why: 已豁免, waived: true, searched: [1, 2], talk: 客服：您好}",
    )
    rule = load_standard(write_standard(tmp_path / "standard", {"ATT-03": text})).standard.rule("ATT-03")
    assert explain(rule) == textwrap.dedent(
        """\
        ATT-03 生硬用语（态度，一般，4 分）
        状态　试运行，不扣分；依据：未实测
        为何　生硬的话伤人。
        出处　小标准 第1条
        建议　换一种说法。
        时限　chat：first_response_s ≤ 30
        时限　phone：rings ≤ 3

        违规（1 例）
          · 第31秒（实测 31）
              [10:00:00] 客户：在吗
              [10:00:31] 客服：您好

        通过（1 例）
          · 已豁免（检查了第 1、2 轮；不扣分）
              客服：您好"""
    )
