"""Every noun that passes between stages: frozen, slotted dataclasses.

Character offsets count into the original text of a message; ends are exclusive.
Message, round and turn numbers are 0-based here and 1-based wherever a person reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Role = Literal["customer", "agent", "bot", "system"]
Kind = Literal["text", "image", "voice", "card", "recalled"]
Channel = Literal["chat", "phone", "email"]
Direction = Literal["inbound", "outbound"]
Mood = Literal["negative", "neutral", "positive"]
MOODS: tuple[Mood, Mood, Mood] = ("negative", "neutral", "positive")
Change = Literal["worse", "same", "better"]
CHANGES: tuple[Change, ...] = ("worse", "same", "better")
TENTHS = 10  # of a chat: the points at which its mood is read
Outcome = Literal["yes", "partly", "no", "unknown"]
OUTCOMES: tuple[Outcome, ...] = ("yes", "partly", "no", "unknown")
Emotion = Literal["none", "anxious", "angry", "disappointed"]
EMOTIONS: tuple[Emotion, ...] = ("none", "anxious", "angry", "disappointed")
EMOTION_NAMES: Mapping[Emotion, str] = {
    "none": "无",
    "anxious": "焦虑",
    "angry": "愤怒",
    "disappointed": "失望",
}
TOPICS = (
    "物流配送", "订单", "退换货售后", "退款", "发票", "商品咨询", "价格优惠", "支付", "账户会员", "安装维修", "其他",
)  # fmt: skip


class Verdict(StrEnum):
    """What a rule decided on one agent's part of one chat."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNDECIDABLE = "undecidable"


