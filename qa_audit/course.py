"""The course of the customer's mood through a chat: where it began, ended, was worst, and where it turned.

The value of a round is P(positive) - P(negative), from -1 to 1. A round is a turning point where the mean of up to
three rounds from it on differs by half a point or more from the mean of up to three rounds before it: a lone outburst
between calm rounds is none, an outburst that ends the chat is one. The round itself must have taken part: half of that.
A turn for the worse ends below UPSET and one for the better above it: who only stops thanking is not upset, and a plain
answer amid reproaches mends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from qa_audit.records import MOODS, TENTHS, Change, Course, RoundMood, TurningPoint

REACH = 3  # rounds looked at on each side of a turning point
LEAST_TURN = 0.5  # of a scale of 2
UPSET = -0.25  # the mean of rounds below which a customer counts as upset


def value(mood: RoundMood) -> float:
    """P(positive) - P(negative)."""
    negative, _, positive = mood.probabilities
    return positive - negative


def course_of(moods: Sequence[RoundMood]) -> Course | None:
    """The course of these rounds, in order; None where there are none.

    ``change`` compares the moods of the last and the first round; of one round it is ``same``.
    """
    if not moods:
        return None
    return Course(
        start=moods[0],
        end=moods[-1],
        worst=min(moods, key=value),
        change=change_between(moods[0], moods[-1]),
        turning_points=turning_points(moods),
    )


def change_between(start: RoundMood, end: RoundMood) -> Change:
    """Whether the mood at the end is worse or better than at the start, or the same."""
    step = MOODS.index(end.label) - MOODS.index(start.label)
    return "worse" if step < 0 else "better" if step > 0 else "same"


def turning_points(moods: Sequence[RoundMood]) -> tuple[TurningPoint, ...]:
    """Where the mood turned; of neighbouring rounds that turn the same way the one that turns most, then the first."""
    values = [value(mood) for mood in moods]
    found: list[TurningPoint] = []
    run: list[tuple[float, int]] = []
    for place in range(1, len(values) + 1):
        step = _step(values, place) if place < len(values) else 0.0
        turns = abs(step) >= LEAST_TURN
        if run and (not turns or (step > 0) != (run[-1][0] > 0)):
            step_of_run, best = max(run, key=lambda one: (abs(one[0]), -one[1]))
            found.append(TurningPoint(moods[best].message, "better" if step_of_run > 0 else "worse"))
            run = []
        if turns:
            run.append((step, place))
    return tuple(found)


def _step(values: Sequence[float], place: int) -> float:
    """How much higher the rounds from a place on are than those before it; 0 where that is no turn whatever its size."""
    # rounded: the same course must not turn or not with the last bit of a sum
    before = round(fmean(values[max(place - REACH, 0) : place]), 6)
    after = round(fmean(values[place : place + REACH]), 6)
    step, own = round(after - before, 6), values[place] - before
    took_part = own * step > 0 and abs(own) >= LEAST_TURN / 2
    return step if took_part and (step > 0) == (after > UPSET) else 0.0


def tenths(moods: Sequence[RoundMood]) -> tuple[float, ...]:
    """The value in each tenth of the chat, that of the round which holds its middle; empty without moods."""
    rounds = len(moods)
    return tuple(
        value(moods[(2 * tenth + 1) * rounds // (2 * TENTHS)]) for tenth in range(TENTHS if rounds else 0)
    )
