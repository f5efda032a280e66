"""A night's chats, one after another, into one file of bounded size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa_audit.page.detail import card_detail, unanswered_detail
from qa_audit.page.embed import packed, page, to_json
from qa_audit.page.parts import Parts, Slot
from qa_audit.page.rows import NONE, Row, card_row, columns, rule_table, unanswered_row
from qa_audit.records import AgentStatistics, Scorecard, Unanswered
from qa_audit.report import wording
from qa_audit.report.places import key
from qa_audit.report.sampling import is_at_risk, urgency
from qa_audit.rule import Standard

LARGEST = 20_000_000  # bytes of a file
MOST_ROWS = 100_000  # chats in the list
FRAME = 300_000  # bytes kept for the page itself and its rules
PLACE = 16  # bytes that the place of one transcript adds to the list at most
TIERS = RISKY, FOUND, CLEAN = range(3)  # whose transcripts get the room first
Listed = tuple[Row, Slot | None]


@dataclass(frozen=True, slots=True)
class About:
    """What the head of the page says: ``statistics`` of everybody shown; ``not_audited`` None: unknown.

    ``scope`` says what was chosen where that is not the whole night.
    """

    night: str
    run_id: str
    statistics: AgentStatistics
    not_audited: int | None = None
    masked: bool = True
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What came into the file: chats in its list, those not even listed, those listed without their transcript."""

    chats: int
    unlisted: int
    without_transcript: int
    bytes: int


@dataclass(slots=True)
class PageBuilder:
    """Collects a night's chats in any order and writes their page.

    ``judged``: by the key of a chat, the rules that people have judged in it already. Beyond ``most_rows`` chats those
    of least risk are not listed; beyond ``largest`` bytes the transcripts of chats without a deduction are left out
    first, then of those that nobody must look at.
    """

    standard: Standard
    judged: Mapping[str, frozenset[str]] = field(default_factory=dict)
    largest: int = LARGEST
    most_rows: int = MOST_ROWS
    audited: set[str] = field(default_factory=set)
    fatal: int = 0
    alerts: int = 0
    unanswered: int = 0
    _chats: list[Listed] = field(default_factory=list)
    _parts: Parts = field(init=False)
    _numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._parts = Parts(len(TIERS), self.largest)
        self._numbers = {rule.id: number for number, rule in enumerate(self.standard.rules)}

    def add(self, card: Scorecard) -> None:
        """An audited chat of one agent."""
        judged = self.judged.get(key(card.transcript.id, card.agent), frozenset())
        self.audited.add(card.transcript.id)
        self.fatal += card.grade == self.standard.fatal_grade
        self.alerts += bool(card.alerts)
        risky = is_at_risk(card, self.standard, judged)
        tier = RISKY if risky else FOUND if card.deductions else CLEAN
        row = card_row(card, self.standard, judged, order=(not risky, *urgency(card, self.standard)))
        self._put(row, tier, to_json(card_detail(card, self.standard, self._numbers)))

    def add_unanswered(self, chat: Unanswered) -> None:
        """A chat that nobody answered."""
        self.unanswered += 1
        self._put(unanswered_row(chat), RISKY, to_json(unanswered_detail(chat)))

    def _put(self, row: Row, tier: int, detail: str) -> None:
        self._chats.append((row, self._parts.add(tier, detail)))

    def write(self, path: Path, about: About) -> Written:
        """The page at ``path``, written aside and renamed; call it once, after the last chat."""
        ordered = sorted(self._chats, key=lambda chat: (chat[0].unanswered, chat[0].order))
        listed = self._listed(ordered)
        rows = [row for row, _ in listed]
        placeless = packed(to_json(columns(rows, [(-1, -1)] * len(rows))))
        parts, numbers = self._parts.fitted(self.largest - FRAME - len(placeless) - PLACE * len(rows))
        places = [_place(slot, numbers) for _, slot in listed]
        left_out = sum(part < 0 for part, _ in places)
        unlisted = len(ordered) - len(listed)
        head = self._head(about) | {"left_out": left_out, "unlisted": unlisted}
        table = packed(to_json(columns(rows, places)))
        text = page(f"质检抽查 {about.night}", head, [table, *parts])
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        size = aside.write_bytes(text.encode("utf-8"))
        aside.replace(path)
        return Written(len(listed), unlisted, left_out, size)

    def _listed(self, ordered: Sequence[Listed]) -> list[Listed]:
        """What the list has room for: all that must be seen, then the others by risk."""
        urgent = [row.risk != NONE or row.unanswered for row, _ in ordered]
        room = max(self.most_rows - sum(urgent), 0)
        kept: list[Listed] = []
        for chat, must in zip(ordered, urgent, strict=True):
            room -= not must
            if must or room >= 0:
                kept.append(chat)
        return kept[: self.most_rows]

    def _head(self, about: About) -> dict[str, object]:
        statistics, standard = about.statistics, self.standard
        mean = statistics.mean_score
        return {
            "night": about.night,
            "run": about.run_id,
            "standard": standard.title,
            "version": standard.version,
            "masked": about.masked,
            "scope": about.scope,
            "audited": len(self.audited),
            "not_audited": about.not_audited,
            "unanswered": self.unanswered,
            "fatal": self.fatal,
            "alerts": self.alerts,
            "mean": None if mean.value is None else wording.number(mean.value),
            "bounds": wording.bounds(mean),
            "rules": rule_table(standard),
            "grades": [*(grade.name for grade in standard.grades), standard.fatal_grade],
            "fatal_grade": standard.fatal_grade,
        }


def _place(slot: Slot | None, numbers: Mapping[tuple[int, int], int]) -> tuple[int, int]:
    if slot is None or slot[:2] not in numbers:
        return (-1, -1)
    tier, part, place = slot
    return numbers[tier, part] + 1, place  # part 0 is the list
