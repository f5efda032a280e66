"""Verdicts rest on what was said and when, never on who said it: names and order numbers can be others.

Every talk of the shipped standard's examples and every sample chat is audited again with other names of agents and
customers, also where an agent's own name stands in a sentence, and with other digits in long numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.evaluation import read_all
from qa_audit.records import Scorecard, Transcript

SAMPLES = Path(__file__).parents[1] / "samples"
# of other lengths and kinds: with a job number, two surnames, foreign, a word that means something
AGENTS = {
    "job number": ("2077_欧阳静", "2078_金川", "2079_白露"),
    "latin": ("Linda", "agent-07", "Wu Min"),
    "short": ("李安", "宁静", "于平"),
    "words": ("2080_高兴", "2081_安心", "2082_任性"),
    "number": ("80017", "80018", "80019"),
}
CUSTOMERS = ("夏侯大山", "jd_8f3k", "路人", "")
# order and parcel numbers; a phone or a card is another kind of value, which rules may tell apart
LONG_NUMBER = re.compile(
    r"(?<![0-9])(?!1[3-9][0-9]{9}(?![0-9]))(?!62[0-9]{14,17}(?![0-9]))[0-9]{8,}(?![0-9])"
)
DIGITS = ("1234567890", "3847561029", "9081726354")  # what 0 to 9 become


@cache
def auditor() -> Auditor:
    return Auditor.open(Config())


@cache
def talks() -> tuple[Transcript, ...]:
    """The examples of all rules and the sample chats, under ids of their own."""
    examples = [e.transcript for rule in auditor().standard.rules for e in rule.examples]
    samples = [t for name in sorted(SAMPLES.glob("*.*l")) + sorted(SAMPLES.glob("*.csv")) for t in read_all(name, Config())]  # fmt: skip
    return tuple(replace(t, id=f"T{number:05}") for number, t in enumerate([*examples, *samples]))


def decided(cards: Sequence[Scorecard]) -> dict[tuple[str, int], object]:
    """What was decided of each chat's first, second … agent: everything but words and names."""
    parts: dict[str, int] = {}
    found: dict[tuple[str, int], object] = {}
    for card in cards:
        number = parts[card.transcript.id] = parts.get(card.transcript.id, 0) + 1
        found[card.transcript.id, number] = (
            *(card.score, card.grade, card.decided, card.alerts, card.round_of),
            *(
                (r.rule_id, r.verdict, bool(r.waived), len(r.evidence), r.searched, r.measured, r.limit)
                for r in card.results
            ),
        )
    return found


@cache
def plainly() -> Mapping[tuple[str, int], object]:
    return decided(auditor().audit(talks()).scorecards)


def assert_same(changed: Sequence[Transcript]) -> None:
    again = decided(auditor().audit(changed).scorecards)
    assert again.keys() == plainly().keys()
    by_id = {t.id: t for t in changed}
    different = {
        (key, "\n".join(m.text for m in by_id[key[0]].messages), tuple(set(again[key]) ^ set(said)))  # type: ignore[call-overload]
        for key, said in plainly().items()
        if again[key] != said
    }
    assert different == set()


def personal(agent: str) -> str:
    """The name that an agent would use of themselves: 唐念 of 1005_唐念."""
    return agent.rpartition("_")[2]


def renamed(transcript: Transcript, names: Sequence[str]) -> Transcript:
    """With other agents, in sentences too where the name is one that no word contains."""
    known = dict.fromkeys([*(m.agent for m in transcript.messages if m.agent), transcript.assigned_agent])
    becomes = dict(zip([agent for agent in known if agent], names, strict=False))
    own = {personal(old): personal(new) for old, new in becomes.items() if len(personal(new)) > 1}
    words = {old: new for old, new in own.items() if len(old) > 1 and not old.startswith("客服")}
    return replace(
        transcript,
        assigned_agent=becomes.get(transcript.assigned_agent or "", transcript.assigned_agent),
        messages=tuple(
            replace(m, agent=becomes.get(m.agent or "", m.agent), text=_replaced(m.text, words))
            for m in transcript.messages
        ),
    )


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("names", AGENTS.values(), ids=AGENTS)
def test_other_agents(names: Sequence[str]) -> None:
    assert_same([renamed(transcript, names) for transcript in talks()])


@pytest.mark.parametrize("name", CUSTOMERS)
def test_another_customer(name: str) -> None:
    assert_same([replace(t, customer=name or None) for t in talks()])


def _other_digits(transcript: Transcript, digits: str) -> Transcript:
    """Other digits, but the first two, in every long number, and in what is quoted of its end (尾号 1234)."""
    table = str.maketrans("0123456789", digits)
    long = {number for m in transcript.messages for number in LONG_NUMBER.findall(m.text)}

    def other(found: re.Match[str]) -> str:
        if found[0] in long:
            return found[0][:2] + found[0][2:].translate(table)
        quoted = len(found[0]) >= 4 and any(number[2:].endswith(found[0]) for number in long)
        return found[0].translate(table) if quoted else found[0]

    messages = tuple(replace(m, text=re.sub(r"[0-9]+", other, m.text)) for m in transcript.messages)
    return replace(transcript, messages=messages)


@pytest.mark.parametrize("digits", DIGITS)
def test_other_order_numbers(digits: str) -> None:
    assert_same([_other_digits(transcript, digits) for transcript in talks()])


INTRODUCTIONS: Mapping[str, Callable[[str], str]] = {
    "chat": "您好，我是客服{}，请问有什么可以帮您".format,
    "phone": "您好工号{}很高兴为您服务请问有什么可以帮到您".format,
    "signed": "感谢您的咨询，祝您生活愉快，再见。我是客服{}".format,
}
NAMES = ("唐念", "高兴", "欧阳静", "任性", "Linda", "80017", "王随便", "何必", "贾烦", "2077_欧阳静")


@pytest.mark.parametrize("say", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_an_agent_who_says_their_name(say: Callable[[str], str]) -> None:
    """The name, whatever it is and means, makes no difference to any rule."""
    for chat in talks()[-20:]:
        place = next((m.index for m in chat.messages if m.role == "agent" and not m.auto), None)
        if place is None:
            continue
        first = chat.messages[place].agent
        said = [
            replace(
                chat,
                id=f"N{number:02}",
                messages=tuple(
                    replace(
                        m,
                        agent=name if m.agent == first else m.agent,
                        text=say(personal(name)) if m.index == place else m.text,
                        kind="text" if m.index == place else m.kind,
                    )
                    for m in chat.messages
                ),
            )
            for number, name in enumerate(NAMES)
        ]
        found = decided(auditor().audit(said).scorecards)
        assert {
            NAMES[int(key[0][1:])]: what for key, what in found.items() if what != found["N00", key[1]]
        } == {}
