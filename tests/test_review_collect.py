"""The way back: what people write into the workbooks, collected, scored, kept and summed up."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import factory
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from returned import FIRST, REVIEW, SECOND, THIRD, column, edit, fetch, make_night, put, row_of

from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.evaluate import read_gold
from qa_audit.evaluation import read_all
from qa_audit.records import Verdict
from qa_audit.report.places import key
from qa_audit.review import quality
from qa_audit.review.collect import collect
from qa_audit.review.kept import known, read_kept
from qa_audit.sentiment.examples import read_examples

Sheets = Mapping[str, Worksheet]
ANNE, BEN, CHEN = factory.AGENTS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("night")
    make_night(out)
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A folder of nights of its own: collecting keeps its reviews there."""
    return Path(shutil.copytree(made, tmp_path / "out"))


def night(out: Path) -> Path:
    return out / factory.NIGHT


def finals(target: Path) -> dict[str, dict[str, object]]:
    return {row["chat"]: row for row in pq.read_table(target / "final.parquet").to_pylist()}


def problems(target: Path) -> list[tuple[str, ...]]:
    """(sheet, cell, what, remedy) of each line of review_problems.csv."""
    with (target / "review_problems.csv").open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row[1:]) for row in list(csv.reader(file))[1:]]


def judge(sheets: Sheets, chat: int, rule: str, verdict: object, *, nth: int = 0) -> str:
    """Fills 复核判定 of a deduction: the nth of this rule in this chat (by 序号)."""
    sheet = sheets["扣分明细"]
    number, rule_id = column(sheet, "序号"), column(sheet, "规则编号")
    rows = [
        row
        for row in range(2, sheet.max_row + 1)
        if (sheet.cell(row, number).value, sheet.cell(row, rule_id).value) == (chat, rule)
    ]
    return put(sheet, rows[nth], "复核判定", verdict)


def fill_first(sheets: Sheets) -> None:
    """What a supervisor might say of the first agent's night."""
    judge(sheets, 1, "ATT-03", "通过")  # S10001: eight points back
    judge(sheets, 1, "OPEN-01", "不适用")  # five more
    judge(sheets, 4, "ATT-01", "违规")  # S10004: the fatal is one
    judge(sheets, 6, "COMM-05", "通过", nth=0)  # S10006: one of two hits is none
    judge(sheets, 9, "COMP-04", "不适用")  # S10009: the fatal is none
    chats = sheets["逐通评分"]
    put(chats, row_of(chats, 序号=2), "复核得分", 88)
    put(chats, row_of(chats, 序号=2), "意见", "开场很好")
    for number, result in ((1, "成立"), (3, "不成立"), (8, None)):
        put(chats, row_of(chats, 序号=number), "申诉", "是")
        put(chats, row_of(chats, 序号=number), "申诉结果", result)
    put(chats, row_of(chats, 序号=1), "申诉理由", "生硬、不耐烦、反问不成立")
    for number in range(1, 13):
        put(chats, row_of(chats, 序号=number), "复核人", "周敏")
    said = sheets["会话全文"]
    put(said, row_of(said, _key=f"S10001|{ANNE}|4"), "情绪更正", "中性")


