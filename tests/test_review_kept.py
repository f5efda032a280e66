"""What is kept beside the nights: reviews, who is new, and the standard by which a night is scored again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import factory
import pytest

from qa_audit.errors import InputError
from qa_audit.records import Verdict
from qa_audit.review.kept import known, nights_kept, read_kept, write_kept
from qa_audit.review.records import (
    ChatReview,
    FollowUp,
    Judgement,
    MoodFix,
    NightReviews,
    RuleAppeals,
    StratumSize,
)
from qa_audit.score import score
from qa_audit.snapshot import read_snapshot, write_snapshot
from qa_audit.store import RunInfo, write_results

CARD = factory.scorecards(factory.AGENTS[0])[0]
REVIEWS = NightReviews(
    "2025-11-20",
    (Judgement("c", "a", "R-1", "R-1|0|1|2", "marked", "甲", Verdict.PASS, Verdict.FAIL, "", "run", 2, 9, new=True),),
    (ChatReview("c", "a", "甲", 88.5, "好", True, "为什么", "部分成立"), ChatReview("d", "a", "甲", None, "", None, "", None)),
    (MoodFix("c", "a", 4, "甲", "neutral"),),
    (FollowUp("u", "", "甲", "已联系", ""),),
    (StratumSize("run", "R-1", Verdict.FAIL, True, 2, 9),),
    (RuleAppeals("R-1", 4, 3, 2, 1),),
)  # fmt: skip


def test_reviews_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_kept(tmp_path, REVIEWS)
    assert read_kept(tmp_path, "2025-11-20") == REVIEWS
    assert nights_kept(tmp_path) == ("2025-11-20",)
    assert read_kept(tmp_path, "2025-11-21") == NightReviews("2025-11-21")


@pytest.mark.parametrize("content", [b"", b"no parquet"])
def test_a_file_of_reviews_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    write_kept(tmp_path, REVIEWS)
    (tmp_path / "reviews" / "2025-11-20" / "moods.parquet").write_bytes(content)
    with pytest.raises(
        InputError, match=r"moods\.parquet: cannot be read .*delete it and collect the workbooks again"
    ):
        read_kept(tmp_path, "2025-11-20")


def test_a_file_of_other_rows_is_named(tmp_path: Path) -> None:
    write_kept(tmp_path, REVIEWS)
    folder = tmp_path / "reviews" / "2025-11-20"
    (folder / "moods.parquet").write_bytes((folder / "chats.parquet").read_bytes())
    with pytest.raises(InputError, match=r"moods\.parquet: holds no MoodFix rows"):
        read_kept(tmp_path, "2025-11-20")


def nights(out: Path, agents_by_day: dict[int, tuple[str, ...]]) -> Path:
    run = RunInfo("run", "s", "l", "m", masked=True)
    for day, agents in agents_by_day.items():
        cards = [replace(CARD, agent=agent) for agent in agents]
        write_results(out / f"2025-11-{day:02d}" / "results" / "bucket-000.parquet", cards, run=run)
    return out


def test_an_agent_is_new_until_fourteen_nights_after_the_first(tmp_path: Path) -> None:
    """小新 comes on the 10th; nobody is new while the record itself is younger than 14 nights."""
    out = nights(tmp_path, {day: ("老王", "小新") if day >= 10 else ("老王",) for day in range(1, 26)})
    new = {night: known(out, f"2025-11-{night:02d}", ["老王", "小新"]).new_agents for night in range(1, 27)}
    assert {night for night, agents in new.items() if "小新" in agents} == set(range(15, 24))
    assert all("老王" not in agents for agents in new.values())


def test_an_undated_night_knows_nobody_as_new(tmp_path: Path) -> None:
    out = nights(tmp_path, dict.fromkeys(range(1, 20), ("老王",)))
    assert known(out, "undated", ["小新"]).new_agents == frozenset()


def test_a_night_is_scored_again_by_the_standard_it_was_audited_with(tmp_path: Path) -> None:
    write_snapshot(tmp_path, factory.STANDARD)
    kept = read_snapshot(tmp_path)
    for card in factory.scorecards(factory.AGENTS[0]):
        assert score(card.results, kept) == score(card.results, factory.STANDARD)
    assert (kept.hash, kept.title, kept.fatal_grade) == ("a1b2c3", "客服服务标准", "致命")
    assert [rule.title for rule in kept.rules] == [rule.title for rule in factory.STANDARD.rules]


def test_a_night_without_its_standard_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"standard\.json: the standard of this night cannot be read"):
        read_snapshot(tmp_path)
    (tmp_path / "standard.json").write_text("{}")
    with pytest.raises(InputError, match=r"audit the night again with --replace"):
        read_snapshot(tmp_path)
