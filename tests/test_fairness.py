"""Scores beside how chats ended, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from qa_audit.fairness import Ended, RuleShare, correlation, fairness, lines, spearman
from qa_audit.intervals import mean_interval
from qa_audit.records import Interval


def ended(score: float, resolved: str, **costs: float) -> Ended:
    return Ended(
        score, {rule.replace("_", "-"): points for rule, points in costs.items()}, {"resolved": resolved}
    )


CHATS = (
    ended(100.0, "yes"),
    ended(96.0, "yes", CLOSE_01=4.0),
    ended(88.0, "partly", ATT_04=8.0, CLOSE_01=4.0),
    ended(92.0, "no", ATT_04=8.0),
    ended(84.0, "no", ATT_04=8.0, CLOSE_01=0.0, OPEN_01=0.0),
)


def test_means_correlation_and_what_makes_the_difference() -> None:
    (found,) = fairness(CHATS)
    assert found.means == {
        "yes": mean_interval([100.0, 96.0], low=0.0, high=100.0),
        "partly": Interval(88.0, None, None, 1),
        "no": mean_interval([92.0, 84.0], low=0.0, high=100.0),
    }
    assert found.rules == (RuleShare("ATT-04", 0.0, 8.0), RuleShare("CLOSE-01", 2.0, pytest.approx(4 / 3)))
    assert found.rules[0].difference == 8.0
    assert found.correlation.value == pytest.approx(
        spearmanr([100, 96, 88, 92, 84], [2, 2, 1, 0, 0]).statistic
    )
    assert found.correlation.low is not None
    assert found.correlation.low <= (found.correlation.value or 0) <= (found.correlation.high or 0)
    assert list(found.as_dict()) == ["means", "spearman", "spearman_interval", "n", "rules"]
    assert "    ATT-04                 0.00     8.00        +8.00" in list(lines([found]))


def test_chats_without_the_label_are_left_out() -> None:
    chats = [*CHATS, Ended(10.0, {}, {}), Ended(20.0, {}, {"resolved": "unknown"})]
    assert fairness(chats) == fairness(CHATS)
    assert fairness([]) == ()


def test_two_scales() -> None:
    chats = [
        Ended(90.0, {}, {"resolved": "yes", "end_mood": mood}) for mood in ("positive", "negative", "neutral")
    ]
    by_outcome, by_mood = fairness(chats)
    assert by_outcome.correlation == by_mood.correlation == Interval(None, None, None, 3)
    assert [mean.n for mean in by_mood.means.values()] == [1, 1, 1]


SCORES = st.integers(0, 20).map(float)


@given(st.lists(st.tuples(SCORES, SCORES), min_size=3, max_size=30))
def test_the_correlation_is_spearman_s(pairs: list[tuple[float, float]]) -> None:
    first, second = np.array(pairs).T
    if np.ptp(first) and np.ptp(second):
        assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)
    else:
        assert spearman(first, second) is None


def test_too_few_chats_have_no_correlation() -> None:
    assert correlation(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == Interval(None, None, None, 2)
