"""Figures of rules and reviewers: by hand where they can be, by simulation where they claim a coverage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.intervals import kappa, rate_interval
from qa_audit.records import Verdict
from qa_audit.review.agreement import agreement, alpha
from qa_audit.review.estimates import Looked, qualities, share_of_fails
from qa_audit.review.quality import Quality
from qa_audit.review.records import ChatReview, Judgement, NightReviews, RuleAppeals, StratumSize

PASS, FAIL, NONE, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNDECIDABLE
RULE = "CLOSE-02"


def night(
    strata: Sequence[tuple[Verdict, int, Sequence[Verdict]]],
    *,
    name: str = "2026-11-20",
    drawn: int | None = None,
) -> NightReviews:
    """A night in which of each stratum (the machine's verdict, its size) these verdicts were given."""
    judgements, sizes = [], []
    for index, (machine, population, answers) in enumerate(strata):
        sampled, new = drawn or len(answers), index > 1
        sizes.append(StratumSize("run", RULE, machine, new, sampled, population))
        judgements += [
            Judgement(
                f"{name}-{index}-{i}", "a", RULE, RULE, "blind", "r", answer, machine, "", "run", sampled, population, new
            )
            for i, answer in enumerate(answers)
        ]  # fmt: skip
    return NightReviews(name, tuple(judgements), strata=tuple(sizes))


def figures(*nights: NightReviews) -> Quality:
    return qualities(nights)[RULE]


def test_each_stratum_stands_for_all_of_its_verdicts() -> None:
    own = figures(night([(FAIL, 40, [FAIL] * 8 + [PASS] * 2), (PASS, 960, [PASS] * 19 + [FAIL])]))
    assert own.reviewed == 30
    assert own.precision.value == pytest.approx(0.8)
    assert own.omission.value == pytest.approx(0.05)
    assert own.miss_rate.value == pytest.approx(48 / (48 + 32))  # 960 × 5 % missed, 40 × 80 % found
    table = [(FAIL, FAIL)] * 32 + [(FAIL, PASS)] * 8 + [(PASS, FAIL)] * 48 + [(PASS, PASS)] * 912
    assert own.kappa.value == pytest.approx(kappa([(str(a), str(b)) for a, b in table]).value)


def test_new_agents_who_are_drawn_more_often_do_not_count_more() -> None:
    strata = [
        (FAIL, 90, [FAIL] * 9),
        (PASS, 900, [PASS] * 9),
        (FAIL, 10, [PASS] * 5),
        (PASS, 100, [PASS] * 5),
    ]
    assert figures(night(strata)).precision.value == pytest.approx(0.9)


def test_a_verdict_that_does_not_apply_is_no_fail_and_who_cannot_tell_has_not_judged() -> None:
    own = figures(night([(FAIL, 10, [FAIL, FAIL, NONE, UNSURE]), (PASS, 10, [PASS, NONE])]))
    assert (own.reviewed, own.precision.value, own.omission.value) == (5, pytest.approx(2 / 3), 0)


def test_from_few_verdicts_nobody_learns_that_a_rule_misses_nothing() -> None:
    own = figures(night([(FAIL, 20, [FAIL] * 3), (PASS, 1000, [PASS] * 5)]))
    assert (own.precision.value, own.miss_rate.value) == (1.0, 0.0)
    assert own.precision.low is not None
    assert own.precision.low < 0.5
    assert own.miss_rate.high is not None
    assert own.miss_rate.high > 0.9


def test_without_one_kind_of_verdict_what_needs_both_is_unknown() -> None:
    own = figures(night([(FAIL, 20, [FAIL, FAIL, PASS])]))
    assert own.precision.n == 3
    assert (own.miss_rate.value, own.kappa.value, own.omission.value) == (None, None, None)


def test_nights_are_pooled_each_by_its_own_weights() -> None:
    one = night([(FAIL, 10, [FAIL] * 5), (PASS, 100, [PASS] * 5)])
    two = night([(FAIL, 30, [PASS] * 5), (PASS, 100, [PASS] * 5)], name="2026-11-21")
    assert figures(one, two).precision.value == pytest.approx(10 / 40)
    assert figures(one, two).reviewed == 20


def test_a_reviewer_who_disagrees_with_another_leaves_the_verdict_open() -> None:
    one = night([(FAIL, 10, [FAIL, FAIL]), (PASS, 10, [PASS, PASS])])
    other = Judgement(
        "2026-11-20-0-0", "a", RULE, RULE, "blind", "s", PASS, FAIL, "", "run", 2, 10, new=False
    )
    both = NightReviews(one.night, (*one.judgements, other), strata=one.strata)
    assert figures(both).precision.n == 1


def test_findings_taken_back_and_appeals_are_rates_of_what_was_judged() -> None:
    marked = tuple(
        Judgement(f"c{i}", "a", RULE, f"{RULE}|1|0|2", "marked", "r", verdict, FAIL, "", "run")
        for i, verdict in enumerate([FAIL, FAIL, PASS, NONE])
    )
    own = figures(NightReviews("2026-11-20", marked, appeals=(RuleAppeals(RULE, 20, 5, 4, 1),)))
    assert own.overturned == rate_interval(2, 4)
    assert (own.appeals, own.upheld) == (rate_interval(5, 20), rate_interval(1, 4))
    assert own.reviewed == 0


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 20), st.integers(0, 20)).map(
            lambda s: Looked(max(s[0], s[1]), s[1], min(s[1], s[2]))
        ),
        min_size=1,
        max_size=6,
    )
)
def test_an_interval_holds_its_estimate_and_stays_a_share(strata: list[Looked]) -> None:
    found = share_of_fails(strata)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 3e-12
    assert found.low < found.high


