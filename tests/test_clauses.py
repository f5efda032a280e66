"""The clause test: a key that decides an example is accepted, an idle one is found."""

from __future__ import annotations

import pytest
from small_standard import rule_text, write_standard

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.proof import ExampleRunner
from qa_audit.rulebook.trial import clauses_of, idle_clauses, idle_clauses_of, without

REQUIRE: dict[str, str | None] = {"check": "require", "wanted": "问候", "look_for": "[您好]"}
LIMIT: dict[str, str | None] = {
    "check": "limit",
    "look_for": None,
    "within": "{chat: {first_response_s: 30}, phone: {rings: 3}}",
}
LATE = 'talk: "[10:00:00] 客户：在吗\\n[10:00:31] 客服：您好"'
# rule → (its keys, the clauses that no example depends on)
RULES: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "ATT-01": (
        {
            "unless": "[negated, quoted]",
            "fails": "[{why: 甲, talk: 客服：您自己看着办}]",
            "passes": "[{why: 乙, talk: 客服：不是让您自己看着办}]",
        },
        ["14 unless.1"],
    ),
    "ATT-02": (
        {
            "except": "[自己看着办理]",
            "unless": "[negated]",
            "passes": "[{why: 甲, talk: 客服：您可以自己看着办理}]",
        },
        ["15 unless"],
    ),
    "ATT-04": (
        {
            "where": "{side: agent, rounds: first 1}",
            "passes": '[{why: 甲, talk: "客服：您好\\n客户：嗯\\n客服：自己看着办"}]',
        },
        [],
    ),
    "ATT-05": ({"where": "{side: agent, rounds: first 1}", "passes": "[{why: 甲, talk: 客服：您好}]"}, ["14 where.rounds", "14 where"]),
    "ATT-06": ({"yields_to": "[ATT-01, RESP-02]", "fails": "[{why: 甲, waived: true, talk: 客服：自己看着办}]"}, ["14 yields_to.1"]),
    "OPEN-01": (
        REQUIRE
        | {
            "applies_when": "[asked_question, {channel: chat}]",
            "not_applicable": '[{why: 甲, channel: phone, talk: "客户：在吗\\n客服：在"}]',
            "waive_when": "{said: {side: customer, look_for: 不用客气}}",
            "fails": '[{why: 乙, waived: true, talk: "客户：在吗？不用客气\\n客服：在"}]',
        },
        ["15 applies_when.0"],
    ),
    "OPEN-02": (REQUIRE | {"at_least": "2", "at_most": "3", "passes": "[{why: 甲, talk: 客服：您好您好}]"}, ["15 at_least", "16 at_most"]),
    "OPEN-03": (REQUIRE | {"edge": "any", "passes": "[{why: 甲, talk: 客服：真是您好意思说}]"}, []),
    "RESP-01": (
        LIMIT
        | {
            "service_hours": "09:00-23:00",
            "fails": f"\n  - why: 甲\n    {LATE}",
            "not_applicable": "\n  - why: 乙\n    opened_at: '23:30'\n    " + LATE,
        },
        ["13 within.phone.rings", "13 within.phone"],
    ),
    "RESP-02": (LIMIT | {"within": "{chat: {first_response_s: 30}}", "fails": f"\n  - why: 甲\n    {LATE}"}, []),
}  # fmt: skip
SECTIONS = {"ATT": "态度", "OPEN": "开场", "RESP": "开场"}


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    texts = {
        rule_id: rule_text(id=rule_id, section=SECTIONS[rule_id.split("-")[0]], **keys)
        for rule_id, (keys, _) in RULES.items()
    }
    folder = write_standard(
        tmp_path_factory.mktemp("clauses") / "standard", texts, lexicons={"question": "在吗\n"}
    )
    return Auditor.open(Config(), standard=folder)


@pytest.fixture(scope="module")
def runner(auditor: Auditor) -> ExampleRunner:
    return ExampleRunner(auditor)


def messages(auditor: Auditor, rule_id: str) -> list[str]:
    path = auditor.standard.rule(rule_id).path
    found = []
    for clause in RULES[rule_id][1]:
        line, name = clause.split()
        remedy = f"no example of {rule_id} depends on “{name}”; add one that does, or remove the key"
        found.append(f"{path}:{line}: {remedy}")
    return found


@pytest.mark.parametrize("rule_id", RULES)
def test_idle_clauses_of(rule_id: str, auditor: Auditor, runner: ExampleRunner) -> None:
    rule = auditor.standard.rule(rule_id)
    assert list(idle_clauses_of(rule, auditor.loaded, runner)) == messages(auditor, rule_id)


def test_idle_clauses_of_the_whole_standard(auditor: Auditor, runner: ExampleRunner) -> None:
    wanted = [line for rule in auditor.standard.rules for line in messages(auditor, rule.id)]
    assert list(idle_clauses(auditor.loaded, runner)) == wanted
    assert auditor.loaded.lexicons.errors == []


def test_which_keys_are_clauses(auditor: Auditor) -> None:
    sources = auditor.loaded.sources
    assert list(clauses_of(sources["RESP-01"].document.data)) == [
        ("within", "chat", "first_response_s"),
        ("within", "chat"),
        ("within", "phone", "rings"),
        ("within", "phone"),
        ("within",),
        ("service_hours",),
    ]
    assert list(clauses_of(sources["OPEN-01"].document.data)) == [
        ("applies_when", 0),
        ("applies_when", 1),
        ("applies_when",),
        ("waive_when", "said"),
        ("waive_when",),
    ]


def test_a_key_without_which_the_rule_is_invalid_is_no_clause_to_test(auditor: Auditor) -> None:
    loaded = auditor.loaded
    assert without(loaded.sources["RESP-01"], ("within",), loaded.lexicons) is None
    assert without(loaded.sources["OPEN-01"], ("waive_when", "said"), loaded.lexicons) is None
    changed = without(loaded.sources["ATT-01"], ("unless", 1), loaded.lexicons)
    assert changed is not None
    assert changed.unless == ("negated",)
    assert auditor.standard.rule("ATT-01").unless == ("negated", "quoted"), "the rule itself stays as it was"
