"""Faults of a standard that no schema sees: idle lexicons and phrases, fields no message has, missing examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from qa_audit.facts import LEXICONS as FACT_LEXICONS
from qa_audit.normalise import fold
from qa_audit.records import Severity, Verdict
from qa_audit.rule import AnyOf, Expression, Phrase, Rule
from qa_audit.rulebook.lexicons import PATTERN, Lexicons, phrase
from qa_audit.rulebook.load import Loaded
from qa_audit.rulebook.text import nearest
from qa_audit.yamltext import Document

FIELDS = ("match", "measured", "limit", "unit", "wanted")
FIELD = re.compile(r"\{([^{}]*)\}")
NAMED = frozenset({"user_words"})  # read by the segmenter, not by rules
FEWEST_EXAMPLES = {Severity.CRITICAL: 8, Severity.MAJOR: 8}
FEWEST_OTHERS = 4


def lint(loaded: Loaded) -> Iterator[str]:
    """Every fault, as ``path:line: what; remedy``."""
    for rule in loaded.standard.rules:
        document = loaded.sources[rule.id].document
        for field in FIELD.findall(rule.message):
            if field not in FIELDS:
                yield document.at(("message",), f'a message has no field "{field}"{nearest(field, FIELDS)}')
        if rule.severity in (Severity.MAJOR, Severity.MINOR) and not rule.points:
            yield document.at(("points",), f"a {rule.severity} rule needs points; add them")
        yield from _examples(rule, document)
        for part, key in ((rule, ()), *((part, ("parts", n)) for n, part in enumerate(rule.parts))):
            if part.excepted is not None and part.look_for is not None:
                for text in idle_exceptions(part.look_for, part.excepted):
                    fault = f'"{text}" holds none of the phrases it should except; remove it'
                    yield document.at((*key, "except"), fault)
    # the shipped lexicons behind a standard of one's own are not its author's to mend
    yield from _lexicons(loaded.lexicons, sorted(loaded.own_lexicons.glob("*.txt")))


def _examples(rule: Rule, document: Document) -> Iterator[str]:
    """Too few examples, and fails that state nothing to compare."""
    fewest = FEWEST_EXAMPLES.get(rule.severity, FEWEST_OTHERS)
    if rule.check == "limit":
        fewest = 1  # a measure is decided by its bound: both sides of it are shown
    for verdict, name in ((Verdict.FAIL, "fails"), (Verdict.PASS, "passes")):
        count = sum(example.verdict is verdict for example in rule.examples)
        if count < fewest:
            yield document.at(
                (name,), f"{rule.id} has {count} examples under {name}, at least {fewest} are wanted"
            )
    for example in rule.examples:
        states = example.evidence or example.searched is not None or example.measured is not None
        if example.verdict is Verdict.FAIL and not states:
            fault = f"the failing example “{example.why}” states no [[evidence]], searched or measured"
            yield f"{rule.path}:{example.line}: {fault}"


def idle_exceptions(look_for: Expression, excepted: Expression) -> Iterator[str]:
    """Exceptions, phrases only, in which no phrase can lie; says nothing where patterns are involved."""
    parts = list(_leaves(look_for))
    if any(not isinstance(part, Phrase) for part in parts):
        return
    for leaf in _leaves(excepted):
        if isinstance(leaf, Phrase) and not any(
            part.text in leaf.text for part in parts if isinstance(part, Phrase)
        ):
            yield leaf.text


def _leaves(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, AnyOf):
        for part in expression.parts:
            yield from _leaves(part)
    else:
        yield expression


def _lexicons(lexicons: Lexicons, files: Iterable[Path]) -> Iterator[str]:
    for name in FACT_LEXICONS:
        lexicons.expression(name)  # and so the lists that it is made of
    used = lexicons.used | set(FACT_LEXICONS) | NAMED
    for path in files:
        entries = lexicons.entries(path.stem)
        if path.stem not in used:
            yield f"{path}:1: no rule, fact or lexicon uses this list; remove it or name it in a rule"
        if not entries and path.stem not in NAMED:
            yield f"{path}:1: the list is empty; remove it"
        yield from (f"{path}:{line}: {fault}" for line, fault in _covered(entries))


def _covered(entries: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Entries given twice, and phrases that a shorter one of the same edges finds anyway."""
    seen: dict[str, int] = {}
    phrases = [phrase(text) for _, text in entries if not text.startswith(PATTERN)]
    shorter = {p.text for p in phrases if p.edge == "any"}
    for line, text in entries:
        key = text if text.startswith(PATTERN) else fold(text)
        if key in seen:
            yield line, f'"{text}" stands in line {seen[key]} already; remove one'
            continue
        seen[key] = line
        if text.startswith(PATTERN):
            continue
        cover = next((other for other in sorted(shorter) if other != key and other in key), None)
        if cover is not None:
            yield line, f'"{text}" is found by "{cover}" anyway; remove it'
