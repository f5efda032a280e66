"""The nouns of a rule and of a standard, as the checks and the reports read them.

Parsed by ``rulebook`` from one YAML file per rule; nothing here knows YAML or files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from qa_audit.records import Emotion, Severity, Transcript, Verdict

Side = Literal["agent", "customer"]
Edge = Literal["both", "any"]
CheckName = Literal[
    "forbid",
    "require",
    "respond",
    "limit",
    "repeat",
    "echo",
    "state",
    "ratio",
    "mood",
    "fact",
    "emotion",
    "parts",
]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A literal, already normalised; ``edge`` both: it must start and end on word boundaries."""

    text: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Regex:
    """An RE2 pattern over normalised text; where it has a group (?P<hit>…), that group alone is the hit."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A spaCy Matcher pattern over our words; ``literals``: one of them must occur before spaCy is asked."""

    pattern: tuple[Mapping[str, object], ...]
    literals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """Similarity (character n-gram cosine) of a sentence to one of the samples, at least ``threshold``."""

    samples: tuple[str, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Near:
    """Both expressions within ``characters`` of each other, in this order; the hit spans both."""

    first: Expression
    second: Expression
    characters: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least ``at_least`` of the parts occur in one round; hits in a message are those of all parts in it."""

    parts: tuple[Expression, ...]
    at_least: int = 1


Expression = Phrase | Regex | Tokens | Like | Near | AnyOf


def alternatives(expression: Expression) -> Iterator[Expression]:
    """The parts of which one suffices, each by itself: their hits may overlap."""
    if isinstance(expression, AnyOf) and expression.at_least == 1:
        for part in expression.parts:
            yield from alternatives(part)
    else:
        yield expression


@dataclass(frozen=True, slots=True)
class Where:
    """The scope of a check: a side's rounds (first N, last N, all), after or before an anchor.

    ``unanswered``: those after the other side's last round, without its rounds of nothing but ``ignoring``.
    ``first_s``, ``last_s``: of them only what was said in the first or last seconds of the chat.
    """

    side: Side = "agent"
    first: int | None = None
    last: int | None = None
    after: Anchor | None = None
    before: Anchor | None = None
    unanswered: bool = False
    first_s: float | None = None
    last_s: float | None = None
    ignoring: Expression | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The nth (1-based) hit of an expression on one side."""

    side: Side
    expression: Expression
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A named fact, a transcript field, words said, or a combination; ``why`` is shown where it decides."""

    kind: Literal["fact", "channel", "direction", "topic", "said", "all", "any", "not"]
    fact: str = ""
    values: tuple[str, ...] = ()
    expression: Expression | None = None
    where: Where | None = None
    parts: tuple[Condition, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """What ``respond`` waits for: an expression, a mood at a named threshold, or another rule's hits.

    ``alone``: only messages that say nothing but this (a hold without the answer in the same message).
    ``otherwise`` is the verdict where it never occurs: a pass where the occurrence itself is the lapse.
    ``joined``: occurrences whose windows overlap are one, and an answer to any of them answers all.
    ``answering``: hits of its ``hits`` are an A only where the other side's last round before holds its ``said``.
    ``except_given``: hits of its ``hits`` are no A once anybody has said its ``said``.
    ``unheard``: only words that the other side has not used before, but in messages with ``unheard_except``.
    """

    side: Side
    expression: Expression | None = None
    mood: str = ""
    mood_unsure: str = ""
    rule: str = ""
    excepted: Expression | None = None
    unless: tuple[str, ...] = ()
    alone: bool = False
    otherwise: Literal["not_applicable", "pass"] = "not_applicable"
    joined: bool = False
    unheard: bool = False
    unheard_except: Expression | None = None
    answering: Given | None = None
    except_given: Given | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was said before, and the hits that depend on it (None: all)."""

    said: Expression
    hits: Expression | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """How soon B must follow A: in the same message (``messages`` 0), the next N own messages or rounds, or seconds.

    ``from_s``: only where at least so many seconds passed between A and the next message, where times are known.
    ``behind``: of the message of A itself and its round only what stands behind A.
    ``settles``: an answer serves also an A that comes before so many more own rounds.
    """

    messages: int | None = None
    rounds: int | None = None
    seconds: float | None = None
    from_s: float | None = None
    behind: bool = False
    settles: int = 0


@dataclass(frozen=True, slots=True)
class Similarity:
    """When two rounds of one side say the same: share of common character bigrams, look-back, length, times.

    ``ignoring``: words left out, so that what remains must be shared as well (什么时候发货 is not 什么时候到货).
    ``no_answer``: what the other side may say in between without answering. ``unit`` reply: whole replies are
    compared instead of clauses, and both must say nothing more. ``framed``: what a sentence must hold to take up the
    other side's words, rather than to answer with them. ``insisting``: words with which a question is put again.
    ``answer``: what answers plainly, so that a question with more in it is the next one.
    """

    threshold: float
    look_back: int = 6
    min_characters: int = 4
    times: int = 2
    ignoring: Expression | None = None
    no_answer: Expression | None = None
    unit: Literal["clause", "reply"] = "clause"
    framed: Expression | None = None
    insisting: Expression | None = None
    answer: Expression | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of messages (those with ``look_for``, out of ``of`` or all) and its bounds.

    ``counting``: the share of hits instead of messages, those of ``of`` being the whole, so that nothing depends on how
    rounds are cut. ``at_most_count``: breaking the share takes more than so many; ``enough``: so many break it whatever the share.
    ``answers_to``: not messages are counted but answers to this (unless it is ``answers_excepted``): all own messages
    up to the next such question, which have the property if every one of them has.
    """

    at_most: float | None = None
    at_least: float | None = None
    at_most_count: int | None = None
    enough: int | None = None
    of: Expression | None = None
    counting: Literal["messages", "hits"] = "messages"
    answers_to: Expression | None = None
    answers_excepted: Expression | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """One line of the policy table: days, and the days between which it holds (None: until further notice).

    ``bound``: what is stated must be just this, or (at_least, at_most) may be more generous to the customer.
    """

    days: float
    bound: Literal["exact", "at_least", "at_most"]
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether this line is in force."""
        return self.since <= day and (self.until is None or day <= self.until)

    def allows(self, least: float, most: float) -> bool:
        """Whether a stated duration of so many days agrees with it."""
        match self.bound:
            case "at_least":
                return least >= self.days
            case "at_most":
                return most <= self.days
            case _:
                return least <= self.days <= most


@dataclass(frozen=True, slots=True)
class Values:
    """The customer's values that ``echo`` wants back: ``expression`` has what makes them matter in itself.

    ``bare`` values matter where the agent's round before holds ``asked``. ``excepted`` holds for all three.
    """

    expression: Expression
    bare: Expression | None = None
    asked: Expression | None = None
    excepted: Expression | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What ``state`` compares: a policy subject, how it is named, and how its duration is said.

    ``limits`` come from the dated policy table; ``value`` is an RE2 pattern with one group, the duration.
    ``start`` and ``other_start``: words that count it from the right day, and from another one.
    """

    subject: str
    limits: tuple[Limit, ...]
    expression: Expression
    value: str
    start: Expression | None = None
    other_start: Expression | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure in which an agent may ask for a code, an ID or a card number (``asks``), and how it is named.

    It holds from ``since`` until ``until`` (None: until further notice), in ``shops`` (none named: in all).
    """

    name: str
    asks: tuple[str, ...]
    expression: Expression
    since: date
    until: date | None = None
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the agent affirms without saying it: the customer's words (``expression``) and the agent's (``by``).

    ``excepted``: what takes it back in the same round (是的，不过……).
    """

    by: Expression
    expression: Expression | None = None
    excepted: Expression | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a rule: the transcript it stands for and what the rule must say of it."""

    verdict: Verdict
    why: str
    transcript: Transcript
    line: int
    evidence: tuple[tuple[int, int, int], ...] = ()
    searched: tuple[int, ...] | None = None
    measured: float | None = None
    waived: bool | None = None
    agent: str | None = None
    talk: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the standard (质检规则); see docs/rules.md for every key.

    ``adjusted`` says what the configuration changed, in Chinese: 分值 5 → 3.
    """

    id: str
    name: str
    title: str
    section: str
    severity: Severity
    status: Literal["trial", "live"]
    points: float
    per: Literal["chat", "hit", "agent"]
    why: str
    source: str
    message: str
    advice: str
    check: CheckName
    path: str
    measured_on: Literal["真实标注", "对照样例", "未实测"] = "未实测"
    advice_on: Mapping[str, str] = field(default_factory=dict)
    wanted: str = ""
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    service_hours: tuple[int, int] | None = None
    hours: tuple[int, int] | None = None
    when: When | None = None
    within: Within = field(default_factory=Within)
    at_least: int = 1
    at_most: int | None = None
    counting: Literal["hits", "rounds"] = "hits"
    enough: int | None = None
    similar: Similarity | None = None
    share: Share | None = None
    of: Expression | None = None
    values: Values | None = None
    statements: tuple[Statement, ...] = ()
    agreed: Agreed | None = None
    parts: tuple[Rule, ...] = ()
    holds: Condition | None = None
    trajectory: Literal["end_negative", "worsened"] | None = None
    emotion: tuple[Emotion, ...] = ()
    threshold: str = ""
    applies_when: Condition | None = None
    where: Where = field(default_factory=Where)
    look_for: Expression | None = None
    on_phone: Expression | None = None
    no_answer: Expression | None = None
    excepted: Expression | None = None
    together_with: Expression | None = None
    unless: tuple[str, ...] = ()
    waive_when: Condition | None = None
    yields_to: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    adjusted: tuple[str, ...] = ()

    def advice_for(self, topic: str) -> str:
        """What to say instead in a chat about this; the rule's own advice where the topic has none."""
        return self.advice_on.get(topic, self.advice)


@dataclass(frozen=True, slots=True)
class Section:
    """一级指标: a group of rules, with the most it can cost (None: no cap)."""

    name: str
    letter: str
    cap: float | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the lowest score that earns it."""

    name: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Standard:
    """A whole service standard, rules in the order of their sections and ids.

    ``off``: rules that the configuration has taken out. ``adjusted``: everything that it changed; ``hash`` counts
    that in, so that results say under which limits they were made.
    """

    title: str
    version: str
    mode: Literal["deduct", "weighted"]
    sections: tuple[Section, ...]
    grades: tuple[Grade, ...]
    fatal_grade: str
    rules: tuple[Rule, ...]
    hash: str
    lexicon_hash: str
    off: tuple[Rule, ...] = ()
    adjusted: tuple[str, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; KeyError if there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
