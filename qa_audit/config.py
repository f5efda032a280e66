"""The configuration file ``qa-audit.yml``: every key has a default, unknown keys and wrong values are refused.

Checked as a whole: ``InvalidConfiguration`` lists every fault with its file, line and remedy.
"""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import re2
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
)

from qa_audit.errors import InvalidConfiguration
from qa_audit.hours import minutes_of
from qa_audit.overrides import GradeFile, RuleOverride, SectionOverride
from qa_audit.records import Role
from qa_audit.yamltext import Document, describe, did_you_mean, load

Column = Literal[
    "id", "channel", "opened_at", "closed_at", "rings", "ring_s", "direction", "ended_by", "assigned_agent",
    "offline", "customer", "rating", "audio_channels",
    "role", "sender", "agent", "at", "start_s", "end_s", "auto", "kind", "message_id", "text",
]  # fmt: skip

# What the column of roles says in the exports of common platforms.
ROLES: dict[str, Role] = {
    **dict.fromkeys(
        ("客户", "买家", "顾客", "用户", "访客", "会员", "消费者", "来电方", "customer", "buyer", "user", "client", "visitor"),
        "customer",
    ),
    **dict.fromkeys(
        ("客服", "坐席", "座席", "商家", "卖家", "人工", "人工客服", "客服人员", "接线员", "agent", "seller", "staff", "operator"),
        "agent",
    ),
    **dict.fromkeys(("机器人", "智能客服", "智能助手", "客服机器人", "bot", "robot"), "bot"),
    **dict.fromkeys(("系统", "系统消息", "系统提示", "通知", "system", "notice"), "system"),
}  # fmt: skip

# [数字x], [ORDERID_123]; <num>; **
MASKS = (r"\[[^\[\]\s]{1,12}x\]", r"\[[A-Z]{2,12}(?:_[0-9]+)?\]", r"<[a-z_]{2,12}>", r"\*{2,}")


MADE_WITH = {
    "standard": 'make it with "qa-audit standard init"',
    "models": 'make it with "qa-audit train", or leave this out for the models that come with qa-audit',
}


def _timezone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        hint = did_you_mean(value, zoneinfo.available_timezones())
        raise ValueError(f'"{value}" is no time zone{hint or "; write it like Asia/Shanghai"}')
    return value


def _service_hours(value: str) -> str:
    minutes_of(value)
    return value


def _pattern(value: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(value, options)
    except re2.error as error:
        raise ValueError(f'"{value}" is no RE2 regular expression ({_reason(error)})') from None
    if pattern.fullmatch(""):
        raise ValueError(f'"{value}" also matches nothing; let it need at least one character')
    return value


def _folder(value: Path, info: ValidationInfo) -> Path:
    """A folder named in a file is meant from that file; one given by a program is taken as it is."""
    if info.context is None:
        return value
    folder: Path = info.context["beside"] / value
    if not folder.is_dir():
        raise ValueError(f'there is no folder "{folder}"; {MADE_WITH[info.field_name or ""]}')
    return folder


def _reason(error: re2.error) -> str:
    detail = error.args[0]
    return detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)


class Config(BaseModel):
    """How a night reads and judges; built with no arguments it is the default.

    ``columns`` adds header names to the known ones of a canonical field, ``roles`` adds what a column of roles
    says; both go before the defaults. ``masks`` are RE2 patterns of what an anonymiser put in the place of a
    number or name. ``mask``: the results keep masked text. ``standard`` is a folder, None: the one shipped.
    ``models`` is a folder of models of one's own; what is not in it is taken from those shipped.
    ``rules``, ``sections`` and ``grades`` change that standard; whether it has what they name is seen when both
    are together (``rulebook.override``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Shanghai"
    segmenter: Literal["rjieba", "jieba"] = "rjieba"
    service_hours: Annotated[str, AfterValidator(_service_hours)] = "09:00-23:00"
    mask: bool = True
    masks: tuple[Annotated[str, AfterValidator(_pattern)], ...] = MASKS
    columns: dict[Column, tuple[str, ...]] = {}
    roles: dict[str, Role] = {}
    standard: Annotated[Path, AfterValidator(_folder)] | None = None
    models: Annotated[Path, AfterValidator(_folder)] | None = None
    rules: dict[str, RuleOverride] = {}
    sections: dict[str, SectionOverride] = {}
    grades: tuple[GradeFile, ...] = ()
    _path: Path | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:  # noqa: ANN401 - pydantic's own signature
        """Remembers the file, for faults that show only beside a standard."""
        self._path = context["path"] if context else None

    @property
    def document(self) -> Document:
        """The file as written, or what a program gave: for the place of a fault."""
        if self._path is None:
            return Document("configuration", self.model_dump(mode="json"))
        return load(self._path.read_text("utf-8-sig"), str(self._path))

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of times that name none."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def service_minutes(self) -> tuple[int, int]:
        """Service hours in minutes after midnight; begin > end where they cross midnight."""
        return minutes_of(self.service_hours)

    def role_of(self, word: str) -> Role | None:
        """The role that a word of a role column stands for; case does not matter."""
        word = word.strip()
        return self.roles.get(word) or ROLES.get(word.lower())


def load_config(path: Path | None) -> Config:
    """The configuration in a file, or the default for None.

    Raises:
        InvalidConfiguration: the file cannot be read, or something in it is wrong.
    """
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidConfiguration([f"{path}: cannot be read ({error.strerror}); check --config"]) from None
    except UnicodeDecodeError:
        raise InvalidConfiguration([f"{path}: is not UTF-8; save it as UTF-8"]) from None
    document = load(text, str(path))
    config, errors = _validated(document, path)
    if errors or config is None:
        raise InvalidConfiguration(errors)
    return config


def _validated(document: Document, path: Path) -> tuple[Config | None, list[str]]:
    errors = list(document.errors)
    if document.data is None:
        return Config(), errors
    if not isinstance(document.data, dict):
        return None, [*errors, document.at((), "keys and values are wanted, such as timezone: Asia/Shanghai")]
    given = {key: _listed(value) if key == "columns" else value for key, value in document.data.items()}
    try:
        return Config.model_validate(given, context={"beside": path.parent, "path": path}), errors
    except ValidationError as error:
        return None, errors + describe(error, document, model=Config)


def _listed(value: object) -> object:
    """``columns: {text: 内容}`` means a list of one name."""
    if not isinstance(value, dict):
        return value
    return {key: [names] if isinstance(names, str) else names for key, names in value.items()}


def columns() -> tuple[Column, ...]:
    """The canonical fields a column can be mapped to."""
    return get_args(Column)
