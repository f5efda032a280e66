"""YAML as text: nothing guessed, every fault with its line."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from qa_audit.yamltext import describe, did_you_mean, load

RULE = """\
id: ATT-01
points: 010
per: 1:30
status: no
unless: []
advice:
quoted: ""
fails:
  - why: 直接归咎
    talk: |
      客服：您自己弄错了。
  - {why: 反问, talk: "客服：难道不是您弄错了吗？"}
"""


def test_every_scalar_stays_the_text_that_was_written() -> None:
    assert load(RULE, "ATT-01.yml").data == {
        "id": "ATT-01",
        "points": "010",
        "per": "1:30",
        "status": "no",
        "unless": [],
        "advice": None,
        "quoted": "",
        "fails": [
            {"why": "直接归咎", "talk": "客服：您自己弄错了。\n"},
            {"why": "反问", "talk": "客服：难道不是您弄错了吗？"},
        ],
    }


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("points",), 2),
        (("fails",), 8),
        (("fails", 0), 9),
        (("fails", 0, "talk"), 10),
        (("fails", 1), 12),
        (("fails", 1, "talk"), 12),
        (("fails", 1, "absent"), 12),
        (("fails", 7, "why"), 8),
        (("absent",), 1),
    ],
)
def test_the_line_of_a_key_or_of_its_nearest_ancestor(path: tuple[str | int, ...], line: int) -> None:
    assert load(RULE, "ATT-01.yml").line(path) == line


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 1\nb: 2\na: 3\n", 'f.yml:3: key "a" is repeated (first in line 1); keep one of them'),
        ("a:\n  b: 1\n  b: 2\n", 'f.yml:3: key "b" is repeated (first in line 2); keep one of them'),
        ("[a]: 1\n", "f.yml:1: a key must be text; put it in quotes"),
        ("a: &x\n  b: *x\n", "f.yml:1: an alias (*) stands inside what it names; write the value out"),
        ("好: 1\nx: \x07\n", "f.yml:2: not valid YAML: a control character stands here; remove it"),
    ],
)
def test_faults_of_the_file_itself(text: str, error: str) -> None:
    assert load(text, "f.yml").errors == (error,)


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("a: b\n\tc: d\n", 2, "indent with spaces, not tabs"),
        ("b: 1\na: 'x\n\n\n", 2, "check quotes, colons and indentation"),
        ("a: [1, 2\nb: 3", 2, "check quotes, colons and indentation"),
        ("a: 1\n---\nb: 2\n", 2, "check quotes, colons and indentation"),
    ],
)
def test_syntax_errors_name_the_line_to_mend(text: str, line: int, remedy: str) -> None:
    (error,) = load(text, "f.yml").errors
    assert error.startswith(f"f.yml:{line}: not valid YAML: ")
    assert error.endswith(remedy)


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_an_empty_file_is_no_fault(text: str) -> None:
    document = load(text, "f.yml")
    assert (document.data, document.errors, document.line(("a",))) == (None, (), 1)


def test_an_alias_shares_its_value() -> None:
    assert load("a: &x [1, 2]\nb: *x\n", "f.yml").data == {"a": ["1", "2"], "b": ["1", "2"]}


def test_did_you_mean() -> None:
    assert did_you_mean("unles", ["unless", "where"]) == '; did you mean "unless"?'
    assert did_you_mean("zzz", ["unless", "where"]) == ""


class Example(BaseModel):
    model_config = ConfigDict(extra="forbid")
    why: str
    measured: float | None = None


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    severity: Literal["critical", "major"] = "major"
    points: float = 0
    unless: list[str] = []
    look_for: str | list[str] = "x"
    fails: list[Example] = []
    live: bool = False

    @field_validator("points")
    @classmethod
    def not_negative(cls, value: float) -> float:
        if value < 0:
            raise ValueError("points cannot be negative")
        return value


def errors_of(text: str, prefix: tuple[str | int, ...] = ()) -> list[str]:
    document = load(text, "R.yml")
    part = document.data
    for step in prefix:
        part = part[step]  # type: ignore[index, call-overload]  # the test gives a path that is there
    with pytest.raises(ValidationError) as raised:
        Rule.model_validate(part)
    return describe(raised.value, document, model=Rule, prefix=prefix)


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    assert errors_of("""\
severity: majr
unles: [quoted]
points: five
unless:
fails:
  - {why: 好, measured: abc}
  - {wy: 好}
live: maybe
""") == [
        'R.yml:1: "severity" cannot be "majr"; did you mean "major"?; one of critical, major is wanted',
        'R.yml:2: unknown key "unles"; did you mean "unless"?',
        'R.yml:3: "points" "five": a number is wanted',
        'R.yml:4: "unless" has no value; write one or remove the key',
        'R.yml:6: "measured" "abc": a number is wanted',
        'R.yml:7: key "why" is missing; add it',
        'R.yml:7: unknown key "wy"; did you mean "why"?',
        'R.yml:8: "live" "maybe": true or false is wanted',
    ]


def test_a_key_like_no_other_lists_the_known_ones() -> None:
    assert errors_of("zzz: 1\n") == [
        'R.yml:1: unknown key "zzz"; known keys: fails, live, look_for, points, severity, unless'
    ]


def test_a_fault_in_a_list_names_the_item_and_its_line() -> None:
    assert errors_of("unless:\n  - a\n  - {b: c}\n") == ['R.yml:3: "unless", item 2: text is wanted']


def test_the_branches_of_a_union_are_no_place_in_the_file() -> None:
    assert errors_of("look_for: {a: b}\n") == [
        'R.yml:1: "look_for": text is wanted',
        'R.yml:1: "look_for": a list is wanted',
    ]


def test_an_own_validator_speaks_for_itself() -> None:
    assert errors_of("rules:\n  one:\n    points: -1\n", ("rules", "one")) == [
        'R.yml:3: "points": points cannot be negative'
    ]
