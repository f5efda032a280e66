"""A small standard in a folder of its own, so that loading, lint and nights are tested apart from the shipped rules.

Its lexicons go before the shipped ones of the same name; every lexicon that facts read is among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from qa_audit import facts

COMMON = """\
title: 小标准
version: "1"
sections:
  - {name: 开场, letter: B}
  - {name: 态度, letter: D, cap: 10}
  - {name: 结束, letter: G}
grades:
  - {name: 优秀, at_least: 95}
  - {name: 合格, at_least: 70}
  - {name: 待改进, at_least: 0}
"""
# A rule with nothing but what every rule needs; its keys stand in this order, one a line, others follow them.
KEYS = {
    "id": "ATT-03",
    "name": "harsh-words",
    "title": "生硬用语",
    "section": "态度",
    "severity": "minor",
    "status": "live",
    "points": "4",
    "why": "生硬的话伤人。",
    "source": "小标准 第1条",
    "message": "用语生硬：“{match}”",
    "advice": "换一种说法。",
    "check": "forbid",
    "look_for": "[随便你, 自己看着办]",
}
LEXICONS = {
    "greeting": "您好\n很高兴为您服务\n",
    "harsh": "随便你\n自己看着办\n",
    "blame": "您自己操作错\nre:怪您自己\n",
    "closing": "再见\n祝您愉快\n",
    "acknowledgement": "好的\n谢谢\n",
    "acknowledgement_only": "re:^(?:好的|谢谢)$\n",
    "handover": "re:已为您(?:转接|接通)\n",
    "hold_request": "请稍等\n",
    "short_duration": "re:[0-9]+分钟\n",
    "user_words": "",
}
CUES = """\
cues:
  - {kind: negated, words: [不是], reach: 10}
pseudo: []
stops: [而是]
quotes: {pairs: ["“”"], after: [说]}
"""


def rule_text(**keys: str | None) -> str:
    """A rule file: ``KEYS`` with some values replaced (None: left out) or added; ``except_`` is ``except``."""
    changed = {name.rstrip("_"): value for name, value in keys.items()}
    merged = {**KEYS, **changed}
    return "".join(f"{name}: {value}\n" for name, value in merged.items() if value is not None)


GREETING = rule_text(
    id="OPEN-01",
    name="greeting",
    title="主动问候",
    section="开场",
    severity="major",
    points="5",
    message="没有问候",
    check="require",
    look_for="lexicon:greeting",
    wanted="问候语",
    where="{side: agent, rounds: first 2}",
)
HARSH = rule_text(look_for="lexicon:harsh", per="hit")
BLAME = rule_text(
    id="ATT-01",
    name="blame",
    title="责怪客户",
    severity="critical",
    points="0",
    look_for="lexicon:blame",
    unless="[negated]",
)
CLOSING = rule_text(
    id="CLOSE-02",
    name="closing",
    title="礼貌结束语",
    section="结束",
    points="2",
    message="没有结束语",
    check="require",
    look_for="lexicon:closing",
    wanted="结束语",
    where="{side: agent, rounds: last 2}",
)
ANSWERED = rule_text(
    id="RESP-01",
    name="answered-in-time",
    title="首次响应",
    section="开场",
    points="3",
    message="首次响应 {measured} {unit}",
    check="limit",
    look_for=None,
    within="{chat: {first_response_s: 30}, phone: {rings: 3}}",
)
RULES = {"OPEN-01": GREETING, "ATT-03": HARSH, "ATT-01": BLAME, "CLOSE-02": CLOSING, "RESP-01": ANSWERED}


def write_standard(
    folder: Path,
    rules: Mapping[str, str] = RULES,
    *,
    common: str = COMMON,
    lexicons: Mapping[str, str] | None = None,
) -> Path:
    """Writes a standard: file stem → text; ``lexicons`` are added to the small standard's own."""
    lists = {name: f"占位{name}\n" for name in facts.LEXICONS} | LEXICONS | dict(lexicons or {})
    (folder / "lexicons").mkdir(parents=True)
    (folder / "_standard.yml").write_text(common, encoding="utf-8")
    (folder / "lexicons" / "cues.yml").write_text(CUES, encoding="utf-8")
    for stem, text in rules.items():
        (folder / f"{stem}.yml").write_text(text, encoding="utf-8")
    for stem, text in lists.items():
        (folder / "lexicons" / f"{stem}.txt").write_text(text, encoding="utf-8")
    return folder


def chat(chat_id: str, talk: str, *, agent: str = "1001_小安", **fields: object) -> str:
    """One canonical line; ``talk`` has a message a line: “10:00:05 客：…”, 客 customer, 服 agent, 系 system, 自 automatic."""
    turns = []
    for line in talk.strip().splitlines():
        head, text = line.strip().split("：", 1)
        *clock, who = head.split()
        turn: dict[str, object] = {
            "role": {"客": "customer", "系": "system"}.get(who[0], "agent"),
            "text": text,
        }
        if turn["role"] == "agent":
            turn["agent"] = who[1:] or agent
        if who[0] == "自":
            turn["auto"] = True
        if clock:
            turn["at"] = f"2026-11-20T{clock[0]}+08:00"
        turns.append(turn)
    return json.dumps({"id": chat_id, "turns": turns, **fields}, ensure_ascii=False) + "\n"
