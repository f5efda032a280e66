"""What people came to, as gold labels that ``qa-audit evaluate`` and ``qa-audit train mood`` read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qa_audit.records import Mood, Verdict
from qa_audit.review.settle import Settled


def label(
    chat: str, agent: str, settled: Mapping[str, Settled], moods: Mapping[int, Mood]
) -> dict[str, object] | None:
    """One agent's part of one chat; None where people said nothing that a label could hold.

    A fail of which some findings were taken back and none confirmed is left out: nobody said that it is one.
    """
    verdicts = dict(_verdicts(settled))
    if not verdicts and not moods:
        return None
    # `moods` also where there are none: by it `train` tells a file of labels
    told = {str(message): mood for message, mood in sorted(moods.items())}
    return {"id": chat, "agent": agent, "verdicts": verdicts, "moods": told}


def _verdicts(settled: Mapping[str, Settled]) -> Iterator[tuple[str, str]]:
    for rule_id, answer in sorted(settled.items()):
        if answer.verdict is not Verdict.FAIL or answer.confirmed:
            yield rule_id, str(answer.verdict)
