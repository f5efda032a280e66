"""The slips of someone who edits a standard with Notepad and Excel: each is told where it is, with the remedy, and alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_standard import COMMON, HARSH, RULES, rule_text, write_standard

from qa_audit.errors import InvalidStandard
from qa_audit.rulebook import load_standard

NAME = "name: harsh-words"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_standard(
        tmp_path / "standard", {**RULES, "COMP-01": rule_text(id="COMP-01", yields_to="[ATT-03]")}
    )


def faults(folder: Path) -> list[str]:
    with pytest.raises(InvalidStandard) as raised:
        load_standard(folder)
    return [error.replace(f"{folder}/", "") for error in raised.value.errors]


def written(name: str, text: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(text.encode(encoding))


def rule(text: str) -> Callable[[Path], object]:
    return written("ATT-03.yml", text)


def common(old: str, new: str) -> Callable[[Path], object]:
    assert old in COMMON
    return written("_standard.yml", COMMON.replace(old, new))


def renamed(old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / old).rename(folder / new)


def listed(text: str) -> Callable[[Path], object]:
    return written("lexicons/harsh.txt", text)


def broken_policy(text: str) -> Callable[[Path], object]:
    def slip(folder: Path) -> None:
        states = rule_text(
            check="state", look_for=None, statements="[{subject: swap, look_for: 换货, value: '(\\d+)天'}]"
        )
        (folder / "ATT-03.yml").write_text(states, encoding="utf-8")
        (folder / "lexicons" / "policy.yml").write_text(text, encoding="utf-8")

    return slip


SLIPS: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    # files
    "another ending": (
        written("ATT-09.yaml", HARSH),
        ["ATT-09.yaml: rules are read from .yml files only; rename it to ATT-09.yml"],
    ),
    "ending in capitals": (
        written("ATT-09.YML", HARSH),
        ["ATT-09.YML: rules are read from .yml files only; rename it to ATT-09.yml"],
    ),
    "Notepad's ending": (
        written("ATT-09.yml.txt", HARSH),
        ["ATT-09.yml.txt: rules are read from .yml files only; rename it to ATT-09.yml"],
    ),
    "a list from a spreadsheet": (
        written("lexicons/rude.csv", "随便\n"),
        ["lexicons/rude.csv: lists are read from .txt files only; save it as rude.txt"],
    ),
    "a folder named as a rule": (lambda folder: (folder / "ATT-09.yml").mkdir(), []),
    "a copy that kept its id": (
        written("ATT-09.yml", HARSH),
        ['ATT-09.yml:1: id "ATT-03" is not the name of the file; rename one of them'],
    ),
    "no common file": (
        lambda folder: (folder / "_standard.yml").unlink(),
        ["_standard.yml: is missing; copy it from the shipped standard"],
    ),
    # encodings and line ends
    "GB18030": (written("ATT-03.yml", HARSH, "gb18030"), ["ATT-03.yml:3: is not UTF-8; save it as UTF-8"]),
    "UTF-16": (written("ATT-03.yml", HARSH, "utf-16"), ["ATT-03.yml:1: is not UTF-8; save it as UTF-8"]),
    "byte order mark and Windows' line ends": (rule("\ufeff" + HARSH.replace("\n", "\r\n")), []),
    "a list with both": (listed("\ufeff# 生硬\r\n随便你\r\n"), []),
    # YAML
    "tab": (
        rule(HARSH.replace("points: 4", "where:\n\tside: agent")),
        ["ATT-03.yml:8: not valid YAML: found character that cannot start any token; indent with spaces, not tabs"],
    ),
    "wide colon": (
        rule(HARSH.replace(NAME, "name：harsh-words")),
        ['ATT-03.yml:2: not valid YAML: "：" after name; write a half-width colon and a space'],
    ),
    "wide colon of a list": (
        rule(HARSH.replace("lexicon:harsh", "lexicon：harsh")),
        ['ATT-03.yml:13: "lexicon：" is written with a half-width colon: lexicon:'],
    ),
    "wide colon of a pattern": (
        rule(HARSH.replace("lexicon:harsh", "re：随便")),
        ['ATT-03.yml:13: "re：" is written with a half-width colon: re:'],
    ),
    "wide comma": (
        rule(HARSH.replace("lexicon:harsh", "[lexicon:harsh，lexicon:blame]")),
        ['ATT-03.yml:13: there is no lexicon "harsh，lexicon:blame"; separate entries with ",", not with "，"'],
    ),
    "space after lexicon:": (
        rule(HARSH.replace("lexicon:harsh", "{lexicon: harsh}")),
        ['ATT-03.yml:13: unknown key "lexicon"; write lexicon:… without a space'],
    ),
    "one rule where a list is wanted": (
        rule(HARSH + "yields_to: ATT-01\n"),
        ['ATT-03.yml:15: "yields_to" "ATT-01": a list is wanted'],
    ),
    "points with their unit": (
        rule(HARSH.replace("points: 4", "points: 4分")),
        ['ATT-03.yml:7: "points" "4分": a number is wanted'],
    ),
    "a negative bound": (
        written("RESP-01.yml", RULES["RESP-01"].replace("first_response_s: 30", "first_response_s: -30")),
        ['RESP-01.yml:13: "first_response_s": Input should be greater than or equal to 0'],
    ),
    # what a broken file draws after it is not told
    "a broken rule that others name": (
        rule("id: ATT-03\nname: [\n"),
        ["ATT-03.yml:3: not valid YAML: did not find expected node content; check quotes, colons and indentation"],
    ),
    "broken cues": (
        written("lexicons/cues.yml", "cues: [\n"),
        ["lexicons/cues.yml:2: not valid YAML: did not find expected node content; check quotes, colons and indentation"],
    ),
    "a broken policy table": (
        broken_policy("subjects: [\n"),
        ["lexicons/policy.yml:2: not valid YAML: did not find expected node content; check quotes, colons and indentation"],
    ),
    "a date of the policy table": (
        broken_policy("subjects:\n  swap: {limit: 30, unit: 天, since: 去年, source: 小标准}\n"),
        ['lexicons/policy.yml:2: "since" "去年": a date is wanted, such as 2014-03-15'],
    ),
    # lists and patterns
    "an empty list": (
        listed("# 以后再写\n"),
        ["lexicons/harsh.txt:1: the list is empty; add a phrase, or take it out of the rules"],
    ),
    "an empty list in a pattern": (
        lambda folder: (listed("re:{rude}你\n")(folder), written("lexicons/rude.txt", "")(folder)),
        ["lexicons/rude.txt:1: the list is empty; add a phrase, or take it out of the rules"],
    ),
    "an empty pattern": (
        listed("随便你\nre:\n"),
        ["lexicons/harsh.txt:2: the pattern also matches nothing; let it need a character"],
    ),
    "a pattern that ends with |": (
        listed("re:随便|\n"),
        ["lexicons/harsh.txt:1: the pattern also matches nothing; let it need a character"],
    ),
    "a slot in capitals": (
        listed("re:{Blame}了\n"),
        ["lexicons/harsh.txt:1: {Blame} is no slot; write the name of a list in small letters: {count}"],
    ),
    "a slot never closed": (
        listed("re:{blame了\n"),
        ["lexicons/harsh.txt:1: {blame了 is no slot; write the name of a list in small letters: {count}"],
    ),
    "a slot in Chinese": (
        listed("re:{责怪}了\n"),
        ["lexicons/harsh.txt:1: {责怪} is no slot; write the name of a list in small letters: {count}"],
    ),
    "what only looks like a slot": (listed("re:\\p{Han}随便{1,3}\\{x\\}\n"), []),
    "a slot misspelt": (
        listed("re:{blam}了\n"),
        ['lexicons/harsh.txt:1: there is no lexicon "blam"; did you mean "blame"?'],
    ),
    # the common file
    "a section twice": (
        common("name: 结束", "name: 开场"),
        [
            '_standard.yml:6: name "开场" is there already; give another',
            'CLOSE-02.yml:4: there is no section "结束"; one of 开场, 态度, 开场 is wanted',
        ],
    ),
    "a letter twice": (
        common("letter: G", "letter: B"),
        ['_standard.yml:6: letter "B" is there already; give another'],
    ),
    "a grade twice": (
        common("name: 合格", "name: 优秀"),
        ['_standard.yml:9: name "优秀" is there already; give another'],
    ),
    "the grade of a veto": (
        common("name: 合格", "name: 致命"),
        ['_standard.yml:9: name "致命" is there already; give another'],
    ),
    "a bound twice": (
        common("at_least: 70", "at_least: 95.0"),
        ['_standard.yml:9: at_least "95" is there already; give another'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("slip", "wanted"), SLIPS.values(), ids=SLIPS)
def test_slip(folder: Path, slip: Callable[[Path], object], wanted: list[str]) -> None:
    slip(folder)
    if wanted:
        assert faults(folder) == wanted
    else:
        assert load_standard(folder).standard.rules


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_text

    def refusing(self: Path, *arguments: str) -> str:
        if self.name == "ATT-03.yml":
            raise PermissionError(13, "Permission denied")
        return read(self, *arguments)

    monkeypatch.setattr(Path, "read_text", refusing)
    assert faults(folder) == [
        "ATT-03.yml: cannot be read (Permission denied); check its permissions"
    ] or faults(folder)[0].startswith("ATT-03.yml: cannot be read")
