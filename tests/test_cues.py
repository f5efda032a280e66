"""What excuses a hit: cue, reach, stop, pseudo-cue, quotation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talks import judge_of, results, talk

from qa_audit.match.cues import Cue, Cues
from qa_audit.records import Evidence, Excused, RuleResult, Verdict

KEYS = """
    check: forbid
    look_for: lexicon:blame
    except: 不小心把您自己操作错
    unless: [negated, quoted, reported, hypothetical, question]
"""
JUDGE = judge_of({"TST-01": KEYS})
HIT = "您自己操作错"


def result_of(said: str) -> RuleResult:
    return results(JUDGE, talk(f"客服：{said}"))["TST-01"]


def reason_of(said: str) -> str:
    """Why the one hit in a message is excused; empty if it counts."""
    result = result_of(said)
    hits = [(e, "") for e in result.evidence] + [(x.evidence, x.reason) for x in result.excused]
    assert [evidence.text for evidence, _ in hits] in ([HIT], ["您自己弄错"])
    return hits[0][1]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("这是您自己操作错了", ""),
        ("这不是您自己操作错了，是系统延迟", "否定：不是"),
        ("并非您自己操作错", "否定：并非"),
        ("我没有说您自己操作错", "否定：没有说"),
        # “不是A，是B” asserts B
        ("不是系统延迟，是您自己操作错了", ""),
        ("不是系统延迟，而是您自己操作错了", ""),
        ("不是系统延迟，就是您自己操作错了", ""),
        ("不是我们慢但您自己操作错了", ""),
        # a rhetorical question denies nothing
        ("难道不是您自己弄错了吗", ""),
        ("还不是您自己弄错了", ""),
        ("不只是系统的事您自己操作错", ""),
        ("这不是您自己弄错了吗", ""),
        # who speaks
        ("您刚才说有人讲是您自己操作错了，我来核实", "转述：有人讲"),
        ("您说您自己操作错", "转述：您说"),
        ("跟您说您自己操作错了", ""),
        ("我对您说，您自己操作错了", ""),
        # what if
        ("如果您自己操作错可以撤回", "假设：如果"),
        ("如果可以的话但您自己操作错", ""),
        # asked
        ("请问您自己操作错了吗", "疑问：吗"),
        ("您是否因为您自己操作错", "疑问：是否"),
        ("难道您自己操作错了吗", ""),
    ],
)
def test_a_cue_excuses_what_it_reaches(said: str, reason: str) -> None:
    assert reason_of(said) == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("这不是一二三四五六七八九十您自己操作错", "否定：不是"),
        ("这不是一二三四五六七八九十一您自己操作错", ""),
        ("您自己操作错一二三四吗", "疑问：吗"),
        ("您自己操作错一二三四五吗", ""),
    ],
)
def test_a_cue_reaches_as_far_as_it_says(said: str, reason: str) -> None:
    assert reason_of(said) == reason


@pytest.mark.parametrize(
    "said",
    [
        "不是的。您自己操作错了",
        "不是呀！您自己操作错了",
        "不是⏎您自己操作错了",
        "不是；您自己操作错了",
        "不是……您自己操作错了",
        "不是～您自己操作错了",
        "您自己操作错。对吗",
    ],
)
def test_a_cue_does_not_leave_its_sentence(said: str) -> None:
    assert reason_of(said) == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("页面提示“您自己操作错”", "引用：提示“…”"),
        ("商家写着：「您自己操作错了」", "引用：写着“…”"),
        ('快递说"您自己操作错"', "引用：说“…”"),
        ("他讲「这是您自己操作错」", "引用：讲“…”"),
        ("他说：“对不起。您自己操作错。”", "引用：说“…”"),
        # quotation marks for emphasis
        ("这不就“您自己操作错”了嘛", ""),
        ("“您自己操作错”", ""),
        # the agent's own saying
        ("跟您说“您自己操作错”了", ""),
        # a verb that belongs to something else
        ("我说。“您自己操作错”了嘛", ""),
        ("我说过很多很多遍了“您自己操作错”", ""),
        # outside the quotation, or in none
        ("他说“可以”，您自己操作错", ""),
        ('他说"可以"，您自己操作错"了"', ""),
        ("他说“您自己操作错", ""),
    ],
)
def test_a_quotation_has_marks_and_somebody_who_said_it(said: str, reason: str) -> None:
    judge = judge_of({"TST-01": "check: forbid\nlook_for: lexicon:blame\nunless: [quoted]"})
    result = results(judge, talk(f"客服：{said}"))["TST-01"]
    assert [x.reason for x in result.excused] == ([reason] if reason else [])
    assert len(result.evidence) == (not reason)


def test_only_the_named_kinds_excuse() -> None:
    judge = judge_of({"TST-01": "check: forbid\nlook_for: lexicon:blame\nunless: [reported]"})
    said = "客服：不是您自己操作错。您说您自己弄错"
    assert results(judge, talk(said))["TST-01"] == RuleResult(
        "TST-01",
        Verdict.FAIL,
        evidence=(Evidence(0, 2, 8, HIT),),
        excused=(Excused(Evidence(0, 11, 16, "您自己弄错"), "转述：您说"),),
    )


def test_an_excused_hit_is_kept_for_review() -> None:
    assert result_of("這不是您自己操作錯了") == RuleResult(
        "TST-01", Verdict.PASS, excused=(Excused(Evidence(0, 3, 9, "您自己操作錯"), "否定：不是"),)
    )


def test_an_exception_excuses_what_it_contains() -> None:
    assert result_of("我不小心把您自己操作错的单退了") == RuleResult(
        "TST-01", Verdict.PASS, excused=(Excused(Evidence(0, 5, 11, HIT), "例外用语"),)
    )
    assert reason_of("我不小心。把您自己操作错") == ""


def test_a_cue_of_its_own_stops_is_stopped_by_them_only() -> None:
    cues = """\
cues:
  - {kind: negated, words: [不是], reach: 10, stops: [问题]}
  - {kind: reported, words: [您说], reach: 10}
quotes: {pairs: [“”], after: [说]}
"""
    judge = judge_of(
        {"TST-01": "check: forbid\nlook_for: lexicon:blame\nunless: [negated, reported]"}, cues=cues
    )
    for said, reasons in (
        ("不是问题您自己操作错", []),
        ("您说问题您自己操作错", ["转述：您说"]),
        ("不是的您自己操作错", ["否定：不是"]),
    ):
        result = results(judge, talk(f"客服：{said}"))["TST-01"]
        assert [x.reason for x in result.excused] == reasons


def test_without_cues_nothing_is_excused() -> None:
    none = Cues((), (), (), (), (), 0)
    assert none.excuse("不是您", (2, 3), (0, 3), ("negated", "quoted")) == ""


@given(st.integers(0, 15), st.integers(0, 15))
def test_reach_counts_the_characters_between(between: int, reach: int) -> None:
    cues = Cues((Cue("negated", ("不是",), reach),), (), (), (), (), 0)
    text = "不是" + "啊" * between + "您"
    hit = (len(text) - 1, len(text))
    assert cues.excuse(text, hit, (0, len(text)), ("negated",)) == ("否定：不是" if between <= reach else "")
    assert cues.excuse(text, hit, (2, len(text)), ("negated",)) == ""
