"""Packed scorecards are the cards that were packed."""

from __future__ import annotations

from dataclasses import replace

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.packed import Packed, unpacked
from qa_audit.records import Review, ReviewedCard, Scorecard

CARDS = factory.report().scorecards


def reviewed(card: Scorecard) -> ReviewedCard:
    own = {name: getattr(card, name) for name in Scorecard.__slots__}
    settled = frozenset({"ATT-01", "ATT-02", "COMP-01", "SOLV-03"})
    return ReviewedCard(**own, review=Review(62.5, "待改进", "按复核判定", ("张三", "李四"), settled))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: str(card.transcript.id))
def test_a_card_comes_back_as_it_was(card: Scorecard) -> None:
    again = Packed.of(card).unpack()
    assert again == card
    assert type(again) is Scorecard


def test_what_people_said_of_a_card_comes_back_with_it() -> None:
    card = reviewed(CARDS[0])
    again = Packed.of(card).unpack()
    assert again == card
    assert type(again) is ReviewedCard


def test_equal_cards_are_equal_packed_and_others_are_not() -> None:
    card = reviewed(CARDS[0])
    assert card.review is not None
    backwards = frozenset(sorted(card.review.settled, reverse=True))
    assert Packed.of(card) == Packed.of(replace(card, review=replace(card.review, settled=backwards)))
    assert Packed.of(card) != Packed.of(CARDS[0])
    assert Packed.of(CARDS[0]) != Packed.of(CARDS[1])


def test_packed_cards_are_much_smaller() -> None:
    assert sum(len(Packed.of(card).record) for card in CARDS) < 0.6 * sum(
        Packed.of(card).size for card in CARDS
    )


@given(st.lists(st.integers(0, 2), max_size=12))
def test_cards_come_in_their_order_and_one_that_is_repeated_is_read_once(numbers: list[int]) -> None:
    reads = 0
    whole = [Packed.of(card) for card in CARDS[:3]]

    class Counted(Packed):
        __slots__ = ()

        def unpack(self) -> Scorecard:
            nonlocal reads
            reads += 1
            return super().unpack()

    held = [Counted(one.record, one.size) for one in whole]
    assert list(unpacked(held[number] for number in numbers)) == [CARDS[number] for number in numbers]
    assert reads == sum(before != now for before, now in zip([None, *numbers], numbers, strict=False))
