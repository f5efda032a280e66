"""Workbooks written again after reviews came back: both scores, corrected verdicts, evidence kept."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import factory
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from returned import FIRST, edit, fetch, make_night, put, row_of

from qa_audit.history import Night, period_id
from qa_audit.nights import Before, NightJob, write_night
from qa_audit.records import ReviewedCard, Scorecard
from qa_audit.review.collect import collect
from qa_audit.review.kept import read_kept
from qa_audit.review.said import corrected, reviews_of
from qa_audit.snapshot import write_snapshot
from qa_audit.store import MANIFEST, RunInfo, write_manifest, write_results

ANNE, STANDARD = factory.AGENTS[0], factory.STANDARD
CARDS = factory.reports()[0].scorecards
Sheets = Mapping[str, Worksheet]


def judge(sheets: Sheets, chat: str, rule: str, verdict: str) -> None:
    sheet = sheets["扣分明细"]
    put(sheet, row_of(sheet, 会话ID=chat, 规则编号=rule), "复核判定", verdict)


def fill(sheets: Sheets) -> None:
    judge(sheets, "S10001", "ATT-03", "通过")  # eight points back
    judge(sheets, "S10004", "ATT-01", "违规")  # the fatal is one
    judge(sheets, "S10009", "COMP-04", "不适用")  # the fatal is none
    chats = sheets["逐通评分"]
    put(chats, row_of(chats, 会话ID="S10002"), "复核得分", 88)
    for chat in ("S10001", "S10002", "S10004", "S10009"):
        put(chats, row_of(chats, 会话ID=chat), "复核人", "周敏")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night whose first agent's workbook came back, its workbooks written again."""
    folder = tmp_path_factory.mktemp("nights")
    night = make_night(folder)
    collect([edit(fetch(night, FIRST, folder / "in"), fill)], folder / "final", out=folder)
    make_night(folder)
    return folder


def records(path: Path, title: str) -> list[dict[str, object]]:
    heads, *rows = load_workbook(path)[title].iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def test_both_scores_are_shown_and_how_the_final_one_came_about(out: Path) -> None:
    rows = {row["会话ID"]: row for row in records(out / factory.NIGHT / "agents" / FIRST, "逐通评分")}
    shown = {
        chat: tuple(rows[chat][title] for title in ("得分", "机器得分", "复核情况", "等级"))
        for chat in ("S10001", "S10002", "S10004", "S10009", "S10005")
    }
    assert shown == {
        "S10001": (68.0, 60.0, "改判", "待改进"),
        "S10002": (88.0, 100.0, "复核得分", "良好"),
        "S10004": (0.0, 0.0, "致命已确认", "致命"),
        "S10009": (82.0, 0.0, "改判", "合格"),
        "S10005": (100.0, 100.0, None, "优秀"),
    }
    assert rows["S10001"]["ATT-03 生硬、不耐烦、反问"] == "√"
    assert rows["S10009"]["COMP-04 引导站外/私下交易"] == "—"


def test_what_was_taken_back_is_listed_with_its_evidence_and_costs_nothing(out: Path) -> None:
    rows = records(out / factory.NIGHT / "agents" / FIRST, "扣分明细")
    lifted = [row for row in rows if str(row["说明"]).startswith("人工复核：不成立")]
    assert {(row["会话ID"], row["规则编号"]) for row in lifted} == {
        ("S10001", "ATT-03"),
        ("S10009", "COMP-04"),
    }
    assert {(row["计分"], row["扣分"]) for row in lifted} == {("免扣", 0.0)}
    assert all("复核人 周敏" in str(row["说明"]) and row["依据"] for row in lifted)
    confirmed = next(row for row in rows if (row["会话ID"], row["规则编号"]) == ("S10004", "ATT-01"))
    assert confirmed["计分"] == "致命已确认"


def test_first_sheets_say_how_many_chats_were_reviewed(out: Path) -> None:
    own = load_workbook(out / factory.NIGHT / "agents" / FIRST)["总览"]
    assert "，已复核 4 通（得分以复核为准）" in str(own["A2"].value)
    team = load_workbook(out / factory.NIGHT / "team.xlsx")["总览"]
    assert "，已复核 4 通（得分以复核为准）" in str(team["A2"].value)
    other = load_workbook(out / factory.NIGHT / "agents" / "1031 陈立.xlsx")
    assert "已复核" not in str(other["总览"]["A2"].value)
    heads = {cell.value: cell.column_letter for cell in other["逐通评分"][1]}
    assert other["逐通评分"].column_dimensions[heads["机器得分"]].hidden


def test_a_workbook_written_since_is_collected_without_complaint(out: Path, tmp_path: Path) -> None:
    def more(sheets: Sheets) -> None:
        judge(sheets, "S10006", "COMM-05", "通过")

    nights = Path(shutil.copytree(out, tmp_path / "nights"))
    book = edit(fetch(nights / factory.NIGHT, FIRST, tmp_path), more)
    done = collect([book], tmp_path / "final", out=nights)
    assert done.problems == ()
    assert done.verdicts == 1