def test_verdicts_scores_appeals_and_moods_come_back(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    done = collect([path], tmp_path / "final", out=out)
    assert (done.nights, done.files, done.verdicts, done.scores, done.moods) == ((factory.NIGHT,), 1, 5, 1, 1)
    assert done.problems == ()
    rows = finals(tmp_path / "final")
    got = {
        chat: tuple(
            rows[chat][name] for name in ("machine_score", "final_score", "counted", "final_grade", "how")
        )
        for chat in ("S10001", "S10002", "S10004", "S10006", "S10009", "S10005")
    }
    assert got == {
        "S10001": (60.0, 73.0, 73.0, "合格", "改判"),
        "S10002": (100.0, 88.0, 88.0, "良好", "复核得分"),
        "S10004": (0.0, 0.0, 0.0, "致命", "致命已确认"),
        "S10006": (86.0, 86.0, 86.0, "良好", "改判"),  # charged once a chat: the other hit still costs two
        "S10009": (0.0, 82.0, 82.0, "合格", "改判"),
        "S10005": (100.0, 100.0, 100.0, "优秀", "机器"),
    }
    assert rows["S10001"]["overturned"] == ["ATT-03", "OPEN-01"]
    assert rows["S10006"]["overturned"] == ["COMM-05"]
    assert rows["S10004"]["confirmed"] == ["ATT-01"]
    assert rows["S10001"]["reviewers"] == ["周敏"]
    assert {chat: rows[chat]["appeal_result"] for chat in rows if rows[chat]["appeal"]} == {
        "S10001": "成立",
        "S10003": "不成立",
        "S10008": "",
    }


def test_labels_hold_what_people_decided_and_are_read_as_gold(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path], tmp_path / "final", out=out)
    labels = {label.id: label for label in read_gold(tmp_path / "final" / "labels.jsonl")}
    assert {chat: (label.agent, label.verdicts, label.moods) for chat, label in labels.items()} == {
        "S10001": (ANNE, {"ATT-03": "pass", "OPEN-01": "not_applicable"}, {4: "neutral"}),
        "S10004": (ANNE, {"ATT-01": "fail"}, {}),
        "S10009": (ANNE, {"COMP-04": "not_applicable"}, {}),
    }


def test_the_folder_holds_the_chats_of_its_labels_and_is_what_training_takes(
    out: Path, tmp_path: Path
) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path], tmp_path / "final", out=out)
    stored = {c.transcript.id: c.transcript for r in factory.reports() for c in r.scorecards}
    read = {chat.id: chat for chat in read_all(tmp_path / "final" / "chats.jsonl", Config())}
    assert read.keys() == {"S10001", "S10004", "S10009"}
    for chat, found in read.items():
        assert [m.text for m in found.messages] == [m.text for m in stored[chat].messages]
    examples, files = read_examples([tmp_path / "final"])
    assert [(e.group, e.turn, e.label) for e in examples] == [("S10001", 4, "neutral")]
    assert {file.kind for file in files} == {"chats", "labels"}


def test_a_fatal_that_nobody_has_judged_stays_zero_and_counts_as_before(out: Path, tmp_path: Path) -> None:
    collect([fetch(night(out), FIRST, tmp_path / "in")], tmp_path / "final", out=out)
    row = finals(tmp_path / "final")["S10004"]
    assert (row["final_score"], row["counted"], row["how"]) == (0.0, 94.0, "致命待复核")


