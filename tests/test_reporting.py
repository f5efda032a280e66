"""``qa-audit report``: what a night's folder gives again, and what the nights of a period give together."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from small_standard import HARSH, RULES, chat, rule_text, write_standard

from qa_audit.errors import InputError
from qa_audit.pipeline import RunOptions, run
from qa_audit.reporting import Reported, ReportOptions, report

ANNE, BEN = "1001_小安", "1002_小宁"
NO_NIGHT = ("11-17无数据", None, 0)
GOOD, COLD, RUDE = "您好，再见", "在的", "您自己操作错"


def talk(reply: str, *, agent: str = "") -> str:
    return f"10:00:00 客：在吗\n10:00:10 服{agent}：{reply}"


NIGHTS = {
    "2026-11-08": {"A1": talk(COLD), "B1": talk(GOOD, agent=BEN)},
    "2026-11-16": {"A2": talk(COLD), "A3": talk(GOOD), "B2": talk(GOOD, agent=BEN)},
    "2026-11-18": {"A2": talk(GOOD), "A4": talk(RUDE), "U1": "10:00:00 客：有人吗"},
}


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", RULES)


@pytest.fixture(scope="module")
def audited(standard: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three nights; the chat A2 of the second was audited again in the third."""
    folder = tmp_path_factory.mktemp("audited")
    for night, chats in NIGHTS.items():
        lines = "".join(chat(chat_id, text) for chat_id, text in chats.items())
        (folder / f"{night}.jsonl").write_text(lines + "no line of JSON\n", encoding="utf-8")
        run(
            [str(folder / f"{night}.jsonl")],
            folder / "out",
            RunOptions(standard=standard, workers=1, date=night, seed=3),
        )
    return folder / "out"


@pytest.fixture
def out(audited: Path, tmp_path: Path) -> Path:
    """The nights in a folder that a test may change."""
    return Path(shutil.copytree(audited, tmp_path / "out"))