def test_a_period_shows_what_was_corrected_in_its_nights(out: Path, tmp_path: Path) -> None:
    nights = (Night(out / factory.NIGHT, factory.NIGHT),)
    job = NightJob(tmp_path, nights, "第47周", "w", factory.STANDARD, before=Before("第46周", ()))
    team = write_night(job, workers=1)
    assert team.statistics.reviewed == 4
    row = next(r for r in records(tmp_path / "agents" / FIRST, "逐通评分") if r["会话ID"] == "S10001")
    assert (row["得分"], row["机器得分"]) == (68.0, 60.0)


def test_reviews_count_only_in_the_night_in_which_the_chat_counts(out: Path) -> None:
    night = Night(out / factory.NIGHT, factory.NIGHT)
    there = reviews_of([night], {}, factory.STANDARD)
    elsewhere = reviews_of([night], {("S10001", ANNE): "2025-11-21"}, factory.STANDARD)
    assert ("S10001", ANNE) in there
    assert there.keys() - elsewhere.keys() == {("S10001", ANNE)}


def test_cards_that_nobody_reviewed_stay_as_they_are(out: Path) -> None:
    reviews = reviews_of([Night(out / factory.NIGHT, factory.NIGHT)], {}, factory.STANDARD)
    cards = [corrected(reviews, card) for card in CARDS]
    reviewed = {card.transcript.id for card in cards if isinstance(card, ReviewedCard)}
    assert {"S10001", "S10002", "S10004", "S10009"} <= reviewed
    plain: list[tuple[Scorecard, Scorecard]] = [
        (shown, card) for shown, card in zip(cards, CARDS, strict=True) if card.transcript.id not in reviewed
    ]
    assert plain
    assert all(shown is card for shown, card in plain)


MONDAY, TUESDAY = "2025-11-17", "2025-11-18"


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """Two nights of six chats each, S10006 in both, and the workbooks of their week in a folder elsewhere."""
    nights = tmp_path / "nights"
    runs = []
    for number, (night, cards) in enumerate(((MONDAY, CARDS[:6]), (TUESDAY, CARDS[5:])), start=1):
        run, folder = RunInfo(f"run-{number}", "a", "b", "m", masked=True), nights / night
        write_results(folder / "results" / "bucket-000.parquet", list(cards), run=run)
        started = f"2025-11-2{number}T01:00:00+08:00"
        write_manifest(folder / MANIFEST, {"run_id": run.run_id, "started_at": started})
        write_snapshot(folder, STANDARD)
        runs.append(run.run_id)
    both = tuple(Night(nights / night, night) for night in (MONDAY, TUESDAY))
    job = NightJob(tmp_path / "week", both, "第47周", period_id(runs), STANDARD, before=Before("第46周", ()))
    write_night(job, workers=1)
    return tmp_path


def test_a_weeks_workbook_is_collected_into_its_nights(week: Path) -> None:
    def say(sheets: Sheets) -> None:
        judge(sheets, "S10001", "ATT-03", "通过")  # Monday's
        judge(sheets, "S10006", "COMM-05", "通过")  # of both nights: Tuesday's counts
        judge(sheets, "S10009", "COMP-04", "不适用")  # Tuesday's
        put(sheets["逐通评分"], row_of(sheets["逐通评分"], 会话ID="S10002"), "复核得分", 88)

    done = collect([edit(fetch(week / "week", FIRST, week / "in"), say)], week / "final", out=week / "nights")
    assert (done.nights, done.problems, done.verdicts, done.scores) == ((MONDAY, TUESDAY), (), 3, 1)
    kept = {night: read_kept(week / "nights", night) for night in (MONDAY, TUESDAY)}
    assert {
        night: [(one.chat, one.rule_id, one.run_id) for one in reviews.judgements]
        for night, reviews in kept.items()
    } == {
        MONDAY: [("S10001", "ATT-03", "run-1")],
        TUESDAY: [("S10006", "COMM-05", "run-2"), ("S10009", "COMP-04", "run-2")],
    }
    assert [[review.chat for review in reviews.chats] for reviews in kept.values()] == [["S10002"], []]


def test_a_weeks_workbook_of_a_night_audited_anew_says_what_to_do(week: Path) -> None:
    write_manifest(
        week / "nights" / TUESDAY / MANIFEST, {"run_id": "run-3", "started_at": "2025-11-23T01:00:00+08:00"}
    )
    done = collect([fetch(week / "week", FIRST, week / "in")], week / "final", out=week / "nights")
    (problem,) = done.problems
    assert "已重新质检" in problem.what
    assert "重新生成的周报、月报" in problem.remedy
    assert done.nights == ()
