"""What is different between two loaded standards: rules, settings, lexicons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from qa_audit.hours import clock
from qa_audit.report.diff import RuleChange, StandardChanges
from qa_audit.rule import Example, Rule, Standard, Within
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.load import Loaded

# fields of a rule that a file spells otherwise
KEYS = {"excepted": "except", "limits": "within"}
NOT_SAID = frozenset({"path", "adjusted", "examples"})
OTHERS = "*.yml"  # cues, the policy table: compared as a whole


def changes_between(old: Loaded, new: Loaded) -> StandardChanges:
    """Everything that may make a chat come out differently, and what is only worded differently."""
    before, after = _rules(old.standard), _rules(new.standard)
    return StandardChanges(
        added=tuple((rule.id, rule.title) for rule in new.standard.rules if rule.id not in before),
        removed=tuple((rule.id, rule.title) for rule in old.standard.rules if rule.id not in after),
        changed=tuple(
            RuleChange(rule.id, rule.title, changes)
            for rule in new.standard.rules
            if rule.id in before and (changes := tuple(_changes(before[rule.id], rule, old, new)))
        ),
        settings=tuple(_settings(old.standard, new.standard)),
        lexicons=tuple(_lexicons(old.lexicons, new.lexicons)),
    )


def _rules(standard: Standard) -> dict[str, Rule]:
    return {rule.id: rule for rule in standard.rules}


def _changes(before: Rule, after: Rule, old: Loaded, new: Loaded) -> Iterator[str]:
    for field in fields(Rule):
        if field.name in NOT_SAID:
            continue
        was, now = getattr(before, field.name), getattr(after, field.name)
        if was == now or _parts(was) == _parts(now) != ():
            continue
        key = KEYS.get(field.name, field.name)
        same_words = _raw(old, before, key) == _raw(new, after, key) and _is_expression(was, now)
        yield f"{key}（词表）" if same_words else "；".join(_said(key, was, now))
    if _shown(before.examples) != _shown(after.examples):
        yield "examples"


def _parts(value: object) -> tuple[object, ...]:
    """The parts of a rule without their places; empty for anything else."""
    if not isinstance(value, tuple) or not all(isinstance(part, Rule) for part in value):
        return ()
    return tuple(
        tuple(getattr(part, field.name) for field in fields(Rule) if field.name not in NOT_SAID)
        for part in value
    )


def _raw(loaded: Loaded, rule: Rule, key: str) -> object:
    data = loaded.sources[rule.id].document.data
    return data.get(key) if isinstance(data, dict) else None


def _is_expression(was: object, now: object) -> bool:
    """No number, text, window or list of these: something that a lexicon may stand in."""
    plain = (str, float, int, Mapping, Within)
    values = [v for side in (was, now) for v in (side if isinstance(side, tuple) else (side,))]
    return not any(isinstance(value, plain) for value in values)


def _said(key: str, was: object, now: object) -> Iterator[str]:
    """A change in words where both values are short, else only the name of the key."""
    if key in ("service_hours", "hours"):
        yield f"{key} {_hours(was)} → {_hours(now)}"
    elif key == "within":
        flat_was, flat_now = _flat(was), _flat(now)
        for name in dict.fromkeys([*flat_was, *flat_now]):
            pair = flat_was.get(name), flat_now.get(name)
            if pair[0] != pair[1]:
                yield f"{key}.{name} {_short(pair[0])} → {_short(pair[1])}"
    elif all(value is None or isinstance(value, float | int) or _is_word(value) for value in (was, now)):
        yield f"{key} {_short(was)} → {_short(now)}"
    elif key == "yields_to" and isinstance(was, tuple) and isinstance(now, tuple):
        yield f"{key} {'、'.join(was) or '无'} → {'、'.join(now) or '无'}"
    else:
        yield key


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and len(value) <= 20


def _flat(value: object) -> dict[str, object]:
    if isinstance(value, Within):
        return {field.name: getattr(value, field.name) for field in fields(Within)}
    assert isinstance(value, Mapping)
    return {f"{channel}.{name}": bound for channel, bounds in value.items() for name, bound in bounds.items()}


def _short(value: object) -> str:
    return "无" if value is None else f"{value:.12g}" if isinstance(value, float | int) else str(value)


def _hours(value: object) -> str:
    if not isinstance(value, tuple):
        return "无"
    begin, end = value
    return f"{clock(begin)}-{clock(end)}"


def _shown(examples: tuple[Example, ...]) -> list[tuple[object, ...]]:
    """Examples without the line and the id they have of it."""
    return [
        (e.verdict, e.why, e.talk, e.evidence, e.searched, e.measured, e.waived, e.agent) for e in examples
    ]


def _settings(old: Standard, new: Standard) -> Iterator[str]:
    for name in ("mode", "fatal_grade"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{name} {was} → {now}"
    caps = {section.name: section.cap for section in old.sections}
    for section in new.sections:
        if section.name not in caps:
            yield f"sections {section.name} 新增"
        elif caps[section.name] != section.cap:
            yield f"sections.{section.name}.cap {_short(caps[section.name])} → {_short(section.cap)}"
    yield from (f"sections {name} 删除" for name in caps if name not in {s.name for s in new.sections})
    if old.grades != new.grades:
        scales = ("、".join(f"{g.name} ≥ {g.at_least:g}" for g in side.grades) for side in (old, new))
        yield f"grades {' → '.join(scales)}"


def _lexicons(old: Lexicons, new: Lexicons) -> Iterator[tuple[str, int, int]]:
    for name in sorted({*old.names(), *new.names()}):
        was, now = ({text for _, text in side.entries(name)} for side in (old, new))
        if was != now:
            yield name, len(now - was), len(was - now)
    for name in sorted({file.name for side in (old, new) for f in side.folders for file in f.glob(OTHERS)}):
        lines = [_lines(side, name) for side in (old, new)]
        if lines[0] != lines[1]:
            yield name, len(lines[1] - lines[0]), len(lines[0] - lines[1])


def _lines(lexicons: Lexicons, name: str) -> set[str]:
    file = next((f / name for f in lexicons.folders if (f / name).is_file()), None)
    return set() if file is None else _text(file)


def _text(file: Path) -> set[str]:
    return {line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()}