@pytest.mark.parametrize(
    ("p", "q", "fails", "passes"),
    [
        (0.9, 0.02, ((150, 5), (30, 3)), ((5000, 5), (1000, 3))),
        (0.9, 0.02, ((150, 20), (40, 10)), ((5000, 20), (900, 12))),
        (0.6, 0.1, ((150, 5), (30, 3)), ((900, 8), (100, 3))),
        (0.97, 0.005, ((400, 40), (100, 20)), ((9000, 40), (1000, 20))),
    ],
)
def test_the_intervals_hold_the_truth_about_as_often_as_they_say(
    p: float, q: float, fails: tuple[tuple[int, int], ...], passes: tuple[tuple[int, int], ...]
) -> None:
    """300 nights of known error rates, drawn as the review workbook draws them."""
    rng = np.random.default_rng(20261120)
    failed, passed = sum(n for n, _ in fails), sum(n for n, _ in passes)
    share = failed / (failed + passed)
    truths = {"precision": p, "omission": q, "miss_rate": (1 - share) * q / ((1 - share) * q + share * p)}
    held = dict.fromkeys(truths, 0)
    estimates = []
    for _ in range(300):
        strata = [(FAIL, size, [FAIL if rng.random() < p else PASS for _ in range(n)]) for size, n in fails]
        strata += [(PASS, size, [FAIL if rng.random() < q else PASS for _ in range(n)]) for size, n in passes]
        (f1, f2), (s1, s2) = strata[:2], strata[2:]
        own = figures(night([f1, s1, f2, s2]))
        estimates.append(own.precision.value)
        for name, truth in truths.items():
            interval = getattr(own, name)
            held[name] += interval.low is not None and interval.low <= truth <= interval.high
    assert np.mean([one for one in estimates if one is not None]) == pytest.approx(p, abs=0.03)
    assert {name: count for name, count in held.items() if count < 0.92 * 300} == {}


# reviewers


def judged(reviewer: str, verdicts: str, *, machine: str = "") -> tuple[Judgement, ...]:
    """Blind verdicts on items 0, 1, 2 …: p, f, n; a space: not judged."""
    names = {"p": PASS, "f": FAIL, "n": NONE}
    return tuple(
        Judgement(
            f"c{i}",
            "a",
            RULE,
            RULE,
            "blind",
            reviewer,
            names[one],
            names[(machine or verdicts)[i]],
            "",
            "run",
        )
        for i, one in enumerate(verdicts)
        if one != " "
    )


def test_two_reviewers_are_compared_on_what_both_judged() -> None:
    both = NightReviews("n", (*judged("甲", "ppffp "), *judged("乙", "ppfpp p"[:6])))
    found = agreement([both])
    assert len(found.items) == 5
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.agreement) == ("乙", "甲", rate_interval(4, 5))
    expected = kappa([("pass", "pass")] * 3 + [("fail", "fail")] + [("pass", "fail")])
    assert pair.kappa.value == pytest.approx(expected.value)
    assert [item.chat for item in found.items if not item.agreed] == ["c3"]


def test_a_reviewer_is_compared_with_the_machine_only_where_it_was_hidden() -> None:
    marked = Judgement("c9", "a", RULE, f"{RULE}|0|0|2", "marked", "甲", PASS, FAIL, "", "run")
    review = ChatReview("c1", "a", "甲", 80.0, "", None, "", None)
    (own,) = agreement(
        [NightReviews("n", (*judged("甲", "ppff", machine="pfff"), marked), (review,))]
    ).reviewers
    assert (own.blind, own.marked, own.scores) == (4, 1, 1)
    assert (own.same, own.overturned) == (rate_interval(3, 4), rate_interval(1, 1))


def test_krippendorffs_own_examples() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A and B."""
    binary = [*zip("0100000010", "1110010000", strict=True)]
    nominal = [*zip("aabbdcccedda", "babbbccceddd", strict=True)]
    assert alpha(binary).value == pytest.approx(0.095, abs=0.001)
    assert alpha(nominal).value == pytest.approx(0.692, abs=0.001)


def test_alpha_of_one_answer_alone_is_unknown_and_of_nothing_too() -> None:
    assert alpha([["pass", "pass"]] * 5).value is None
    assert alpha([]) == rate_interval(0, 0)


def test_alpha_has_an_interval_that_holds_it() -> None:
    found = alpha([["pass", "pass"]] * 12 + [["fail", "fail"]] * 6 + [["pass", "fail"]] * 3)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high <= 1
