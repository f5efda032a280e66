"""A comparison of two standards in words: lines for a terminal, rows for a table, JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from qa_audit.report import wording
from qa_audit.report.diff import (
    AgentChange,
    CardChange,
    StandardChanges,
    StandardDiff,
    VerdictChange,
    verdict_name,
)

MOST_CHATS, MOST_AGENTS = 10, 20
CSV_HEADER = (
    "会话ID",
    "坐席",
    "规则编号",
    "规则名称",
    "旧判定",
    "新判定",
    "旧扣分",
    "新扣分",
    "旧得分",
    "新得分",
    "依据",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula
UNSURE = "判定取决于被脱敏的内容；请用原始会话比较（--on 会话文件）"


def diff_lines(diff: StandardDiff) -> Iterator[tuple[int, str]]:
    """The comparison for a terminal: (depth, text) of each line, 0 a heading; "" an empty line."""
    yield 0, f"标准对比　{diff.old.given} → {diff.new.given}"
    for name, side in (("旧", diff.old), ("新", diff.new)):
        yield 1, f"{name}　{side.title} {side.version}（{side.rules} 条规则，{side.hash[:8]}）"
    yield from _standard_lines(diff.changes)
    verdicts = {card.chat for card in diff.cards if card.verdicts}
    scores = {card.chat for card in diff.cards if card.scored_anew}
    yield 0, ""
    yield 0, f"会话　{diff.chats} 通，坐席服务 {diff.parts} 份"
    yield 1, f"判定变化 {len(verdicts)} 通，得分变化 {len(scores)} 通"
    fatal = [(card.old_fatal, card.new_fatal) for card in diff.cards if card.old_fatal != card.new_fatal]
    if fatal:
        yield 1, f"新增致命 {sum(new for _, new in fatal)} 份，不再致命 {sum(old for old, _ in fatal)} 份"
    yield from _rule_lines(diff)
    yield from _agent_lines(diff.agents)
    yield from _chat_lines(diff)
    if diff.not_comparable:
        yield 0, ""
        yield 0, "无法比较（结果已脱敏）"
        for rule_id, count in sorted(diff.not_comparable.items()):
            yield 1, f"{rule_id} {diff.titles[rule_id]}　{count} 份：{UNSURE}"


def _standard_lines(changes: StandardChanges) -> Iterator[tuple[int, str]]:
    yield 0, ""
    yield (
        0,
        f"规则　新增 {len(changes.added)}，删除 {len(changes.removed)}，修改 {len(changes.changed)}",
    )
    yield from ((1, f"＋ {rule_id} {title}") for rule_id, title in changes.added)
    yield from ((1, f"－ {rule_id} {title}") for rule_id, title in changes.removed)
    for change in changes.changed:
        yield 1, f"～ {change.rule_id} {change.title}：{'；'.join(change.changes)}"
    yield from ((1, f"～ {setting}") for setting in changes.settings)
    for name, added, removed in changes.lexicons:
        yield 1, f"～ 词表 {name}：增 {added} 条，删 {removed} 条"


def _rule_lines(diff: StandardDiff) -> Iterator[tuple[int, str]]:
    if not diff.moves:
        return
    yield 0, ""
    yield 0, "按规则（旧 → 新）"
    for rule_id, moves in diff.moves.items():
        yield 1, f"{rule_id} {diff.titles[rule_id]}"
        for (old, new), count in moves.items():
            yield 2, f"{old} → {new}　{count} 份"


def _agent_lines(agents: Sequence[AgentChange]) -> Iterator[tuple[int, str]]:
    if not agents:
        return
    yield 0, ""
    yield 0, f"坐席均分变化　{len(agents)} 人"
    for agent in agents[:MOST_AGENTS]:
        step = agent.new_mean - agent.old_mean
        yield (
            1,
            f"{agent.agent}　{agent.old_mean:.1f} → {agent.new_mean:.1f}（{step:+.1f}，{agent.chats} 通）",
        )
    if len(agents) > MOST_AGENTS:
        yield 1, f"另有 {len(agents) - MOST_AGENTS} 人，见 --json"


def _chat_lines(diff: StandardDiff) -> Iterator[tuple[int, str]]:
    cards = [card for card in diff.cards if card.verdicts or card.scored_anew]
    if not cards:
        return
    cards.sort(key=lambda card: (-card.moved, -len(card.verdicts), card.chat, card.agent))
    yield 0, ""
    yield 0, "变化最大的会话"
    for card in cards[:MOST_CHATS]:
        yield 1, f"{card.chat}　{card.agent}　{_score(card, card.old_score)} → {_score(card, card.new_score)}"
        for change in card.verdicts:
            said = f"{_old(change)} → {_new(change)}"
            yield 2, f"{change.rule_id} {said}" + (f"　{change.grounds}" if change.grounds else "")
    if len(cards) > MOST_CHATS:
        yield 1, f"另有 {len(cards) - MOST_CHATS} 份，见 --csv"


def _score(card: CardChange, score: float | None) -> str:
    if not card.comparable:
        return "（无法比较）"
    return "未评分" if score is None else wording.number(score)


def _old(change: VerdictChange) -> str:
    return verdict_name(change.old, waived=change.old_waived)


def _new(change: VerdictChange) -> str:
    return verdict_name(change.new, waived=change.new_waived)


def diff_rows(diff: StandardDiff) -> Iterator[tuple[object, ...]]:
    """Every change of a verdict, and of a score without one, as rows of ``CSV_HEADER``."""
    for card in diff.cards:
        scores = (card.old_score, card.new_score) if card.comparable else (None, None)
        for change in card.verdicts:
            yield (
                *(_plain(card.chat), _plain(card.agent), change.rule_id, diff.titles[change.rule_id]),
                *(_old(change), _new(change), change.old_points, change.new_points),
                *(*scores, _plain(change.grounds)),
            )
        for rule_id in card.unsure:
            yield (
                *(_plain(card.chat), _plain(card.agent), rule_id, diff.titles[rule_id]),
                *("无法比较", "无法比较", None, None, None, None, UNSURE),
            )
        if card.scored_anew and not card.verdicts:
            yield (_plain(card.chat), _plain(card.agent), *(None,) * 6, *scores, "分值或上限变化")


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def diff_json(diff: StandardDiff) -> dict[str, object]:
    """Everything, as JSON takes it."""
    return {
        "old": asdict(diff.old),
        "new": asdict(diff.new),
        "standard": asdict(diff.changes),
        "masked": diff.masked,
        "chats": diff.chats,
        "parts": diff.parts,
        "changed": diff.changed,
        "moves": [
            {"rule": rule_id, "old": old, "new": new, "count": count}
            for rule_id, moves in diff.moves.items()
            for (old, new), count in moves.items()
        ],
        "agents": [asdict(agent) for agent in diff.agents],
        "cards": [asdict(card) for card in diff.cards],
        "not_comparable": dict(diff.not_comparable),
    }
