"""Results agent by agent in order of time, however many are written together or kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factory
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit import byagent, store
from qa_audit.byagent import laid_out
from qa_audit.history import Night, latest_of
from qa_audit.records import Scorecard
from qa_audit.store import RunInfo, write_manifest, write_results

CARDS = factory.report().scorecards
RUN = RunInfo("run-1", "standard-1", "", "", masked=True)
START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def by_time(card: Scorecard) -> tuple[bool, float, str]:
    opened = card.transcript.opened_at
    return (opened is None, opened.timestamp() if opened else 0.0, card.transcript.id)


def card(chat: int, agent: str, minute: int | None = 0) -> Scorecard:
    one = CARDS[chat % len(CARDS)]
    opened = None if minute is None else START + timedelta(minutes=minute)
    return replace(one, agent=agent, transcript=replace(one.transcript, id=f"S{chat}", opened_at=opened))


def night(folder: Path, buckets: Sequence[Sequence[Scorecard]], *, name: str = "2026-11-20") -> Night:
    for number, cards in enumerate(buckets):
        write_results(folder / name / "results" / f"bucket-{number:03}.parquet", cards, run=RUN)
    return Night(folder / name, name)


@pytest.fixture(params=[(512, 256), (0, 2), (0, 256), (512, 2)], ids=str)
def sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cards kept or read anew; rows written all at once or a few at a time."""
    for name, size in zip(("KEPT", "BLOCK"), request.param, strict=True):
        monkeypatch.setattr(byagent, name, size)
    return


BUCKETS = (
    [card(1, "乙", 5), card(2, "甲", 3), card(3, "甲", None), card(4, "甲", 1)],
    [],
    [card(5, "甲", 2), card(6, "甲", 3), card(7, "丙", 0)],
    [card(8, "甲", None), card(9, "甲", 0)],
)


@pytest.mark.usefixtures("sizes")
def test_cards_come_agent_by_agent_in_order_of_time_each_time(tmp_path: Path) -> None:
    with laid_out([night(tmp_path, BUCKETS)], {}, tmp_path) as results:
        assert results.agents == ("丙", "乙", "甲")
        assert [len(results.cards(agent)) for agent in results.agents] == [1, 1, 7]
        cards = results.cards("甲")
        expected = sorted((one for bucket in BUCKETS for one in bucket if one.agent == "甲"), key=by_time)
        assert [one.transcript.id for one in expected] == ["S9", "S4", "S5", "S2", "S6", "S3", "S8"]
        assert list(cards) == expected
        assert list(cards) == expected
        assert [cards[index] for index in range(-7, 7)] == expected * 2
        assert list(cards[1:6:2]) == expected[1:6:2]
        assert list(cards[5:2]) == []
        with pytest.raises(IndexError):
            cards[7]
        # two readers at a time do not disturb each other
        assert [(a, b) for a, b in zip(cards, cards, strict=True)] == list(
            zip(expected, expected, strict=True)
        )
    assert not (tmp_path / byagent.FOLDER).exists()


@pytest.mark.usefixtures("sizes")
def test_each_card_is_changed_as_it_is_read(tmp_path: Path) -> None:
    with laid_out([night(tmp_path, BUCKETS)], {}, tmp_path) as results:
        plain = results.cards("甲")
        cards = results.cards("甲", lambda one: replace(one, score=1.5))
        expected = [replace(one, score=1.5) for one in plain]
        assert list(cards) == list(cards) == list(cards[:]) == [*map(cards.__getitem__, range(7))] == expected


@pytest.mark.usefixtures("sizes")
def test_of_several_nights_only_what_counts(tmp_path: Path) -> None:
    early = night(tmp_path, [[card(1, "甲", 0), card(2, "甲", 1)]], name="2026-11-19")
    late = night(tmp_path, [[replace(card(1, "甲", 0), score=1.0), card(1, "乙", 0)]], name="2026-11-20")
    latest = latest_of([early, late])
    assert latest == {("S1", "甲"): "2026-11-20"}
    with laid_out([early, late], latest, tmp_path) as results:
        assert [(one.transcript.id, one.score) for one in results.cards("甲")] == [
            ("S1", 1.0),
            ("S2", CARDS[2].score),
        ]
        assert len(results.cards("乙")) == 1
    write_manifest(early.folder / "run.json", {store.STARTED: "2026-11-21T00:00:00+00:00"})
    assert latest_of([early, late]) == {("S1", "甲"): "2026-11-19"}
    assert latest_of([early, late], last=late) == {("S1", "甲"): "2026-11-20"}


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / byagent.FOLDER).mkdir()
    (tmp_path / byagent.FOLDER / "cards").write_bytes(b"half of it")
    with laid_out([night(tmp_path, [])], {}, tmp_path) as results:
        assert results.agents == ()
        assert results.file.read_bytes() == b""


def test_the_folder_is_removed_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), laid_out([night(tmp_path, BUCKETS)], {}, tmp_path):
        raise RuntimeError
    assert not (tmp_path / byagent.FOLDER).exists()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("甲乙"), st.none() | st.integers(0, 3)), max_size=5), max_size=4
    ),
    st.integers(1, 4),
)
def test_any_night(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[list[tuple[str, int | None]]], block: int
) -> None:
    numbers = iter(range(100))
    buckets = [[card(next(numbers), agent, minute) for agent, minute in bucket] for bucket in drawn]
    folder = tmp_path_factory.mktemp("night")
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("KEPT", 0), ("BLOCK", block)):
            patch.setattr(byagent, name, size)
        with laid_out([night(folder, buckets)], {}, folder) as results:
            found = {agent: list(results.cards(agent)) for agent in results.agents}
    everything = [one for bucket in buckets for one in bucket]
    assert found == {
        agent: sorted((one for one in everything if one.agent == agent), key=by_time)
        for agent in sorted({one.agent for one in everything})
    }
