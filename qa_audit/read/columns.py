"""Which column of a table is which field: the headers that common platforms write, and the user's own."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.config import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_audit.config import Column, Config

# Squeezed (see squeezed); the earlier name wins where a table has several. No bare “id” or “编号”: in a table
# of messages it numbers the messages as often as the chats, and a wrong guess would tear every chat apart.
HEADERS: dict[Column, tuple[str, ...]] = {
    "id": (
        "会话id", "会话编号", "会话号", "对话id", "对话编号", "聊天id", "聊天编号", "咨询id", "咨询编号", "通话id", "通话编号",
        "通话流水号", "会话流水号", "录音编号", "sessionid", "chatid", "conversationid", "dialogid", "dialogueid", "callid",
    ),
    "role": (
        "角色", "发送方角色", "发送者角色", "说话人角色", "发送方类型", "发送者类型", "发送人类型", "发送方", "发言方", "role",
        "senderrole", "sendertype", "speakerrole",
    ),
    "sender": (
        "发送人", "发送者", "发言人", "说话人", "发送账号", "发送人昵称", "发送方昵称", "昵称", "sender", "sendername",
        "sendernick", "speaker", "from",
    ),
    "agent": (
        "客服", "接待客服", "客服姓名", "客服昵称", "客服名称", "客服账号", "客服工号", "客服id", "坐席", "座席", "坐席姓名",
        "坐席工号", "坐席id", "工号", "agent", "agentname", "agentid",
    ),
    "assigned_agent": ("分配客服", "指派客服", "分配坐席", "assignedagent"),
    "customer": (
        "买家", "顾客", "客户", "买家昵称", "买家账号", "买家id", "顾客昵称", "顾客id", "客户昵称", "客户姓名", "客户账号",
        "客户id", "用户", "用户昵称", "用户id", "访客", "访客昵称", "访客id", "会员名", "来电号码", "主叫号码", "customer",
        "customername", "customerid", "buyer", "buyernick", "buyerid", "userid", "username",
    ),
    "at": (
        "时间", "发送时间", "消息时间", "发言时间", "聊天时间", "消息发送时间", "time", "sendtime", "senttime", "sentat",
        "messagetime", "msgtime", "timestamp", "datetime", "at",
    ),
    "start_s": ("开始秒", "起始秒", "开始秒数", "开始时间(秒)", "起始时间(秒)", "starts", "startsec", "startseconds"),
    "end_s": ("结束秒", "终止秒", "结束秒数", "结束时间(秒)", "终止时间(秒)", "ends", "endsec", "endseconds"),
    "text": (
        "内容", "消息内容", "聊天内容", "发送内容", "对话内容", "会话内容", "消息文本", "文本", "文本内容", "消息", "转写文本",
        "转写内容", "识别文本", "识别结果", "text", "content", "messagetext", "message", "msg", "body",
    ),
    "message_id": ("消息id", "消息编号", "messageid", "msgid"),
    "kind": ("消息类型", "内容类型", "messagetype", "msgtype", "contenttype", "kind"),
    "auto": ("自动回复", "是否自动回复", "是否自动", "isauto", "autoreply", "auto"),
    "channel": ("渠道", "会话渠道", "接入渠道", "channel"),
    "opened_at": (
        "会话开始时间", "开始时间", "接入时间", "进线时间", "咨询时间", "通话开始时间", "来电时间", "openedat", "starttime",
        "startedat", "sessionstart",
    ),
    "closed_at": ("会话结束时间", "结束时间", "关闭时间", "通话结束时间", "挂机时间", "closedat", "endtime", "endedat", "sessionend"),
    "rings": ("振铃次数", "响铃次数", "振铃声数", "ringcount", "rings"),
    "ring_s": ("振铃时长", "响铃时长", "振铃秒数", "响铃秒数", "振铃时间", "ringseconds", "ringduration"),
    "direction": ("呼叫方向", "通话方向", "呼叫类型", "calldirection", "direction"),
    "ended_by": ("挂断方", "挂机方", "结束方", "hangupby", "endedby"),
    "offline": ("离线留言", "是否离线", "是否留言", "是否离线留言", "offline"),
    "rating": ("评分", "满意度", "满意度评分", "客户评分", "评价", "rating", "satisfaction", "csat"),
    "audio_channels": ("声道数", "声道", "audiochannels"),
}  # fmt: skip
WANTED = {"id": "会话编号", "text": "消息内容", "role": "发送方或角色"}
HEADER_ROWS = 10  # an export may begin with a title and a line of filters


@dataclass(frozen=True, slots=True)
class Header:
    """Where the fields stand: ``fields[i]`` is the canonical field of column i, None for an unknown one."""

    fields: tuple[Column | None, ...]

    def row(self, cells: Sequence[object]) -> dict[str, object]:
        """The cells that say something, by canonical field."""
        return {
            field: cell
            for field, cell in zip(self.fields, cells, strict=False)
            if field is not None and cell is not None and cell != ""
        }

    def missing(self) -> list[str]:
        """The fields without which rows are no transcript, as a person calls them."""
        found = set(self.fields)
        if "sender" in found:
            found.add("role")
        return [name for field, name in WANTED.items() if field not in found]


def squeezed(name: str) -> str:
    """A header without case, width, spaces, ``_``, ``-`` and ``:``; ``Session_ID`` and ``session id`` are one."""
    return re.sub(r"[\s_\-:'\ufeff]", "", unicodedata.normalize("NFKC", name)).lower()


def header_of(cells: Sequence[object], config: Config) -> Header:
    """The fields of a row of headers; the user's names first, then ours, then ours without ``(秒)`` and its like."""
    names = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    own = {squeezed(name): field for field, spellings in config.columns.items() for name in spellings}
    fields: list[Column | None] = [own.get(squeezed(name)) if name else None for name in names]
    for spelled in (str.lower, squeezed, _without_unit):
        free = {
            spelled(name): i for i, name in reversed(list(enumerate(names))) if name and fields[i] is None
        }
        for field in columns():
            known = HEADERS[field] if field == "id" else (field, *HEADERS[field])
            place = next((free[name] for name in known if name in free), None)
            if field not in fields and place is not None:
                fields[place] = field
    return Header(
        tuple(field if field and fields.index(field) == i else None for i, field in enumerate(fields))
    )


