"""Many reviewers → one answer: contradictions of one person reported, those between people counted and left open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from qa_audit.records import Mood, Scorecard, Verdict
from qa_audit.report.deductions import hit_key
from qa_audit.report.wording import MOOD_NAMES, VERDICTS, number
from qa_audit.review.gathered import Gathered, Said
from qa_audit.review.records import (
    ChatReview,
    FollowUp,
    Judgement,
    MoodFix,
    NightReviews,
    Record,
    ReviewProblem,
    subject,
)

REPEATED = "同一复核人对同一项填写不一致"
ONE_OF_THEM = "请只保留一个结论后重新收回"
T = TypeVar("T", bound=Hashable)


def consolidated(night: str, found: Gathered) -> tuple[NightReviews, list[ReviewProblem]]:
    """What the workbooks of a night say together; where one person contradicts themselves nothing holds."""
    problems: list[ReviewProblem] = []
    judgements = []
    for group in _groups(found.judgements):
        verdicts = {said.record.verdict for said in group}
        if len(verdicts) > 1:
            problems += _contradiction(group, [VERDICTS[said.record.verdict] for said in group])
        else:
            drawn = max((said.record for said in group), key=lambda one: one.population)
            judgements.append(replace(drawn, note=_joined(said.record.note for said in group)))
    chats = []
    for chat_group in _groups(found.chats):
        review, faults = _one_review(chat_group)
        chats.append(review)
        problems += faults
    moods: list[MoodFix] = []
    for mood_group in _groups(found.moods):
        if len({said.record.mood for said in mood_group}) > 1:
            problems += _contradiction(mood_group, [MOOD_NAMES[said.record.mood] for said in mood_group])
        else:
            moods.append(mood_group[0].record)
    follow_ups: list[FollowUp] = []
    for follow_group in _groups(found.follow_ups):
        if len({said.record.state for said in follow_group if said.record.state}) > 1:
            problems += _contradiction(follow_group, [said.record.state for said in follow_group])
        else:
            state = max(said.record.state for said in follow_group)
            note = _joined(said.record.note for said in follow_group)
            follow_ups.append(replace(follow_group[0].record, state=state, note=note))
    strata = tuple(sorted(found.strata, key=subject))
    return NightReviews(
        night, tuple(judgements), tuple(chats), tuple(moods), tuple(follow_ups), strata
    ), problems


def _groups(found: Iterable[Said[Record]]) -> list[list[Said[Record]]]:
    groups: defaultdict[tuple[str, ...], list[Said[Record]]] = defaultdict(list)
    for said in found:
        groups[subject(said.record)].append(said)
    return [groups[key] for key in sorted(groups)]


def _contradiction(group: Sequence[Said[Record]], values: Sequence[str]) -> list[ReviewProblem]:
    everywhere = "；".join(
        f"{said.file} {said.sheet} {said.cell} {value}" for said, value in zip(group, values, strict=True)
    )
    return [
        ReviewProblem(said.file, said.sheet, said.cell, f"{REPEATED}，均未收集：{everywhere}", ONE_OF_THEM)
        for said in group
    ]


def _one_review(group: Sequence[Said[ChatReview]]) -> tuple[ChatReview, list[ReviewProblem]]:
    """The rows of one person on one chat as one; a field that they contradict is left out."""
    problems: list[ReviewProblem] = []
    kept: dict[str, object] = {}
    for name in ("score", "appeal", "appeal_result"):
        said = [one for one in group if getattr(one.record, name) is not None]
        values = [getattr(one.record, name) for one in said]
        kept[name] = values[0] if len(set(values)) == 1 else None
        if len(set(values)) > 1:
            problems += _contradiction(said, [_shown(value) for value in values])
    notes = _joined(one.record.note for one in group)
    reasons = _joined(one.record.appeal_reason for one in group)
    return replace(group[0].record, note=notes, appeal_reason=reasons, **kept), problems  # type: ignore[arg-type]  # fields by name


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return number(value) if isinstance(value, float) else str(value)


def _joined(texts: Iterable[str]) -> str:
    return "；".join(sorted({text for text in texts if text}))


def majority(values: Iterable[T]) -> T | None:
    """What more people say than anything else; None where nobody says anything, or two answers lead."""
    counts = Counter(values).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


@dataclass(frozen=True, slots=True)
class Settled:
    """What people came to about one rule of one chat.

    ``lifted`` are the findings taken back where the rule still fails for others. ``blind``: nobody has judged a marked
    finding, the verdict is from the sample. ``confirmed``: somebody said in so many words that it is a fail.
    """

    verdict: Verdict
    lifted: frozenset[str] = frozenset()
    blind: bool = False
    confirmed: bool = False


def settled_rules(card: Scorecard, judgements: Iterable[Judgement]) -> dict[str, Settled]:
    """The rules of a chat on which people came to an answer; what they saw marked goes before what they said blind.

    Where as many say one thing as another the machine's verdict stands, and the rule is not here.
    """
    marked: defaultdict[str, defaultdict[str, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    blind: defaultdict[str, list[Verdict]] = defaultdict(list)
    for one in judgements:
        if one.source == "marked":
            marked[one.rule_id][one.hit].append(one.verdict)
        else:
            blind[one.rule_id].append(one.verdict)
    settled = {}
    for rule_id in sorted(marked.keys() | blind.keys()):
        answer = _of_marked(card, rule_id, marked.get(rule_id, {}))
        if answer is None and (verdict := majority(blind.get(rule_id, ()))) is not None:
            answer = Settled(verdict, blind=True, confirmed=verdict is Verdict.FAIL)
        if answer is not None:
            settled[rule_id] = answer
    return settled


def _of_marked(card: Scorecard, rule_id: str, hits: Mapping[str, Sequence[Verdict]]) -> Settled | None:
    said = {hit: verdict for hit, votes in hits.items() if (verdict := majority(votes)) is not None}
    if not said:
        return None
    own = {hit_key(d.rule_id, d.evidence) for d in card.deductions if d.rule_id == rule_id}
    lifted = frozenset(hit for hit, verdict in said.items() if verdict is not Verdict.FAIL)
    if own <= lifted:
        passed = any(said[hit] is Verdict.PASS for hit in lifted)
        return Settled(Verdict.PASS if passed else Verdict.NOT_APPLICABLE)
    return Settled(Verdict.FAIL, lifted, confirmed=len(lifted) < len(said))


def settled_moods(fixes: Iterable[MoodFix]) -> dict[int, Mood]:
    """The moods of a chat's rounds on which people agree."""
    votes: defaultdict[int, list[Mood]] = defaultdict(list)
    for fix in fixes:
        votes[fix.message].append(fix.mood)
    return {message: mood for message in sorted(votes) if (mood := majority(votes[message])) is not None}
