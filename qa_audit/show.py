"""One chat in the terminal, with its verdicts and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qa_audit.errors import InputError
from qa_audit.records import Message, RuleResult, Scorecard, Verdict
from qa_audit.report.feared import CHANGES, FACTORS, TURNS, emotion_reason
from qa_audit.report.wording import EMOTIONS, MOOD_NAMES, OUTCOMES, mark
from qa_audit.store import read_results

WHO = {"customer": "客户", "agent": "客服", "bot": "机器人", "system": "系统"}


def scorecards_of(chat_id: str, folder: Path) -> list[Scorecard]:
    """The scorecards of one chat in a night's folder (or its results folder).

    Raises:
        InputError: there is no such folder of results, or no such chat.
    """
    results = folder / "results" if (folder / "results").is_dir() else folder
    files = sorted(results.glob("*.parquet"))
    if not files:
        raise InputError(f"{folder}: holds no results; give the folder of a night, OUT/<date>")
    cards = [card for card in read_results(files) if card.transcript.id == chat_id]
    if not cards:
        raise InputError(f"{folder}: has no chat {chat_id}; problems.csv lists what was not audited")
    return cards


def show_chat(card: Scorecard) -> str:
    """The chat, then every rule that did not simply pass."""
    return "\n".join(_lines(card))


def _lines(card: Scorecard) -> Iterator[str]:
    score = "未评分" if card.score is None else f"{card.score:g} 分"
    yield f"{card.transcript.id}　{card.agent}　{score} {card.grade}（{card.decided} 条规则已判定）"
    if card.topic:
        outcome = OUTCOMES[card.outcome] if card.outcome else "—"
        emotion = EMOTIONS[card.emotion] if card.emotion else "—"
        yield f"主题：{card.topic}　解决情况：{outcome}　客户情绪：{emotion}"
    yield from _feared(card)
    moods = {mood.message: mood.label for mood in card.moods}
    turns = {} if card.course is None else {turn.message: turn.change for turn in card.course.turning_points}
    for message in card.transcript.messages:
        mood = f"　〔{moods[message.index]}〕" if message.index in moods else ""
        mood += TURNS[turns.get(message.index, "same")]
        yield f"{message.index + 1:4} {_when(message)}{_who(message)}：{message.text or f'（{message.kind}）'}{mood}"
    yield ""
    for result in card.results:
        if result.verdict is not Verdict.PASS or result.excused:
            yield from _result(result)


def _feared(card: Scorecard) -> Iterator[str]:
    """The course of the mood, and probabilities with what they are made of."""
    if card.course is not None:
        moods = " → ".join(MOOD_NAMES[mood.label] for mood in (card.course.start, card.course.end))
        worst = card.course.worst
        said = f"最差第 {worst.message + 1} 条（{MOOD_NAMES[worst.label]}）"
        yield f"情绪走势：{moods}（{CHANGES[card.course.change]}）　{said}"
    if (reason := emotion_reason(card)) is not None and card.emotion is not None:
        yield f"{EMOTIONS[card.emotion]} {reason}"
    for name, probability, factors in (
        ("不满概率", card.dissatisfied, card.dissatisfied_factors),
        ("升级风险", card.escalation, card.escalation_factors),
    ):
        if probability is not None:
            parts = "，".join(f"{FACTORS.get(f.name, f.name)} {f.log_odds:+.1f}" for f in factors)
            yield f"{name} {probability:.0%}" + (f"（对数几率：{parts}）" if parts else "")


def _when(message: Message) -> str:
    if message.at is not None:
        return f"{message.at:%H:%M:%S} "
    return "" if message.start_s is None else f"{message.start_s:6.1f}s "


def _who(message: Message) -> str:
    return f"自动回复({message.agent})" if message.auto else WHO[message.role]


def _result(result: RuleResult) -> Iterator[str]:
    yield f"{mark(result)} {result.rule_id}　{result.waived or result.note}".rstrip()
    for evidence in result.evidence:
        yield f"    第 {evidence.message + 1} 条：“{evidence.text}”"
    if result.searched and result.wanted:
        yield f"    检查了第 {'、'.join(str(n + 1) for n in result.searched)} 轮，未见：{result.wanted}"
    if result.measured is not None and result.limit is not None:
        yield f"    实测 {result.measured:g}{result.unit}，限 {result.limit:g}{result.unit}"
    for excused in result.excused:
        yield f"    不计：“{excused.evidence.text}”（{excused.reason}）"
