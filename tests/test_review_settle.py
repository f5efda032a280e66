"""What holds where several people, or one person twice, say something of the same."""

from __future__ import annotations

from dataclasses import replace

import factory
import pytest

from qa_audit.records import Scorecard, Verdict
from qa_audit.report.deductions import hit_key
from qa_audit.review.final import final_chat
from qa_audit.review.labels import label
from qa_audit.review.records import ChatReview, Judgement, Source, merged
from qa_audit.review.settle import Settled, majority, settled_rules

PASS, FAIL, NONE, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNDECIDABLE
CARDS = {card.transcript.id: card for card in factory.scorecards(factory.AGENTS[0])}
TWO_HITS = CARDS["S10006"]  # COMM-05 twice


def said(card: Scorecard, rule: str, verdict: Verdict, *, by: str = "甲", hit: int | None = 0) -> Judgement:
    """A verdict on the hit of this number, or blind (None)."""
    own = [d for d in card.deductions if d.rule_id == rule]
    machine = next(r.verdict for r in card.results if r.rule_id == rule)
    source: Source = "blind" if hit is None else "marked"
    place = rule if hit is None else hit_key(rule, own[hit].evidence)
    return Judgement(card.transcript.id, card.agent, rule, place, source, by, verdict, machine, "", "run")


def scored(by: str, score: float | None) -> ChatReview:
    return ChatReview("c", "a", by, score, "", None, "", None)


@pytest.mark.parametrize(
    ("votes", "winner"), [("", None), ("a", "a"), ("ab", None), ("aab", "a"), ("aabb", None), ("aabbc", None)]
)
def test_a_majority_is_more_than_any_other(votes: str, winner: str | None) -> None:
    assert majority(votes) == winner


def test_a_rule_fails_as_long_as_one_of_its_findings_stands() -> None:
    one = [said(TWO_HITS, "COMM-05", PASS, hit=0)]
    (settled,) = settled_rules(TWO_HITS, one).values()
    assert (settled.verdict, settled.confirmed, len(settled.lifted)) == (FAIL, False, 1)
    both = [*one, said(TWO_HITS, "COMM-05", NONE, hit=1)]
    assert settled_rules(TWO_HITS, both) == {"COMM-05": Settled(PASS)}
    confirmed = [*one, said(TWO_HITS, "COMM-05", FAIL, hit=1)]
    assert settled_rules(TWO_HITS, confirmed)["COMM-05"].confirmed


def test_all_findings_that_do_not_apply_make_a_rule_that_does_not() -> None:
    none = [said(TWO_HITS, "COMM-05", NONE, hit=hit) for hit in (0, 1)]
    assert settled_rules(TWO_HITS, none) == {"COMM-05": Settled(NONE)}


def test_what_was_seen_marked_goes_before_what_was_said_blind() -> None:
    judged = [said(TWO_HITS, "ATT-03", PASS, hit=None), said(TWO_HITS, "ATT-03", FAIL, by="乙")]
    assert settled_rules(TWO_HITS, judged)["ATT-03"] == Settled(FAIL, confirmed=True)


def test_where_people_are_of_two_minds_the_machine_stands() -> None:
    judged = [said(TWO_HITS, "ATT-03", PASS), said(TWO_HITS, "ATT-03", FAIL, by="乙")]
    final = final_chat("n", TWO_HITS, factory.STANDARD, judged)
    assert settled_rules(TWO_HITS, judged) == {}
    assert (final.final_score, final.open_rules, final.how) == (TWO_HITS.score, ("ATT-03",), "机器")


def test_who_cannot_tell_changes_nothing_and_makes_an_undecidable_label() -> None:
    judged = [said(TWO_HITS, "ATT-03", UNSURE, hit=None)]
    final = final_chat("n", TWO_HITS, factory.STANDARD, judged)
    assert (final.final_score, final.overturned, final.how) == (TWO_HITS.score, (), "已复核")
    made = label("c", "a", settled_rules(TWO_HITS, judged), {})
    assert made == {"id": "c", "agent": "a", "verdicts": {"ATT-03": "undecidable"}, "moods": {}}


def test_a_finding_taken_back_beside_one_that_nobody_judged_is_no_label() -> None:
    assert label("c", "a", settled_rules(TWO_HITS, [said(TWO_HITS, "COMM-05", PASS)]), {}) is None


def test_a_fatal_is_settled_by_people() -> None:
    card = CARDS["S10004"]

    def final(*judged: Judgement) -> tuple[float | None, float | None, str]:
        one = final_chat("n", card, factory.STANDARD, judged)
        return (one.final_score, one.counted, one.how)

    assert final() == (0, 94, "致命待复核")
    assert final(said(card, "ATT-01", FAIL)) == (0, 0, "致命已确认")
    assert final(said(card, "ATT-01", FAIL, hit=None)) == (0, 0, "致命已确认")
    assert final(said(card, "ATT-01", PASS)) == (94, 94, "改判")
    assert final(said(card, "ATT-05", PASS)) == (0, 100, "致命待复核")


def test_a_fatal_that_only_people_saw_makes_the_score_zero() -> None:
    card = CARDS["S10005"]
    one = final_chat("n", card, factory.STANDARD, [said(card, "COMP-04", FAIL, hit=None)])
    assert (one.machine_score, one.final_score, one.counted, one.how, one.added) == (
        100,
        0,
        0,
        "致命已确认",
        ("COMP-04",),
    )


def test_a_rule_on_trial_changes_no_score() -> None:
    card = CARDS["S10008"]
    one = final_chat("n", card, factory.STANDARD, [said(card, "COMM-10", PASS)])
    assert (one.final_score, one.overturned) == (card.score, ("COMM-10",))


def test_caps_are_reopened() -> None:
    """Two findings of a capped section: with one taken back the other costs its full points."""
    card = CARDS["S10001"]
    capped = replace(
        factory.STANDARD,
        sections=tuple(replace(s, cap=8.0) if s.name == "服务态度" else s for s in factory.STANDARD.sections),
    )
    machine = replace(card, score=66.0, score_before_fatal=66.0)  # ATT-03 8, ATT-05 then nothing
    one = final_chat("n", machine, capped, [said(card, "ATT-03", PASS)])
    assert one.final_score == 68.0  # ATT-05 now costs its six


@pytest.mark.parametrize(
    ("scores", "final"),
    [((80.0,), 80.0), ((80.0, 80.0), 80.0), ((80.0, 90.0), 100.0), ((80.0, 80.0, 90.0), 80.0)],
)
def test_a_reviewers_score_goes_before_all_where_reviewers_agree(
    scores: tuple[float, ...], final: float
) -> None:
    reviews = [scored(str(i), score) for i, score in enumerate(scores)]
    assert final_chat("n", CARDS["S10005"], factory.STANDARD, (), reviews).final_score == final


def test_later_records_of_the_same_replace_earlier_ones() -> None:
    first = said(TWO_HITS, "ATT-03", PASS)
    later, other = replace(first, verdict=FAIL), said(TWO_HITS, "ATT-03", PASS, by="乙")
    assert merged([first, other], [later]) == merged([later], [other])
    assert set(merged([first], [later])) == {later}