def test_blind_verdicts_correct_both_ways_and_are_weighed(out: Path, tmp_path: Path) -> None:
    cards = {key(c.transcript.id, c.agent): c for r in factory.reports() for c in r.scorecards}

    def fill(sheets: Sheets) -> None:
        sheet = sheets["随机抽检"]
        for row in range(2, sheet.max_row + 1):
            card = cards[str(sheet.cell(row, column(sheet, "_key")).value)]
            rule = sheet.cell(row, column(sheet, "规则编号")).value
            machine = next(r.verdict for r in card.results if r.rule_id == rule)
            other = {Verdict.PASS: "违规", Verdict.FAIL: "通过"}
            same = {Verdict.PASS: "通过", Verdict.FAIL: "违规"}
            put(sheet, row, "判定", (other if rule == "CLOSE-02" else same)[machine])
            put(sheet, row, "复核人", "李真")

    path = edit(fetch(night(out), REVIEW, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert done.problems == ()
    rows = finals(tmp_path / "final")
    sampled = [one for one in read_kept(out, factory.NIGHT).judgements if one.rule_id == "CLOSE-02"]
    added = {chat for chat, row in rows.items() if row["added"]}
    lifted = {chat for chat, row in rows.items() if row["overturned"]}
    assert added == {one.chat for one in sampled if one.machine is Verdict.PASS}
    assert lifted == {one.chat for one in sampled if one.machine is Verdict.FAIL}
    for chat in added:
        assert rows[chat]["final_score"] == max(float(str(rows[chat]["machine_score"])) - 5, 0)
    measured = quality(out)
    assert (measured["CLOSE-02"].precision.value, measured["CLOSE-02"].omission.value) == (0.0, 1.0)
    assert measured["CLOSE-02"].kappa.value == pytest.approx(-1, abs=0.6)
    right = measured["OPEN-01"]
    assert (right.precision.value, right.omission.value, right.miss_rate.value, right.kappa.value) == (
        1,
        0,
        0,
        1,
    )
    assert right.miss_rate.high is not None
    assert right.miss_rate.high > 0.05  # from so few nobody can say that it misses nothing
    assert all(one.sampled == 0 or one.sampled <= one.population for one in sampled)


def test_appeals_are_counted_for_the_rules_they_name(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path], tmp_path / "final", out=out)
    appeals = {one.rule_id: one for one in read_kept(out, factory.NIGHT).appeals}
    named = appeals["ATT-03"]
    assert (named.charged, named.appealed, named.decided, named.upheld) == (2, 1, 1, 1)
    assert appeals["OPEN-01"].appealed == 0  # S10001's reason names another rule
    assert quality(out)["ATT-03"].upheld.value == 1


def test_unanswered_chats_come_back_with_what_was_done(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["无人应答"]
        row = row_of(sheet, 会话ID="U90002")
        put(sheet, row, "跟进情况", "已联系")
        put(sheet, row, "跟进人", "孙宁")

    path = edit(fetch(night(out), REVIEW, tmp_path / "in"), fill)
    collect([path], tmp_path / "final", out=out)
    (one,) = read_kept(out, factory.NIGHT).follow_ups
    assert (one.chat, one.agent, one.state, one.reviewer) == ("U90002", "", "已联系", "孙宁")


def contents(folder: Path) -> dict[str, object]:
    """Every file byte by byte; a workbook, whose zip holds a clock, by its cells."""
    return {
        path.relative_to(folder).as_posix(): [
            (sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in load_workbook(path).worksheets
        ]
        if path.suffix == ".xlsx"
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_collecting_again_changes_nothing_and_nothing_is_written_into_what_came_back(
    out: Path, tmp_path: Path
) -> None:
    back = tmp_path / "in"
    edit(fetch(night(out), FIRST, back), fill_first)
    fetch(night(out), REVIEW, back)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in back.iterdir()}
    collect([back], tmp_path / "final", out=out)
    first = contents(tmp_path / "final") | contents(out / "reviews")
    collect([back], tmp_path / "final", out=out)
    assert contents(tmp_path / "final") | contents(out / "reviews") == first
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in back.iterdir()} == before


def test_what_comes_back_later_is_added_and_replaces_what_it_speaks_of(out: Path, tmp_path: Path) -> None:
    first = edit(fetch(night(out), FIRST, tmp_path / "one"), fill_first)
    collect([first], tmp_path / "final", out=out)

    def second(sheets: Sheets) -> None:
        chats = sheets["逐通评分"]
        put(chats, row_of(chats, 序号=4), "复核人", "周敏")
        judge(sheets, 4, "ATT-01", "通过")

    collect([edit(fetch(night(out), FIRST, tmp_path / "two"), second)], tmp_path / "final", out=out)
    rows = finals(tmp_path / "final")
    assert (rows["S10001"]["final_score"], rows["S10004"]["final_score"]) == (73.0, 94.0)


def test_a_night_written_anew_keeps_its_reviews_and_does_not_ask_again(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path], tmp_path / "final", out=out)
    shutil.rmtree(night(out))
    make_night(out)
    queue = load_workbook(night(out) / REVIEW)["必查队列"]
    shown = {queue.cell(row, column(queue, "_hit")).value for row in range(2, queue.max_row + 1)}
    keys = {queue.cell(row, column(queue, "_key")).value for row in range(2, queue.max_row + 1)}
    assert f"S10009|{ANNE}" not in keys  # its fatal was judged, and nothing else in it is urgent
    assert f"S10004|{ANNE}" in keys  # its alert was not
    assert not any(str(hit).startswith("ATT-01|3|11") and f"S10004|{ANNE}" not in keys for hit in shown)
    collect([fetch(night(out), SECOND, tmp_path / "again")], tmp_path / "final", out=out)
    assert finals(tmp_path / "final")["S10001"]["final_score"] == 73.0


def test_what_was_judged_is_known_to_the_next_night(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path], tmp_path / "final", out=out)
    judged = known(out, "2025-11-21", list(factory.AGENTS)).judged
    assert judged[f"S10001|{ANNE}"] == {"ATT-03", "OPEN-01"}
    assert judged[f"S10002|{ANNE}"] == {""}
    assert f"S10005|{ANNE}" not in judged


