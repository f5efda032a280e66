"""The nights that a returned workbook is of: one by its run, or those of a week, a month or any days together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa_audit import history
from qa_audit.errors import InputError
from qa_audit.history import Key, latest_of, period_id
from qa_audit.report.places import key, parts_of
from qa_audit.review.gather import chat_keys
from qa_audit.review.gathered import Gathered, Night
from qa_audit.review.grid import UNANSWERED, Grid
from qa_audit.review.said import reviews_of
from qa_audit.snapshot import read_snapshot
from qa_audit.store import MANIFEST, NIGHT, read_manifest, read_results, read_unanswered


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs under a folder of nights: the folder of each, and the ids that reports of several nights carry."""

    folders: Mapping[str, Path]

    def of(self, run_id: str) -> tuple[Path, ...]:
        """The folders of the night, or of the nights in a row, with this id; nothing where there are none."""
        if run_id in self.folders:
            return (self.folders[run_id],)
        nights = sorted(
            (folder.name, run, folder) for run, folder in self.folders.items() if NIGHT.fullmatch(folder.name)
        )
        # the id of a period says which runs it is made of: every stretch of nights is tried
        for first in range(len(nights)):
            for last in range(first + 1, len(nights) + 1):
                if period_id([run for _, run, _ in nights[first:last]]) == run_id:
                    return tuple(folder for _, _, folder in nights[first:last])
        return ()


def runs_in(out: Path) -> Runs:
    """The runs under a folder of nights.

    Raises:
        InputError: it holds no nights.
    """
    folders = {
        str(read_manifest(path).get("run_id")): path.parent
        for path in sorted(out.glob(f"*/{MANIFEST}"))
        if (path.parent / "results").is_dir()
    }
    if not folders:
        raise InputError(f"{out}: holds no nights; give the folder that qa-audit run --out wrote")
    return Runs(folders)


def nights_above(returned: Sequence[Path]) -> Path:
    """The folder of nights in which the workbooks lie, or beside them.

    Raises:
        InputError: there is none.
    """
    for path in returned:
        for folder in (path.absolute(), *path.absolute().parents):
            if (folder / MANIFEST).is_file():
                return folder.parent
            if any(folder.glob(f"*/{MANIFEST}")):
                return folder
    raise InputError("no night is found above the workbooks; give the folder of the nights with --from")


def gathered_by_night(
    folders: Sequence[Path], grids: tuple[Grid, ...], read: Callable[[Night], Gathered]
) -> dict[str, Gathered]:
    """What ``read`` finds in these tables, under the name of the night in which each chat counts."""
    latest = latest_of([history.Night(folder, folder.name) for folder in folders])
    parts = {folder.name: _night(folder, grids, latest) for folder in folders}
    if len(parts) == 1:
        return {name: read(night) for name, night in parts.items()}
    last = parts[folders[-1].name]
    whole = replace(
        last,
        cards={chat: card for night in parts.values() for chat, card in night.cards.items()},
        corrected={chat: card for night in parts.values() for chat, card in night.corrected.items()},
    )
    return _split(read(whole), parts)


def _night(folder: Path, grids: Iterable[Grid], latest: Mapping[Key, str]) -> Night:
    """What these tables are checked against: only the chats that they speak of are kept in memory."""
    grids = tuple(grids)
    wanted = {
        chat
        for chat in chat_keys(grids)
        if len(parts := parts_of(chat)) == 2 and latest.get((parts[0], parts[1]), folder.name) == folder.name
    }
    agents = {parts_of(chat)[1] for chat in wanted}
    results = read_results(sorted((folder / "results").glob("*.parquet")), agents=agents)
    cards = {chat: card for card in results if (chat := key(card.transcript.id, card.agent)) in wanted}
    unanswered = {}
    if any(grid.kind is UNANSWERED for grid in grids):
        listed = read_unanswered(sorted((folder / "unanswered").glob("*.parquet")))
        unanswered = {key(one.transcript.id, one.agent or ""): one for one in listed}
    standard = read_snapshot(folder)
    said = reviews_of([history.Night(folder, folder.name)], latest, standard)
    corrected = {chat: of.corrected(cards[chat]) for ids, of in said.items() if (chat := key(*ids)) in cards}
    run_id = str(read_manifest(folder / MANIFEST).get("run_id"))
    return Night(run_id, standard, cards, unanswered, corrected)


def _split(found: Gathered, nights: Mapping[str, Night]) -> dict[str, Gathered]:
    """What was found, night by night; problems that belong to no chat go with the last one."""
    of = {chat: name for name, night in nights.items() for chat in night.cards}
    parts = {name: Gathered() for name in nights}
    for said in found.judgements:
        name = of[key(said.record.chat, said.record.agent)]
        own = replace(said.record, run_id=nights[name].run_id)
        parts[name].judgements.append(replace(said, record=own))
    for chat in found.chats:
        parts[of[key(chat.record.chat, chat.record.agent)]].chats.append(chat)
    for mood in found.moods:
        parts[of[key(mood.record.chat, mood.record.agent)]].moods.append(mood)
    for final in found.finals:
        if final.key in of:
            parts[of[final.key]].finals.append(final)
    [*_, last] = parts.values()
    last.problems.extend(found.problems)
    return parts
