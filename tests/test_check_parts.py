"""``parts``: one rule asks for several things, each in its own scope and where its own condition arises."""

from __future__ import annotations

from pathlib import Path

import pytest
from talks import decide, judge_of, write_standard

from qa_audit import paths
from qa_audit.errors import InvalidStandard
from qa_audit.records import Evidence, Excused, RuleResult, Verdict
from qa_audit.rulebook import load_standard
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.trial import clauses_of, without

CALL = """
    check: parts
    applies_when: outbound
    parts:
      - {look_for: 这里是, where: {rounds: first 1}, wanted: 身份}
      - {look_for: 感谢, where: {rounds: last 1}, wanted: 感谢, unless: [negated]}
      - look_for: 抱歉
        where: {rounds: last 1}
        applies_when: {said: {side: customer, look_for: 打错}, why: 没有打错}
        wanted: 致歉
      - {check: forbid, look_for: 你, applies_when: {channel: chat}}
"""
JUDGE = judge_of({"TST-01": CALL})


def called(text: str, **fields: object) -> RuleResult:
    return decide(CALL, text, judge=JUDGE, **({"direction": "outbound", "channel": "phone"} | fields))


def test_every_part_holds() -> None:
    assert called("客服：这里是京东\n客户：嗯\n客服：感谢接听") == RuleResult(
        "TST-01", Verdict.PASS, evidence=(Evidence(0, 0, 3, "这里是"), Evidence(2, 0, 2, "感谢"))
    )


def test_a_fail_says_what_failed_and_nothing_else() -> None:
    assert called("客服：这里是京东\n客户：嗯\n客服：再见") == RuleResult(
        "TST-01", Verdict.FAIL, searched=(2,), wanted="感谢"
    )


def test_wants_and_rounds_of_all_failed_parts() -> None:
    assert called("客服：喂\n客户：打错了\n客服：再见") == RuleResult(
        "TST-01", Verdict.FAIL, searched=(0, 2), wanted="身份；感谢；致歉"
    )


def test_parts_may_forbid_what_others_require() -> None:
    assert called("客服：这里是京东，感谢你", channel="chat") == RuleResult(
        "TST-01", Verdict.FAIL, evidence=(Evidence(0, 8, 9, "你"),)
    )


def test_what_is_excused_is_kept() -> None:
    found = called("客服：这里是京东\n客户：嗯\n客服：不是感谢")
    assert found.verdict is Verdict.FAIL
    assert found.excused == (Excused(Evidence(2, 2, 4, "感谢"), "否定：不是"),)


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"direction": "inbound"}, (Verdict.NOT_APPLICABLE, "不符合：外呼：由坐席打给客户")),
        ({"direction": None}, (Verdict.NOT_APPLICABLE, "不符合：外呼：由坐席打给客户")),
    ],
)
def test_the_condition_of_the_whole(fields: dict[str, object], result: tuple[Verdict, str]) -> None:
    found = called("客服：喂", **fields)
    assert (found.verdict, found.note) == result


OPEN = """
    check: parts
    parts:
      - {check: limit, within: {phone: {rings: 3}}}
      - {check: forbid, look_for: 烦}
"""


@pytest.mark.parametrize(
    ("said", "fields", "verdict"),
    [
        ("客服：烦", {}, Verdict.FAIL),
        ("客服：您好", {}, Verdict.UNDECIDABLE),
        ("客服：您好", {"rings": 2}, Verdict.PASS),
        ("客服：您好", {"rings": 4}, Verdict.FAIL),
        ("客服：您好", {"channel": "chat"}, Verdict.PASS),
    ],
)
def test_a_part_that_cannot_be_decided_leaves_the_rule_open(
    said: str, fields: dict[str, object], verdict: Verdict
) -> None:
    assert decide(OPEN, said, **({"channel": "phone"} | fields)).verdict is verdict


def test_a_measure_of_a_part_is_shown() -> None:
    found = decide(OPEN, "客服：您好", channel="phone", rings=4)
    assert (found.measured, found.limit, found.unit) == (4, 3, "声")


