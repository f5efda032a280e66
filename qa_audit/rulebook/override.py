"""A standard with what the configuration changes in it: limits, points, severities, status, hours, caps, grades."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from qa_audit.check.measured import AGENT_MEASURES, MEASURES
from qa_audit.config import Config
from qa_audit.errors import InvalidConfiguration
from qa_audit.hours import clock, minutes_of
from qa_audit.overrides import RuleOverride
from qa_audit.records import Severity
from qa_audit.report import wording
from qa_audit.rule import Grade, Rule, Section, Standard, Within
from qa_audit.rulebook.load import Loaded, load_standard, waits_for
from qa_audit.rulebook.schema import LimitsFile, WithinFile
from qa_audit.rulebook.text import nearest
from qa_audit.yamltext import Path as Keys
from qa_audit.yamltext import describe

T = TypeVar("T", bound=BaseModel)
STATUS = {"off": "停用", "trial": "试行", "live": "正式"}
CHANNELS: dict[str, str] = {str(channel): name for channel, name in wording.CHANNELS.items()}
WINDOW = {
    "messages": "时限（消息）",
    "rounds": "时限（话轮）",
    "seconds": "时限（秒）",
    "from_s": "起算（秒）",
}
FREE = (Severity.CRITICAL, Severity.ALERT, Severity.NOTE)  # cost no points of their own


def open_standard(folder: Path | None, config: Config) -> Loaded:
    """The standard of a folder (None: the configuration's, else the shipped one) as the configuration changes it.

    Raises:
        InvalidStandard: the standard is wrong.
        InvalidConfiguration: the configuration changes what the standard does not have.
    """
    loaded = load_standard(folder or config.standard)
    overrider = _Overrider(loaded, config)
    standard = overrider.standard()
    if overrider.errors:
        raise InvalidConfiguration(list(dict.fromkeys(overrider.errors)))
    return replace(loaded, standard=standard)


class _Overrider:
    """Changes one standard; faults are collected in ``errors``, every real change in ``changes``."""

    def __init__(self, loaded: Loaded, config: Config) -> None:
        self.before = loaded.standard
        self.config = config
        self.errors: list[str] = []
        self.changes: list[str] = []

    def standard(self) -> Standard:
        """The changed standard; the same one where nothing differs."""
        known = [rule.id for rule in self.before.rules]
        for rule_id in self.config.rules:
            if rule_id not in known:
                self._fault(
                    ("rules", rule_id), f'there is no rule "{rule_id}"{nearest(rule_id.upper(), known)}'
                )
        off = {rule_id for rule_id, given in self.config.rules.items() if given.status == "off"}
        self.changes += [f"{rule_id} {STATUS['off']}" for rule_id in sorted(off)]
        rules = tuple(self._rule(rule, off) for rule in self.before.rules if rule.id not in off)
        after = replace(
            self.before,
            rules=rules,
            sections=tuple(self._sections()),
            grades=self._grades(),
            off=tuple(rule for rule in self.before.rules if rule.id in off),
        )
        if not self.changes:
            return self.before
        told = json.dumps([self.before.hash, *sorted(self.changes)], ensure_ascii=False)
        return replace(after, adjusted=tuple(self.changes), hash=hashlib.sha256(told.encode()).hexdigest())

    def _fault(self, keys: Keys, message: str) -> None:
        self.errors.append(self.config.document.at(keys, message))

    def _rule(self, rule: Rule, off: set[str]) -> Rule:
        for other in sorted(off & waits_for(rule)):
            self._fault(
                ("rules", other, "status"),
                f"{rule.id} waits for {other}; take {rule.id} off too, or leave both",
            )
        given = self.config.rules.get(rule.id, RuleOverride())
        after = replace(
            rule,
            severity=given.severity or rule.severity,
            status=rule.status if given.status is None or given.status == "off" else given.status,
            points=rule.points if given.points is None else given.points,
            service_hours=self._service_hours(rule, given),
            hours=self._hours(rule, given),
            yields_to=tuple(other for other in rule.yields_to if other not in off),
        )
        after = self._within(after, given)
        self._points_fit(after, given)
        told = tuple(_differences(rule, after))
        self.changes += [f"{rule.id} {each}" for each in told]
        return replace(after, adjusted=told)

    def _points_fit(self, rule: Rule, given: RuleOverride) -> None:
        """Points and severity belong together: a deduction needs some, a veto and an alert cost none."""
        if rule.severity in FREE and given.points:
            self._fault(
                ("rules", rule.id, "points"),
                f"a {rule.severity} rule costs no points; remove them or change its severity",
            )
        if rule.severity not in FREE and not rule.points:
            key = "points" if given.points is not None else "severity"
            self._fault(("rules", rule.id, key), f"a {rule.severity} rule needs points; add them")

    def _hours(self, rule: Rule, given: RuleOverride) -> tuple[int, int] | None:
        """The hours in which something may be done."""
        if given.hours is None:
            return rule.hours
        if rule.hours is None:
            self._fault(("rules", rule.id, "hours"), f'{rule.id} has no "hours" to change; remove it')
        return minutes_of(given.hours)

    def _service_hours(self, rule: Rule, given: RuleOverride) -> tuple[int, int] | None:
        """A rule's own service hours go before those for all rules that have some."""
        if given.service_hours is not None:
            if rule.check != "limit":
                self._fault(
                    ("rules", rule.id, "service_hours"),
                    f'check "{rule.check}" does not read "service_hours" (only limit); remove it',
                )
            return minutes_of(given.service_hours)
        everywhere = "service_hours" in self.config.model_fields_set
        return self.config.service_minutes if everywhere and rule.service_hours else rule.service_hours

    def _within(self, rule: Rule, given: RuleOverride) -> Rule:
        """The rule with other bounds; bounds that are not given stay."""
        keys: Keys = ("rules", rule.id, "within")
        if not given.within:
            return rule
        if rule.check == "limit":
            limits = self._read(LimitsFile, given, keys)
            return rule if limits is None else replace(rule, limits=self._limits(rule, limits, keys))
        if rule.check in ("respond", "echo"):
            window = self._read(WithinFile, given, keys)
            changed = window.model_dump(exclude_unset=True) if window is not None else {}
            return replace(rule, within=replace(rule.within, **changed))
        self._fault(
            keys, f'check "{rule.check}" does not read "within" (only limit, respond, echo); remove it'
        )
        return rule

    def _read(self, model: type[T], given: RuleOverride, keys: Keys) -> T | None:
        try:
            return model.model_validate(given.within)
        except ValidationError as error:
            self.errors += describe(error, self.config.document, model=model, prefix=keys)
            return None

    def _limits(self, rule: Rule, given: LimitsFile, keys: Keys) -> Mapping[str, Mapping[str, float]]:
        known = AGENT_MEASURES if rule.per == "agent" else tuple(MEASURES)
        merged = {channel: dict(bounds) for channel, bounds in rule.limits.items()}
        for channel, bounds in given.model_dump(exclude_unset=True).items():
            for name, bound in bounds.items():
                if name not in known:
                    self._fault((*keys, channel, name), f'there is no measure "{name}"{nearest(name, known)}')
                merged.setdefault(channel, {})[name] = bound
        return merged

    def _sections(self) -> Iterator[Section]:
        known = [section.name for section in self.before.sections]
        for name in self.config.sections:
            if name not in known:
                self._fault(("sections", name), f'there is no section "{name}"{nearest(name, known)}')
        for section in self.before.sections:
            given = self.config.sections.get(section.name)
            cap = section.cap if given is None else None if given.cap == "none" else given.cap
            if cap != section.cap:
                self.changes.append(f"{section.name} 扣分上限 {_said(section.cap)} → {_said(cap)}")
            yield replace(section, cap=cap)

    def _grades(self) -> tuple[Grade, ...]:
        given = self.config.grades
        if not given:
            return self.before.grades
        names = [grade.name for grade in given]
        for number, name in enumerate(names):
            if name in names[:number] or name == self.before.fatal_grade:
                self._fault(("grades", number), f'grade "{name}" is there already; give it another name')
        grades = tuple(
            Grade(grade.name, grade.at_least) for grade in sorted(given, key=lambda grade: -grade.at_least)
        )
        if grades != self.before.grades:
            self.changes.append(f"等级 {_scale(self.before.grades)} → {_scale(grades)}")
        return grades


def _differences(before: Rule, after: Rule) -> Iterator[str]:
    """What was changed in a rule, in Chinese."""
    pairs = [
        ("状态", STATUS[before.status], STATUS[after.status]),
        ("严重程度", wording.SEVERITIES[before.severity], wording.SEVERITIES[after.severity]),
        ("分值", _said(before.points), _said(after.points)),
        ("服务时段", _span(before.service_hours), _span(after.service_hours)),
        ("允许时段", _span(before.hours), _span(after.hours)),
        *_bounds(before, after),
    ]
    yield from (f"{name} {old} → {new}" for name, old, new in pairs if old != new)


def _bounds(before: Rule, after: Rule) -> Iterator[tuple[str, str, str]]:
    for channel, bounds in after.limits.items():
        for name, bound in bounds.items():
            old = before.limits.get(channel, {}).get(name)
            yield (
                f"{CHANNELS.get(channel, channel)}{wording.MEASURES.get(name, name)}",
                _said(old),
                _said(bound),
            )
    for part in fields(Within):
        old, new = (getattr(rule.within, part.name) for rule in (before, after))
        yield WINDOW.get(part.name, part.name), _said(old), _said(new)


def _said(value: float | None) -> str:
    return "无" if value is None else f"{value:.12g}"


def _span(hours: tuple[int, int] | None) -> str:
    return "无" if hours is None else f"{clock(hours[0])}-{clock(hours[1])}"


def _scale(grades: tuple[Grade, ...]) -> str:
    return "、".join(f"{grade.name} ≥ {_said(grade.at_least)}" for grade in grades)
