"""The Chinese words of the reports: marks, names of codes, measures, times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from qa_audit.records import (
    EMOTION_NAMES,
    Channel,
    Interval,
    Kind,
    Message,
    Mood,
    Outcome,
    Role,
    RuleResult,
    Severity,
    Verdict,
)
from qa_audit.report.table import Tone
from qa_audit.rule import Rule, Standard

WAIVED_MARK = "○"
MARKS = {Verdict.PASS: "√", Verdict.FAIL: "×", Verdict.NOT_APPLICABLE: "—", Verdict.UNDECIDABLE: "?"}
BOUNDS_NOTE = "误差范围：换一批同样多的会话再算，100 次约有 95 次落在其中；n 越大越窄。"
MARKS_NOTE = "√ 通过　× 违规　○ 违规但免扣　? 无法判定　— 不适用"
MARK_TONES: tuple[tuple[str, Tone], ...] = (
    ("×", "bad"),
    ("√", "good"),
    ("○", "warn"),
    ("?", "warn"),
    ("—", "muted"),
)
SEVERITIES = {
    Severity.CRITICAL: "致命",
    Severity.MAJOR: "重要",
    Severity.MINOR: "一般",
    Severity.ALERT: "预警",
    Severity.BONUS: "加分",
    Severity.NOTE: "备注",
}
SEVERITY_TONES: tuple[tuple[str, Tone], ...] = (("致命", "fatal"), ("重要", "bad"), ("预警", "warn"))
CHANNELS: dict[Channel, str] = {"chat": "在线", "phone": "电话", "email": "邮件"}
ROLES: dict[Role, str] = {"customer": "客户", "agent": "坐席", "bot": "机器人", "system": "系统"}
MOOD_NAMES: dict[Mood, str] = {"negative": "负面", "neutral": "中性", "positive": "正面"}
MOOD_TONES: tuple[tuple[str, Tone], ...] = (("负面", "bad"), ("正面", "good"), ("中性", "muted"))
OUTCOMES: dict[Outcome, str] = {
    "yes": "已解决",
    "partly": "部分解决",
    "no": "未解决",
    "unknown": "无法判断",
}
OUTCOME_TONES: tuple[tuple[str, Tone], ...] = (("已解决", "good"), ("未解决", "bad"), ("无法判断", "muted"))
EMOTIONS = EMOTION_NAMES
EMOTION_TONES: tuple[tuple[str, Tone], ...] = (
    ("愤怒", "bad"),
    ("焦虑", "warn"),
    ("失望", "warn"),
    ("无", "muted"),
)
KINDS: dict[Kind, str] = {"image": "[图片]", "voice": "[语音]", "card": "[卡片]", "recalled": "[已撤回]"}
VERDICTS = {
    Verdict.PASS: "通过",
    Verdict.FAIL: "违规",
    Verdict.NOT_APPLICABLE: "不适用",
    Verdict.UNDECIDABLE: "无法判定",
}
MEASURES = {
    "first_response_s": "首次响应",
    "mean_first_response_s": "首响均值",
    "longest_wait_s": "最长等待",
    "mean_wait_s": "平均等待",
    "overlap_s": "抢话时长",
    "rings": "振铃",
    "ring_s": "振铃时长",
    "outside_hours_min": "超出时段",
}
FILE_HASH = re.compile(r"_[0-9a-f]{8,}\.\w+")
SHARES = ("占比", "概率")  # units of what is measured from 0 to 1


def mark(result: RuleResult) -> str:
    """The sign of a verdict: √ pass, × fail, ○ waived, — not applicable, ? undecidable."""
    return WAIVED_MARK if result.verdict is Verdict.FAIL and result.waived else MARKS[result.verdict]


def grade_tones(standard: Standard) -> tuple[tuple[str, Tone], ...]:
    """The colour of each grade, best to worst, and of the fatal one."""
    names = [grade.name for grade in sorted(standard.grades, key=lambda grade: -grade.at_least)]
    tones: list[tuple[str, Tone]] = [(name, "fair") for name in names]
    if names:
        tones[0] = (names[0], "good")
        tones[-1] = (names[-1], "bad")
    if len(names) > 3:
        tones[-2] = (names[-2], "warn")
    return (*tones, (standard.fatal_grade, "fatal"))


def number(value: float) -> str:
    """A figure without needless decimals: 30, 87.5."""
    return f"{value:.1f}".removesuffix(".0")


def percent(value: float | None) -> str:
    """A share as a person reads it: 92%; — where there is none."""
    return "—" if value is None else f"{number(value * 100)}%"


def bounds(interval: Interval, *, share: bool = False) -> str:
    """The 95 % interval and n, as the line under a figure: 误差范围 91.2–96.0，n=24."""
    if interval.low is None or interval.high is None:
        return f"n={interval.n}"
    # a t interval may pass the ends of the scale, a score cannot
    low, high = (
        percent(bound) if share else number(min(max(bound, 0.0), 100.0))
        for bound in (interval.low, interval.high)
    )
    return f"误差范围 {low}–{high}，n={interval.n}"


def clock(at: datetime | None) -> datetime | None:
    """The local time of the transcript's own offset, without the offset: Excel knows none."""
    return at.replace(tzinfo=None) if at is not None else None


