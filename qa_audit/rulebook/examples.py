"""The example grammar of rule files: one message a line, [[…]] around the exact evidence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from qa_audit.records import Message, Role, Transcript, Verdict
from qa_audit.rule import Example
from qa_audit.rulebook.schema import ExampleFile

LINE = re.compile(
    r"(?:\[(?P<clock>[\d:]+)\]|\[(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)\])?\s*"
    r"(?P<who>客户|客服(?P<agent>[A-Z]?)|自动回复|机器人|系统)[:：](?P<text>.*)"
)
CLOCK = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
ROLES: dict[str, Role] = {"客户": "customer", "自动回复": "agent", "机器人": "bot", "系统": "system"}
KINDS = {"（图片）": "image", "（语音）": "voice", "（卡片）": "card", "（撤回）": "recalled"}
MARK = re.compile(r"\[\[(.*?)\]\]")
DAY = datetime(
    2026, 11, 20, tzinfo=timezone(timedelta(hours=8))
)  # all examples happen on one day in Shanghai


def clock(text: str) -> datetime:
    """A time of the examples' day, as 10:00 or 10:00:05; ValueError if it is neither."""
    if CLOCK.fullmatch(text) is None:
        raise ValueError(f'"{text}" is no time; write it like 10:00 or 10:00:05')
    parts = [int(part) for part in text.split(":")]
    return DAY + timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)


def parse_example(data: ExampleFile, verdict: Verdict, line: int) -> Example:
    """An example as a transcript and its expectations.

    Raises:
        ValueError: a line of the talk or a time is not in the grammar, or nobody is there to be judged.
    """
    messages: list[Message] = []
    evidence: list[tuple[int, int, int]] = []
    for text in filter(str.strip, data.talk.strip().splitlines()):
        message, marks = _message(len(messages), text.strip())
        messages.append(message)
        evidence += [(message.index, start, end) for start, end in marks]
    agents = {message.agent for message in messages if message.role == "agent" and not message.auto}
    if not agents:
        raise ValueError("no 客服 speaks in this talk, so there is nothing to judge; add a line 客服：…")
    if data.agent is not None and f"客服{data.agent}" not in agents:
        raise ValueError(f'no 客服{data.agent} speaks in this talk; "agent" names who is judged, A for 客服A')
    fields: dict[str, Any] = data.model_dump(
        include={
            "channel",
            "rings",
            "ring_s",
            "direction",
            "ended_by",
            "assigned_agent",
            "offline",
            "audio_channels",
        }
    )
    for key in ("opened_at", "closed_at"):
        value = getattr(data, key)
        fields[key] = clock(value) if value is not None else None
    fields["extra"] = {} if data.shop is None else {"shop": data.shop}
    transcript = Transcript(id=f"example-{line}", messages=tuple(messages), customer="客户", **fields)
    return Example(
        verdict=verdict,
        why=data.why,
        transcript=transcript,
        line=line,
        evidence=tuple(evidence),
        searched=None if data.searched is None else tuple(n - 1 for n in data.searched),
        measured=data.measured,
        waived=data.waived,
        agent=f"客服{data.agent}" if data.agent else None,
        talk=data.talk.strip(),
    )


def _message(index: int, line: str) -> tuple[Message, list[tuple[int, int]]]:
    match = LINE.fullmatch(line)
    if match is None:
        raise ValueError(
            f'"{line}" is no line of a talk; write 客户：… or 客服：…, with [10:00:05] before it at will'
        )
    text, marks = unmark(match["text"].strip())
    kind = KINDS.get(text, "text")
    role: Role = ROLES.get(match["who"], "agent")
    message = Message(
        index=index,
        role=role,
        text="" if kind != "text" else text,
        agent=f"客服{match['agent']}" if match["who"].startswith("客服") else None,
        at=clock(match["clock"]) if match["clock"] else None,
        start_s=float(match["start"]) if match["start"] else None,
        end_s=float(match["end"]) if match["end"] else None,
        auto=match["who"] == "自动回复",
        kind=kind,  # type: ignore[arg-type]  # KINDS holds kinds only
    )
    return message, marks


def unmark(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its [[…]], and the spans they stood around."""
    plain, spans, position = "", [], 0
    for match in MARK.finditer(text):
        plain += text[position : match.start()]
        spans.append((len(plain), len(plain) + len(match[1])))
        plain += match[1]
        position = match.end()
    return plain + text[position:], spans
