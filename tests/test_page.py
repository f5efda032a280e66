"""The page of a night: what it says, that no text can become markup, and what it leaves out of a large night."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reader import ReadPage, elements, read_page, unpacked

from qa_audit.page import About, PageBuilder, Written
from qa_audit.page.embed import packed, page, to_json
from qa_audit.page.marks import Span, pieces
from qa_audit.records import Evidence, Excused, Scorecard, Verdict
from qa_audit.report.places import key
from qa_audit.report.sampling import Plan, picks_of

STANDARD = factory.STANDARD
RULE = {rule.id: number for number, rule in enumerate(STANDARD.rules)}
ABOUT = About(factory.NIGHT, factory.RUN_ID, factory.report(chats=24).team, not_audited=4)
NASTY = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(
        st.sampled_from(["</script>", "<!--", "<script>", "]]>", "&lt;", "\u2028", "\ud83d\ude00", "\ud800", "\0", "{{head}}", '"', "\\", "好"])
    ).map("".join),
)  # fmt: skip


PLAIN = page("质检", {"text": ""}, [packed(to_json([""]))])


def cards(chats: int = 24) -> list[Scorecard]:
    return [card for report in factory.reports(chats=chats) for card in report.scorecards]


def written(path: Path, chosen: list[Scorecard], builder: PageBuilder | None = None) -> Written:
    builder = builder or PageBuilder(STANDARD)
    for card in chosen:
        builder.add(card)
    for chat in factory.unanswered():
        builder.add_unanswered(chat)
    return builder.write(path, ABOUT)


def said(pieces_of: list[str | list[str | int]]) -> str:
    return "".join(piece if isinstance(piece, str) else str(piece[0]) for piece in pieces_of)


def joined(text: str) -> str:
    """The text as JavaScript has it: two lone surrogates that follow each other are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> ReadPage:
    path = tmp_path_factory.mktemp("page") / "night.html"
    written(path, cards())
    return read_page(path)


@given(NASTY)
def test_any_text_comes_back_and_can_end_no_element(text: str) -> None:
    encoded = to_json({"text": text})
    assert json.loads(encoded) == {"text": joined(text)}
    assert not set(encoded) & set("<>&\u2028\u2029")
    encoded.encode("utf-8")
    assert unpacked(packed(encoded)) == {"text": joined(text)}


@given(NASTY, NASTY)
def test_a_page_has_the_same_elements_whatever_it_says(title: str, text: str) -> None:
    plain = elements(PLAIN)
    read = elements(
        page(title.encode("utf-8", "replace").decode(), {"text": text}, [packed(to_json([text]))])
    )
    assert read.tags == plain.tags
    assert json.loads(read.scripts["head"]) == {"text": joined(text)}
    assert unpacked(read.scripts["part-0"]) == [joined(text)]
    assert read.scripts["script"] == plain.scripts["script"]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)), max_size=6))
def test_pieces_join_to_the_text_and_carry_what_covers_them(text: str, spans: list[tuple[int, int]]) -> None:
    found = pieces(text, [Span(start, end, number) for number, (start, end) in enumerate(spans)])
    assert said(found) == text
    place = 0
    for piece in found:
        for _ in piece if isinstance(piece, str) else str(piece[0]):
            covering = [n for n, (start, end) in enumerate(spans) if start <= place < end]
            assert covering == ([] if isinstance(piece, str) else piece[1:])
            place += 1


def test_the_head_says_what_the_night_came_to(night: ReadPage) -> None:
    mean = ABOUT.statistics.mean_score
    assert mean.value is not None
    head = {name: value for name, value in night.head.items() if name not in ("rules", "grades", "bounds")}
    assert head == {
        "night": "2025-11-20", "run": factory.RUN_ID, "standard": "客服服务标准", "version": "2025.11", "masked": True, "scope": "",
        "audited": 72, "not_audited": 4, "unanswered": 2, "fatal": sum(card.grade == "致命" for card in cards()),
        "alerts": sum(bool(card.alerts) for card in cards()), "mean": f"{mean.value:.1f}", "fatal_grade": "致命", "left_out": 0, "unlisted": 0,
    }  # fmt: skip
    assert [rule["id"] for rule in night.head["rules"]] == [rule.id for rule in STANDARD.rules]
    assert night.head["bounds"].startswith("误差范围 ")


def test_the_queue_is_that_of_the_review_workbook(night: ReadPage) -> None:
    queue = picks_of(factory.reports(chats=24), STANDARD, Plan(seed=0)).queue()
    at_risk = [i for i, risk in enumerate(night.list["risk"]) if risk]
    assert at_risk == list(range(len(queue)))
    assert [night.list["id"][i] for i in at_risk] == [card.unpack().transcript.id for card in queue]


