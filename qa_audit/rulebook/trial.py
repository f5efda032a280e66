"""Runs the examples of rules, and takes keys out of them to see that each one decides an example."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa_audit.records import RuleResult, Transcript
from qa_audit.rule import Example, Rule
from qa_audit.rulebook.build import RuleBuilder
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.load import Loaded, RuleSource, depends_on
from qa_audit.rulebook.schema import RuleFile
from qa_audit.yamltext import Path

CLAUSES = (
    "applies_when",
    "where",
    "except",
    "together_with",
    "unless",
    "within",
    "when",
    "at_least",
    "at_most",
    "counting",
    "enough",
    "on_phone",
    "no_answer",
    "similar",
    "share",
    "emotion",
    "of",
    "values",
    "statements",
    "agreed",
    "parts",
    "service_hours",
    "hours",
    "waive_when",
    "yields_to",
    "edge",
)
# below these keys each part is a clause of its own
DEEP = (
    "applies_when",
    "where",
    "unless",
    "within",
    "when",
    "similar",
    "share",
    "emotion",
    "values",
    "statements",
    "agreed",
    "waive_when",
    "yields_to",
)


class Trier(Protocol):
    """Whatever decides one rule on one transcript: (rules needed, the rule, transcript, agent) → result."""

    def __call__(
        self, rules: Sequence[Rule], rule: Rule, transcript: Transcript, agent: str | None
    ) -> RuleResult:
        """The result of ``rule`` for one agent (None: the first)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An example, what the rule said of it, and what was wrong (empty: nothing)."""

    rule: Rule
    example: Example
    result: RuleResult
    faults: tuple[str, ...]


def with_dependencies(rule: Rule, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rule and those it depends on, those first."""
    found: dict[str, Rule] = {}

    def visit(current: Rule) -> None:
        for other in depends_on(current):
            if other in rules and other not in found:
                visit(rules[other])
        found[current.id] = current

    visit(rule)
    return list(found.values())


def run_examples(loaded: Loaded, trier: Trier) -> Iterator[Outcome]:
    """Every example of every rule, through the real path."""
    rules = {rule.id: rule for rule in loaded.standard.rules}
    for rule in loaded.standard.rules:
        needed = with_dependencies(rule, rules)
        for example in rule.examples:
            result = trier(needed, rule, example.transcript, example.agent)
            yield Outcome(rule, example, result, tuple(faults_of(example, result)))


def faults_of(example: Example, result: RuleResult) -> Iterator[str]:
    """How a result differs from what its example says."""
    if result.verdict is not example.verdict:
        yield f"verdict is {result.verdict}, {example.verdict} is wanted ({result.note or 'no note'})"
    found = tuple((e.message, e.start, e.end) for e in result.evidence)
    said = example.verdict == "fail" and example.measured is None and example.searched is None
    if (example.evidence or said) and found != example.evidence:
        words = [example.transcript.messages[m].text[start:end] for m, start, end in example.evidence]
        yield f"evidence is {[e.text for e in result.evidence]} {found}, {words} {example.evidence} is wanted"
    if example.searched is not None and result.searched != example.searched:
        counted = tuple(n + 1 for n in result.searched)
        yield f"rounds searched are {counted}, {tuple(n + 1 for n in example.searched)} is wanted"
    if example.measured is not None and result.measured != example.measured:
        yield f"measured {result.measured}, {example.measured} is wanted"
    if example.waived is not None and bool(result.waived) != example.waived:
        yield f"waived: {result.waived or 'no'}, {'yes' if example.waived else 'no'} is wanted"


def idle_clauses(loaded: Loaded, trier: Trier) -> Iterator[str]:
    """``path:line: …`` for every clause without which all examples of its rule say the same."""
    for rule in loaded.standard.rules:
        yield from idle_clauses_of(rule, loaded, trier)


def idle_clauses_of(rule: Rule, loaded: Loaded, trier: Trier) -> Iterator[str]:
    """The idle clauses of one rule."""
    rules = {rule.id: rule for rule in loaded.standard.rules}
    source = loaded.sources[rule.id]
    before = _say(rule, rules, trier)
    for path in clauses_of(source.document.data):
        changed = without(source, path, loaded.lexicons)
        if changed is not None and _say(changed, rules, trier) == before:
            name = ".".join(str(step) for step in path)
            yield source.document.at(
                path, f"no example of {rule.id} depends on “{name}”; add one that does, or remove the key"
            )


def _say(rule: Rule, rules: Mapping[str, Rule], trier: Trier) -> list[tuple[object, ...]]:
    """What a rule decides on each of its examples: a clause that only changes the wording of a note is idle."""
    needed = with_dependencies(rule, rules)
    results = (trier(needed, rule, example.transcript, example.agent) for example in rule.examples)
    return [(r.verdict, r.evidence, r.searched, r.measured, r.limit, bool(r.waived)) for r in results]


def clauses_of(data: object) -> Iterator[Path]:
    """The paths of all removable keys of a rule file, parts before their wholes."""
    assert isinstance(data, dict)
    for key in CLAUSES:
        if key in data:
            if key == "parts":
                for number, part in enumerate(data[key]):
                    yield from ((key, number, *path) for path in clauses_of(part))
                    yield from [(key, number)] if len(data[key]) > 1 else []
                continue
            if key in DEEP:
                yield from _parts((key,), data[key])
            yield (key,)


def _parts(path: Path, data: object) -> Iterator[Path]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("why", "look_for", "fact", "subject", "value", "nth", "threshold", "side"):
                continue
            yield from _parts((*path, key), value)
            yield (*path, key)
    elif isinstance(data, list) and len(data) > 1:
        for number in range(len(data)):
            yield (*path, number)


def without(source: RuleSource, path: Path, lexicons: Lexicons) -> Rule | None:
    """The rule without one clause; None if it is no valid rule then."""
    data = copy.deepcopy(source.document.data)
    place: object = data
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]  # clauses_of has walked here
    del place[path[-1]]  # type: ignore[attr-defined]  # same
    try:
        file = RuleFile.model_validate(data)
    except ValueError:
        return None
    known = len(lexicons.errors)
    builder = RuleBuilder(
        type(source.document)(source.document.path, data, (), source.document.root), file, lexicons
    )
    rule = builder.rule()
    broken = builder.errors or len(lexicons.errors) > known
    del lexicons.errors[known:]
    return None if broken else rule