def test_every_mood_of_a_workbook_can_be_corrected_where_it_turned_too(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["会话全文"]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, column(sheet, "_key")).value:
                put(sheet, row, "情绪更正", "中性")

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    shown = {
        row[0] for row in load_workbook(path)["会话全文"].iter_rows(min_col=6, max_col=6, values_only=True)
    }
    assert any("↓" in str(mood) for mood in shown)
    done = collect([path], tmp_path / "final", out=out)
    assert done.problems == ()
    assert done.moods == len(read_kept(out, factory.NIGHT).moods) > 20


# two people


def judged_by(name: str, verdicts: Mapping[tuple[int, str], str]) -> object:
    def fill(sheets: Sheets) -> None:
        chats = sheets["逐通评分"]
        for chat, rule in verdicts:
            put(chats, row_of(chats, 序号=chat), "复核人", name)
            judge(sheets, chat, rule, verdicts[chat, rule])

    return fill


def test_two_reviewers_are_compared_and_the_machine_stands_where_they_differ(
    out: Path, tmp_path: Path
) -> None:
    ours = {(1, "ATT-03"): "通过", (1, "ATT-05"): "违规", (4, "ATT-01"): "通过"}
    theirs = {(1, "ATT-03"): "通过", (1, "ATT-05"): "违规", (4, "ATT-01"): "违规"}
    edit(fetch(night(out), FIRST, tmp_path / "in/a" / FIRST), judged_by("周敏", ours))  # type: ignore[arg-type]
    edit(fetch(night(out), FIRST, tmp_path / "in/b" / FIRST), judged_by("吴桐", theirs))  # type: ignore[arg-type]
    done = collect([tmp_path / "in"], tmp_path / "final", out=out)
    assert done.problems == ()
    rows = finals(tmp_path / "final")
    assert (rows["S10001"]["final_score"], rows["S10001"]["overturned"]) == (68.0, ["ATT-03"])
    assert (rows["S10004"]["final_score"], rows["S10004"]["open_rules"]) == (0.0, ["ATT-01"])
    book = load_workbook(tmp_path / "final" / "final.xlsx")
    (pair,) = [row for row in book["一致性"].iter_rows(min_row=2, values_only=True) if row[0] != "全部"]
    assert pair[:3] == ("吴桐", "周敏", 3)
    assert pair[3] == pytest.approx(2 / 3)
    (dispute,) = book["分歧"].iter_rows(min_row=2, values_only=True)
    assert dispute[1:8] == (
        "S10004",
        ANNE,
        "ATT-01",
        "责怪客户",
        "看过机器依据",
        "违规",
        "吴桐：违规\n周敏：通过",
    )


def test_one_person_who_says_two_things_of_the_same_is_reported_and_not_counted(
    out: Path, tmp_path: Path
) -> None:
    for folder, verdict in (("a", "通过"), ("b", "违规")):
        path = fetch(night(out), FIRST, tmp_path / "in" / folder / FIRST)
        edit(path, judged_by("周敏", {(4, "ATT-01"): verdict}))  # type: ignore[arg-type]
    collect([tmp_path / "in"], tmp_path / "final", out=out)
    found = problems(tmp_path / "final")
    assert len(found) == 2
    assert all(what.startswith("同一复核人对同一项填写不一致，均未收集：") for _, _, what, _ in found)
    assert finals(tmp_path / "final")["S10004"]["how"] == "致命待复核"