def test_what_people_have_judged_is_not_in_the_queue_again(tmp_path: Path) -> None:
    card = cards()[0]
    judged = {key(card.transcript.id, card.agent): frozenset(rule.id for rule in STANDARD.rules)}
    written(tmp_path / "night.html", [card], PageBuilder(STANDARD, judged))
    written(tmp_path / "first.html", [card])
    assert [read_page(tmp_path / f"{name}.html").row("S10001")["risk"] for name in ("first", "night")] == [
        2,
        0,
    ]


def test_a_row_has_what_is_searched_and_filtered(night: ReadPage) -> None:
    row = night.row("S10001")
    assert {name: value for name, value in row.items() if name not in ("marks", "part", "place")} == {
        "id": "S10001", "agent": "1024 王小雨", "customer": "客户0001", "time": "2025-11-20 09:05:12", "channel": "在线", "topic": "物流配送",
        "score": 60.0, "before": None, "grade": "待改进", "end": "负面", "says": "我周一买的电饭煲到现在还没动静，你们到底发没发货啊", "risk": 2,
        "reason": "情绪未平复、升级风险、升级风险高", "unanswered": 0,
    }  # fmt: skip
    marks = {rule.id: row["marks"][RULE[rule.id]] for rule in STANDARD.rules}
    assert (
        marks
        | {"RESP-01": "f", "RESP-02": ".", "ATT-03": "f", "COMP-04": "p", "HOLD-01": "n", "MOOD-02": "f"}
        == marks
    )


def test_every_verdict_has_its_letter(tmp_path: Path) -> None:
    card = cards()[0]
    (first, *others) = card.results
    hit = Evidence(0, 0, 1, "我")
    results = (replace(first, excused=(Excused(hit, "客户的话"),)), *others)
    written(tmp_path / "night.html", [replace(card, results=results)])
    letters = {
        (rule.id, row["marks"][RULE[rule.id]])
        for row in (read_page(tmp_path / "night.html").row("S10001"),)
        for rule in STANDARD.rules
    }
    assert ("RESP-01", "F") in letters
    written(tmp_path / "all.html", cards())
    found = set("".join(read_page(tmp_path / "all.html").list["marks"]))
    assert found == set("pfwtnu.")


def test_a_transcript_shows_every_finding_where_it_stands(night: ReadPage) -> None:
    detail = night.detail("S10001")
    card = cards()[0]
    assert [said(message["text"]) for message in detail["messages"]] == [
        m.text for m in card.transcript.messages
    ]
    assert [m["round"] for m in detail["messages"]] == [n + 1 for n in card.round_of]
    assert detail["messages"][1]["at"] == "09:05:43"
    shown = {
        (STANDARD.rules[f["rule"]].id, f["status"], f["message"], f.get("points", 0.0))
        for f in detail["findings"]
    }
    assert shown == {
        ("RESP-01", "扣分", 0, 5.0), ("OPEN-01", "扣分", 1, 5.0), ("COMM-05", "扣分", 3, 2.0), ("ATT-03", "扣分", 3, 8.0),
        ("ATT-05", "扣分", 3, 6.0), ("SOLV-01", "扣分", 3, 5.0), ("CLOSE-01", "扣分", 3, 4.0), ("CLOSE-02", "扣分", 3, 5.0),
        ("MOOD-01", "预警", 6, 0.0), ("MOOD-02", "预警", 4, 0.0),
    }  # fmt: skip
    marked = [
        (piece[0], [STANDARD.rules[detail["marks"][number]["rule"]].id for number in piece[1:]])
        for message in detail["messages"]
        for piece in message["text"]
        if isinstance(piece, list)
    ]
    assert marked == [
        ("可能是", ["COMM-05"]),
        ("你自己看物流不就知道了", ["ATT-03"]),
        ("打12315投诉", ["MOOD-02"]),
        ("什么时候能有结果", ["MOOD-01"]),
    ]
    assert [mood[:2] for mood in detail["moods"]] == [[mood.message, mood.label] for mood in card.moods]


def test_hits_may_overlap_and_excused_ones_say_why(tmp_path: Path) -> None:
    card = cards()[0]
    text = card.transcript.messages[3].text
    inner = Evidence(3, text.index("看物流"), text.index("看物流") + 3, "看物流")
    excused = Excused(inner, "后面有解释")
    results = tuple(replace(r, excused=(excused,)) if r.rule_id == "COMP-04" else r for r in card.results)
    written(tmp_path / "night.html", [replace(card, results=results)])
    detail = read_page(tmp_path / "night.html").detail("S10001")
    (one,) = detail["excused"]
    assert {name: one[name] for name in ("rule", "text", "why", "message")} == {
        "rule": RULE["COMP-04"], "text": "看物流", "why": "后面有解释", "message": 3,
    }  # fmt: skip
    both = [
        piece
        for piece in detail["messages"][3]["text"]
        if isinstance(piece, list) and one["mark"] in piece[1:]
    ]
    assert [piece[0] for piece in both] == ["看物流"]
    assert [detail["marks"][number]["kind"] for number in both[0][1:]] == ["fail", "excused"]


