"""The shipped standard: every example of every rule through the real path, every clause, lint."""

from __future__ import annotations

from functools import cache

import pytest

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.proof import ExampleRunner
from qa_audit.records import Verdict
from qa_audit.rule import Example, Rule
from qa_audit.rulebook import load_standard
from qa_audit.rulebook.lint import lint
from qa_audit.rulebook.trial import faults_of, idle_clauses_of, with_dependencies

STANDARD = load_standard().standard
RULES = {rule.id: rule for rule in STANDARD.rules}
EXAMPLES = [(rule, example) for rule in STANDARD.rules for example in rule.examples]


@cache
def runner() -> ExampleRunner:
    """One for all examples: judges are kept."""
    return ExampleRunner(Auditor.open(Config()))


def name(rule: Rule, example: Example) -> str:
    return f"{rule.id}-{example.verdict}-{example.why}"


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[name(*pair) for pair in EXAMPLES])
def test_example(rule: Rule, example: Example) -> None:
    result = runner()(with_dependencies(rule, RULES), rule, example.transcript, example.agent)
    assert [f"{rule.path}:{example.line}: {fault}" for fault in faults_of(example, result)] == []


def test_examples_have_their_own_names() -> None:
    names = [name(*pair) for pair in EXAMPLES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("rule_id", RULES)
def test_every_clause_decides_an_example(rule_id: str) -> None:
    auditor = runner().auditor
    # the auditor's own rule: what its judges are kept by
    rule = auditor.standard.rule(rule_id)
    assert list(idle_clauses_of(rule, auditor.loaded, runner())) == []


def test_lint() -> None:
    assert list(lint(load_standard())) == []


@pytest.mark.parametrize("rule_id", RULES)
def test_examples_of_both_verdicts(rule_id: str) -> None:
    shown = {example.verdict for example in RULES[rule_id].examples}
    assert {Verdict.PASS, Verdict.FAIL} <= shown


def test_a_rule_judged_on_wording_is_live_only_when_measured() -> None:
    assert [
        rule.id
        for rule in STANDARD.rules
        if rule.status == "live" and rule.check != "limit" and rule.measured_on == "未实测"
    ] == []


def test_the_sections_of_the_service_standard() -> None:
    assert [(section.letter, section.cap) for section in STANDARD.sections] == [
        ("A", None),
        ("B", None),
        ("C", 20.0),
        ("D", 24.0),
        ("E", None),
        ("F", 12.0),
        ("G", None),
        ("H", 30.0),
        ("I", None),
    ]
    assert [(grade.name, grade.at_least) for grade in STANDARD.grades] == [
        ("优秀", 95.0),
        ("良好", 85.0),
        ("合格", 70.0),
        ("待改进", 0.0),
    ]
    assert (STANDARD.mode, STANDARD.fatal_grade) == ("deduct", "致命")