def cells(folder: Path) -> dict[str, list[tuple[str, list[tuple[object, ...]]]]]:
    return {
        path.relative_to(folder).as_posix(): [
            (sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in load_workbook(path).worksheets
        ]
        for path in sorted(folder.rglob("*.xlsx"))
    }


def written(source: Path, target: Path | None, **options: object) -> Reported:
    (one,) = report(source, target, ReportOptions(**options))  # type: ignore[arg-type]  # as the caller says
    return one


def trend(folder: Path, agent: str) -> list[tuple[object, ...]]:
    """What the trend chart reads: night, mean, chats."""
    return [row[:3] for row in sheet(folder, f"agents/{agent}.xlsx", "_图表") if row[0] is not None]


def sheet(folder: Path, book: str, title: str) -> list[tuple[object, ...]]:
    return dict(cells(folder)[book])[title]


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("part", ["", "results"])
def test_a_night_gives_the_workbooks_that_the_run_wrote(
    audited: Path, standard: Path, tmp_path: Path, night: str, part: str
) -> None:
    reported = written(audited / night / part, tmp_path / "again", standard=standard, workers=1)
    assert (reported.folder, reported.label, reported.remarks) == (tmp_path / "again", night, ())
    assert cells(tmp_path / "again") == cells(audited / night)
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [
        "agents",
        "review.xlsx",
        "team.xlsx",
    ]


def test_one_day_of_a_folder_of_nights_is_a_night(audited: Path, standard: Path, tmp_path: Path) -> None:
    written(audited, tmp_path, standard=standard, first="2026-11-16", last="2026-11-16")
    assert cells(tmp_path) == cells(audited / "2026-11-16")


def test_a_folder_with_one_night_needs_no_date(out: Path, standard: Path, tmp_path: Path) -> None:
    for night in list(NIGHTS)[1:]:
        shutil.rmtree(out / night)
    assert written(out, tmp_path / "again", standard=standard).label == "2026-11-08"


def test_results_alone_are_enough(out: Path, standard: Path, tmp_path: Path) -> None:
    lonely = tmp_path / "2026-11-18"
    shutil.copytree(out / "2026-11-18" / "results", lonely / "results")
    written(lonely, tmp_path / "again", standard=standard)
    again = cells(tmp_path / "again")
    agent = f"agents/{ANNE}.xlsx"
    assert dict(again[agent])["逐通评分"] == sheet(out / "2026-11-18", agent, "逐通评分")
    assert not any("no line" in str(row) for row in dict(again["review.xlsx"])["未能质检"])


def test_a_week_counts_each_chat_once_and_names_the_week_before(out: Path, standard: Path) -> None:
    shutil.copytree(out / "2026-11-08", out / "2026-11-10")
    shutil.rmtree(out / "2026-11-08")
    reported = written(out, None, standard=standard, period="week")
    assert (reported.folder, reported.label) == (out / "2026-W47", "2026年第47周（11-16 至 11-22）")
    assert sorted(cells(reported.folder)) == [f"agents/{ANNE}.xlsx", f"agents/{BEN}.xlsx", "team.xlsx"]
    rows = sheet(reported.folder, f"agents/{ANNE}.xlsx", "逐通评分")
    scores = {row[1]: row[rows[0].index("得分")] for row in rows[1:]}
    assert scores == {"A2": 100.0, "A3": 100.0, "A4": 0.0}, "A2 as the later run decided it"
    subtitle = sheet(reported.folder, f"agents/{ANNE}.xlsx", "总览")[1][0]
    # A1 lacks greeting and closing (93), A4 too, before its fatal
    assert subtitle == (
        "质检周期 2026-11-20　|　已质检 3 通，未质检 0 通　|　标准 小标准 1　|　"
        "上期 2026年第46周（11-09 至 11-15）：1 通，平均 93.0，本期 +4.7"
    )
    assert trend(reported.folder, ANNE) == [("11-16", 100.0, 1), NO_NIGHT, ("11-18", 96.5, 2)]
    assert "坐席 2 人　|　已质检 4 通，未质检 0 通，无人应答 1 通" in str(
        sheet(reported.folder, "team.xlsx", "总览")[1][0]
    )


def test_an_earlier_night_decided_last_has_the_chat(out: Path, standard: Path, tmp_path: Path) -> None:
    manifest = json.loads((out / "2026-11-16" / "run.json").read_bytes())
    late = manifest | {"started_at": "2099-01-01T00:00:00+00:00"}
    (out / "2026-11-16" / "run.json").write_text(json.dumps(late), encoding="utf-8")
    written(out, tmp_path / "again", standard=standard, first="2026-11-16", last="2026-11-18")
    assert trend(tmp_path / "again", ANNE) == [("11-16", 96.5, 2), NO_NIGHT, ("11-18", 93.0, 1)]


def test_months_go_to_folders_of_their_own(out: Path, standard: Path) -> None:
    shutil.copytree(out / "2026-11-08", out / "2026-10-08")
    options = ReportOptions(standard=standard, period="month", first="2026-10-01")
    reported = report(out, None, options)
    assert [one.folder for one in reported] == [out / "2026-10", out / "2026-11"]
    assert [one.team.statistics.chats for one in reported] == [2, 6]
    subtitle = str(sheet(out / "2026-10", "team.xlsx", "总览")[1][0])
    assert subtitle.endswith("上期 2026年9月：无数据")
    elsewhere = report(out, out.parent / "else", options)
    assert [one.folder for one in elsewhere] == [
        out.parent / "else" / name for name in ("2026-10", "2026-11")
    ]


def test_only_the_agents_asked_for(audited: Path, standard: Path, tmp_path: Path) -> None:
    written(audited / "2026-11-16", tmp_path, standard=standard, agents=(BEN,))
    assert cells(tmp_path) == {f"agents/{BEN}.xlsx": cells(audited / "2026-11-16")[f"agents/{BEN}.xlsx"]}, (
        "with the numbers of the whole team beside them"
    )


def test_workbooks_that_may_hold_reviews_are_kept(out: Path, standard: Path) -> None:
    night = out / "2026-11-16"
    before = cells(night)
    with pytest.raises(InputError) as raised:
        written(night, None, standard=standard)
    assert str(raised.value) == (
        f"{night / 'agents' / ANNE}.xlsx: is there already and may hold reviews; "
        "give another folder with --out, or --replace to write it anew"
    )
    (night / "team.xlsx").unlink()
    written(night, None, standard=standard, replace=True)
    assert cells(night) == before
    assert not (night / ".by-agent").exists()


def test_another_standard_is_remarked_and_marked_in_the_trend(out: Path, tmp_path: Path) -> None:
    other = write_standard(tmp_path / "other", RULES | {"ATT-03": HARSH.replace("生硬用语", "生硬的话")})
    shutil.rmtree(out / "2026-11-18")
    lines = tmp_path / "chats.jsonl"
    lines.write_text(chat("A9", talk(GOOD)), encoding="utf-8")
    run([str(lines)], out, RunOptions(standard=other, workers=1, date="2026-11-18"))
    reported = written(out, tmp_path / "again", standard=other, first="2026-11-16", last="2026-11-18")
    assert reported.remarks == (
        (
            "2026-11-16 至 2026-11-18: 2026-11-16 decided with another standard than “小标准” in force; verdicts and "
            "points are those of the night, titles, advice and agent-level limits those in force; give the night's own "
            "with --standard or --config"
        ),
        "2026-11-16 至 2026-11-18: its nights were decided with 2 standards; * marks each change",
    )
    assert [row[0] for row in trend(tmp_path / "again", ANNE)] == ["11-16", "11-17无数据", "11-18*"]
    week = written(out, tmp_path / "week", standard=other, first="2026-11-17", last="2026-11-18")
    assert str(sheet(week.folder, "team.xlsx", "总览")[1][0]).endswith("（其间质检标准有变更）")


def test_a_standard_that_lacks_a_rule_of_the_results(audited: Path, tmp_path: Path) -> None:
    fewer = write_standard(
        tmp_path / "fewer", {name: text for name, text in RULES.items() if name[:3] != "ATT"}
    )
    with pytest.raises(InputError) as raised:
        written(audited / "2026-11-16", tmp_path / "again", standard=fewer)
    assert str(raised.value) == (
        f"{audited / '2026-11-16'}: was decided with rules ATT-01, ATT-03, which the standard “小标准” does not "
        "have; give the standard of that night with --standard"
    )
    assert not (tmp_path / "again").exists()


def test_a_rule_that_was_added_since_is_no_hindrance(audited: Path, tmp_path: Path) -> None:
    more = write_standard(tmp_path / "more", RULES | {"ATT-04": rule_text(id="ATT-04", name="more-words")})
    reported = written(audited / "2026-11-16", tmp_path / "again", standard=more)
    assert len(reported.remarks) == 1


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("", {}, "{}: holds 3 nights, 2026-11-08 to 2026-11-18; choose with --from-date and --to-date, --period, or give the folder of one"),
        ("", {"first": "2026-11-09", "last": "2026-11-10"}, "{}: has no night on these days; its nights are from 2026-11-08 to 2026-11-18"),
        ("", {"first": "2026-12-01", "last": "2026-12-31", "period": "week"}, "{}: has no night on these days; its nights are from 2026-11-08 to 2026-11-18"),
        ("2026-11-16", {"period": "week"}, "{}: is one night; dates and periods choose from a folder of nights"),
        ("2026-11-16/agents", {}, "{}: holds no results; give a night's folder or the folder of nights"),
        ("2026-11-16", {"agents": ("1001_小按",)}, '2026-11-16: has no agent “1001_小按”; did you mean "1001_小安"?'),
        ("2026-11-16", {"agents": ("Zoe",)}, "2026-11-16: has no agent “Zoe”; give a name as team.xlsx has it under 坐席"),
    ],
)  # fmt: skip
def test_what_cannot_be_reported(
    audited: Path, standard: Path, tmp_path: Path, source: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError) as raised:
        report(audited / source, tmp_path / "again", replace(ReportOptions(standard=standard), **options))  # type: ignore[arg-type]  # as the table says
    assert str(raised.value) == said.format(audited / source if source else audited)
    assert not (tmp_path / "again").exists()
