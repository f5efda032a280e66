"""Canonical transcripts as JSON Lines: one chat a line, in and out.

A clean line takes a fast path by msgspec; a line with any fault is read again turn by turn, so that one bad turn
costs one turn and not the chat.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from qa_audit.read.chats import ChatReader, Row, channel_from, first_time, ordered
from qa_audit.read.piece import Piece
from qa_audit.read.values import Unreadable, name_of, shown
from qa_audit.records import Channel, Direction, Kind, Message, Problem, Role, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from qa_audit.config import Config

Positive = Annotated[float, msgspec.Meta(ge=0)]
NOT_JSON = "每行应是一个完整的 JSON 对象，编码为 UTF-8"
NO_CHAT = ("不是一个会话（应为 JSON 对象）", NOT_JSON)
# UnicodeDecodeError: bytes that are not UTF-8; RecursionError: brackets nested thousands deep
NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
LONE_SURROGATE = re.compile(
    rb"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


class Turn(msgspec.Struct):
    """A message in the canonical form."""

    role: Role
    text: str | None = None
    agent: str | None = None
    at: str | None = None
    start_s: Positive | None = None
    end_s: Positive | None = None
    auto: bool | None = None
    kind: Kind | None = None
    message_id: str | None = None


class Chat(msgspec.Struct):
    """A transcript in the canonical form; keys that it does not name are kept as ``extra``."""

    id: str
    turns: list[Turn]
    channel: Channel | None = None
    opened_at: str | None = None
    closed_at: str | None = None
    rings: Annotated[int, msgspec.Meta(ge=0)] | None = None
    ring_s: Positive | None = None
    direction: Direction | None = None
    ended_by: Literal["customer", "agent"] | None = None
    assigned_agent: str | None = None
    offline: bool | None = None
    customer: str | None = None
    rating: Positive | None = None
    audio_channels: Literal[1, 2] | None = None


class _OnlyId(msgspec.Struct):
    id: str | int | None = None


class UnreadableTranscript(Exception):  # noqa: N818 - it carries problems, it is no fault of the program
    """A line that is no clean transcript; ``problems`` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{p.source}:{p.line}: {p.reason}；{p.remedy}" for p in problems))


FIELDS = frozenset(Chat.__struct_fields__)
only_id = msgspec.json.Decoder(_OnlyId)
decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


