"""The course of a customer's mood: start, end, worst, change and turning points."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.course import LEAST_TURN, REACH, UPSET, course_of, tenths, turning_points, value
from qa_audit.records import MOODS, TENTHS, Course, Mood, RoundMood, TurningPoint

FELT: dict[str, tuple[Mood, tuple[float, float, float]]] = {
    "-": ("negative", (0.9, 0.1, 0.0)),
    "~": ("negative", (0.6, 0.4, 0.0)),
    "0": ("neutral", (0.0, 1.0, 0.0)),
    "+": ("positive", (0.0, 0.1, 0.9)),
}


def moods(signs: str) -> tuple[RoundMood, ...]:
    """Rounds at every second message."""
    return tuple(RoundMood(2 * place, *FELT[sign]) for place, sign in enumerate(signs))


@pytest.mark.parametrize(
    ("signs", "turns"),
    [
        ("", ()),
        ("-", ()),
        ("0000", ()),
        ("00-", ((2, "worse"),)),
        ("00-0000", ()),
        ("000---", ((3, "worse"),)),
        ("-++", ((1, "better"),)),
        ("0---+++", ((1, "worse"), (4, "better"))),
        ("000--0", ((3, "worse"), (5, "better"))),
        ("0~0~0~", ()),
        ("00000+", ((5, "better"),)),
        ("+++000", ()),
        ("-0~-", ()),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_turning_points(signs: str, turns: tuple[tuple[int, str], ...]) -> None:
    assert [(turn.message // 2, turn.change) for turn in turning_points(moods(signs))] == list(turns)


def test_nothing_is_judged_from_no_round() -> None:
    assert course_of(()) is None
    assert tenths(()) == ()


def test_one_round_is_start_end_and_worst() -> None:
    (only,) = moods("-")
    assert course_of([only]) == Course(only, only, only, "same")
    assert tenths([only]) == (-0.9,) * TENTHS


def test_the_course_of_a_chat_that_went_wrong_and_was_mended() -> None:
    felt = moods("0~--+")
    assert course_of(felt) == Course(
        start=felt[0],
        end=felt[4],
        worst=felt[2],
        change="better",
        turning_points=(TurningPoint(2, "worse"), TurningPoint(8, "better")),
    )


@pytest.mark.parametrize(
    ("signs", "change"),
    [("0-", "worse"), ("-0", "better"), ("+0", "worse"), ("0+", "better"), ("-+-", "same")],
)
def test_the_end_is_held_against_the_start(signs: str, change: str) -> None:
    course = course_of(moods(signs))
    assert course is not None
    assert course.change == change


def test_tenths_follow_the_rounds() -> None:
    assert tenths(moods("-0+")) == (-0.9,) * 3 + (0.0,) * 4 + (0.9,) * 3
    assert tenths(moods("-" * 20 + "+" * 20)) == (-0.9,) * 5 + (0.9,) * 5


PROBABILITIES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(
    lambda two: (two[0] * (1 - two[1]), two[1], (1 - two[0]) * (1 - two[1]))
)
ROUNDS = st.lists(PROBABILITIES, max_size=12).map(
    lambda rows: tuple(
        RoundMood(3 * place, MOODS[row.index(max(row))], row) for place, row in enumerate(rows)
    )
)


@settings(deadline=None)
@given(ROUNDS)
def test_any_course_is_made_of_its_rounds(felt: Sequence[RoundMood]) -> None:
    course = course_of(felt)
    if course is None:
        assert not felt
        return
    assert (course.start, course.end) == (felt[0], felt[-1])
    assert value(course.worst) == min(map(value, felt))
    messages = [mood.message for mood in felt]
    turns = [turn.message for turn in course.turning_points]
    assert turns == sorted(set(turns))
    assert set(turns) <= set(messages[1:])


@settings(deadline=None)
@given(ROUNDS)
def test_a_turn_for_the_worse_ends_upset_and_one_for_the_better_does_not(felt: Sequence[RoundMood]) -> None:
    places = {mood.message: place for place, mood in enumerate(felt)}
    for turn in turning_points(felt):
        place = places[turn.message]
        after = fmean(map(value, felt[place : place + REACH]))
        before = fmean(map(value, felt[max(place - REACH, 0) : place]))
        assert (turn.change == "better") == (after > before) == (round(after, 6) > UPSET)
        assert abs(after - before) >= LEAST_TURN - 1e-6


@settings(deadline=None)
@given(st.lists(st.floats(0, LEAST_TURN / 2 - 0.001), min_size=1, max_size=12))
def test_small_moves_are_no_turns(values: Sequence[float]) -> None:
    felt = [RoundMood(n, "neutral", (0.0, 1 - v, v)) for n, v in enumerate(values)]
    assert turning_points(felt) == ()
