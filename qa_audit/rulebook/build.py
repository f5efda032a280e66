"""One rule file to one ``Rule``."""

from __future__ import annotations

from typing import TypeVar

import re2
from pydantic import BaseModel, ValidationError

from qa_audit.check.measured import AGENT_MEASURES, HOURLY, MEASURES
from qa_audit.hours import minutes_of
from qa_audit.records import TOPICS, Verdict
from qa_audit.rule import (
    Agreed,
    Condition,
    Example,
    Expression,
    Given,
    Rule,
    Share,
    Similarity,
    Statement,
    Values,
    When,
    Within,
)
from qa_audit.rulebook.examples import parse_example
from qa_audit.rulebook.expressions import ExpressionReader
from qa_audit.rulebook.lexicons import Lexicons
from qa_audit.rulebook.policy import policy_limits, table_is_broken
from qa_audit.rulebook.schema import NEEDS, OF_A_PART, ONLY, GivenFile, LimitsFile, RuleFile, WithinFile
from qa_audit.rulebook.text import nearest
from qa_audit.yamltext import Document, Path, describe

T = TypeVar("T", bound=BaseModel)
# what a part has from its rule
HEAD = {
    "id",
    "name",
    "title",
    "section",
    "severity",
    "status",
    "points",
    "why",
    "source",
    "message",
    "advice",
    "advice_on",
    "edge",
}
EXAMPLES = (
    ("passes", Verdict.PASS),
    ("fails", Verdict.FAIL),
    ("not_applicable", Verdict.NOT_APPLICABLE),
    ("undecidable", Verdict.UNDECIDABLE),
)


