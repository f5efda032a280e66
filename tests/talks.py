"""Talks in the example grammar of rule files, and rules as YAML text with lexicons of their own, ready to judge.

Nothing here reads the shipped standard; the lexicons that facts need are small ones of these tests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from qa_audit.check.judge import Judge, Moods
from qa_audit.check.views import views_of
from qa_audit.config import MASKS
from qa_audit.records import Evidence, Mood, RoundMood, RuleResult, Transcript, Verdict
from qa_audit.rulebook import language_of, load_standard
from qa_audit.rulebook.examples import parse_example
from qa_audit.rulebook.load import in_order
from qa_audit.rulebook.schema import ExampleFile
from qa_audit.segment import Conversation, Segmenter, segment
from qa_audit.view import AgentView

COMMON = """\
title: 测试标准
version: "1"
sections:
  - {name: 测试, letter: T}
grades:
  - {name: 合格, at_least: 0}
"""
# What every rule file must say and no test here asks for.
HEAD = {
    "name": "a-test",
    "title": "测试",
    "section": "测试",
    "severity": "minor",
    "why": "测试",
    "source": "测试",
    "message": "测试",
    "advice": "测试",
}
WANTED_BY = ("require", "respond", "echo")
LEXICONS = {
    "acknowledgement": "好的\n明白了\n谢谢",
    "acknowledgement_only": r"re:^\s*(?:(?:好的|好|嗯+|谢谢|明白了)[\s,。!~]*)+$",
    "anything_else": "还有别的问题吗\n还有什么可以帮",
    "asks_order": "单号\n哪个订单",
    "bare_answer": r"re:^\s*(?:嗯|哦|好|是)\s*$",
    "back_channel": r"re:^\s*(?:(?:好的|好|嗯+|对|您说)[\s,。!~]*)+$",
    "closing": "再见\n祝您生活愉快",
    "explanation": "已经为您\n因为\n建议您",
    "found_out": "查到了\n已经到",
    "greeting": "您好",
    "handed_on": "为您转同事\nre:转接.{0,6}客服[A-Z]",
    "general_question": "一般\n怎么退",
    "handover": "已转接人工\n为您转接",
    "hold_request": "请稍等\n稍等\n等我一下",
    "in_progress": "正在为您查\n正在核实",
    "order_given": "re:[0-9]{6,}",
    "order_matter": "订单\n快递",
    "own_order": "没发货\n要退货",
    "question": "re:[?]\n多久\n怎么",
    "sees_order": "查到",
    "short_duration": "re:(?:[0-9]+|[一二两三四五六七八九十半]+)(?:[-~到](?:[0-9]+|[一二两三四五六七八九十]+))?个?(?:秒|分钟|小时)",
    "small_talk": "在吗\n您好\n人工",
    "user_words": "运费险\n稍等",
    "thanks": "谢谢\n感谢",
    "blame": "您自己操作错\n您自己弄错",
}
CUES = """\
cues:
  - {kind: negated, words: [不是, 并非, 没有说, 不怪], reach: 10, void: [吗]}
  - {kind: reported, words: [您刚才说, 您说, 有人讲, 客户反映], reach: 16}
  - {kind: hypothetical, words: [如果, 要是], reach: 10}
  - {kind: question, words: [吗, "?"], reach: 4, follows: true, void: [难道, 不是]}
  - {kind: question, words: [是不是, 是否], reach: 6}
pseudo: [是不是, 难道不是, 不只是, 不光是, 还不是, 跟您说, 对您说]
stops: [而是, "，是", 就是, 但是, 但]
quotes:
  pairs: ["“”", "「」", "\\"\\""]
  after: [说, 讲, 写着, 提示]
  reach: 6
"""
POLICY = """\
subjects:
  no_reason_return: {limit: 7, unit: 天, since: "2014-03-15", source: 测试}
  warranty: {limit: 180, unit: 天, since: "2020-01-01", source: 测试}
