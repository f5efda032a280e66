"""A standard is read whole: every fault at once, each with file, line and remedy."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_standard import COMMON, CUES, HARSH, RULES, rule_text, write_standard

from qa_audit import paths
from qa_audit.errors import InvalidStandard
from qa_audit.records import Severity, Verdict
from qa_audit.rule import AnyOf, Condition, Like, Limit, Near, Phrase, Regex, Rule, Tokens, Where, Within
from qa_audit.rulebook import Loaded, load_standard
from qa_audit.rulebook.load import in_order


@pytest.fixture(autouse=True)
def _no_shipped_lexicons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shipped").mkdir()
    monkeypatch.setattr(paths, "shipped", lambda _: tmp_path / "shipped")


def faults(folder: Path) -> list[str]:
    """The faults of a standard, as paths relative to it."""
    with pytest.raises(InvalidStandard) as raised:
        load_standard(folder)
    assert str(raised.value) == "\n".join(raised.value.errors)
    return [error.replace(f"{folder}/", "") for error in raised.value.errors]


def one_rule(tmp_path: Path, text: str, **lexicons: str) -> Path:
    return write_standard(tmp_path / "standard", {"ATT-03": text}, lexicons=lexicons)


def loaded_rule(tmp_path: Path, **keys: str | None) -> Rule:
    return load_standard(one_rule(tmp_path, rule_text(**keys))).standard.rule("ATT-03")


def test_a_standard_as_read(tmp_path: Path) -> None:
    loaded = load_standard(write_standard(tmp_path / "standard"))
    standard = loaded.standard
    assert [rule.id for rule in standard.rules] == ["OPEN-01", "RESP-01", "ATT-01", "ATT-03", "CLOSE-02"]
    assert [(s.name, s.letter, s.cap) for s in standard.sections] == [("开场", "B", None), ("态度", "D", 10.0), ("结束", "G", None)]  # fmt: skip
    assert [(g.name, g.at_least) for g in standard.grades] == [
        ("优秀", 95.0),
        ("合格", 70.0),
        ("待改进", 0.0),
    ]
    assert (standard.title, standard.version, standard.mode, standard.fatal_grade) == (
        "小标准",
        "1",
        "deduct",
        "致命",
    )
    assert standard.rule("ATT-01") == Rule(
        id="ATT-01",
        name="blame",
        title="责怪客户",
        section="态度",
        severity=Severity.CRITICAL,
        status="live",
        points=0.0,
        per="chat",
        why="生硬的话伤人。",
        source="小标准 第1条",
        message="用语生硬：“{match}”",
        advice="换一种说法。",
        check="forbid",
        path=str(tmp_path / "standard" / "ATT-01.yml"),
        look_for=AnyOf((Phrase("您自己操作错", "any"), Regex("怪您自己"))),
        unless=("negated",),
    )


def test_text_that_yaml_would_guess_at_stays_text(tmp_path: Path) -> None:
    rule = loaded_rule(tmp_path, title="no", source="1:30", advice="010", points="05")
    assert (rule.title, rule.source, rule.advice, rule.points) == ("no", "1:30", "010", 5.0)


def test_advice_may_depend_on_the_topic(tmp_path: Path) -> None:
    rule = loaded_rule(tmp_path, advice_on="{发票: 给您补开。}")
    assert [rule.advice_for(topic) for topic in ("发票", "退款", "")] == [
        "给您补开。",
        rule.advice,
        rule.advice,
    ]


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    rule = loaded_rule(tmp_path, status=None, points=None)
    assert (rule.status, rule.points, rule.per, rule.measured_on) == ("trial", 0.0, "chat", "未实测")
    assert (rule.where, rule.within, rule.applies_when, rule.limits) == (Where(), Within(), None, {})


NEVER = "nothing to look for; write a phrase, lexicon:NAME, re:… or a list of them"
FACTS = "; one of {} is wanted"
# name → (keys of the rule, faults); the keys of the base rule stand in lines 1 to 13, added ones from 14 on.
FAULTS: dict[str, tuple[dict[str, str | None], list[str]]] = {
    # unknown keys, at every level
    "key": ({"unles": "[negated]"}, ['14: unknown key "unles"; did you mean "unless"?']),
    "key of when": (
        {"check": "respond", "wanted": "x", "when": "{look_for: 在吗, exept: 不在}"},
        ['15: unknown key "exept"; did you mean "except"?'],
    ),
    "key of within": (
        {"check": "respond", "wanted": "x", "when": "{look_for: 在吗}", "within": "{round: 2}"},
        ['16: unknown key "round"; did you mean "rounds"?'],
    ),
    "channel of within": (
        {"check": "limit", "look_for": None, "within": "{chta: {first_response_s: 30}}"},
        ['13: unknown key "chta"; did you mean "chat"?'],
    ),
    "key of where": ({"where": "{sid: agent}"}, ['14: unknown key "sid"; did you mean "side"?']),
    "key of an anchor": (
        {"where": "\n  after:\n    look_for: 在吗\n    nht: 2"},
        ['17: unknown key "nht"; did you mean "nth"?'],
    ),
    "key of similar": (
        {"check": "repeat", "similar": "{threshold: 0.9, lookback: 2}"},
        ['14: unknown key "lookback"; did you mean "look_back"?'],
    ),
    "key of share": ({"check": "ratio", "share": "{atmost: 1}"}, ['14: unknown key "atmost"; did you mean "at_most"?']),
    "key of a statement": (
        {"check": "state", "look_for": None, "statements": "\n  - {subject: a, look_for: b, value: c, vlue: d}"},
        ['14: unknown key "vlue"; did you mean "value"?'],
    ),
    "key of an example": (
        {"passes": "\n  - {why: 甲, talk: 客服：您好}\n  - {why: 乙, talk: 客服：您好, chanel: phone}"},
        ['16: unknown key "chanel"; did you mean "channel"?'],
    ),
    "form of an expression": ({"look_for": "{neer: [a, b, 3]}"}, ['13: unknown key "neer"; did you mean "near"?']),
    "second form of an expression": (
        {"look_for": "\n  near: [a, b, 3]\n  any: [c]"},
        ["15: one form is wanted, not near and any; put them in a list"],
    ),
    "kind of a condition": (
        {"applies_when": "{sad: {look_for: a}}"},
        ['14: unknown key "sad"; did you mean "said"?'],
    ),
    # wrong types and values
    "number": ({"points": "many"}, ['7: "points" "many": a number is wanted']),
    "negative points": ({"points": "-4"}, ['7: "points": Input should be greater than or equal to 0']),
    "whole number": (
        {"check": "require", "wanted": "x", "at_least": "two"},
        ['15: "at_least" "two": a whole number is wanted'],
    ),
    "list": ({"unless": "negated"}, ['14: "unless" "negated": a list is wanted']),
    "text": ({"title": "[a]"}, ['3: "title": text is wanted']),
    "no value": ({"why": ""}, ['8: "why" has no value; write one or remove the key']),
    "missing": ({"why": None}, ['1: key "why" is missing; add it']),
    "severity": (
        {"severity": "majr"},
        ['5: "severity" cannot be "majr"; did you mean "major"?; one of critical, major, minor, alert, bonus, note is wanted'],
    ),
    "check": (
        {"check": "forbit"},
        ['12: "check" cannot be "forbit"; did you mean "forbid"?; one of forbid, require, respond, limit, repeat, echo, state, ratio, mood, fact, emotion, parts is wanted'],
    ),
    "cue kind": (
        {"unless": "[quoted, negatd]"},
        ['14: "unless", item 2 cannot be "negatd"; did you mean "negated"?; one of negated, quoted, reported, hypothetical, question is wanted'],
    ),
    "id": ({"id": "att-03"}, ['1: "id": att-03 is not like ATT-01']),
    "name": ({"name": "Harsh Words"}, ['2: "name": Harsh Words is not like blaming-the-customer']),
    "id is not the name of the file": ({"id": "ATT-04"}, ['1: id "ATT-04" is not the name of the file; rename one of them']),
    "hours": (
        {"check": "limit", "look_for": None, "within": "{chat: {first_response_s: 30}}", "service_hours": "9-23"},
        ['14: "service_hours": 9-23 is not like 09:00-23:00'],
    ),
    "a measure of the time of day without hours": (
        {"check": "limit", "look_for": None, "within": "{phone: {outside_hours_min: 0}}"},
        ['13: outside_hours_min needs the key "hours", like "08:00-22:00"; add it'],
    ),
    "a yes to nothing": (
        {"agreed": "{by: 是的}"},
        ["14: agreed needs look_for: the words of the customer; add it"],
    ),
    "topic": ({"advice_on": "{发飘: 给您补开。}"}, ['14: there is no topic "发飘"; one of 物流配送, 订单, 退换货售后, 退款, 发票, 商品咨询, 价格优惠, 支付, 账户会员, 安装维修, 其他 is wanted']),
    "side": ({"where": "{side: bot}"}, ['14: side cannot be "bot"; agent or customer is wanted']),
    "rounds": ({"where": "{rounds: first}"}, ['14: rounds cannot be "first"; all, first N, last N or unanswered is wanted']),
    "no rounds": ({"where": "{rounds: last 0}"}, ['14: rounds cannot be "last 0"; all, first N, last N or unanswered is wanted']),
    "nth": ({"where": "{after: {look_for: a, nth: two}}"}, ['14: "two": a whole number from 1 is wanted']),
    "anchor": ({"where": "{after: {side: agent}}"}, ["14: an anchor wants look_for, and may have side and nth"]),
    "anchor as text": ({"where": "{before: 在吗}"}, ["14: an anchor wants look_for, and may have side and nth"]),
    "channel": ({"applies_when": "{channel: fone}"}, ['14: channel cannot be "fone"; did you mean "phone"?']),
    "direction": (
        {"applies_when": "{direction: [inbound, in]}"},
        ['14: direction cannot be "in"; one of inbound, outbound is wanted'],
    ),
    "two conditions in one": (
        {"applies_when": "{channel: phone, fact: asked_question}"},
        ["14: one condition is wanted, not channel and fact; put them in a list under all"],
    ),
    "only a reason": (
        {"waive_when": "{why: 因为}"},
        ["14: no condition stands here; one of all, any, not, fact, channel, direction, topic, said is wanted"],
    ),
    "no condition": ({"applies_when": ""}, ["14: no condition stands here; name a fact or write one"]),
    "said as text": ({"applies_when": "{said: 在吗}"}, ["14: said wants keys and values"]),
    # repeated keys
    "repeated key": ({"why": "a\nwhy: b"}, ['9: key "why" is repeated (first in line 8); keep one of them']),
    "repeated key inside": (
        {"where": "\n  side: agent\n  side: customer"},
        ['16: key "side" is repeated (first in line 15); keep one of them'],
    ),
    # unknown names
    "section": ({"section": "服务"}, ['4: there is no section "服务"; one of 开场, 态度, 结束 is wanted']),
    "rule yielded to": ({"yields_to": "[ATT-3]"}, ['14: there is no rule "ATT-3"; did you mean "ATT-03"?']),
    "rule waited for": (
        {"check": "respond", "wanted": "x", "when": "\n  rule: COMP-99"},
        ['16: there is no rule "COMP-99"; name a rule of this standard'],
    ),
    "lexicon": ({"look_for": "lexicon:hrash"}, ['13: there is no lexicon "hrash"; did you mean "harsh"?']),
    "lexicon unlike any": ({"look_for": "lexicon:zzzz"}, ['13: there is no lexicon "zzzz"; write lexicons/zzzz.txt']),
    "fact": ({"applies_when": "asked_qestion"}, ['14: there is no fact "asked_qestion"; did you mean "asked_question"?']),
    "fact inside": (
        {"waive_when": "\n  any:\n    - {not: explaned}\n    - {fact: order_mater, why: 因为}"},
        [
            '16: there is no fact "explaned"; did you mean "explained"?',
            '17: there is no fact "order_mater"; did you mean "order_matter"?',
        ],
    ),
    "measure": (
        {"check": "limit", "look_for": None, "within": "\n  chat:\n    first_response: 30"},
        ['15: there is no measure "first_response"; did you mean "first_response_s"?'],
    ),
    "measure of an agent": (
        {"check": "limit", "look_for": None, "per": "agent", "within": "{chat: {first_response_s: 30}}"},
        ['14: there is no measure "first_response_s"; did you mean "mean_first_response_s"?'],
    ),
    "policy subject": (
        {"check": "state", "look_for": None, "statements": "[{subject: retun, look_for: 退货, value: '(\\d+)天'}]"},
        ['13: the policy table has no subject "retun"; add it'],
    ),
    # patterns and macros
    "pattern": ({"look_for": "'re:(随便'"}, ["13: not a valid pattern: missing ): (随便; RE2 syntax is wanted"]),
    "look-behind": ({"except_": "'re:(?<=不)随便'"}, ["14: not a valid pattern: invalid perl operator: (?<=; RE2 syntax is wanted"]),
    "macro, wherever it stands": (
        {"look_for": "'re:{hrsh}了'", "except_": "'re:{hrsh}吗'"},
        [
            '13: there is no lexicon "hrsh"; did you mean "harsh"?',
            '14: there is no lexicon "hrsh"; did you mean "harsh"?',
        ],
    ),
    # keys of a check
    "needed": ({"look_for": None}, ['12: check "forbid" needs the key "look_for"; add it']),
    "two needed": (
        {"check": "respond"},
        ['12: check "respond" needs the key "when"; add it', '12: check "respond" needs the key "wanted"; add it'],
    ),
    "limit of an agent": (
        {"check": "limit", "look_for": None, "per": "agent"},
        ['12: check "limit" needs the key "within"; add it'],
    ),
    "not read": (
        {"within": "{rounds: 2}", "similar": "{threshold: 1}"},
        [
            '14: check "forbid" does not read "within" (only limit, respond, echo); remove it',
            '15: check "forbid" does not read "similar" (only repeat, echo); remove it',
        ],
    ),
    "nothing to wait for": (
        {"check": "respond", "wanted": "x", "when": "{side: customer}"},
        ["15: when needs look_for, mood or rule; add one"],
    ),
    "words for a whole night": ({"per": "agent"}, ['14: check "forbid" decides single chats; per: agent goes with limit']),
    # expressions
    "no expression": ({"look_for": ""}, [f"13: {NEVER}"]),
    "empty list": ({"look_for": "[]"}, [f"13: {NEVER}"]),
    "empty phrase": ({"look_for": "\n  - 随便你\n  - ''"}, [f"15: {NEVER}"]),
    "empty when": (
        {"check": "respond", "wanted": "x", "when": "\n  look_for:"},
        [f"16: {NEVER}"],
    ),
    "near": ({"look_for": "{near: [a, b]}"}, ["13: near wants two expressions and a number of characters: [a, b, 6]"]),
    "at_least": ({"look_for": "{at_least: two, of: [a, b]}"}, ['13: "two": a whole number from 1 is wanted']),
    "at_least without of": ({"look_for": "{at_least: 2}"}, ["13: a list of expressions is wanted"]),
    "like": ({"look_for": "{like: 随便你}"}, ["13: like wants a list of sample sentences"]),
    "threshold": (
        {"look_for": "{like: [随便你], threshold: high}"},
        ['13: "high": a similarity up to 1 is wanted, such as 0.7'],
    ),
    "tokens without literals": (
        {"look_for": "{tokens: [{LOWER: 随便}]}"},
        ["13: tokens wants literals: words of which one must occur before the pattern is tried"],
    ),
    # examples
    "line of a talk": (
        {"fails": "\n  - {why: 甲, talk: 客服:您好}\n  - why: 乙\n    talk: 您好"},
        ['17: "您好" is no line of a talk; write 客户：… or 客服：…, with [10:00:05] before it at will'],
    ),
    "time of a line": (
        {"passes": "[{why: 甲, talk: '[10:61] 客服：您好'}]"},
        ['14: "10:61" is no time; write it like 10:00 or 10:00:05'],
    ),
    "time of a chat": (
        {"passes": "[{why: 甲, opened_at: now, talk: 客服：您好}]"},
        ['14: "now" is no time; write it like 10:00 or 10:00:05'],
    ),
    "nobody to judge": (
        {"passes": "[{why: 甲, talk: 客户：在吗}]"},
        ["14: no 客服 speaks in this talk, so there is nothing to judge; add a line 客服：…"],
    ),
    "only an automatic reply": (
        {"passes": "[{why: 甲, talk: 自动回复：您好}]"},
        ["14: no 客服 speaks in this talk, so there is nothing to judge; add a line 客服：…"],
    ),
    "agent who is not there": (
        {"passes": "[{why: 甲, agent: B, talk: 客服A：您好}]"},
        ['14: no 客服B speaks in this talk; "agent" names who is judged, A for 客服A'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), FAULTS.values(), ids=FAULTS)
def test_fault_of_a_rule(tmp_path: Path, keys: dict[str, str | None], wanted: list[str]) -> None:
    found = faults(one_rule(tmp_path, rule_text(**keys)))
    assert found == [f"ATT-03.yml:{fault}" for fault in wanted]


def test_tokens_are_tried_on_spacy(tmp_path: Path) -> None:
    (found,) = faults(one_rule(tmp_path, rule_text(look_for="{tokens: [{LOWERR: 随便}], literals: [随便]}")))
    assert found.startswith("ATT-03.yml:13: not a pattern of spaCy's Matcher: ")
    assert "LOWERR" in found


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    rules = {
        "ATT-01": rule_text(id="ATT-01", points="few", unles="[negated]"),
        "ATT-02": "id: 'ATT-02\nwhy: x\n",
        "ATT-03": rule_text(look_for="lexicon:hrash", yields_to="[ATT-4]", section="服务"),
        "ATT-04": rule_text(id="ATT-04", look_for="lexicon:slang"),
        "ATT-05": "",
    }
    folder = write_standard(
        tmp_path / "standard", rules, common=COMMON + "mod: weighted\n", lexicons={"slang": "随便\nre:(a\n"}
    )
    (folder / "ATT-06.yml").write_bytes(rule_text(id="ATT-06").encode("gb18030"))
    (folder / "lexicons" / "cues.yml").write_text(CUES.replace("negated", "negatd"), encoding="utf-8")
    (folder / "lexicons" / "harsh.txt").write_bytes("随便你\n".encode("gb18030"))
    (folder / "ATT-07.yml").write_text(rule_text(id="ATT-07", look_for="lexicon:harsh"), encoding="utf-8")
    assert faults(folder) == [
        '_standard.yml:11: unknown key "mod"; did you mean "mode"?',
        'ATT-01.yml:7: "points" "few": a number is wanted',
        'ATT-01.yml:14: unknown key "unles"; did you mean "unless"?',
        "ATT-02.yml:1: not valid YAML: found unexpected end of stream; check quotes, colons and indentation",
        'ATT-03.yml:13: there is no lexicon "hrash"; did you mean "harsh"?',
        "ATT-05.yml:1: the file has no value; write one or remove the key",
        "ATT-06.yml:3: is not UTF-8; save it as UTF-8",
        'ATT-03.yml:14: there is no rule "ATT-4"; did you mean "ATT-04"?',
        "lexicons/slang.txt:2: not a valid pattern: missing ): (a; RE2 syntax is wanted",
        "lexicons/harsh.txt:1: is not UTF-8; save it as UTF-8",
        'lexicons/cues.yml:2: "kind" cannot be "negatd"; did you mean "negated"?; one of negated, quoted, reported, hypothetical, question is wanted',
    ]


def test_faults_of_the_common_file(tmp_path: Path) -> None:
    common = COMMON.replace("letter: B", "leter: B").replace("at_least: 95", "at_least: high")
    assert faults(write_standard(tmp_path / "standard", common=common)) == [
        '_standard.yml:4: key "letter" is missing; add it',
        '_standard.yml:4: unknown key "leter"; did you mean "letter"?',
        '_standard.yml:8: "at_least" "high": a number is wanted',
    ]


def test_a_standard_without_grades(tmp_path: Path) -> None:
    common = COMMON.split("grades:")[0] + "grades: []\n"
    assert faults(write_standard(tmp_path / "standard", common=common)) == [
        '_standard.yml:7: "grades": List should have at least 1 item after validation, not 0'
    ]


def test_missing_folder_file_and_rules(tmp_path: Path) -> None:
    with pytest.raises(InvalidStandard) as raised:
        load_standard(tmp_path / "no")
    assert raised.value.errors == [
        f"{tmp_path}/no: there is no such folder; copy one with “qa-audit standard init”"
    ]
    folder = write_standard(tmp_path / "standard", {})
    with pytest.raises(InvalidStandard) as raised:
        load_standard(folder)
    assert raised.value.errors == [f"{folder}: holds no rules; copy some from the shipped standard"]
    (folder / "_standard.yml").unlink()
    assert faults(folder) == ["_standard.yml: is missing; copy it from the shipped standard"]


CYCLES: dict[str, tuple[dict[str, dict[str, str]], list[str]]] = {
    "itself": (
        {"ATT-03": {"yields_to": "[ATT-03]"}},
        ["ATT-03.yml:14: rules depend on each other: ATT-03 → ATT-03; remove one link"],
    ),
    "two circles": (
        {
            "ATT-01": {"yields_to": "[ATT-02]"},
            "ATT-02": {"yields_to": "[ATT-01]"},
            "ATT-03": {"yields_to": "[ATT-05, ATT-04]"},
            "ATT-04": {"yields_to": "[ATT-05]"},
            "ATT-05": {"yields_to": "[ATT-03]"},
        },
        [
            "ATT-01.yml:14: rules depend on each other: ATT-01 → ATT-02 → ATT-01; remove one link",
            "ATT-03.yml:14: rules depend on each other: ATT-03 → ATT-05 → ATT-03; remove one link",
        ],
    ),
    "through when": (
        {
            "ATT-03": {"check": "respond", "wanted": "x", "when": "\n  rule: ATT-04"},
            "ATT-04": {"yields_to": "[ATT-03]"},
        },
        ["ATT-03.yml:16: rules depend on each other: ATT-03 → ATT-04 → ATT-03; remove one link"],
    ),
}


@pytest.mark.parametrize(("rules", "wanted"), CYCLES.values(), ids=CYCLES)
def test_cycles(tmp_path: Path, rules: dict[str, dict[str, str]], wanted: list[str]) -> None:
    texts = {rule_id: rule_text(id=rule_id, **keys) for rule_id, keys in rules.items()}
    assert faults(write_standard(tmp_path / "standard", texts)) == wanted


def test_rules_run_after_those_they_depend_on(tmp_path: Path) -> None:
    texts = {
        "ATT-01": rule_text(id="ATT-01", yields_to="[CLOSE-02]"),
        "ATT-02": rule_text(id="ATT-02"),
        "CLOSE-02": rule_text(
            id="CLOSE-02", section="结束", check="respond", wanted="x", when="{rule: OPEN-01}"
        ),
        "OPEN-01": rule_text(id="OPEN-01", section="开场"),
    }
    standard = load_standard(write_standard(tmp_path / "standard", texts)).standard
    assert [rule.id for rule in standard.rules] == ["OPEN-01", "ATT-01", "ATT-02", "CLOSE-02"]
    assert [rule.id for rule in in_order(standard.rules)] == ["OPEN-01", "CLOSE-02", "ATT-01", "ATT-02"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=st.sets(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=9))
def test_either_an_order_or_a_cycle(
    tmp_path_factory: pytest.TempPathFactory, links: set[tuple[int, int]]
) -> None:
    yields = {n: sorted(f"ATT-0{b}" for a, b in links if a == n) for n in range(1, 7)}
    texts = {
        f"ATT-0{n}": rule_text(id=f"ATT-0{n}", yields_to=f"[{', '.join(others)}]")
        for n, others in yields.items()
    }
    folder = write_standard(tmp_path_factory.mktemp("cycles") / "standard", texts)
    try:
        place = {
            rule.id: number for number, rule in enumerate(in_order(load_standard(folder).standard.rules))
        }
        cycles = []
    except InvalidStandard as error:
        cycles = [_chain(message) for message in error.errors]
    for chain in cycles:
        assert chain[0] == chain[-1]
        assert set(pairwise(chain)) <= links
    assert cycles or all(place[f"ATT-0{b}"] < place[f"ATT-0{a}"] for a, b in links)


def _chain(message: str) -> list[int]:
    """The numbers of the rules in a message about a cycle."""
    names = message.split("each other: ")[1].removesuffix("; remove one link").split(" → ")
    return [int(name[-1]) for name in names]


def test_a_lexicon_that_contains_itself(tmp_path: Path) -> None:
    folder = one_rule(
        tmp_path, rule_text(look_for="lexicon:rude"), rude="随便\nre:{tone}吧\n", tone="re:就{rude}\n"
    )
    assert faults(folder) == [
        "lexicons/rude.txt:2: lexicon tone contains itself: tone → rude → tone; take one of them out"
    ]


def test_a_standard_of_one_s_own_goes_before_the_shipped_lexicons(tmp_path: Path) -> None:
    (tmp_path / "shipped" / "harsh.txt").write_text("不知道\n", encoding="utf-8")
    (tmp_path / "shipped" / "only_shipped.txt").write_text("不清楚\n", encoding="utf-8")
    folder = one_rule(tmp_path, rule_text(look_for="[lexicon:harsh, lexicon:only_shipped]"))
    look_for = load_standard(folder).standard.rule("ATT-03").look_for
    own = AnyOf((Phrase("随便你", "both"), Phrase("自己看着办", "any")))
    assert look_for == AnyOf((own, AnyOf((Phrase("不清楚", "both"),))))


def test_lexicon_lines(tmp_path: Path) -> None:
    text = "\ufeff# 标题\n随便你  # 少用\n\n  Ａｂｃｄ\n別\u200b著急\nre:（随便|自便）。\n"
    rule = load_standard(one_rule(tmp_path, rule_text(look_for="lexicon:rude"), rude=text)).standard.rules[0]
    assert rule.look_for == AnyOf(
        (Phrase("随便你", "both"), Phrase("abcd", "any"), Phrase("别着急", "both"), Regex(r"\(随便|自便\)。"))
    )


def test_macros_stand_for_all_entries_longest_first(tmp_path: Path) -> None:
    rule = load_standard(
        one_rule(tmp_path, rule_text(look_for="'re:{who}.{0,3}{deed}'"), who="您\n您自己\nre:{kin}家人\n", kin="你\n", deed="弄错\n")
    ).standard.rules[0]  # fmt: skip
    assert rule.look_for == Regex("(?:(?:你)家人|您自己|您).{0,3}(?:弄错)")


EXPRESSIONS = {
    "text": ("请稍等", Phrase("请稍等", "both")),
    "long text": ("请您稍等一下", Phrase("请您稍等一下", "any")),
    "list": ("[不行, '再 见']", AnyOf((Phrase("不行", "both"), Phrase("再 见", "both")))),
    "all": ("{all: [不行, 不能]}", AnyOf((Phrase("不行", "both"), Phrase("不能", "both")), 2)),
    "any": ("{any: [不行, 不能]}", AnyOf((Phrase("不行", "both"), Phrase("不能", "both")), 1)),
    "at least": ("{at_least: 2, of: [不行, 不能]}", AnyOf((Phrase("不行", "both"), Phrase("不能", "both")), 2)),
    "near": ("{near: [不行, 不能, 6]}", Near(Phrase("不行", "both"), Phrase("不能", "both"), 6)),
    "like": ("{like: [我不知道。], threshold: '0.8'}", Like(("我不知道。",), 0.8)),
    "tokens": (
        "{tokens: [{LOWER: 不}, {LOWER: {IN: [行, 能]}, OP: '?'}], literals: [不]}",
        Tokens(({"LOWER": "不"}, {"LOWER": {"IN": ["行", "能"]}, "OP": "?"}), ("不",)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_expression(tmp_path: Path, text: str, wanted: object) -> None:
    assert loaded_rule(tmp_path, look_for=text).look_for == wanted


def test_edge_of_a_rule_goes_before_the_default(tmp_path: Path) -> None:
    rule = loaded_rule(tmp_path, edge="any", look_for="[不行, lexicon:harsh]")
    lexicon = AnyOf((Phrase("随便你", "any"), Phrase("自己看着办", "any")))
    assert rule.look_for == AnyOf((Phrase("不行", "any"), lexicon))


CONDITIONS = {
    "fact": ("mid_handling", Condition("fact", fact="mid_handling")),
    "fact with a reason": ("{fact: explained, why: 已解释}", Condition("fact", fact="explained", why="已解释")),
    "not": ("{not: explained}", Condition("not", parts=(Condition("fact", fact="explained"),))),
    "list": (
        "[explained, {channel: chat}]",
        Condition("all", parts=(Condition("fact", fact="explained"), Condition("channel", values=("chat",)))),
    ),
    "any": (
        "{any: [explained, {direction: [inbound]}], why: 或}",
        Condition("any", parts=(Condition("fact", fact="explained"), Condition("direction", values=("inbound",))), why="或"),
    ),
    "said": (
        "{said: {side: customer, look_for: 谢谢您, rounds: last 1}}",
        Condition("said", expression=Phrase("谢谢您", "both"), where=Where(side="customer", last=1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CONDITIONS.values(), ids=CONDITIONS)
def test_condition(tmp_path: Path, text: str, wanted: Condition) -> None:
    rule = loaded_rule(tmp_path, applies_when=text, waive_when=text)
    assert (rule.applies_when, rule.waive_when) == (wanted, wanted)


def test_policy_table(tmp_path: Path) -> None:
    keys: dict[str, str | None] = {"check": "state", "look_for": None}
    folder = one_rule(
        tmp_path, rule_text(**keys, statements="[{subject: swap, look_for: 换货, value: '(\\d+)天'}]")
    )
    table = folder / "lexicons" / "policy.yml"
    table.write_text('subjects:\n  swap: {limit: 30, unit: 天, since: "2020-01-01", source: 小标准}\n', encoding="utf-8")  # fmt: skip
    (statement,) = load_standard(folder).standard.rule("ATT-03").statements
    assert (statement.subject, statement.limits, statement.value) == (
        "swap",
        (Limit(30.0, "exact", date(2020, 1, 1)),),
        r"(\d+)天",
    )
    table.write_text(
        "subjects:\n  swap:\n"
        "    - {limit: 1, unit: 月, bound: at_least, since: 2024-07-01, source: 小标准}\n"
        "    - {limit: 2, unit: 周, since: 2020-01-01, until: 2024-06-30, source: 小标准}\n",
        encoding="utf-8",
    )
    (statement,) = load_standard(folder).standard.rule("ATT-03").statements
    assert statement.limits == (
        Limit(14.0, "exact", date(2020, 1, 1), date(2024, 6, 30)),
        Limit(30.0, "at_least", date(2024, 7, 1)),
    )
    table.write_text(
        "subjects:\n  swap:\n    - {limit: 1, unit: 月, since: 2024-07-01, until: 2024-01-01, source: 小标准}\n",
        encoding="utf-8",
    )
    assert faults(folder) == [
        "lexicons/policy.yml:3: swap ends on 2024-01-01, before it begins; correct one of the dates"
    ]
    table.write_text('subjects:\n  swap: {limit: 30, unit: 天, since: "2020-01-01", source: 小标准}\n', encoding="utf-8")  # fmt: skip
    (folder / "ATT-03.yml").write_text(
        rule_text(**keys, statements="[{subject: swap, look_for: 换货, value: '\\d+天'}]"), encoding="utf-8"
    )
    assert faults(folder) == ["ATT-03.yml:13: one group is wanted, around the number, as in (\\d+)天"]
    table.write_text("subjects:\n  swap: {limit: soon, unit: 天}\n", encoding="utf-8")
    assert faults(folder) == [
        'lexicons/policy.yml:2: "limit" "soon": a number is wanted',
        'lexicons/policy.yml:2: key "since" is missing; add it',
        'lexicons/policy.yml:2: key "source" is missing; add it',
    ]


def _hashes(loaded: Loaded) -> tuple[str, str]:
    return loaded.standard.hash, loaded.standard.lexicon_hash


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Path, Path]:
    here = write_standard(tmp_path / "here")
    shutil.copytree(here, tmp_path / "there")
    return here, tmp_path / "there"


def test_hashes_hold_wherever_the_folder_lies(moved: tuple[Path, Path]) -> None:
    here, there = moved
    for file in there.rglob("*.*"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert _hashes(load_standard(here)) == _hashes(load_standard(there))


CHANGES: Mapping[str, tuple[str, str, tuple[bool, bool]]] = {
    "rule": ("ATT-03.yml", HARSH.replace("points: 4", "points: 5"), (False, True)),
    "common file": ("_standard.yml", COMMON.replace('"1"', '"2"'), (False, True)),
    "lexicon": ("lexicons/harsh.txt", "随便您了\n", (True, False)),
    "cues": ("lexicons/cues.yml", CUES.replace("reach: 10", "reach: 9"), (True, False)),
}


@pytest.mark.parametrize(("name", "text", "same"), CHANGES.values(), ids=CHANGES)
def test_hashes_show_what_changed(
    moved: tuple[Path, Path], name: str, text: str, same: tuple[bool, bool]
) -> None:
    here, there = moved
    (there / name).write_text(text, encoding="utf-8")
    pairs = zip(_hashes(load_standard(here)), _hashes(load_standard(there)), strict=True)
    assert tuple(a == b for a, b in pairs) == same


def test_verdicts_of_examples_come_from_their_lists(tmp_path: Path) -> None:
    talk = "[{why: 甲, talk: 客服：您好}]"
    rule = loaded_rule(tmp_path, fails=talk, passes=talk, not_applicable=talk, undecidable=talk)
    assert [(e.verdict, e.line) for e in rule.examples] == [
        (Verdict.PASS, 15),
        (Verdict.FAIL, 14),
        (Verdict.NOT_APPLICABLE, 16),
        (Verdict.UNDECIDABLE, 17),
    ]


def test_the_small_standard_has_its_rules(tmp_path: Path) -> None:
    assert set(load_standard(write_standard(tmp_path / "standard")).sources) == set(RULES)
