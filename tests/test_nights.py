"""Results to workbooks: what every agent's report is made of, trends, and writing again without auditing again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from small_standard import RULES, chat, write_standard

from qa_audit import nights
from qa_audit.history import Night, team_nights
from qa_audit.nights import NightJob, Team, write_night
from qa_audit.pipeline import RunOptions, run
from qa_audit.records import AgentReport, Problem, Scorecard
from qa_audit.report.agent import agent_sheets
from qa_audit.report.changes import counted
from qa_audit.report.tally import tally
from qa_audit.rulebook import load_standard
from qa_audit.score import TEAM, Tally, statistics_of
from qa_audit.store import RunInfo, agents_of, read_results, write_manifest, write_results

ANNE, BEN = "1001_小安", "1002_小宁"
NIGHT = (
    chat("N1", "10:00:00 客：在吗\n10:00:40 服：您好，再见"),
    chat("N2", "11:00:00 客：在吗\n11:00:10 服：您自己操作错\n11:01:10 服1002_小宁：您好。再见"),
    chat("N3", "12:00:00 客：在吗\n12:00:10 服1002_小宁：您好"),
    chat("N4", "13:00:00 客：有人吗", assigned_agent=BEN),
)  # fmt: skip
PROBLEM = Problem("a.jsonl", 5, "N5", "会话中没有客户发言，未质检", "核对导出是否完整")


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", RULES)


@pytest.fixture(scope="module")
def audited(standard: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished night."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "a.jsonl").write_text("".join(NIGHT), encoding="utf-8")
    return run([str(folder / "a.jsonl")], folder / "out", RunOptions(standard=standard, workers=1)).folder


def job(audited: Path, out: Path, standard: Path, *, night: str = "2026-11-20") -> NightJob:
    """The stored results of a night in a folder of their own, workbooks not yet written."""
    folder = out / night
    for part in ("results", "unanswered"):
        shutil.copytree(audited / part, folder / part)
    return NightJob(
        folder=folder,
        nights=(Night(folder, night),),
        label=night,
        run_id="run-1",
        standard=load_standard(standard).standard,
        out=out,
        not_audited={ANNE: 2},
        problems=(PROBLEM,),
    )


def cards(audited: Path, agent: str) -> list[Scorecard]:
    return list(read_results(sorted((audited / "results").glob("*.parquet")), agents={agent}))


def cells(folder: Path) -> dict[str, list[tuple[str, list[tuple[object, ...]]]]]:
    """The values of all workbooks of a night."""
    return {
        path.relative_to(folder).as_posix(): [
            (sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in load_workbook(path).worksheets
        ]
        for path in sorted(folder.rglob("*.xlsx"))
    }


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, AgentReport]:
    """The reports that workbooks are written from, by agent; for one worker."""
    seen: dict[str, AgentReport] = {}

    def recording(report: AgentReport, *args: object, **keys: object) -> object:
        seen[report.statistics.agent] = report
        return agent_sheets(report, *args, **keys)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(nights, "agent_sheets", recording)
    return seen


def test_what_the_workbooks_are_made_of(
    audited: Path, standard: Path, tmp_path: Path, reports: dict[str, AgentReport]
) -> None:
    rules = load_standard(standard).standard
    team = write_night(job(audited, tmp_path, standard), workers=1)
    everybody = [card for agent in (ANNE, BEN) for card in cards(audited, agent)]
    chats = {card.transcript.id for card in everybody}
    assert team == Team(2, len(chats), statistics_of(TEAM, everybody, rules))
    assert {agent: replace(one, scorecards=tuple(one.scorecards)) for agent, one in reports.items()} == {
        agent: AgentReport(
            statistics=statistics_of(agent, cards(audited, agent), rules),
            team=team.statistics,
            scorecards=tuple(cards(audited, agent)),
            trend=(("2026-11-20", score, 2, rules.hash),),
            night="2026-11-20",
            run_id="run-1",
            not_audited=not_audited,
            unanswered=("N4",) if agent == BEN else (),
        )
        for agent, score, not_audited in ((ANNE, (97 + 93) / 2, 2), (BEN, (100 + 98) / 2, 0))
    }
    assert [len(report.scorecards) for report in reports.values()] == [2, 2]
    assert sorted(cells(tmp_path / "2026-11-20")) == [
        f"agents/{ANNE}.xlsx",
        f"agents/{BEN}.xlsx",
        "review.xlsx",
        "team.xlsx",
    ]


def test_workbooks_are_the_same_for_any_number_of_workers_and_when_written_again(
    audited: Path, standard: Path, tmp_path: Path
) -> None:
    one, two = (job(audited, tmp_path / name, standard) for name in ("one", "two"))
    teams = [write_night(one, workers=1), write_night(two, workers=2)]
    assert teams[0] == teams[1]
    written = cells(one.folder)
    assert cells(two.folder) == written
    write_night(one, workers=1)
    assert cells(one.folder) == written


def test_what_review_lists(audited: Path, standard: Path, tmp_path: Path) -> None:
    write_night(job(audited, tmp_path, standard), workers=1)
    review = {
        title: [[str(cell) for cell in row] for row in rows]
        for title, rows in cells(tmp_path / "2026-11-20")["review.xlsx"]
    }
    flat = {title: " ".join(cell for row in rows for cell in row) for title, rows in review.items()}
    assert [title for title, text in flat.items() if "N4" in text], "nobody answered"
    assert [title for title, text in flat.items() if "N5" in text], "could not be audited"
    assert [title for title, text in flat.items() if "N2" in text and "ATT-01" in text], "fatal"


def earlier(
    audited: Path, out: Path, night: str, *, standard_hash: str, scores: Sequence[float | None]
) -> None:
    """An earlier night of 小安 with one chat a score."""
    card = cards(audited, ANNE)[0]
    run_info = RunInfo(f"run-{night}", standard_hash, "", "", masked=True)
    own = [
        replace(card, transcript=replace(card.transcript, id=f"{night}-{n}"), score_before_fatal=score)
        for n, score in enumerate(scores)
    ]
    write_results(out / night / "results" / "bucket-000.parquet", own, run=run_info)
    write_manifest(out / night / "run.json", {"started_at": f"{night}T23:00:00+00:00"})


def test_trend(audited: Path, standard: Path, tmp_path: Path, reports: dict[str, AgentReport]) -> None:
    earlier(audited, tmp_path, "2026-11-17", standard_hash="old", scores=[80.0, 90.0, None])
    earlier(audited, tmp_path, "2026-11-19", standard_hash="new", scores=[None])
    earlier(audited, tmp_path, "2026-11-21", standard_hash="new", scores=[50.0])
    earlier(audited, tmp_path, "undated", standard_hash="new", scores=[40.0])
    write_night(job(audited, tmp_path, standard), workers=1)
    tonight = load_standard(standard).standard.hash
    assert reports[ANNE].trend == (
        ("2026-11-17", 85.0, 3, "old"),
        ("2026-11-19", None, 1, "new"),
        ("2026-11-20", 95.0, 2, tonight),
    )
    assert reports[BEN].trend == (("2026-11-20", 99.0, 2, tonight),)


def test_a_trend_holds_fourteen_nights(
    audited: Path, standard: Path, tmp_path: Path, reports: dict[str, AgentReport]
) -> None:
    for day in range(1, 20):
        earlier(audited, tmp_path, f"2026-11-{day:02}", standard_hash="", scores=[float(day)])
    write_night(job(audited, tmp_path, standard), workers=1)
    trend = reports[ANNE].trend
    assert [night for night, *_ in trend] == [f"2026-11-{day:02}" for day in range(7, 21)]
    assert [score for _, score, _, _ in trend] == [*map(float, range(7, 20)), 95.0]


def test_a_night_written_again_is_not_its_own_history(
    audited: Path, standard: Path, tmp_path: Path, reports: dict[str, AgentReport]
) -> None:
    earlier(audited, tmp_path, "2026-11-20", standard_hash="old", scores=[10.0, 20.0])
    anew = job(audited, tmp_path / "work", standard)
    write_night(replace(anew, out=tmp_path), workers=1)
    assert reports[ANNE].trend == (("2026-11-20", 95.0, 2, load_standard(standard).standard.hash),)


def test_an_undated_night_has_no_past(
    audited: Path, standard: Path, tmp_path: Path, reports: dict[str, AgentReport]
) -> None:
    earlier(audited, tmp_path, "2026-11-19", standard_hash="", scores=[10.0])
    write_night(job(audited, tmp_path, standard, night="undated"), workers=1)
    assert [night for night, *_ in reports[ANNE].trend] == ["undated"]


def test_the_team_stands_beside_its_last_night_and_the_seven_days(
    audited: Path, standard: Path, tmp_path: Path
) -> None:
    earlier(audited, tmp_path, "2026-11-10", standard_hash="old", scores=[10.0])
    earlier(audited, tmp_path, "2026-11-13", standard_hash="old", scores=[80.0, 90.0, None])
    earlier(
        audited, tmp_path, "2026-11-19", standard_hash=load_standard(standard).standard.hash, scores=[70.0]
    )
    write_night(job(audited, tmp_path, standard), workers=1)
    sheet = load_workbook(tmp_path / "2026-11-20" / "team.xlsx")["总览"]
    rows = {row[12].value: [cell.value for cell in row] for row in sheet.iter_rows() if row[12].value}
    assert [rows["指标"][i] for i in (16, 20)] == ["上一晚 11-19｜变化", "此前7天 11-13–11-19*｜变化"]
    assert [rows["会话数 n"][i] for i in (15, 16, 20)] == [4, 1, 4]
    assert [rows["平均得分"][i] for i in (16, 20)] == [70.0, 80.0]


def test_a_night_is_counted_from_its_files_as_from_its_scorecards(audited: Path, standard: Path) -> None:
    rules = load_standard(standard).standard
    every = list(read_results(sorted((audited / "results").glob("*.parquet"))))
    numbers = Tally(rules)
    for card in every:
        numbers.add(card)
    report = AgentReport(
        numbers.statistics(TEAM), numbers.statistics(TEAM), tuple(every), (), "2026-11-20", "run-1"
    )
    expected = counted([tally(report, rules)], report.statistics)
    night = Night(audited, "2026-11-20")
    found = team_nights("本期", (night,), {}, now=rules.hash, fatal=rules.fatal_grade)
    assert expected.charged
    assert expected.fatal
    assert found == expected


def test_a_night_without_agents(audited: Path, standard: Path, tmp_path: Path) -> None:
    empty = job(audited, tmp_path, standard)
    for path in empty.nights[0].results:
        path.unlink()
    write_results(
        empty.folder / "results" / "bucket-000.parquet", [], run=RunInfo("", "", "", "", masked=True)
    )
    team = write_night(empty, workers=2)
    assert (team.agents, team.statistics.chats, team.statistics.mean_score.value) == (0, 0, None)
    assert agents_of(empty.nights[0].results) == {}
    assert sorted(cells(empty.folder)) == ["review.xlsx", "team.xlsx"]