def moment(message: Message) -> datetime | timedelta | None:
    """When a message was sent: the local time, or how far into the call; None where neither is recorded."""
    if message.at is not None:
        return clock(message.at)
    return timedelta(seconds=message.start_s) if message.start_s is not None else None


def speaker(message: Message) -> str:
    """Who speaks, with 自动 for what no person typed."""
    return ROLES[message.role] + ("（自动）" if message.auto else "")


def spoken(message: Message) -> str:
    """The text of a message, or what stands for it where it has none (an image, a recalled message)."""
    return message.text or KINDS.get(message.kind, "")


def rounds(indices: Iterable[int]) -> str:
    """Rounds as a person counts them: (0, 1) → 1、2, and three or more of one side in a row joined: (1, 3, 5) → 2–6.

    The rounds of one side are every second one where two speak in turn.
    """
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        run = runs[-1] if runs else []
        step = index - run[-1] if run else 0
        if run and step <= 2 and (len(run) == 1 or step == run[1] - run[0]):
            run.append(index)
        else:
            runs.append([index])
    parts = [
        f"{run[0] + 1}–{run[-1] + 1}" if len(run) > 2 else "、".join(str(i + 1) for i in run) for run in runs
    ]
    return "、".join(parts)


def source(rule: Rule) -> str:
    """Where a rule comes from, without the hash that a document's file name may end with: 003 第2条."""
    return FILE_HASH.sub("", rule.source)


def measure(rule: Rule, result: RuleResult) -> str:
    """A measure beside its bound: “首次响应 31 秒，限 30 秒”."""
    value = _amount(result.measured, result.unit) if result.measured is not None else "未记录"
    bound = f"，限 {_amount(result.limit, result.unit)}" if result.limit is not None else ""
    return f"{_measure_name(rule, result)} {value}{bound}"


def _measure_name(rule: Rule, result: RuleResult) -> str:
    if result.unit in SHARES:
        return result.unit
    named = [(key, bound) for bounds in rule.limits.values() for key, bound in bounds.items()]
    # an announced hold has its own bound: then the unit tells rings from seconds
    exact = [key for key, bound in named if bound == result.limit] or [
        key for key, _ in named if _unit_of(key) == result.unit
    ]
    return MEASURES.get(exact[0], rule.title) if exact else rule.title


def _amount(value: float, unit: str) -> str:
    return percent(value) if unit in SHARES else f"{number(value)} {unit}".rstrip()


def limits(rule: Rule, only: Channel | None = None) -> str:
    """The bounds of a rule per channel: “在线：首次响应 ≤ 30 秒；电话：振铃 ≤ 3 声”; empty where it has none.

    ``only``: those of one channel.
    """
    parts = []
    for channel, bound_of in rule.limits.items():
        if only not in (None, channel):
            continue
        each = [
            f"{MEASURES.get(key, key)} ≤ {number(bound)} {_unit_of(key)}".rstrip()
            for key, bound in bound_of.items()
        ]
        parts.append(f"{dict(CHANNELS).get(channel, channel)}：{'，'.join(each)}")  # type: ignore[call-overload] # channels of a standard are free text here
    return "；".join(parts)


def _unit_of(key: str) -> str:
    return "秒" if key.endswith("_s") else "声" if key == "rings" else "分钟" if key.endswith("_min") else ""
