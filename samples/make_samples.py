"""Writes the sample files in every format from the hand-written chats in ``samples/source``.

Run ``python samples/make_samples.py`` after editing a source file. The same sources give the same bytes; the
workbook, whose bytes hold the hour of saving, is left alone while its cells are unchanged.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sys
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from openpyxl import Workbook, load_workbook
from pydantic import BaseModel, ConfigDict, ValidationError

from qa_audit.errors import InputError
from qa_audit.yamltext import describe, load

SAMPLES = Path(__file__).parent
SHANGHAI = ZoneInfo("Asia/Shanghai")
LINE = re.compile(
    r"\[(?P<begin>[\d:.]+)(?:-(?P<end>[\d.]+))?\] (?P<speaker>客户|客服|客服B|客服自动|机器人|系统)(?:\((?P<kind>\w+)\))?：(?P<text>.+)"
)
ROLES = {"客户": "customer", "机器人": "bot", "系统": "system"}  # all others are agents
KINDS = {"图片": "image", "卡片": "card", "语音": "voice", "撤回": "recalled"}
NIGHT_COLUMNS = ("会话ID", "客服", "买家", "发送方", "时间", "内容")
PARTNER_COLUMNS = ("会话编号", "接待客服", "顾客", "角色", "发送时间", "消息内容")
WEEKEND_COLUMNS = ("会话ID", "客服账号", "买家", "角色", "发送时间", "内容")
Row = tuple[str | dt.datetime, ...]


class Model(BaseModel):
    """What a person writes: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Chat(Model):
    """One chat or call of a source file; ``talk`` is one message a line."""

    id: str
    about: str
    talk: str
    agent: str | None = None
    agent_b: str | None = None
    customer: str | None = None
    rating: int | None = None
    date: dt.date | None = None
    opened: dt.time | None = None
    closed: dt.time | None = None
    offline: bool | None = None
    rings: int | None = None
    ring_s: float | None = None
    direction: Literal["inbound", "outbound"] | None = None
    ended_by: Literal["customer", "agent"] | None = None
    audio_channels: int | None = None
    expect_fail: tuple[str, ...] = ()
    expect_waived: tuple[str, ...] = ()
    expect_pass: tuple[str, ...] = ()
    expect_fail_b: tuple[str, ...] = ()
    expect_waived_b: tuple[str, ...] = ()
    expect_pass_b: tuple[str, ...] = ()


class Broken(Model):
    """A line that cannot be read, to show problems.csv: text after a chat of JSON Lines, or the cells of a CSV row."""

    about: str
    after: str = ""
    line: str = ""
    row: dict[str, str | None] = {}


class Source(Model):
    """One file of ``samples/source``; ``date`` is that of its chats where they name no other."""

    date: dt.date
    chats: tuple[Chat, ...]
    broken: tuple[Broken, ...] = ()
    agents_expect_fail: dict[str, tuple[str, ...]] = {}
    agents_expect_pass: dict[str, tuple[str, ...]] = {}


def read_source(path: Path) -> Source:
    """The chats of one source file.

    Raises:
        InputError: the file is no such source; every fault with its line.
    """
    document = load(path.read_text("utf-8"), str(path))
    if document.errors:
        raise InputError("\n".join(document.errors))
    try:
        return Source.model_validate(document.data)
    except ValidationError as error:
        raise InputError("\n".join(describe(error, document, model=Source))) from error


def transcript(chat: Chat, day: dt.date) -> dict[str, Any]:
    """One chat as a canonical transcript; what it does not have is absent."""
    day = chat.date or day
    turns = _turns(chat, day)
    opened = dt.datetime.combine(day, chat.opened, SHANGHAI).isoformat() if chat.opened else turns[0]["at"]
    record = {
        "id": chat.id,
        "channel": "phone" if chat.direction else "chat",
        "opened_at": opened,
        "closed_at": dt.datetime.combine(day, chat.closed, SHANGHAI).isoformat() if chat.closed else None,
        "rings": chat.rings,
        "ring_s": chat.ring_s,
        "direction": chat.direction,
        "ended_by": chat.ended_by,
        "audio_channels": chat.audio_channels,
        "assigned_agent": chat.agent,
        "customer": chat.customer,
        "offline": chat.offline,
        "rating": chat.rating,
        "turns": turns,
    }
    return _present(record)


def _turns(chat: Chat, day: dt.date) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    last: dt.datetime | None = None
    for number, line in enumerate(chat.talk.splitlines(), start=1):
        match = LINE.fullmatch(line)
        if match is None:
            if line.startswith("[") or not turns:
                raise InputError(
                    f"{chat.id}, line {number} of talk: write [time] speaker：text, not {line!r}"
                )
            turns[-1]["text"] += f"\n{line}"
            continue
        turn: dict[str, Any] = {"role": ROLES.get(match["speaker"], "agent")}
        if turn["role"] == "agent":
            turn["agent"] = chat.agent_b if match["speaker"] == "客服B" else chat.agent
        if match["end"]:
            turn |= {"start_s": float(match["begin"]), "end_s": float(match["end"])}
        else:
            at = dt.datetime.combine(day, dt.time.fromisoformat(match["begin"]), SHANGHAI)
            last = at + dt.timedelta(days=1) if last and at < last else at  # past midnight
            turn["at"] = last.isoformat()
        turn["auto"] = True if match["speaker"] == "客服自动" else None
        turn["kind"] = KINDS[match["kind"]] if match["kind"] else None
        turns.append(_present(turn | {"text": match["text"]}))
    return turns