class RuleBuilder:
    """Builds a rule; faults are collected in ``errors`` and leave a rule that nobody will run."""

    def __init__(self, document: Document, file: RuleFile, lexicons: Lexicons) -> None:
        self.document = document
        self.file = file
        self.reader = ExpressionReader(document, lexicons, file.edge)
        self.lexicons = lexicons

    @property
    def errors(self) -> list[str]:
        """Every fault found so far."""
        return self.reader.errors

    def rule(self) -> Rule:
        """The rule."""
        file = self.file
        self._keys_fit_the_check()
        return Rule(
            id=file.id,
            name=file.name,
            title=file.title,
            section=file.section,
            severity=file.severity,
            status=file.status,
            points=file.points,
            per=file.per,
            why=file.why,
            source=file.source,
            message=file.message,
            advice=file.advice,
            advice_on=self._advice_on(),
            check=file.check,
            path=self.document.path,
            measured_on=file.measured_on,
            wanted=file.wanted,
            limits=self._limits() if file.check == "limit" else {},
            service_hours=None if file.service_hours is None else minutes_of(file.service_hours),
            hours=None if file.hours is None else minutes_of(file.hours),
            when=self._when(),
            within=self._within() if file.check != "limit" else Within(),
            at_least=file.at_least,
            at_most=file.at_most,
            counting=file.counting,
            enough=file.enough,
            similar=self._similar(),
            share=self._share(),
            of=self._expression(file, "of", ("of",)),
            values=self._values(),
            statements=self._statements(),
            agreed=self._agreed(),
            parts=self._parts(),
            holds=self._condition("holds"),
            trajectory=file.trajectory,
            emotion=tuple(file.emotion),
            threshold=file.threshold,
            applies_when=self._condition("applies_when"),
            where=self.reader.where(file.where, ("where",)),
            look_for=self._expression(file, "look_for", ("look_for",)),
            on_phone=self._expression(file, "on_phone", ("on_phone",)),
            no_answer=self._expression(file, "no_answer", ("no_answer",)),
            excepted=self._expression(file, "except", ("except",)),
            together_with=self._expression(file, "together_with", ("together_with",)),
            unless=tuple(file.unless),
            waive_when=self._condition("waive_when"),
            yields_to=tuple(file.yields_to),
            examples=tuple(self._examples()),
        )

    def _keys_fit_the_check(self) -> None:
        given = set(self.document.data) if isinstance(self.document.data, dict) else set()
        for key in NEEDS[self.file.check]:
            if key not in given:
                self.reader.fault(("check",), f'check "{self.file.check}" needs the key "{key}"; add it')
        for key, checks in ONLY.items():
            if key in given and self.file.check not in checks:
                self.reader.fault(
                    (key,),
                    f'check "{self.file.check}" does not read "{key}" (only {", ".join(checks)}); remove it',
                )
        if self.file.check == "parts":
            for key in sorted(given & OF_A_PART):
                self.reader.fault((key,), f'check "parts" reads "{key}" in its parts only; move it there')
        if self.file.per == "agent" and self.file.check != "limit":
            self.reader.fault(
                ("per",), f'check "{self.file.check}" decides single chats; per: agent goes with limit'
            )

    def _advice_on(self) -> dict[str, str]:
        for topic in self.file.advice_on:
            if topic not in TOPICS:
                self.reader.fault(
                    ("advice_on", topic), f'there is no topic "{topic}"{nearest(topic, TOPICS)}'
                )
        return self.file.advice_on

    def _expression(self, file: BaseModel, key: str, path: Path) -> Expression | None:
        """The expression under a key; a key without a value is a fault, one that is not there is none."""
        name = "except_" if key == "except" else key
        return self.reader.expression(getattr(file, name), path) if name in file.model_fields_set else None

    def _condition(self, key: str) -> Condition | None:
        data = getattr(self.file, key)
        return self.reader.condition(data, (key,)) if key in self.file.model_fields_set else None

    def _when(self) -> When | None:
        file = self.file.when
        if file is None:
            return None
        look_for = self._expression(file, "look_for", ("when", "look_for"))
        excepted = self._expression(file, "except", ("when", "except"))
        if look_for is None and not file.mood and not file.rule:
            self.reader.fault(("when",), "when needs look_for, mood or rule; add one")
        return When(
            side=file.side,
            expression=look_for,
            mood=file.mood,
            mood_unsure=file.mood_unsure,
            rule=file.rule,
            excepted=excepted,
            unless=tuple(file.unless),
            alone=file.alone,
            otherwise=file.otherwise,
            joined=file.joined,
            unheard=file.unheard,
            unheard_except=self._expression(file, "unheard_except", ("when", "unheard_except")),
            answering=self._given(file.answering, ("when", "answering")),
            except_given=self._given(file.except_given, ("when", "except_given")),
        )

    def _given(self, file: GivenFile | None, path: Path) -> Given | None:
        if file is None:
            return None
        said = self.reader.expression(file.said, (*path, "said"))
        return Given(said, self._expression(file, "hits", (*path, "hits")))

    def _within(self) -> Within:
        read = self._part(WithinFile)
        return Within(**read.model_dump()) if read is not None else Within()

    def _limits(self) -> dict[str, dict[str, float]]:
        read = self._part(LimitsFile)
        if read is None:
            return {}
        limits = {channel: bounds for channel, bounds in read.model_dump().items() if bounds}
        known = AGENT_MEASURES if self.file.per == "agent" else tuple(MEASURES)
        for channel, bounds in limits.items():
            for name in bounds:
                if name not in known:
                    self.reader.fault(
                        ("within", channel, name), f'there is no measure "{name}"{nearest(name, known)}'
                    )
                elif name == HOURLY and self.file.hours is None:
                    self.reader.fault(
                        ("within", channel, name), f'{name} needs the key "hours", like "08:00-22:00"; add it'
                    )
        return limits

    def _part(self, model: type[T]) -> T | None:
        try:
            return model.model_validate(self.file.within)
        except ValidationError as error:
            self.errors.extend(describe(error, self.document, model=model, prefix=("within",)))
            return None

    def _similar(self) -> Similarity | None:
        file = self.file.similar
        if file is None:
            return None
        return Similarity(
            threshold=file.threshold,
            look_back=file.look_back,
            min_characters=file.min_characters,
            times=file.times,
            ignoring=self._expression(file, "ignoring", ("similar", "ignoring")),
            no_answer=self._expression(file, "no_answer", ("similar", "no_answer")),
            unit=file.unit,
            framed=self._expression(file, "framed", ("similar", "framed")),
            insisting=self._expression(file, "insisting", ("similar", "insisting")),
            answer=self._expression(file, "answer", ("similar", "answer")),
        )

    def _share(self) -> Share | None:
        file = self.file.share
        if file is None:
            return None
        if file.counting == "hits" and file.of is None:
            self.reader.fault(("share", "counting"), 'a share of hits is a share of those of "of"; add it')
        return Share(
            at_most=file.at_most,
            at_least=file.at_least,
            at_most_count=file.at_most_count,
            enough=file.enough,
            of=self._expression(file, "of", ("share", "of")),
            counting=file.counting,
            answers_to=self._expression(file, "answers_to", ("share", "answers_to")),
            answers_excepted=self._expression(file, "answers_except", ("share", "answers_except")),
        )

    def _values(self) -> Values | None:
        file = self.file.values
        if file is None:
            return None
        if (file.bare is None) != (file.asked is None):
            self.reader.fault(("values",), "bare and asked go together; add the other or remove it")
        return Values(
            self.reader.expression(file.look_for, ("values", "look_for")),
            self._expression(file, "bare", ("values", "bare")),
            self._expression(file, "asked", ("values", "asked")),
            self._expression(file, "except", ("values", "except")),
        )

    def _statements(self) -> tuple[Statement, ...]:
        statements = []
        for number, file in enumerate(self.file.statements):
            path = ("statements", number)
            limits = policy_limits(self.lexicons, file.subject)
            if not limits:
                if not table_is_broken(self.lexicons):
                    fault = f'the policy table has no subject "{file.subject}"; add it'
                    self.reader.fault((*path, "subject"), fault)
                continue
            look_for = self.reader.expression(file.look_for, (*path, "look_for"))
            at = f"{self.document.path}:{self.document.line((*path, 'value'))}"
            value = self.lexicons.pattern(file.value, at).pattern
            if re2.compile(value).groups != 1:
                self.reader.fault((*path, "value"), "one group is wanted, around the number, as in (\\d+)天")
            starts = (self._expression(file, key, (*path, key)) for key in ("start", "other_start"))
            statements.append(Statement(file.subject, limits, look_for, value, *starts))
        return tuple(statements)

    def _agreed(self) -> Agreed | None:
        file = self.file.agreed
        if file is None:
            return None
        if self.file.check == "forbid" and file.look_for is None:
            self.reader.fault(("agreed",), "agreed needs look_for: the words of the customer; add it")
        return Agreed(
            self.reader.expression(file.by, ("agreed", "by")),
            self._expression(file, "look_for", ("agreed", "look_for")),
            self._expression(file, "except", ("agreed", "except")),
        )

    def _parts(self) -> tuple[Rule, ...]:
        """Each part as a rule that has the head of the whole."""
        head = self.file.model_dump(include=HEAD)
        parts = []
        for number, file in enumerate(self.file.parts):
            given = file.model_dump(by_alias=True, exclude_unset=True)
            whole = RuleFile.model_validate({"check": file.check, **head, **given})
            builder = RuleBuilder(self.document.inside(("parts", number)), whole, self.lexicons)
            parts.append(builder.rule())
            self.errors.extend(builder.errors)
        return tuple(parts)

    def _examples(self) -> list[Example]:
        examples = []
        for key, verdict in EXAMPLES:
            for number, data in enumerate(getattr(self.file, key)):
                try:
                    examples.append(parse_example(data, verdict, self.document.line((key, number))))
                except ValueError as error:
                    self.reader.fault((key, number, "talk"), str(error))
        return examples