def read(path: Path, source: str, *, config: Config) -> Iterator[Piece | Problem]:  # noqa: ARG001 - one signature for all formats
    """The chats of a file, each whole, with their ids; empty lines are passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            raw = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
            if not raw:
                continue
            try:
                chat_id = id_of(only_id.decode(raw).id)
            except (*NOT_DECODED, Unreadable) as error:
                yield _why_not(raw, error, source, number)
            else:
                yield Piece(chat_id, source, number, whole=True, data=msgspec.Raw(raw))


def id_of(value: object) -> str:
    """The id of a chat, which every chat must have."""
    chat_id = name_of(value)
    if chat_id is None:
        raise Unreadable("缺少会话编号 id", "每个会话都要有唯一的 id")
    return chat_id


def _why_not(raw: bytes, error: Exception, source: str, line: int, chat_id: str = "") -> Problem:
    """Why a line cannot be decoded, in words that help to mend it."""
    if isinstance(error, Unreadable):
        reason, remedy = error.reason, error.remedy
    elif isinstance(error, UnicodeDecodeError) or not _is_utf8(raw):
        reason, remedy = "该行不是 UTF-8 编码", "以 UTF-8 重新导出"
    elif LONE_SURROGATE.search(raw):
        reason, remedy = "含有不成对的 \\uD8xx 转义（被截断的表情符号）", "导出时不要截断内容"
    elif not isinstance(error, msgspec.ValidationError):
        reason, remedy = f"不是有效的 JSON（{error}）", NOT_JSON
    elif "$.id" in str(error):
        reason, remedy = "会话编号 id 应为文本", NOT_JSON
    elif "out of range" in str(error):
        reason, remedy = "含有过大的数字", "编号请写成文本"
    else:
        reason, remedy = NO_CHAT
    return Problem(source, line, chat_id, reason, remedy)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def parse_transcript(line: bytes, *, source: str, line_number: int, config: Config) -> Transcript:
    """The transcript in one line.

    Raises:
        UnreadableTranscript: something in the line, be it a single turn, cannot be read.
    """
    reader = TranscriptReader(config)
    transcript = reader.transcript(line, source=source, line_number=line_number)
    if transcript is None or reader.problems:
        raise UnreadableTranscript(reader.problems)
    return transcript


class TranscriptReader:
    """Reads one canonical line after another; ``problems`` collects what could not be read."""

    def __init__(self, config: Config, rows: ChatReader | None = None) -> None:
        self._rows = rows or ChatReader(config)
        self._zone = config.zone

    @property
    def problems(self) -> list[Problem]:
        """Everything unreadable so far."""
        return self._rows.problems

    def transcript(
        self, line: bytes | msgspec.Raw, *, source: str, line_number: int, chat_id: str = ""
    ) -> Transcript | None:
        """The transcript in one line as far as it can be read; None, with a problem, if nothing can."""
        try:
            data = decode(line)
        except NOT_DECODED as error:
            self.problems.append(_why_not(bytes(line), error, source, line_number, chat_id))
            return None
        try:
            return self._clean(msgspec.convert(data, Chat), data, source, line_number)
        except (msgspec.ValidationError, ValueError, Unreadable):
            return self._turn_by_turn(data, source, line_number)

    def _clean(self, chat: Chat, data: Mapping[str, object], source: str, line: int) -> Transcript:
        """The transcript of a chat without any fault; raises whatever the first fault is."""
        chat_id = id_of(chat.id)
        messages = ordered([self._message(index, turn) for index, turn in enumerate(chat.turns)])
        ids = [message.message_id for message in messages if message.message_id]
        if not messages or len(set(ids)) < len(ids):
            raise ValueError(chat.id)
        return Transcript(
            id=chat_id,
            messages=messages,
            channel=chat.channel or channel_from(messages, rings=chat.rings, ring_s=chat.ring_s),
            opened_at=self._moment(chat.opened_at) or first_time(messages),
            closed_at=self._moment(chat.closed_at),
            rings=chat.rings,
            ring_s=chat.ring_s,
            direction=chat.direction,
            ended_by=chat.ended_by,
            assigned_agent=name_of(chat.assigned_agent),
            offline=bool(chat.offline),
            customer=name_of(chat.customer),
            rating=chat.rating,
            audio_channels=chat.audio_channels,
            source=source,
            line=line,
            extra={key: data[key] for key in data if key not in FIELDS},
        )

    def _message(self, index: int, turn: Turn) -> Message:
        text, kind = turn.text or "", turn.kind or "text"
        if kind == "text" and (not text or text.isspace()):
            raise ValueError(text)
        if turn.start_s is not None and turn.end_s is not None and turn.end_s < turn.start_s:
            raise ValueError(turn.end_s)
        return Message(
            index,
            turn.role,
            text,
            name_of(turn.agent) if turn.agent and turn.role == "agent" else None,
            self._moment(turn.at) if turn.at else None,
            turn.start_s,
            turn.end_s,
            turn.auto or False,
            kind,
            name_of(turn.message_id) if turn.message_id else None,
        )

    def _moment(self, text: str | None) -> datetime | None:
        if not text:
            return None
        at = datetime.fromisoformat(text)
        if len(text) < 12:  # a date, which is no time: the rows say so
            raise ValueError(text)
        return at.astimezone(self._zone) if at.tzinfo else at.replace(tzinfo=self._zone)

    def _turn_by_turn(self, data: object, source: str, line: int) -> Transcript | None:
        """The chat from the turns that can be read; each other turn is a problem."""
        if not isinstance(data, dict):
            self.problems.append(Problem(source, line, "", *NO_CHAT))
            return None
        chat = Row(source, line, data)
        try:
            chat_id = id_of(data.get("id"))
        except Unreadable as fault:
            self.problems.append(chat.problem("", fault))
            return None
        turns = data.get("turns")
        if not isinstance(turns, list) or not turns:
            no_turns = Unreadable("没有消息列表 turns", "把消息放在 turns 里，每条一个对象")
            self.problems.append(chat.problem(chat_id, no_turns))
            return None
        rows = []
        for number, turn in enumerate(turns, start=1):
            row = Row(source, line, turn if isinstance(turn, dict) else {}, number)
            if isinstance(turn, dict):
                rows.append(row)
            else:
                no_message = Unreadable(f"{shown(turn)}不是一条消息", "每条消息应为 JSON 对象")
                self.problems.append(row.problem(chat_id, no_message))
        extra = {key: data[key] for key in data if key not in FIELDS}
        return self._rows.transcript(chat_id, rows, chat=chat, extra=extra)


def to_json(transcript: Transcript) -> bytes:
    """The canonical form of a transcript, one line without its end; what is absent is left out."""
    chat: dict[str, object] = {"id": transcript.id}
    for name in Chat.__struct_fields__[2:]:
        value = getattr(transcript, name)
        if value is not None and value is not False:
            chat[name] = value
    for key in sorted(transcript.extra):
        chat.setdefault(key, transcript.extra[key])
    chat["turns"] = [_turn(message) for message in transcript.messages]
    return encode(chat)


def _turn(message: Message) -> Mapping[str, object]:
    turn: dict[str, object] = {"role": message.role}
    for name in ("agent", "at", "start_s", "end_s", "auto", "kind", "message_id"):
        value = getattr(message, name)
        if value is not None and value is not False and value != "text":
            turn[name] = value
    turn["text"] = message.text
    return turn
