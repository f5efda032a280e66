"""What a reviewer of the blind sample goes by: when a rule fails and when it passes, from the standard's own examples."""

from __future__ import annotations

from qa_audit.records import Channel, Verdict
from qa_audit.report import wording
from qa_audit.rule import Rule

MOST_EXAMPLES = 3  # of each verdict
FORMS = ("语音转写", "英文", "繁体", "标准说法")  # say how an example is written, not what it shows
HEADS = ((Verdict.FAIL, "违规"), (Verdict.PASS, "通过"), (Verdict.NOT_APPLICABLE, "不适用"))


def criteria(rule: Rule, channel: Channel) -> str:
    """Why the rule is there, what it wants, its limit for this channel, and what the standard calls a fail and a pass.

    It is the same for every chat of a channel, whatever the machine said of it.
    """
    said = [("", rule.why), ("应有：", rule.wanted), ("限值：", wording.limits(rule, channel))]
    said += [(f"{name}，如：", _examples(rule, verdict, channel)) for verdict, name in HEADS]
    return "\n".join(head + text for head, text in said if text)


def _examples(rule: Rule, verdict: Verdict, channel: Channel) -> str:
    """What the first examples of a verdict are about, those of the channel first; one that is waived teaches nothing."""
    own = [one for one in rule.examples if one.verdict is verdict and one.why and not one.waived]
    ordered = sorted(own, key=lambda one: one.transcript.channel != channel)
    told = (one.why.removesuffix("（语音转写）") for one in ordered)
    return "；".join(list(dict.fromkeys(why for why in told if why not in FORMS))[:MOST_EXAMPLES])
