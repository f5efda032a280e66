"""Transcripts in packed parts of a bounded whole: those that must be seen first get the room."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_audit.page.embed import packed

PART = 256 * 1024  # characters of JSON: small enough to unpack when one chat is opened
Slot = tuple[int, int, int]  # tier, part of that tier, place in the part


@dataclass(slots=True)
class _Tier:
    closed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    waiting_size: int = 0
    size: int = 0

    def close(self) -> None:
        if self.waiting:
            part = packed(f"[{','.join(self.waiting)}]")
            self.closed.append(part)
            self.size += len(part)
            self.waiting, self.waiting_size = [], 0


class Parts:
    """Parts of several tiers; a tier that alone fills ``budget`` bytes takes no more, so memory is bounded."""

    def __init__(self, tiers: int, budget: int) -> None:
        self.budget = budget
        self.tiers = [_Tier() for _ in range(tiers)]

    def add(self, tier: int, chat: str) -> Slot | None:
        """One chat as JSON; None where its tier is full."""
        own = self.tiers[tier]
        if own.size > self.budget:
            return None
        slot = (tier, len(own.closed), len(own.waiting))
        own.waiting.append(chat)
        own.waiting_size += len(chat)
        if own.waiting_size >= PART:
            own.close()
        return slot

    def fitted(self, room: int) -> tuple[list[str], dict[tuple[int, int], int]]:
        """The parts that fit into so many bytes, the first tiers first, and the number of each (tier, part)."""
        parts: list[str] = []
        number: dict[tuple[int, int], int] = {}
        for index, tier in enumerate(self.tiers):
            tier.close()
            for place, part in enumerate(tier.closed):
                if len(part) > room:
                    return parts, number
                room -= len(part)
                number[index, place] = len(parts)
                parts.append(part)
        return parts, number