def _without_unit(name: str) -> str:
    return re.sub(r"\([^()]*\)$", "", squeezed(name))


def find_header(rows: Sequence[Sequence[object]], config: Config) -> tuple[int, Header] | None:
    """(index, header) of the first row that names chat, sender and text."""
    for index, row in enumerate(rows[:HEADER_ROWS]):
        header = header_of(row, config)
        if not header.missing():
            return index, header
    return None


def no_header(rows: Sequence[Sequence[object]], config: Config) -> tuple[str, str]:
    """(reason, remedy) for a table without a recognisable header, after its best candidate."""
    if not rows:
        return "文件是空的", "检查导出是否成功"
    best = min(rows[:HEADER_ROWS], key=lambda row: len(header_of(row, config).missing()))
    header = header_of(best, config)
    unknown = [
        str(cell)
        for cell, field in zip(best, header.fields, strict=True)
        if field is None and cell is not None and str(cell).strip()
    ]
    reason = f"没有可识别的表头：缺少{'、'.join(header.missing())}列"
    if not unknown:
        return reason, "给表格加上表头行"
    known = [name for names in HEADERS.values() for name in names]
    close = [match for name in unknown for match in difflib.get_close_matches(squeezed(name), known, n=1)]
    meant = f"（是否想写“{close[0]}”）" if close else ""
    return reason, f"在配置的 columns 中写明哪一列是什么；未识别的列：{'、'.join(unknown[:12])}{meant}"