def test_trial_and_waived_findings_cost_nothing_and_look_so(night: ReadPage) -> None:
    statuses = {
        finding["status"]: detail["marks"][finding["mark"]]["kind"] if "mark" in finding else None
        for part in night.parts
        for detail in part
        for finding in detail.get("findings", ())
    }
    assert statuses["试行"] == "free"
    assert "免扣" in statuses


def test_chats_that_nobody_answered_are_listed_last_with_their_text(night: ReadPage) -> None:
    assert night.list["id"][-2:] == ["U90002", "U90001"]
    assert night.list["unanswered"][-2:] == [1, 1]
    assert night.row("U90001")["reason"] == "首响违规"
    assert [said(m["text"]) for m in night.detail("U90002")["messages"]] == ["有人吗", "算了"]


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path / "a.html", cards())
    written(tmp_path / "elsewhere" / "b.html", cards())
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "elsewhere" / "b.html").read_bytes()


def test_nothing_in_the_page_leads_outside(tmp_path: Path) -> None:
    written(tmp_path / "night.html", cards())
    text = (tmp_path / "night.html").read_text(encoding="utf-8")
    visible = re.sub(r'<script type="text/plain".*?</script>', "", text)
    assert len(visible) < len(text)
    assert not re.search(
        r"https?:|//[a-z]|url\(|@import|\bsrc=|innerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(",
        visible,
    )
    read = elements(text)
    digest = {
        name: base64.b64encode(hashlib.sha256(read.scripts[name].encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert read.policy == (
        f"default-src 'none'; style-src 'sha256-{digest['style']}'; script-src 'sha256-{digest['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def long_card(card: Scorecard, number: int) -> Scorecard:
    """The card under another id, with text that hardly packs."""
    noise = "".join(hashlib.sha256(f"{number} {i}".encode()).hexdigest() for i in range(300))
    first, *rest = card.transcript.messages
    messages = (first, *rest, replace(rest[-1], index=len(rest) + 1, text=noise))
    transcript = replace(card.transcript, id=f"L{number:04d}", messages=messages)
    return replace(card, transcript=transcript, round_of=(*card.round_of, card.round_of[-1]))


def test_a_large_night_keeps_its_size_and_what_must_be_seen(tmp_path: Path) -> None:
    risky = cards()[0]
    clean = next(card for card in cards() if not card.deductions)
    found = next(card for card in cards() if card.deductions and not card.alerts and (card.score or 0) > 85)
    many = [long_card(card, i * 3 + n) for i in range(60) for n, card in enumerate((clean, found, risky))]
    came = written(tmp_path / "night.html", many, PageBuilder(STANDARD, largest=1_800_000))
    night = read_page(tmp_path / "night.html")
    assert came.bytes == (tmp_path / "night.html").stat().st_size <= 1_800_000
    assert came.chats == 182
    assert came.without_transcript == night.head["left_out"] > 0
    held = {"risky": 0, "found": 0, "clean": 0}
    for number in range(180):
        row = night.row(f"L{number:04d}")
        kind = ("clean", "found", "risky")[number % 3]
        if row["part"] > 0:
            held[kind] += 1
            assert said(night.detail(row["id"])["messages"][0]["text"]) != ""
    assert held["risky"] == 60
    assert 0 < held["found"] < 60
    assert held["clean"] == 0


def test_a_list_that_is_too_long_drops_the_chats_of_least_risk(tmp_path: Path) -> None:
    came = written(tmp_path / "night.html", cards(), PageBuilder(STANDARD, most_rows=40))
    night = read_page(tmp_path / "night.html")
    written(tmp_path / "whole.html", cards())
    whole = read_page(tmp_path / "whole.html")
    assert (came.chats, came.unlisted, night.head["unlisted"]) == (40, 34, 34)
    assert night.list["id"] == [*whole.list["id"][:38], *whole.list["id"][-2:]]


def test_undecidable_and_inapplicable_rules_say_why(night: ReadPage) -> None:
    details = [detail for part in night.parts for detail in part]
    unsure = [one for detail in details for one in detail.get("unsure", ())]
    assert {one["why"] for one in unsure} == {"情绪概率介于阈值之间"}
    card = cards()[0]
    counted = {
        name: len(night.detail("S10001").get(name, ())) for name in ("passed", "unsure", "not_applicable")
    }
    assert counted == {
        name: sum(r.verdict is verdict for r in card.results)
        for name, verdict in (
            ("passed", Verdict.PASS),
            ("unsure", Verdict.UNDECIDABLE),
            ("not_applicable", Verdict.NOT_APPLICABLE),
        )
    }