def test_the_same_copy_twice_counts_once(out: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        edit(fetch(night(out), FIRST, tmp_path / "in" / folder / FIRST), fill_first)
    done = collect([tmp_path / "in"], tmp_path / "final", out=out)
    assert done.problems == ()
    assert len(read_kept(out, factory.NIGHT).judgements) == 5


def test_who_gives_no_name_is_told_apart_by_the_file(out: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        edit(
            fetch(night(out), FIRST, tmp_path / "in" / folder / FIRST),
            lambda s: judge(s, 4, "ATT-01", "通过"),
        )
    collect([tmp_path / "in"], tmp_path / "final", out=out)
    assert {one.reviewer for one in read_kept(out, factory.NIGHT).judgements} == {
        "未署名（a/1024 王小雨）",
        "未署名（b/1024 王小雨）",
    }


# cells that cannot be taken


def chat_cell(title: str, value: object, number: int = 1) -> object:
    return lambda sheets: put(sheets["逐通评分"], row_of(sheets["逐通评分"], 序号=number), title, value)


SCORE = "请填写 0 到 100 之间的数字"
BAD = {
    "score is words": (chat_cell("复核得分", "八十"), "逐通评分", "“八十”不是分数，未收集", SCORE),
    "score out of range": (chat_cell("复核得分", 101), "逐通评分", "分数 101 超出范围，未收集", SCORE),
    "score below zero": (chat_cell("复核得分", -1), "逐通评分", "分数 -1 超出范围，未收集", SCORE),
    "score is true": (chat_cell("复核得分", True), "逐通评分", "“TRUE”不是分数，未收集", SCORE),
    "score is an error": (chat_cell("复核得分", "#REF!"), "逐通评分", "“#错误!”不是分数，未收集", SCORE),
    "appeal": (chat_cell("申诉", "要"), "逐通评分", "“要”不在可选项中，未收集", "请填写：是、否"),
    "result without appeal": (
        chat_cell("申诉结果", "成立"),
        "逐通评分",
        "填写了申诉结果，“申诉”却不是“是”，申诉结果未收集",
        "请在“申诉”中选择“是”，或清空申诉结果",
    ),
    "appeal result": (
        chat_cell("申诉结果", "也许"), "逐通评分", "“也许”不在可选项中，未收集", "请填写：成立、部分成立、不成立",
    ),
    "verdict": (
        lambda s: judge(s, 1, "ATT-03", "合格"), "扣分明细", "“合格”不在可选项中，未收集", "请填写：通过、违规、不适用",
    ),
    "verdict is a number": (
        lambda s: judge(s, 1, "ATT-03", 1), "扣分明细", "“1”不在可选项中，未收集", "请填写：通过、违规、不适用",
    ),
    "mood": (
        lambda s: put(s["会话全文"], row_of(s["会话全文"], _key=f"S10001|{ANNE}|4"), "情绪更正", "生气"),
        "会话全文", "“生气”不在可选项中，未收集", "请填写：负面、中性、正面",
    ),
    "mood of the agent": (
        lambda s: put(s["会话全文"], row_of(s["会话全文"], 角色="坐席"), "情绪更正", "负面"),
        "会话全文", "这一行不是客户一轮发言的第一行，或是插入的行，情绪未收集", "请填写在客户该轮的第一行",
    ),
    "machine's score": (
        chat_cell("得分", 95), "逐通评分", "机器的值已改动：“得分”应为“60”，现为“95”",
        "机器的值以结果为准；要改分请填写“复核得分”，要改判请填写“复核判定”",
    ),
    "machine's mark": (
        chat_cell("ATT-03 生硬、不耐烦、反问", "√"), "逐通评分", "机器的值已改动：“ATT-03生硬、不耐烦、反问”应为“×”，现为“√”",
        "机器的值以结果为准；要改分请填写“复核得分”，要改判请填写“复核判定”",
    ),
    "formula typed over": (chat_cell("最终得分", 91), "逐通评分", "“最终得分”是公式，被改为 91，未收集", "要改分请填写“复核得分”"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_with_its_place_and_remedy(out: Path, tmp_path: Path, name: str) -> None:
    change, sheet, what, remedy = BAD[name]
    cells: list[object] = []
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), lambda sheets: cells.append(change(sheets)))  # type: ignore[operator]
    done = collect([path], tmp_path / "final", out=out)
    (found,) = done.problems
    cell = cells[0] if name != "result without appeal" else found.cell
    assert (found.file, found.sheet, found.cell, found.what, found.remedy) == (
        str(path),
        sheet,
        cell,
        what,
        remedy,
    )
    assert problems(tmp_path / "final") == [(sheet, cell, what, remedy)]


def test_the_other_cells_of_a_row_with_a_bad_one_are_collected(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        chats = sheets["逐通评分"]
        put(chats, row_of(chats, 序号=2), "申诉", "对")

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert [(one.sheet, one.what) for one in done.problems] == [("逐通评分", "“对”不在可选项中，未收集")]
    assert finals(tmp_path / "final")["S10002"]["final_score"] == 88.0


@pytest.mark.parametrize(
    ("written", "score"), [("88", 88.0), (" 88.5 ", 88.5), ("８８", 88.0), (0, 0.0), (100, 100.0)]
)
def test_a_score_pasted_as_text_is_taken(out: Path, tmp_path: Path, written: object, score: float) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), chat_cell("复核得分", written))  # type: ignore[arg-type]
    assert collect([path], tmp_path / "final", out=out).problems == ()
    assert finals(tmp_path / "final")["S10001"]["final_score"] == score


# rows and columns that people move


def test_an_inserted_row_is_reported_and_a_deleted_one_is_not_missed(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        sheet = sheets["扣分明细"]
        sheet.delete_rows(row_of(sheet, 序号=1, 规则编号="OPEN-01"))
        sheet.insert_rows(3)
        put(sheet, 3, "会话ID", "S10002")
        put(sheet, 3, "复核判定", "违规")

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    (found,) = collect([path], tmp_path / "final", out=out).problems
    assert (found.sheet, found.cell, found.what) == (
        "扣分明细", "B3", "这一行没有隐藏的 _key，是插入或粘贴的行，未收集",
    )  # fmt: skip
    assert finals(tmp_path / "final")["S10001"]["final_score"] == 68.0


def test_columns_may_move_and_others_come_between(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        for title in ("逐通评分", "扣分明细"):
            sheet = sheets[title]
            sheet.insert_cols(3)
            sheet.cell(1, 3).value = "我的备注"
            sheet.cell(2, 3).value = "再看一遍"
            sheet.insert_rows(1, amount=2)
            sheet["A1"] = "第三周复核"

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert (done.problems, done.verdicts, done.scores) == ((), 5, 1)
    assert finals(tmp_path / "final")["S10001"]["final_score"] == 73.0


def test_a_renamed_heading_is_reported_and_the_rest_collected(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        sheet = sheets["逐通评分"]
        sheet.cell(1, column(sheet, "复核得分")).value = "分数"

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert [(one.cell, one.what) for one in done.problems] == [("第1行", "找不到表头“复核得分”，该列未收集")]
    assert (done.verdicts, done.scores) == (5, 0)


def test_without_keys_nothing_of_a_sheet_can_be_told(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        sheet = sheets["扣分明细"]
        sheet.delete_cols(column(sheet, "_key"))

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert [one.what for one in done.problems] == ["找不到表头“_key”，该列未收集"]
    assert (done.verdicts, done.scores) == (0, 1)


def test_a_sheet_that_is_gone_is_reported_a_renamed_one_is_found(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    book = load_workbook(path, rich_text=True)
    book["扣分明细"].title = "明细（周敏）"
    del book["逐通评分"]
    book.save(path)
    done = collect([path], tmp_path / "final", out=out)
    assert [one.what for one in done.problems] == ["缺少工作表“逐通评分”，或其表头已改动，其中的内容未收集"]
    assert done.verdicts == 5


def test_a_sheet_sorted_in_part_is_held_back_row_by_row(out: Path, tmp_path: Path) -> None:
    """Only the visible columns were sorted: the keys are those of other rows now."""

    def fill(sheets: Sheets) -> None:
        fill_first(sheets)
        sheet = sheets["逐通评分"]
        hidden = column(sheet, "_key")
        keys = [sheet.cell(row, hidden).value for row in range(2, sheet.max_row + 1)]
        for row, value in enumerate(reversed(keys), start=2):
            sheet.cell(row, hidden).value = value

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    held = [one for one in done.problems if one.sheet == "逐通评分"]
    assert held
    assert all("与隐藏的 _key 不是同一行，未收集" in one.what for one in held)
    assert done.scores == 0
    assert (
        finals(tmp_path / "final")["S10011"]["final_score"]
        == finals(tmp_path / "final")["S10011"]["machine_score"]
    )


def test_a_key_of_another_night_is_reported(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["逐通评分"]
        row = row_of(sheet, 序号=1)
        put(sheet, row, "_key", f"X999|{ANNE}")
        put(sheet, row, "复核得分", 50)

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    (found,) = collect([path], tmp_path / "final", out=out).problems
    assert found.what == f"该晚的结果中没有这一行（X999|{ANNE}），未收集"


def test_two_columns_of_one_heading_are_taken_where_they_agree(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["逐通评分"]
        last = sheet.max_column + 1
        sheet.cell(1, last).value = "复核得分"
        for number, first, second in ((1, 70, 70), (2, 80, None), (3, None, 90), (5, 60, 61)):
            put(sheet, row_of(sheet, 序号=number), "复核得分", first)
            sheet.cell(row_of(sheet, 序号=number), last).value = second

    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill)
    done = collect([path], tmp_path / "final", out=out)
    assert [one.what for one in done.problems] == ["有多列“复核得分”，填写不一致：60、61，未收集"]
    rows = finals(tmp_path / "final")
    assert [rows[f"S1000{n}"]["final_score"] for n in (1, 2, 3, 5)] == [70, 80, 90, 100]


def test_strata_that_were_changed_are_not_weighed(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["_抽样"]
        row = next(r for r in range(2, sheet.max_row) if sheet.cell(r, column(sheet, "层内总数")).value)
        put(sheet, row, "抽取数", 10_000)
        sample = sheets["随机抽检"]
        put(sample, row, "判定", "通过")

    path = edit(fetch(night(out), REVIEW, tmp_path / "in"), fill)
    (found,) = collect([path], tmp_path / "final", out=out).problems
    assert found.what == "抽样信息已改动，这一项不计入准确率"
    (one,) = read_kept(out, factory.NIGHT).judgements
    assert (one.sampled, one.population) == (0, 0)


def test_a_low_score_has_no_rule_to_judge(out: Path, tmp_path: Path) -> None:
    def fill(sheets: Sheets) -> None:
        sheet = sheets["必查队列"]
        row = row_of(sheet, 优先级="中")
        for title in ("_hit", "规则编号"):  # as the row of a low score has them
            put(sheet, row, title, None)
        put(sheet, row, "复核判定", "通过")
        put(sheet, row, "复核得分", 75)

    done = collect([edit(fetch(night(out), REVIEW, tmp_path / "in"), fill)], tmp_path / "final", out=out)
    assert [one.what for one in done.problems] == ["这一行没有可判定的规则，判定未收集"]
    assert (done.verdicts, done.scores) == (0, 1)


# files that are none of ours


def foreign(path: Path) -> None:
    from openpyxl import Workbook

    Workbook().save(path)


FOREIGN = {
    "a.xlsx": (foreign, "不是 qa-audit 的工作簿，或文件属性中的运行编号已丢失"),
    "b.xlsx": (lambda path: path.write_bytes(b"PK nothing"), "不是 .xlsx 工作簿，或文件已损坏、有密码"),
    "c.ods": (lambda path: path.write_bytes(b""), ".ods 文件无法收集"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_none_of_ours_is_named(out: Path, tmp_path: Path, name: str) -> None:
    write, what = FOREIGN[name]
    write(tmp_path / name)  # type: ignore[operator]
    (found,) = collect([tmp_path / name], tmp_path / "final", out=out).problems
    assert (found.file, found.what) == (str(tmp_path / name), what)
    assert found.remedy


def test_a_workbook_of_another_run_is_named(out: Path, tmp_path: Path) -> None:
    path = fetch(night(out), FIRST, tmp_path / "in")
    manifest = night(out) / "run.json"
    manifest.write_text(manifest.read_text("utf-8").replace(factory.RUN_ID, "another"), "utf-8")
    (found,) = collect([path], tmp_path / "final", out=out).problems
    assert (
        found.what
        == f"运行编号 {factory.RUN_ID} 不在结果目录中：该晚（周报、月报的某一晚）已重新质检，或属于别的目录"
    )


def test_the_teams_workbook_and_an_earlier_outcome_hold_nothing_to_collect(out: Path, tmp_path: Path) -> None:
    back = tmp_path / "in"
    edit(fetch(night(out), FIRST, back), fill_first)
    shutil.copy(night(out) / "team.xlsx", back)
    collect([back], back, out=out)
    done = collect([back], tmp_path / "final", out=out)
    assert [one.file for one in done.problems if not one.file.endswith(".csv")] == []
    assert done.verdicts == 5


def test_nights_are_found_above_the_workbooks(out: Path, tmp_path: Path) -> None:
    edit(night(out) / "agents" / FIRST, fill_first)
    done = collect([night(out)], tmp_path / "final")
    assert (done.nights, done.verdicts) == ((factory.NIGHT,), 5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nowhere", r"nowhere: does not exist; give returned workbooks or their folder"),
        ("empty", r"empty: no workbook \(\.xlsx\) there; give the returned workbooks"),
    ],
)
def test_without_workbooks_there_is_nothing_to_collect(
    out: Path, tmp_path: Path, given: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=message):
        collect([tmp_path / given], tmp_path / "final", out=out)


def test_without_nights_there_is_nothing_to_check_against(out: Path, tmp_path: Path) -> None:
    path = fetch(night(out), FIRST, tmp_path / "in")
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        InputError, match=r"empty: holds no nights; give the folder that qa-audit run --out wrote"
    ):
        collect([path], tmp_path / "final", out=tmp_path / "empty")


def test_problems_and_outcome_are_written_where_asked(out: Path, tmp_path: Path) -> None:
    path = edit(fetch(night(out), FIRST, tmp_path / "in"), fill_first)
    collect([path, fetch(night(out), THIRD, tmp_path / "in")], tmp_path / "final", out=out)
    assert sorted(one.name for one in (tmp_path / "final").iterdir()) == [
        "chats.jsonl", "final.parquet", "final.xlsx", "labels.jsonl", "review_problems.csv",
    ]  # fmt: skip
    book = load_workbook(tmp_path / "final" / "final.xlsx")
    assert book.sheetnames == [
        "总览", "坐席成绩", "逐通复核", "规则质量", "复核人", "一致性", "分歧", "申诉", "无人应答跟进", "情绪更正", "未收集",
    ]  # fmt: skip
    agents = {row[0]: row for row in book["坐席成绩"].iter_rows(min_row=2, values_only=True)}
    assert set(agents) == set(factory.AGENTS)
    assert agents[ANNE][1:4] == (12, 7, 3)
    assert agents[ANNE][11:16] == (1, 1, 0, 3, 1)
    lines = [
        json.loads(line) for line in (tmp_path / "final" / "labels.jsonl").read_text("utf-8").splitlines()
    ]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