def test_nothing_applies() -> None:
    keys = "check: parts\nparts:\n  - {look_for: 好, applies_when: {channel: phone}, wanted: 好}"
    assert decide(keys, "客服：在").verdict is Verdict.NOT_APPLICABLE


def test_another_rule_of_a_part_runs_first() -> None:
    keys = """
        check: parts
        parts:
          - {check: respond, when: {side: agent, rule: TST-02}, look_for: 抱歉, within: {rounds: 0}, wanted: 致歉}
    """
    judge = judge_of({"TST-01": keys, "TST-02": "check: forbid\nlook_for: 烦"})
    assert decide("", "客服：烦", judge=judge).evidence == (Evidence(0, 0, 1, "烦"),)


# --- as read -----------------------------------------------------------------------------------------------------


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(paths, "shipped", lambda _: tmp_path / "shipped")

    def of(keys: str) -> list[str]:
        folder = tmp_path / "standard"
        folder.mkdir()
        write_standard(folder, {"TST-01": keys})
        with pytest.raises(InvalidStandard) as raised:
            load_standard(folder)
        return [error.replace(f"{folder}/", "") for error in raised.value.errors]

    return of


HEAD = "check: parts\nparts:\n  - {look_for: 好, wanted: 好}\n"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("check: parts", ['TST-01.yml:10: check "parts" needs the key "parts"; add it']),
        (
            HEAD + "  - {look_for: 好}",
            ['TST-01.yml:13: check "require" needs the key "wanted"; add it'],
        ),
        (
            HEAD + "  - {check: forbid, lok_for: 好}",
            ['TST-01.yml:13: unknown key "lok_for"; did you mean "look_for"?'],
        ),
        (
            HEAD + "  - check: forbid\n    look_for: lexicon:blam",
            ['TST-01.yml:14: there is no lexicon "blam"; did you mean "blame"?'],
        ),
        (
            HEAD + "look_for: 好",
            ['TST-01.yml:13: check "parts" reads "look_for" in its parts only; move it there'],
        ),
        (
            HEAD + "  - {check: respond, when: {rule: TST-09}, look_for: 好, wanted: 好}",
            ['TST-01.yml:13: there is no rule "TST-09"; did you mean "TST-01"?'],
        ),
        (
            "check: forbid\nlook_for: 好\nparts:\n  - {look_for: 好, wanted: 好}",
            ['TST-01.yml:12: check "forbid" does not read "parts" (only parts); remove it'],
        ),
        (
            HEAD + "  - {check: parts}",
            [
                'TST-01.yml:13: "check" cannot be "parts"; one of forbid, require, respond, limit, repeat, echo, state, ratio, mood, fact is wanted'
            ],
        ),
    ],
)
def test_faults_name_the_line(faults: object, keys: str, wanted: list[str]) -> None:
    assert faults(keys) == wanted  # type: ignore[operator]  # a function, from a fixture


def test_clauses_of_parts(tmp_path: Path) -> None:
    folder = tmp_path / "standard"
    folder.mkdir()
    write_standard(folder, {"TST-01": CALL})
    loaded = load_standard(folder)
    source = loaded.sources["TST-01"]
    assert list(clauses_of(source.document.data)) == [
        ("applies_when",),
        ("parts", 0, "where", "rounds"),
        ("parts", 0, "where"),
        ("parts", 0),
        ("parts", 1, "where", "rounds"),
        ("parts", 1, "where"),
        ("parts", 1, "unless"),
        ("parts", 1),
        ("parts", 2, "applies_when", "said"),
        ("parts", 2, "applies_when"),
        ("parts", 2, "where", "rounds"),
        ("parts", 2, "where"),
        ("parts", 2),
        ("parts", 3, "applies_when", "channel"),
        ("parts", 3, "applies_when"),
        ("parts", 3),
    ]
    lexicons = Lexicons(folder / "lexicons")
    left = without(source, ("parts", 2), lexicons)
    assert left is not None
    assert [part.wanted for part in left.parts] == ["身份", "感谢", ""]
