"""Runs every rule of a standard on every agent's part of a chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_audit.check import CHECKS
from qa_audit.check.conditions import holds, unmet_condition, waive_reason
from qa_audit.check.views import views_of
from qa_audit.match.scan import Found
from qa_audit.records import Contact, Evidence, Excused, RoundMood, RuleResult, Severity, Transcript, Verdict
from qa_audit.rule import Rule
from qa_audit.segment import Conversation, Segmenter, segment
from qa_audit.view import AgentView, Language

Moods = Callable[[Sequence[Conversation]], list[dict[int, RoundMood]]]
Contacts = Callable[[Sequence[Conversation], Sequence[Mapping[int, RoundMood]]], list[Contact]]


def no_contacts(
    conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
) -> list[Contact]:
    """Nothing is known of any chat: where no chat model is at hand."""
    del moods
    return [Contact()] * len(conversations)


@dataclass(frozen=True, slots=True)
class Judge:
    """A standard ready to judge: rules in the order of their dependencies, and what they need.

    ``moods`` gives the moods of a batch of conversations, keyed by the first message of each customer round;
    ``contacts`` what the chats were about and how they ended, from the conversations and their moods.
    """

    rules: tuple[Rule, ...]
    language: Language
    segmenter: Segmenter
    moods: Moods
    thresholds: Mapping[str, float]
    contacts: Contacts = no_contacts

    def views(self, transcripts: Sequence[Transcript]) -> list[list[AgentView]]:
        """For each transcript a view per human agent, every rule decided."""
        conversations = [segment(transcript, self.segmenter) for transcript in transcripts]
        free = frozenset(rule.id for rule in self.rules if _costs_nothing(rule))
        judged = []
        seen: dict[str, Found] = {}
        moods_of = self.moods(conversations)
        contacts = self.contacts(conversations, moods_of)
        for conversation, moods, contact in zip(conversations, moods_of, contacts, strict=True):
            views = views_of(conversation, self.language, moods, self.thresholds, contact, seen)
            for view in views:
                for rule in self.rules:
                    if rule.per != "agent":
                        view.results[rule.id] = decide(view, rule, free=free)
            judged.append(views)
        return judged


def decide(view: AgentView, rule: Rule, *, free: frozenset[str] = frozenset()) -> RuleResult:
    """One rule on one view: applicability, the check, waiving, and who has charged the same words already.

    ``free`` are the rules that cost nothing: what they find is still charged by a rule that does.
    """
    if (unmet := unmet_condition(view, rule)) is not None:
        return unmet
    result = CHECKS[rule.check](view, rule)
    if result.verdict is not Verdict.FAIL:
        return result
    if rule.waive_when is not None and holds(view, rule.waive_when):
        return replace(result, waived=waive_reason(view, rule.waive_when))
    yields_to = [other for other in rule.yields_to if other not in free or rule.id in free]
    return _yield(view, yields_to, result)


def _costs_nothing(rule: Rule) -> bool:
    return rule.status == "trial" or rule.severity in (Severity.ALERT, Severity.BONUS, Severity.NOTE)


def _yield(view: AgentView, yields_to: Sequence[str], result: RuleResult) -> RuleResult:
    """What a graver rule has charged already costs nothing here; the hits left over are still charged."""
    for other in yields_to:
        graver = view.results.get(other)
        if graver is None or graver.verdict is not Verdict.FAIL or graver.waived:
            continue
        charged = f"已计入 {other}"
        if not result.evidence or not graver.evidence:
            if _rounds_of(view, result) & _rounds_of(view, graver):
                return replace(result, waived=charged)
            continue
        left = tuple(e for e in result.evidence if not any(_overlap(e, g) for g in graver.evidence))
        if not left:
            return replace(result, waived=charged)
        covered = tuple(Excused(e, charged) for e in result.evidence if e not in left)
        result = replace(result, evidence=left, excused=(*result.excused, *covered))
    return result


def _rounds_of(view: AgentView, result: RuleResult) -> set[int]:
    """The rounds that a result searched; where it searched none, those of its words."""
    return set(result.searched) or {view.conversation.round_of[e.message] for e in result.evidence}


def _overlap(a: Evidence, b: Evidence) -> bool:
    """Whether two pieces of evidence share words: the same message, spans that touch the same characters."""
    return a.message == b.message and a.start < b.end and b.start < a.end
