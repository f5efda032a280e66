"""How right moods are: figures, calibration error, thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from qa_audit.records import Interval
from qa_audit.sentiment.figures import (
    best_thresholds,
    calibration_error,
    mood_figures,
    threshold_for_precision,
)

TRUTH = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
GIVEN = np.array([0, 0, 1, 1, 1, 1, 0, 2, 2, 1])
GROUPS = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"]


def test_precision_recall_and_f1_are_those_counted_by_hand() -> None:
    figures = mood_figures(TRUTH, GIVEN, GROUPS, seed=1)
    assert (figures.accuracy.value, figures.accuracy.n) == (0.7, 10)
    assert (figures.negative_precision.value, figures.negative_precision.n) == (0.6667, 3)
    assert (figures.negative_recall.value, figures.negative_recall.n) == (0.6667, 3)
    assert figures.negative_f1.value == 0.6667
    assert figures.neutral_f1.value == 0.6667
    assert figures.positive_f1.value == 0.8
    assert figures.macro_f1.value == pytest.approx((0.8 + 2 / 3 + 2 / 3) / 3, abs=1e-4)


def test_intervals_enclose_the_figure_and_come_from_whole_chats() -> None:
    accuracy = mood_figures(TRUTH, GIVEN, GROUPS, seed=1).accuracy
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.low < 0.7 < accuracy.high
    one_chat = mood_figures(TRUTH, GIVEN, ["a"] * 10, seed=1).accuracy
    assert one_chat == Interval(0.7, 0.7, 0.7, 10)


def test_figures_are_the_same_for_the_same_seed() -> None:
    assert mood_figures(TRUTH, GIVEN, GROUPS, seed=5) == mood_figures(TRUTH, GIVEN, GROUPS, seed=5)


def test_a_mood_that_is_neither_given_nor_true_counts_as_zero() -> None:
    figures = mood_figures(np.array([1, 1]), np.array([1, 1]), ["a", "b"], seed=1)
    assert figures.macro_f1 == Interval(0.3333, 0.3333, 0.3333, 2)


def test_calibration_error_is_the_gap_between_said_and_happened() -> None:
    happened = np.array([True] * 5 + [False] * 5)
    assert calibration_error(np.full(10, 0.5), happened, bins=1) == 0.0
    assert calibration_error(np.full(10, 0.9), happened, bins=1) == pytest.approx(0.4)
    assert calibration_error(np.where(happened, 1.0, 0.0), happened, bins=2) == 0.0


def test_best_thresholds_separate_what_can_be_separated() -> None:
    probabilities = np.array([[0.42, 0.5, 0.08], [0.3, 0.6, 0.1], [0.1, 0.7, 0.2], [0.1, 0.25, 0.65]])
    assert best_thresholds(probabilities, np.array([0, 1, 1, 2])) == {"negative": 0.31, "positive": 0.21}


def test_the_threshold_for_a_precision_is_the_lowest_that_keeps_it() -> None:
    probabilities = np.linspace(1.0, 0.01, 100)
    happened = np.arange(100) < 34
    # 34 of 40 are right at 0.61; one more and it is 34 of 41
    assert threshold_for_precision(probabilities, happened) == pytest.approx(0.61)


def test_without_twenty_precise_turns_nothing_is_that_certain() -> None:
    assert threshold_for_precision(np.linspace(1.0, 0.01, 100), np.arange(100) < 16) == 1.0