class Severity(StrEnum):
    """How much a failed rule weighs: ``alert`` flags and costs nothing, ``bonus`` adds points on a pass.

    ``note`` says something beside the score: it costs nothing and calls nobody.
    """

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    ALERT = "alert"
    BONUS = "bonus"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Message:
    """One text as delivered; ``at`` is aware (chat), ``start_s`` and ``end_s`` are seconds into the call (phone)."""

    index: int
    role: Role
    text: str
    agent: str | None = None
    at: datetime | None = None
    start_s: float | None = None
    end_s: float | None = None
    auto: bool = False
    kind: Kind = "text"
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """One chat or call, as read; ``source`` and ``line`` say where its first row stood."""

    id: str
    messages: tuple[Message, ...]
    channel: Channel = "chat"
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    rings: int | None = None
    ring_s: float | None = None
    direction: Direction | None = None
    ended_by: Literal["customer", "agent"] | None = None
    assigned_agent: str | None = None
    offline: bool = False
    customer: str | None = None
    rating: float | None = None
    audio_channels: Literal[1, 2] | None = None
    source: str = ""
    line: int = 0
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def began_at(self) -> datetime | None:
        """When it was opened, else the time of its first message that has one."""
        return self.opened_at or next((m.at for m in self.messages if m.at is not None), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """An input row or chat that could not be audited; ``line`` is 1-based, 0 where a file has none."""

    source: str
    line: int
    chat_id: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Round:
    """话轮: a maximal run of messages of one speaker.

    ``messages`` are indices into the transcript. Automatic replies and system notices belong to no round and
    split none.
    """

    index: int
    role: Role
    agent: str | None
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words: ``text == transcript.messages[message].text[start:end]``."""

    message: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Excused:
    """A hit that does not count, and the cue or clause that excuses it (kept for review)."""

    evidence: Evidence
    reason: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule decided for one agent in one chat, with what it rests on.

    ``evidence`` holds the words said (of a fail for something said, of a pass for something wanted);
    ``searched`` the rounds looked through for something missing; ``measured`` and ``limit`` a measure and its
    bound, in ``unit``. ``waived`` is the reason why a fail costs nothing.
    """

    rule_id: str
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    searched: tuple[int, ...] = ()
    wanted: str = ""
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    excused: tuple[Excused, ...] = ()
    waived: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RoundMood:
    """The customer's mood in one round: its first message, the label, P(negative, neutral, positive)."""

    message: int
    label: Mood
    probabilities: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """The first message of a round from which on the customer's mood is worse, or better, than before."""

    message: int
    change: Change


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a customer's mood: first, last and worst round, where it turned, and the end against the start.

    Of one round alone start, end and worst are the same and ``change`` is ``same``.
    """

    start: RoundMood
    end: RoundMood
    worst: RoundMood
    change: Change
    turning_points: tuple[TurningPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Factor:
    """One part of a probability: its name, what it adds to the log-odds, and the words that show it, if words do."""

    name: str
    log_odds: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability with the factors that moved it most, the strongest first."""

    probability: float
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """What a chat was about, how it ended for its customer, and how they felt; empty where no model says so.

    ``emotion`` is that of the whole chat, ``end_mood`` the customer's mood at its end. ``emotions`` are P of each of
    ``EMOTIONS``, ``emotion_evidence`` the words that speak most for ``emotion``; ``unresolved`` is P(outcome no),
    ``dissatisfied`` that the customer was so at the end.
    """

    topic: str = ""
    outcome: Outcome | None = None
    emotion: Emotion | None = None
    end_mood: Mood | None = None
    emotions: tuple[float, ...] = ()
    emotion_evidence: tuple[Evidence, ...] = ()
    unresolved: float | None = None
    dissatisfied: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Deduction:
    """One line of 扣分明细: a failed rule at one place.

    ``points`` is what it costs after caps (0 for a waived or yielded one, an alert, and for the further hits of a
    rule that is charged once per chat). ``evidence`` is None for something missing or measured.
    """

    rule_id: str
    severity: Severity
    points: float
    evidence: Evidence | None = None
    waived: str = ""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One agent's part of one chat, decided and scored; the row of the results store.

    ``transcript`` is masked unless the night ran with --no-mask. ``round_of[i]`` is the round of message i, -1
    for automatic replies and system notices. ``score`` is None where nothing was decided; a critical fail makes it
    0 and leaves ``score_before_fatal``. ``decided`` counts the rules with pass or fail. ``measures`` holds
    first_response_s, longest_wait_s, mean_wait_s, rings … where the data has them; ``counts_for_30s`` says
    whether the chat enters JD's 30-second rate. ``course`` is that of ``moods``, None where there are none.

    ``topic``, ``outcome``, ``emotion`` and ``end_mood`` are those of the whole chat, as are the probabilities:
    ``emotions`` of each of ``EMOTIONS`` (with ``emotion_evidence``, the customer's words that speak most for ``emotion``),
    ``dissatisfied`` that the customer was so at the end, ``escalation`` that the matter goes further; each with the
    factors that moved it. They are empty or None where no model says so.
    """

    transcript: Transcript
    agent: str
    round_of: tuple[int, ...]
    results: tuple[RuleResult, ...]
    moods: tuple[RoundMood, ...]
    deductions: tuple[Deduction, ...]
    bonus: float
    score: float | None
    score_before_fatal: float | None
    grade: str
    decided: int
    alerts: tuple[str, ...]
    measures: Mapping[str, float]
    counts_for_30s: bool = False
    topic: str = ""
    customer_key: str = ""
    outcome: Outcome | None = None
    emotion: Emotion | None = None
    end_mood: Mood | None = None
    course: Course | None = None
    emotions: Mapping[str, float] = field(default_factory=dict)
    emotion_evidence: tuple[Evidence, ...] = ()
    dissatisfied: float | None = None
    dissatisfied_factors: tuple[Factor, ...] = ()
    escalation: float | None = None
    escalation_factors: tuple[Factor, ...] = ()

    @property
    def contact(self) -> Contact:
        """What the chat was about, how it ended, and how the customer felt; without probabilities."""
        return Contact(self.topic, self.outcome, self.emotion, self.end_mood)


@dataclass(frozen=True, slots=True)
class Review:
    """What people made of a chat: the machine's score and grade before, how the final score came about, and by whom.

    ``settled``: the rules whose fatal somebody confirmed, or a reviewer's own score went past.
    """

    machine_score: float | None
    machine_grade: str
    how: str
    reviewers: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReviewedCard(Scorecard):
    """A scorecard as people corrected it.

    ``score`` is the final one, ``score_before_fatal`` what counts in means. What they took back stays among the
    deductions, waived, with its evidence.
    """

    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A chat in which a customer wrote and no human ever answered (无人应答)."""

    transcript: Transcript
    agent: str | None
    result: RuleResult | None


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate over n cases with its 95 % interval; all None where there is nothing to estimate from."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class AgentStatistics:
    """One agent's night: scores with a 95 % interval (t), rates with a Wilson interval.

    ``mean_score`` uses the score before a fatal that nobody has confirmed yet. ``sections`` is the mean
    share of points kept per section, 0–100, over the chats in which a rule of it was decided. First responses are those of chats that enter the 30-second rate:
    opened in the counted hours, not left off line, not taken over. ``alerts`` are the agent-level rules that failed, with their measure.

    ``mood_worse`` and ``mood_better`` are shares of the chats with two customer rounds or more, ``negative_end`` of those
    with one. ``mood_tenths`` is the mean of P(positive) - P(negative) in each tenth of the chats, empty where no chat has
    a mood. ``dissatisfied`` and ``escalation`` are means of what is known of the chats. ``first_response_s`` is the mean
    first response again, with its interval. ``reviewed`` counts the chats whose score people settled.
    """

    agent: str
    chats: int
    mean_score: Interval
    grade: str
    fatal: int
    sections: Mapping[str, Interval]
    rate_30s: Interval
    mean_first_response_s: float | None
    median_first_response_s: float | None
    longest_wait_s: float | None
    mean_wait_s: float | None
    mood_worse: Interval
    mood_better: Interval
    negative_end: Interval
    rule_costs: tuple[tuple[str, float, int], ...]
    alerts: tuple[RuleResult, ...]
    mood_tenths: tuple[float, ...] = ()
    dissatisfied: float | None = None
    escalation: float | None = None
    first_response_s: Interval = Interval(None, None, None, 0)
    reviewed: int = 0

    @property
    def section_scores(self) -> Mapping[str, float]:
        """The means of the sections without their intervals."""
        return {name: one.value for name, one in self.sections.items() if one.value is not None}


@dataclass(frozen=True, slots=True)
class Previous:
    """The period before this one: its mean score over how many chats; ``same_standard``: all nights of both had one."""

    label: str
    mean: float | None
    chats: int
    same_standard: bool


@dataclass(frozen=True, slots=True)
class AgentReport:
    """Everything one agent's workbook says: this night or period, the team beside it, and what was before.

    ``scorecards`` come in order of time, those without a time last; they may be read anew each time they are asked for.

    ``trend`` is (night, mean score, chats, standard hash), oldest first: this night last, 14 nights at most, or the
    nights of the period. ``not_audited`` counts the chats of this agent that could not be audited. ``before`` is what a
    period is compared with. ``unanswered``: the ids of chats that were the agent's and that nobody answered.
    """

    statistics: AgentStatistics
    team: AgentStatistics
    scorecards: Sequence[Scorecard]
    trend: tuple[tuple[str, float | None, int, str], ...]
    night: str
    run_id: str
    not_audited: int = 0
    before: Previous | None = None
    unanswered: tuple[str, ...] = ()
