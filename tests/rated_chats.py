"""Rated chats made up for the tests of satisfaction: word ids and Chinese, whose words go with the rating, not always."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

ENDS = {
    1: ("太差了，再也不来了", "等了这么久还是不行，失望", "你们就这样处理吗，投诉"),
    3: ("好的", "知道了", "行，那就这样"),
    5: ("太好了，谢谢你", "解决了，非常感谢", "态度真好，谢谢"),
}
MIDDLES = ("快递到哪了", "这个有货吗", "什么时候发货", "可以换颜色吗", "订单还没到")
ANSWERS = ("您好，帮您查一下", "请稍等", "已经在路上了", "明天送到")
WORDS = {1: "70 71 72", 2: "80 81", 3: "90 91 92"}


def chats(*, of_each: int, seed: int = 0, times: bool = False) -> list[dict[str, object]]:
    """Transcripts with a rating; three in a hundred end like another."""
    chance = random.Random(seed)  # noqa: S311 - made-up chats
    made: list[dict[str, object]] = []
    for rating in ENDS:
        for number in range(of_each):
            end = chance.choice(ENDS[chance.choice(list(ENDS)) if chance.random() < 0.03 else rating])
            turns: list[dict[str, object]] = [
                {"role": "customer", "text": chance.choice(MIDDLES)},
                {"role": "agent", "agent": "小林", "text": chance.choice(ANSWERS)},
                {"role": "customer", "text": chance.choice(MIDDLES)},
                {"role": "agent", "agent": "小林", "text": chance.choice(ANSWERS)},
                {"role": "customer", "text": end},
            ]
            if times:
                for minute, turn in enumerate(turns):
                    turn["at"] = f"2026-11-20T10:{minute * (6 - rating):02}:00+08:00"
            made.append({"id": f"s{seed}-r{rating}-{number}", "rating": rating, "turns": turns})
    return made


def write_jsonl(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    """The rows as JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def write_dialogues(path: Path, *, of_each: int, seed: int = 0, turn_labels: bool = True) -> Path:
    """Dialogues of word ids."""
    chance = random.Random(seed)  # noqa: S311 - made-up chats
    lines: list[str] = []
    for label, ending in WORDS.items():
        for _ in range(of_each):
            common = " ".join(str(chance.randrange(10, 40)) for _ in range(5))
            turns = [
                ("c:", common, 2),
                ("b:", "1 2 3 " + str(chance.randrange(10, 40)), 3),
                ("c:", ending if chance.random() > 0.03 else common, label),
                ("b:", "4 5", 3),
            ]
            lines.append(str(label))
            for number, (side, words, own) in enumerate(turns):
                lines.append(f"{number}\t{side}\t{words}" + (f"\t{own}" if turn_labels else ""))
            lines.append("")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