"""
THRESHOLDS = {"sure": 0.9, "maybe": 0.5}
# P(negative) of a customer round that holds the words
NEGATIVE = {"气死": 0.95, "不太满意": 0.7}


def talk(text: str, **fields: object) -> Transcript:
    """A transcript of lines such as “[10:00:05] 客户：在吗”; ⏎ is a new line within a message.

    Fields are those of the examples of rule files.
    """
    data = ExampleFile.model_validate({"why": "测试", "talk": dedent(text), **fields})
    transcript = parse_example(data, Verdict.PASS, 1).transcript
    messages = tuple(replace(m, text=m.text.replace("⏎", "\n")) for m in transcript.messages)
    return replace(transcript, id="T1", messages=messages)


def marked(text: str) -> list[tuple[int, int, int]]:
    """(message, start, end) of every [[…]] of a talk."""
    data = ExampleFile(why="测试", talk=dedent(text))
    return list(parse_example(data, Verdict.PASS, 1).evidence)


@cache
def segmenter() -> Segmenter:
    """One segmenter for all tests: loading its dictionary takes a while."""
    return Segmenter("rjieba", LEXICONS["user_words"].splitlines())


def rule_text(rule_id: str, keys: str) -> str:
    """A whole rule file from the keys that a test is about."""
    keys = dedent(keys).strip() + "\n"
    given = {line.partition(":")[0] for line in keys.splitlines() if line[:1].isalpha()}
    head = {"id": rule_id} | HEAD
    if any(f"check: {check}" in keys.splitlines() for check in WANTED_BY):
        head["wanted"] = "所需用语"
    return "".join(f"{key}: {value}\n" for key, value in head.items() if key not in given) + keys


def write_standard(
    folder: Path,
    rules: Mapping[str, str],
    *,
    lexicons: Mapping[str, str] | None = None,
    cues: str = CUES,
    policy: str = POLICY,
) -> None:
    """Rule files and lexicons into an empty folder; ``lexicons`` are added to, or replace, those of these tests."""
    (folder / "lexicons").mkdir()
    for name, entries in (LEXICONS | dict(lexicons or {})).items():
        (folder / "lexicons" / f"{name}.txt").write_text(entries + "\n", "utf-8")
    (folder / "lexicons" / "cues.yml").write_text(cues, "utf-8")
    (folder / "lexicons" / "policy.yml").write_text(policy, "utf-8")
    (folder / "_standard.yml").write_text(COMMON, "utf-8")
    for rule_id, keys in rules.items():
        (folder / f"{rule_id}.yml").write_text(rule_text(rule_id, keys), "utf-8")


def moods_by_words(conversations: Sequence[Conversation]) -> list[dict[int, RoundMood]]:
    """The moods of these tests: ``NEGATIVE`` says which words make a customer round how negative."""
    moods = []
    for conversation in conversations:
        found = {}
        for round_ in conversation.rounds:
            text = conversation.round_text(round_)
            if round_.role == "customer" and text.strip():
                negative = next((p for words, p in NEGATIVE.items() if words in text), 0.1)
                label: Mood = "negative" if negative >= THRESHOLDS["sure"] else "neutral"
                first = round_.messages[0]
                found[first] = RoundMood(first, label, (negative, 1 - negative, 0.0))
        moods.append(found)
    return moods


def judge_of(
    rules: Mapping[str, str],
    *,
    lexicons: Mapping[str, str] | None = None,
    cues: str = CUES,
    policy: str = POLICY,
    moods: Moods = moods_by_words,
) -> Judge:
    """A judge of rules given by id and the keys that matter, as YAML text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_standard(folder, rules, lexicons=lexicons, cues=cues, policy=policy)
        loaded = load_standard(folder)
        language = language_of(loaded.standard.rules, loaded.lexicons, MASKS)
    return Judge(tuple(in_order(loaded.standard.rules)), language, segmenter(), moods, THRESHOLDS)


def results(judge: Judge, transcript: Transcript, agent: str | None = None) -> dict[str, RuleResult]:
    """What every rule says of one agent (None: the first)."""
    (views,) = judge.views([transcript])
    view = views[0] if agent is None else next(v for v in views if v.agent == agent)
    return view.results


def decide(
    keys: str, text: str, *, agent: str | None = None, judge: Any = None, **fields: object
) -> RuleResult:
    """The result of one rule (its keys as YAML text) on one talk."""
    judged = results(judge or judge_of({"TST-01": keys}), talk(text, **fields), agent)
    return judged["TST-01"]


def view_of(text: str, agent: str | None = None, **fields: object) -> AgentView:
    """One agent's view of a talk, under a standard that holds every fact's lexicon and one idle rule."""
    transcript = talk(text, **fields)
    judge = _idle_judge()
    conversation = segment(transcript, judge.segmenter)
    (moods,) = judge.moods([conversation])
    views = views_of(conversation, judge.language, moods, judge.thresholds)
    return views[0] if agent is None else next(v for v in views if v.agent == agent)


@cache
def _idle_judge() -> Judge:
    return judge_of({"TST-01": "check: forbid\nlook_for: 从不出现的话"})


def words(result: RuleResult) -> list[str]:
    """The texts of a result's evidence."""
    return [evidence.text for evidence in result.evidence]


def is_exact(evidence: Evidence, transcript: Transcript) -> bool:
    """Whether evidence is what stands at its place in the original message."""
    return transcript.messages[evidence.message].text[evidence.start : evidence.end] == evidence.text
