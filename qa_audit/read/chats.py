"""Rows of one chat → one transcript: values converted, messages in order, repeats out, every fault a Problem.

A row is a mapping from canonical field to whatever the file gave; a turn of a JSON chat is a row too.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter, le
from typing import TYPE_CHECKING, Any

from qa_audit.read import values as value_of
from qa_audit.read.values import Unreadable, name_of, shown, text_of, time_of
from qa_audit.records import Message, Problem, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qa_audit.config import Config
    from qa_audit.records import Channel, Role


@dataclass(frozen=True, slots=True)
class Row:
    """One message as a file gave it; ``turn`` is its 1-based number in a JSON chat, 0 in a table."""

    source: str
    line: int
    values: Mapping[str, object]
    turn: int = 0

    def problem(self, chat_id: str, fault: Unreadable, but: str = "") -> Problem:
        """A fault of this row, with the turn where one line holds a whole chat; ``but`` says what is kept."""
        where = f"第 {self.turn} 条消息：" if self.turn else ""
        return Problem(self.source, self.line, chat_id, where + fault.reason + but, fault.remedy)


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that could be read, its row, and the customer if the row names one as its sender."""

    row: Row
    message: Message
    customer: str | None


class ChatReader:
    """Reads the rows of one chat after another; ``problems`` collects what could not be read."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.problems: list[Problem] = []
        zone = config.zone

        def moment(value: object) -> datetime:
            return time_of(value, zone)

        self._of_message: dict[str, Callable[[Any], object]] = {
            "at": moment,
            "start_s": value_of.seconds_of,
            "end_s": value_of.seconds_of,
            "auto": value_of.flag_of,
            "kind": value_of.kind_of,
            "message_id": name_of,
            "sender": name_of,
        }
        self._of_own_message = self._of_message | {"agent": name_of}
        self._of_chat: dict[str, Callable[[Any], object]] = {
            "channel": value_of.channel_of,
            "opened_at": moment,
            "closed_at": moment,
            "rings": value_of.count_of,
            "ring_s": value_of.seconds_of,
            "direction": value_of.direction_of,
            "ended_by": self._ended_by,
            "assigned_agent": name_of,
            "offline": value_of.flag_of,
            "customer": name_of,
            "rating": value_of.rating_of,
            "audio_channels": value_of.sound_channels_of,
        }

    def transcript(
        self,
        chat_id: str,
        rows: Sequence[Row],
        *,
        chat: Row | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Transcript | None:
        """The chat made of these message rows; None, with a problem, if no message can be read.

        The fields of the chat stand in ``chat``, or, in a table, on any of the rows: the first value counts.
        """
        read = [one for number, row in enumerate(rows) if (one := self._read(row, chat_id, number))]
        messages = ordered([one.message for one in self._without_repeats(read, chat_id)])
        first = chat or rows[0]
        if not messages:
            fault = Unreadable("没有一条可读的消息，该会话未质检", "补上消息后重新导出")
            self.problems.append(first.problem(chat_id, fault))
            return None
        fields = self._chat_fields([chat] if chat else rows, chat_id)
        fields["customer"] = fields["customer"] or next((one.customer for one in read if one.customer), None)
        if chat is None and all(message.role != "agent" for message in messages):
            fields["assigned_agent"] = fields["assigned_agent"] or self._agent_beside(rows, chat_id)
        fields["offline"] = bool(fields["offline"])
        fields["opened_at"] = fields["opened_at"] or first_time(messages)
        fields["channel"] = fields["channel"] or channel_from(
            messages, rings=fields["rings"], ring_s=fields["ring_s"]
        )
        fields |= {"source": first.source, "line": first.line, "extra": extra or {}}
        return Transcript(id=chat_id, messages=messages, **fields)

    def _read(self, row: Row, chat_id: str, number: int) -> _Read | None:
        try:
            role = self._role(row.values)
            text = text_of(row.values.get("text"))
        except Unreadable as fault:
            self.problems.append(row.problem(chat_id, fault))
            return None
        converters = self._of_own_message if role == "agent" else self._of_message
        got = self._converted(row, converters, chat_id, "（该值不计，消息保留）")
        if not text.strip() and got.get("kind", "text") == "text":
            empty = Unreadable("消息内容为空", "补上内容；图片、卡片或撤回的消息请写明消息类型")
            self.problems.append(row.problem(chat_id, empty))
            return None
        sender = got.pop("sender", None)
        if sender is not None and self.config.role_of(sender) is not None:
            sender = None  # a role, not a name
        if role == "agent" and sender is not None:
            got.setdefault("agent", sender)
        start_s, end_s = got.get("start_s"), got.get("end_s")
        if start_s is not None and end_s is not None and end_s < start_s:
            backwards = Unreadable(f"结束秒 {end_s:g} 早于开始秒 {start_s:g}", "检查这两列")
            self.problems.append(row.problem(chat_id, backwards, "（结束秒不计，消息保留）"))
            del got["end_s"]
        message = Message(index=number, role=role, text=text, **got)
        return _Read(row, message, sender if role == "customer" else None)

    def _agent_beside(self, rows: Sequence[Row], chat_id: str) -> str | None:
        """The agent that a table names on the customer's rows too: the one who should have answered."""
        for row in rows:
            got = self._converted(row, {"agent": name_of}, chat_id, "（该值不计，消息保留）")
            if got:
                agent: str | None = got["agent"]
                return agent
        return None

    def _converted(
        self, row: Row, converters: Mapping[str, Callable[[Any], object]], chat_id: str, but: str
    ) -> dict[str, Any]:
        """The values that these converters know; one that cannot be read is a problem and left out."""
        got = {}
        for name, value in row.values.items():
            convert = converters.get(name)
            if (
                convert is None
                or value is None
                or value == ""
                or (isinstance(value, str) and value.isspace())
            ):
                continue
            try:
                got[name] = convert(value)
            except Unreadable as fault:
                self.problems.append(row.problem(chat_id, fault, but))
        return got

    def _role(self, values: Mapping[str, object]) -> Role:
        """The role that the row states; where it names a person, the one whose name that is."""
        name = str(values.get("role") or values.get("sender") or "").strip()
        if not name:
            raise Unreadable("没有写明发送方", "补上发送方：客户、客服、机器人或系统")
        role = self.config.role_of(name)
        if role is not None:
            return role
        if name == str(values.get("agent", "")).strip():
            return "agent"
        if name == str(values.get("customer", "")).strip():
            return "customer"
        raise Unreadable(
            f"发送方{shown(name)}未知", "在配置的 roles 中写明它是 customer、agent、bot 还是 system"
        )

    def _ended_by(self, value: object) -> Role:
        role = self.config.role_of(str(value))
        if role in ("customer", "agent"):
            return role
        raise Unreadable(f"挂断方{shown(value)}未知", "写成“客户”或“客服”")

    def _chat_fields(self, rows: Sequence[Row], chat_id: str) -> dict[str, Any]:
        """The fields of the chat, None where no row has them; each from the first row that has it."""
        fields: dict[str, Any] = dict.fromkeys(self._of_chat)
        missing = set(fields)
        for row in rows:
            if missing.isdisjoint(row.values):
                continue
            new = {name: row.values[name] for name in fields if name in missing and name in row.values}
            new = {name: value for name, value in new.items() if value is not None and value != ""}
            missing -= new.keys()
            only = Row(row.source, row.line, new)
            fields |= self._converted(only, self._of_chat, chat_id, "（该值不计，会话保留）")
        return fields

    def _without_repeats(self, read: Sequence[_Read], chat_id: str) -> Iterator[_Read]:
        """The messages without those given twice: one message id, or one time and text in two files."""
        by_id: dict[str, _Read] = {}
        by_time: dict[tuple[object, ...], _Read] = {}
        for one in read:
            message, row = one.message, one.row
            what = (message.at, message.role, message.agent, message.text, message.kind)
            first = by_id.setdefault(message.message_id, one) if message.message_id else one
            same = by_time.setdefault(what, one) if message.at and not message.message_id else one
            if first is not one:
                differs = what != (
                    first.message.at,
                    first.message.role,
                    first.message.agent,
                    first.message.text,
                    first.message.kind,
                )
                reason = f"消息编号“{message.message_id}”重复" + (
                    "且内容不同，保留第一条" if differs else "，已去重"
                )
                self.problems.append(row.problem(chat_id, Unreadable(reason, "检查导出，每条消息只导出一次")))
            elif same.row.source != row.source:
                reason = f"与 {same.row.source} 第 {same.row.line} 行是同一条消息，已去重"
                self.problems.append(row.problem(chat_id, Unreadable(reason, "各次导出的时间段不要重叠")))
            else:
                yield one


def ordered(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages by time (or by seconds into the call) if every one has it, else as given; numbered from 0."""
    for clock in (attrgetter("at"), attrgetter("start_s")):
        times = list(map(clock, messages))
        if None not in times:
            if not all(map(le, times, times[1:])):
                messages = sorted(messages, key=clock)
            break
    return tuple([m if m.index == index else _numbered(m, index) for index, m in enumerate(messages)])


def _numbered(m: Message, index: int) -> Message:
    return Message(index, m.role, m.text, m.agent, m.at, m.start_s, m.end_s, m.auto, m.kind, m.message_id)


def first_time(messages: Sequence[Message]) -> datetime | None:
    """When the chat was opened at the latest: its first message."""
    return min((message.at for message in messages if message.at is not None), default=None)


def channel_from(messages: Sequence[Message], *, rings: int | None, ring_s: float | None) -> Channel:
    """The channel of a chat that names none: only calls ring and count seconds."""
    called = (
        rings is not None or ring_s is not None or any(message.start_s is not None for message in messages)
    )
    return "phone" if called else "chat"
