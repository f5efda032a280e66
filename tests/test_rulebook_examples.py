"""The example grammar, and how a result is compared with what its example says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_standard import rule_text, write_standard

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.proof import ExampleRunner, prove
from qa_audit.records import Evidence, Message, RuleResult, Transcript, Verdict
from qa_audit.rule import Example
from qa_audit.rulebook.examples import clock, parse_example, unmark
from qa_audit.rulebook.schema import ExampleFile
from qa_audit.rulebook.trial import faults_of, run_examples

CHINA = timezone(timedelta(hours=8))


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=CHINA)


def parsed(talk: str, **fields: object) -> Example:
    return parse_example(ExampleFile.model_validate({"why": "甲", "talk": talk, **fields}), Verdict.FAIL, 7)


def test_every_kind_of_line() -> None:
    example = parsed(
        """
        [9:59] 机器人：请描述问题
        [10:00:05] 客户: 转人工[[吧]]
        系统：已为您转接
        自动回复：您好

        客服：这是[[您自己]]弄的，[[真的]]
        客服B：（图片）
        客户：（撤回）
        """
    )
    assert example == Example(
        verdict=Verdict.FAIL,
        why="甲",
        transcript=Transcript(
            id="example-7",
            messages=(
                Message(0, "bot", "请描述问题", at=at(9, 59)),
                Message(1, "customer", "转人工吧", at=at(10, 0, 5)),
                Message(2, "system", "已为您转接"),
                Message(3, "agent", "您好", auto=True),
                Message(4, "agent", "这是您自己弄的，真的", agent="客服"),
                Message(5, "agent", "", agent="客服B", kind="image"),
                Message(6, "customer", "", kind="recalled"),
            ),
            customer="客户",
        ),
        line=7,
        evidence=((1, 3, 4), (4, 2, 5), (4, 8, 10)),
        talk=example.talk,
    )
    assert example.talk.splitlines()[1].strip() == "[10:00:05] 客户: 转人工[[吧]]"


def test_fields_of_a_call() -> None:
    example = parsed(
        "[0.5-2] 客服A：您好",
        channel="phone", rings="4", ring_s="16.5", direction="outbound", ended_by="agent", assigned_agent="小安",
        offline="true", audio_channels="2", opened_at="23:40", closed_at="23:50:10", searched=["1", "3"],
        measured="4", waived="false", agent="A",
    )  # fmt: skip
    assert example.transcript == Transcript(
        id="example-7",
        messages=(Message(0, "agent", "您好", agent="客服A", start_s=0.5, end_s=2.0),),
        channel="phone",
        opened_at=at(23, 40),
        closed_at=at(23, 50, 10),
        rings=4,
        ring_s=16.5,
        direction="outbound",
        ended_by="agent",
        assigned_agent="小安",
        offline=True,
        customer="客户",
        audio_channels=2,
    )
    assert (example.searched, example.measured, example.waived, example.agent) == (
        (0, 2),
        4.0,
        False,
        "客服A",
    )


@pytest.mark.parametrize("text", ["1", "24:00", "10:60", "10:00:60", "10:0", "a:b", "10:00:00:00", ""])
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time; write it like 10:00 or 10:00:05$"):
        clock(text)


PLAIN = st.text(st.characters(exclude_characters="[]\n"), max_size=6)


@given(st.lists(st.tuples(PLAIN, st.booleans()), max_size=6))
def test_marks_stand_around_their_words(parts: list[tuple[str, bool]]) -> None:
    marked = "".join(f"[[{text}]]" if mark else text for text, mark in parts)
    plain, spans = unmark(marked)
    assert plain == "".join(text for text, _ in parts)
    assert [plain[start:end] for start, end in spans] == [text for text, mark in parts if mark]


EXAMPLE = parsed("客户：在吗\n客服：[[随便]]你")
RESULT = RuleResult("ATT-03", Verdict.FAIL, evidence=(Evidence(1, 0, 2, "随便"),))
COMPARED = {
    "equal": (EXAMPLE, RESULT, []),
    "verdict": (
        replace(EXAMPLE, verdict=Verdict.PASS, evidence=()),
        replace(RESULT, verdict=Verdict.NOT_APPLICABLE, evidence=(), note="没有发言"),
        ["verdict is not_applicable, pass is wanted (没有发言)"],
    ),
    "other words": (
        EXAMPLE,
        replace(RESULT, evidence=(Evidence(1, 0, 3, "随便你"),)),
        ["evidence is ['随便你'] ((1, 0, 3),), ['随便'] ((1, 0, 2),) is wanted"],
    ),
    "words where none are marked": (
        replace(EXAMPLE, evidence=()),
        RESULT,
        ["evidence is ['随便'] ((1, 0, 2),), [] () is wanted"],
    ),
    "a pass may have words that are not marked": (
        replace(EXAMPLE, evidence=(), verdict=Verdict.PASS),
        replace(RESULT, verdict=Verdict.PASS),
        [],
    ),
    "rounds": (
        replace(EXAMPLE, evidence=(), searched=(0, 2)),
        replace(RESULT, evidence=(), searched=(2,)),
        ["rounds searched are (3,), (1, 3) is wanted"],
    ),
    "measure": (
        replace(EXAMPLE, evidence=(), measured=31.0),
        replace(RESULT, evidence=(), measured=30.0),
        ["measured 30.0, 31.0 is wanted"],
    ),
    "waived": (replace(EXAMPLE, waived=True), RESULT, ["waived: no, yes is wanted"]),
    "not waived": (
        replace(EXAMPLE, waived=False),
        replace(RESULT, waived="已计入 ATT-01"),
        ["waived: 已计入 ATT-01, no is wanted"],
    ),
    "everything": (
        replace(EXAMPLE, measured=3.0, waived=True, searched=(0,)),
        replace(RESULT, verdict=Verdict.PASS, evidence=()),
        [
            "verdict is pass, fail is wanted (no note)",
            "evidence is [] (), ['随便'] ((1, 0, 2),) is wanted",
            "rounds searched are (), (1,) is wanted",
            "measured None, 3.0 is wanted",
            "waived: no, yes is wanted",
        ],
    ),
}


@pytest.mark.parametrize(("example", "result", "wanted"), COMPARED.values(), ids=COMPARED)
def test_compared(example: Example, result: RuleResult, wanted: list[str]) -> None:
    assert list(faults_of(example, result)) == wanted


ATT_03 = rule_text(
    fails="\n  - {why: 甲, talk: '客户：在吗\n\n      客服：您[[自己看着办]]'}\n  - {why: 乙, agent: B, talk: \"客服A：您好\\n客服B：[[自己看着办]]\"}",
    passes="\n  - {why: 丙, talk: 客服：您自己看着办}",
)


def test_examples_run_through_reading_and_judging(tmp_path: Path) -> None:
    folder = write_standard(tmp_path / "standard", {"ATT-03": ATT_03})
    auditor = Auditor.open(Config(), standard=folder)
    outcomes = list(run_examples(auditor.loaded, ExampleRunner(auditor)))
    assert [(o.example.why, o.result.verdict, list(o.faults)) for o in outcomes] == [
        (
            "丙",
            Verdict.FAIL,
            ["verdict is fail, pass is wanted (no note)"],
        ),
        ("甲", Verdict.FAIL, []),
        ("乙", Verdict.FAIL, []),
    ]
    report = prove(Config(), folder)
    assert (report.rules, report.examples, report.clauses) == (1, 3, 0)
    assert (
        f"{folder}/ATT-03.yml:20: example “丙”: verdict is fail, pass is wanted (no note)" in report.findings
    )
    assert (
        f"{folder}/ATT-03.yml:14: ATT-03 has 2 examples under fails, at least 4 are wanted" in report.findings
    )
