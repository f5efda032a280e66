"""What is feared of a chat, as a reader sees it: probabilities with what they are made of, in words and quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_audit.records import Change, Evidence, Factor, Scorecard
from qa_audit.report import wording
from qa_audit.report.table import Tone

CHANGES: Mapping[Change, str] = {"worse": "变差", "same": "持平", "better": "好转"}
CHANGE_TONES: tuple[tuple[str, Tone], ...] = (("变差", "bad"), ("好转", "good"), ("持平", "muted"))
TURNS: Mapping[Change, str] = {"worse": "↓", "same": "", "better": "↑"}
TURNED: tuple[tuple[Change, Tone], ...] = (("worse", "bad"), ("better", "good"))
TURN_TONES = tuple(
    (f"{name} {TURNS[change]}", tone) for name in wording.MOOD_NAMES.values() for change, tone in TURNED
)
FACTORS: Mapping[str, str] = {
    "authority": "提到监管、法律或媒体",
    "complaint": "扬言投诉或曝光",
    "supervisor": "要求领导处理",
    "leaving": "表示要离开",
    "repeated": "反复联系",
    "angry": "愤怒",
    "worst_mood": "情绪最差处",
    "end_mood": "结束时情绪",
    "worse": "情绪变差",
    "unresolved": "问题未解决",
    "wait": "等待过长",
    "mood": "情绪走势",
    "customer_words": "客户收尾用语",
    "agent_words": "坐席收尾用语",
    "shape": "会话长短与轮次",
}
LIKELY_NAME = "升级风险高"
LIKELY = 0.5  # from here on a chat must be looked at
WORTH_A_REASON = 0.2
MOST_REASONS = 3
LONGEST_QUOTE = 24  # characters


def is_likely(card: Scorecard) -> bool:
    """Whether the matter is likelier than not to go further."""
    return card.escalation is not None and card.escalation >= LIKELY


def escalation_reasons(card: Scorecard) -> str | None:
    """What speaks for an escalation that is worth a reason: “愤怒（“…”）；结束时情绪（“…”）”."""
    if card.escalation is None or card.escalation < WORTH_A_REASON:
        return None
    return reasons(card.escalation_factors) or None


def reasons(factors: Sequence[Factor]) -> str:
    """The factors that speak for something, the strongest first, each with its first words."""
    return "；".join(
        FACTORS.get(factor.name, factor.name) + quoted(factor.evidence[:1])
        for factor in [factor for factor in factors if factor.log_odds > 0][:MOST_REASONS]
    )


def quoted(evidence: Sequence[Evidence]) -> str:
    """“（“…”）”, long words cut; empty without words."""
    words = ["“" + _short(one.text) + "”" for one in evidence]
    return f"（{''.join(words)}）" if words else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def emotion_reason(card: Scorecard) -> str | None:
    """How likely the customer's emotion is and the words that carry it; None for a calm customer."""
    if card.emotion is None or card.emotion == "none" or not card.emotions:
        return None
    return f"{card.emotions[card.emotion]:.0%}{quoted(card.emotion_evidence)}"
