"""Everything a standard looks for, compiled once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from qa_audit import facts
from qa_audit.errors import InvalidStandard
from qa_audit.match.scan import Scanner
from qa_audit.rule import Condition, Expression, Rule, When, Where, alternatives
from qa_audit.rulebook.lexicons import Lexicons, load_cues
from qa_audit.rulebook.verification import load_procedures
from qa_audit.view import Language


def language_of(rules: Sequence[Rule], lexicons: Lexicons, masks: Sequence[str]) -> Language:
    """The language of some rules; ``masks`` are RE2 patterns of anonymisation masks.

    Raises:
        InvalidStandard: a lexicon that facts read is missing, or the cues are wrong.
    """
    errors = [
        f"facts need it, but {unknown}" for name in facts.LEXICONS if (unknown := lexicons.unknown(name))
    ]
    named: dict[str, Expression] = {name: lexicons.expression(name) for name in facts.LEXICONS}
    cues = load_cues(lexicons)
    procedures = load_procedures(lexicons)
    if errors or lexicons.errors:
        raise InvalidStandard([*errors, *lexicons.errors])
    expressions = [expression for rule in rules for expression in expressions_of(rule)]
    options = re2.Options()
    options.case_sensitive = False  # masks are matched in lower-cased text
    mask = re2.compile("|".join(f"(?:{pattern})" for pattern in masks) or "[^\\s\\S]", options)
    expressions += [procedure.expression for procedure in procedures]
    return Language(Scanner([*named.values(), *expressions]), cues, named, mask, procedures)


def expressions_of(rule: Rule) -> Iterator[Expression]:
    """Every expression of a rule, those of its scope and conditions included."""
    also = (rule.on_phone, rule.no_answer, rule.together_with, rule.of)
    for expression in (rule.look_for, rule.excepted, *also):
        if expression is not None:
            yield expression
    yield from _of_where(rule.where)
    if rule.similar is not None:
        similar = rule.similar
        asked = (similar.ignoring, similar.no_answer, similar.framed, similar.insisting, similar.answer)
        yield from (e for e in asked if e is not None)
    if rule.when is not None:
        yield from _of_when(rule.when)
    if rule.share is not None:
        share = rule.share
        yield from (e for e in (share.of, share.answers_to, share.answers_excepted) if e is not None)
    if rule.holds is not None:
        yield from _of_condition(rule.holds)
    yield from _of_statements(rule)
    yield from _of_values(rule)
    yield from _alternatives(rule)
    for part in rule.parts:
        yield from expressions_of(part)
    for condition in (rule.applies_when, rule.waive_when):
        if condition is not None:
            yield from _of_condition(condition)


def _of_statements(rule: Rule) -> Iterator[Expression]:
    for statement in rule.statements:
        found = (statement.expression, statement.start, statement.other_start)
        yield from (expression for expression in found if expression is not None)
    if rule.agreed is not None:
        found = (rule.agreed.by, rule.agreed.expression, rule.agreed.excepted)
        yield from (expression for expression in found if expression is not None)


def _of_when(when: When) -> Iterator[Expression]:
    yield from (e for e in (when.expression, when.excepted, when.unheard_except) if e is not None)
    for given in (when.answering, when.except_given):
        if given is not None:
            yield from (e for e in (given.said, given.hits) if e is not None)


def _alternatives(rule: Rule) -> Iterator[Expression]:
    """What may excuse and be excused, each part by itself: joined, only the longest of overlapping hits is kept."""
    pairs = [(rule.look_for, rule.excepted, rule.unless), (rule.on_phone, rule.excepted, rule.unless)]
    if rule.similar is not None:
        pairs.append((rule.similar.framed, rule.excepted, ()))
    if rule.when is not None:
        pairs.append((rule.when.expression, rule.when.excepted, rule.when.unless))
    if rule.share is not None:
        pairs.append((rule.share.answers_to, rule.share.answers_excepted, ()))
    if rule.values is not None:
        pairs += [(expression, rule.values.excepted, ()) for expression in _of_values(rule)]
    for look_for, excepted, unless in pairs:
        if excepted is not None:
            yield excepted
            yield from alternatives(excepted)
        if look_for is not None and (excepted is not None or unless):
            yield from alternatives(look_for)


def _of_values(rule: Rule) -> Iterator[Expression]:
    if rule.values is not None:
        values = (rule.values.expression, rule.values.bare, rule.values.asked)
        yield from (expression for expression in values if expression is not None)


def _of_where(where: Where) -> Iterator[Expression]:
    for anchor in (where.after, where.before):
        if anchor is not None:
            yield anchor.expression
    if where.ignoring is not None:
        yield where.ignoring


def _of_condition(condition: Condition) -> Iterator[Expression]:
    if condition.expression is not None:
        yield condition.expression
    if condition.where is not None:
        yield from _of_where(condition.where)
    for part in condition.parts:
        yield from _of_condition(part)
