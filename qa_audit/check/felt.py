"""The check of what the customer felt: ``emotion``."""

from __future__ import annotations

from qa_audit.check.evidence import undecidable, whole
from qa_audit.records import EMOTION_NAMES, RuleResult, Verdict
from qa_audit.rule import Rule
from qa_audit.view import AgentView


def emotion(view: AgentView, rule: Rule) -> RuleResult:
    """The customer of the chat felt none of these emotions; a fail shows the rounds that carry it.

    They are the rounds the mood model calls negative, else the one it comes nearest to calling so; where none of them
    is this agent's to answer for, the emotion is not theirs.
    """
    felt = view.contact.emotion
    if felt is None or not view.moods:
        return undecidable(rule, "没有可判断情绪的客户发言" if felt is not None else "没有情绪模型")
    if felt not in rule.emotion:
        return RuleResult(rule.id, Verdict.PASS)
    upset = {message for message, mood in view.moods.items() if mood.label == "negative"}
    carrying = upset or {max(sorted(view.moods), key=lambda m: view.moods[m].probabilities[0])}
    own = [m for r in view.customer if r.messages[0] in carrying for m in r.messages]
    if not own:
        return RuleResult(rule.id, Verdict.PASS, note="情绪出现在其他坐席的服务段")
    return RuleResult(rule.id, Verdict.FAIL, evidence=whole(view, own), note=EMOTION_NAMES[felt])
