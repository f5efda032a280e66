"""Two standards side by side, and what chats get under each: the nouns."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.records import Verdict
from qa_audit.report import wording

ABSENT = "无此规则"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two standards: what it was called on the command line, and what it calls itself."""

    given: str
    title: str
    version: str
    rules: int
    hash: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that both have, and what is different in it: “points 5 → 3”, “look_for”."""

    rule_id: str
    title: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StandardChanges:
    """What is different between two standards, before any chat; (id, title) of rules, (list, added, removed) of lexicons."""

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    changed: tuple[RuleChange, ...]
    settings: tuple[str, ...]
    lexicons: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """One rule on one agent's part of one chat; a verdict is None where that standard has no such rule.

    ``waived`` verdicts are fails that cost nothing. ``grounds``: what the new verdict rests on, else the old one.
    """

    rule_id: str
    old: Verdict | None
    new: Verdict | None
    old_waived: bool
    new_waived: bool
    old_points: float
    new_points: float
    grounds: str


@dataclass(frozen=True, slots=True)
class CardChange:
    """An agent's part of a chat under both standards; ``unsure`` are rules whose verdict hangs on masked text.

    Scores are None where nothing was decided, or where an unsure rule leaves them open (``comparable`` False).
    """

    chat: str
    agent: str
    old_score: float | None
    new_score: float | None
    old_mean: float | None
    new_mean: float | None
    old_fatal: bool
    new_fatal: bool
    verdicts: tuple[VerdictChange, ...]
    unsure: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether the scores can be compared."""
        return not self.unsure

    @property
    def moved(self) -> float:
        """By how much the score moves; that before a fatal where a fatal has come or gone."""
        if self.old_score is None or self.new_score is None:
            return 0.0
        return abs(self.new_score - self.old_score)

    @property
    def scored_anew(self) -> bool:
        """Whether the score is another one."""
        return self.old_score != self.new_score


@dataclass(frozen=True, slots=True)
class AgentChange:
    """An agent's mean score (before a fatal) over the chats that can be compared."""

    agent: str
    chats: int
    old_mean: float
    new_mean: float


@dataclass(frozen=True, slots=True)
class StandardDiff:
    """The whole comparison; ``cards`` holds those in which something changes, by (chat, agent)."""

    old: Side
    new: Side
    changes: StandardChanges
    titles: Mapping[str, str]
    masked: bool
    chats: int
    parts: int
    cards: tuple[CardChange, ...]
    moves: Mapping[str, Mapping[tuple[str, str], int]]
    agents: tuple[AgentChange, ...]
    not_comparable: Mapping[str, int]

    @property
    def changed(self) -> bool:
        """Whether any verdict or score changes."""
        return any(card.verdicts or card.scored_anew for card in self.cards)


def verdict_name(verdict: Verdict | None, *, waived: bool = False) -> str:
    """The word for a verdict; a waived fail is told apart, for it costs nothing."""
    if verdict is None:
        return ABSENT
    return "违规（不扣分）" if waived and verdict is Verdict.FAIL else wording.VERDICTS[verdict]


def agent_changes(cards: Sequence[CardChange]) -> tuple[AgentChange, ...]:
    """Agents whose mean changes, those it changes most first."""
    means: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for card in cards:
        if card.comparable and card.old_mean is not None and card.new_mean is not None:
            means[card.agent].append((card.old_mean, card.new_mean))
    changes = [
        AgentChange(agent, len(pairs), *(statistics.fmean(side) for side in zip(*pairs, strict=True)))
        for agent, pairs in means.items()
    ]
    moved = [change for change in changes if abs(change.new_mean - change.old_mean) >= 0.05]
    return tuple(sorted(moved, key=lambda change: (-abs(change.new_mean - change.old_mean), change.agent)))


def moves_of(counts: Mapping[str, Counter[tuple[str, str]]]) -> dict[str, dict[tuple[str, str], int]]:
    """How often each verdict became which, by rule; the commonest first."""
    return {
        rule_id: dict(sorted(counts[rule_id].items(), key=lambda move: (-move[1], move[0])))
        for rule_id in sorted(counts)
    }