def _present(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value is not None}


def json_lines(source: Source) -> str:
    """The source as JSON Lines, with its broken lines in their places."""
    broken = {entry.after: entry.line for entry in source.broken}
    lines = []
    for chat in source.chats:
        lines.append(json.dumps(transcript(chat, source.date), ensure_ascii=False))
        if chat.id in broken:
            lines.append(broken[chat.id])
    return "\n".join(lines) + "\n"


def message_rows(source: Source, columns: tuple[str, ...]) -> list[Row]:
    """One row a message, all chats interleaved by time; a customer is called as in the third column."""
    roles = {"customer": columns[2], "agent": "客服", "bot": "机器人", "system": "系统"}
    rows: list[Row] = []
    for chat in source.chats:
        for turn in transcript(chat, source.date)["turns"]:
            at = dt.datetime.fromisoformat(turn["at"]).replace(tzinfo=None)
            agent = turn.get("agent", chat.agent) or ""
            rows.append((chat.id, agent, chat.customer or "", roles[turn["role"]], at, turn["text"]))
    return sorted(rows, key=lambda row: row[4])


def csv_text(source: Source, columns: tuple[str, ...], time_format: str) -> str:
    """The source as CSV, broken rows among the others by their time."""
    rows = [
        tuple(cell.strftime(time_format) if isinstance(cell, dt.datetime) else cell for cell in row)
        for row in message_rows(source, columns)
    ]
    rows += [tuple(entry.row[column] or "" for column in columns) for entry in source.broken]
    rows.sort(key=lambda row: row[4])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def write_workbook(path: Path, rows: list[Row]) -> None:
    """A workbook with one message a row and real dates, unless ``path`` holds these cells already."""
    wanted = [WEEKEND_COLUMNS, *rows]
    if path.exists():
        sheet = load_workbook(path).worksheets[0]
        if list(sheet.iter_rows(values_only=True)) == wanted:
            return
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "聊天记录"
    for row in wanted:
        sheet.append(row)
    for line in range(2, len(wanted) + 1):
        sheet.cell(line, 5).number_format = "yyyy-mm-dd hh:mm:ss"
    for column, width in zip("ABCDEF", (12, 16, 18, 8, 21, 90), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    book.save(path)


def expectations(sources: list[Source]) -> dict[str, Any]:
    """What an inspector expects, by chat and agent, and of each agent's whole night."""
    chats: dict[str, Any] = {}
    agents: dict[str, dict[str, tuple[str, ...]]] = {}
    for source in sources:
        for chat in source.chats:
            judged = {}
            if chat.agent:
                judged[chat.agent] = _lists(chat.expect_fail, chat.expect_waived, chat.expect_pass)
            if chat.agent_b:
                judged[chat.agent_b] = _lists(chat.expect_fail_b, chat.expect_waived_b, chat.expect_pass_b)
            chats[chat.id] = judged
        for agent, rules in source.agents_expect_fail.items():
            agents.setdefault(agent, {})["fail"] = rules
        for agent, rules in source.agents_expect_pass.items():
            agents.setdefault(agent, {})["pass"] = rules
    return {"agents": agents, "chats": chats}


def _lists(
    fail: tuple[str, ...], waived: tuple[str, ...], passed: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    return {"fail": fail, "waived": waived, "pass": passed}


def make(out: Path) -> None:
    """Writes all sample files into the folder ``out``."""
    names = ("chats", "night_shift", "partner_gb18030", "weekend", "calls")
    sources = [read_source(SAMPLES / "source" / f"{name}.yml") for name in names]
    chats, night_shift, partner, weekend, calls = sources
    night = csv_text(night_shift, NIGHT_COLUMNS, "%Y-%m-%d %H:%M:%S")
    other = csv_text(partner, PARTNER_COLUMNS, "%Y/%m/%d %H:%M:%S")
    expected = json.dumps(expectations(sources), ensure_ascii=False, indent=1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "chats.jsonl").write_bytes(json_lines(chats).encode())
    (out / "calls.jsonl").write_bytes(json_lines(calls).encode())
    (out / "night_shift.csv").write_bytes(night.encode("utf-8-sig"))
    (out / "partner_gb18030.csv").write_bytes(other.encode("gb18030"))
    write_workbook(out / "weekend.xlsx", message_rows(weekend, WEEKEND_COLUMNS))
    (out / "expected_by_hand.json").write_bytes(f"{expected}\n".encode())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
