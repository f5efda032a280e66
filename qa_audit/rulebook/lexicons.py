"""Lexicon files: phrase lists (one phrase or ``re:`` pattern a line, # comment), cues and the policy table."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

import re2
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from qa_audit.match.cues import Cue, CueKind, Cues
from qa_audit.match.patterns import compiled
from qa_audit.normalise import fold, normalise
from qa_audit.rule import AnyOf, Edge, Phrase, Regex
from qa_audit.rulebook.text import read_text
from qa_audit.yamltext import describe, did_you_mean, load

SHORT = 3  # up to this length a phrase must stand on word boundaries: 您好 in 您|好意思 is no greeting
PATTERN = "re:"
MACRO = re.compile(r"\{([a-z][a-z_]*)\}")
# {Count}, {count, {数量}: meant as a slot; what RE2 itself has in braces are numbers and \p{Han}
NEARLY_SLOT = re.compile(r"(?<!\\)(?<!\\[pPx])\{[^\W\d][^{}\s]*\}?")
WIDE = re.compile("[，、；]")
META = frozenset("\\^$.|?*+()[]{}")


class Lexicons:
    """The lexicons of one standard, read when first asked for; faults are collected in ``errors``."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self.errors: list[str] = []
        self.used: set[str] = set()
        self.cues: Cues | None = None
        self._entries: dict[str, list[tuple[int, str]]] = {}
        self._expressions: dict[tuple[str, Edge | None], AnyOf] = {}
        self._patterns: dict[str, str] = {}
        self._opened: list[str] = []
        self._paths: dict[str, Path | None] = {}

    def names(self) -> list[str]:
        """The names of all phrase lists in the folders."""
        return sorted({file.stem for folder in self.folders for file in folder.glob("*.txt")})

    def path(self, name: str) -> Path | None:
        """The file of a phrase list: a standard's own lexicon goes before the shipped one."""
        if name not in self._paths:
            files = [folder / f"{name}.txt" for folder in self.folders]
            self._paths[name] = next((file for file in files if file.is_file()), None)
        return self._paths[name]

    def entries(self, name: str) -> list[tuple[int, str]]:
        """(line, text) of every entry of a phrase list; an unknown name is an error of whoever asks."""
        if name not in self._entries:
            file = self.path(name)
            lines = read_text(file, self.errors).splitlines() if file is not None else []
            stripped = ((n, line.partition(" #")[0].strip()) for n, line in enumerate(lines, start=1))
            self._entries[name] = [(n, line) for n, line in stripped if line and not line.startswith("#")]
        return self._entries[name]

    def unknown(self, name: str) -> str:
        """What to say of a name that no file has; empty if one has it."""
        if self.path(name):
            return ""
        hint = did_you_mean(name, self.names()) or f"; write lexicons/{name}.txt"
        if mark := WIDE.search(name):
            hint = f'; separate entries with ",", not with "{mark[0]}"'
        return f'there is no lexicon "{name}"{hint}'

    def expression(self, name: str, edge: Edge | None = None) -> AnyOf:
        """A phrase list as one expression."""
        key = (name, edge)
        if key not in self._expressions:
            self.used.add(name)
            self._not_empty(name)
            parts = []
            for line, entry in self.entries(name):
                at = f"{self.path(name)}:{line}"
                parts.append(self.pattern(entry, at) if entry.startswith(PATTERN) else phrase(entry, edge))
            self._expressions[key] = AnyOf(tuple(parts))
        return self._expressions[key]

    def _not_empty(self, name: str) -> None:
        """A list without entries finds nothing, and as a slot of a pattern matches everywhere."""
        file = self.path(name)
        if file is not None and not self.entries(name) and not self.errors_of(file):
            self.errors.append(f"{file}:1: the list is empty; add a phrase, or take it out of the rules")

    def errors_of(self, file: Path) -> list[str]:
        """The faults of one file so far."""
        return [error for error in self.errors if error.startswith(f"{file}:")]

    def pattern(self, text: str, at: str) -> Regex:
        """A ``re:`` entry, its {lexicon} slots filled and its characters normalised; faults go to ``errors``."""
        source = normalise_pattern(self._fill(text.removeprefix(PATTERN), at))
        if slot := NEARLY_SLOT.search(source):
            self.errors.append(
                f"{at}: {slot[0]} is no slot; write the name of a list in small letters: {{count}}"
            )
        try:
            if compiled(source).search("") is not None:
                self.errors.append(f"{at}: the pattern also matches nothing; let it need a character")
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            self.errors.append(f"{at}: not a valid pattern: {reason}; RE2 syntax is wanted")
            return Regex("[^\\s\\S]")
        return Regex(source)

    def _fill(self, source: str, at: str) -> str:
        return MACRO.sub(lambda m: self._alternation(m[1], at), source)

    def _alternation(self, name: str, at: str) -> str:
        """All entries of a lexicon as one group of a pattern."""
        if name in self._opened:
            chain = " → ".join([*self._opened, name])
            self.errors.append(f"{at}: lexicon {name} contains itself: {chain}; take one of them out")
            return "(?:)"
        if unknown := self.unknown(name):
            self.errors.append(f"{at}: {unknown}")
        if name not in self._patterns:
            self._not_empty(name)
            self.used.add(name)
            self._opened.append(name)
            parts = []
            for line, entry in self.entries(name):
                if entry.startswith(PATTERN):
                    filled = self._fill(entry.removeprefix(PATTERN), f"{self.path(name)}:{line}")
                    # within another pattern it is that pattern's hit that counts
                    parts.append(filled.replace("(?P<hit>", "(?:"))
                else:
                    parts.append(re2.escape(fold(entry)))
            self._opened.pop()
            # longest first: RE2 takes the first branch that matches
            self._patterns[name] = f"(?:{'|'.join(sorted(parts, key=lambda part: (-len(part), part)))})"
        return self._patterns[name]


def phrase(text: str, edge: Edge | None = None) -> Phrase:
    """A phrase as it is matched; up to three characters it must stand on word boundaries unless told otherwise."""
    folded = normalise(text).text
    return Phrase(folded, edge or ("both" if len(folded) <= SHORT else "any"))


def normalise_pattern(source: str) -> str:
    """A pattern over normalised text: what is folded to a character with a meaning in RE2 is escaped."""
    parts = []
    for character in source:
        folded = character if character.isascii() else _folded(character)
        parts.append(f"\\{folded}" if folded != character and folded in META else folded)
    return "".join(parts)


_folded = cache(fold)  # patterns hold the same few hundred characters over and over


class _CueEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: CueKind
    words: list[str]
    reach: int
    follows: bool = False
    stops: list[str] = []
    void: list[str] = []


class _Quotes(BaseModel):
    model_config = ConfigDict(extra="forbid")
    pairs: list[Annotated[str, StringConstraints(min_length=2, max_length=2)]]
    after: list[str]
    reach: int = 8


class _CuesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cues: list[_CueEntry]
    pseudo: list[str] = []
    stops: list[str] = []
    quotes: _Quotes


def load_cues(lexicons: Lexicons) -> Cues:
    """The cues of ``cues.yml``, read once; faults go to the lexicons' errors."""
    if lexicons.cues is None:
        lexicons.cues = _read_cues(lexicons)
    return lexicons.cues


def _read_cues(lexicons: Lexicons) -> Cues:
    file = next((f / "cues.yml" for f in lexicons.folders if (f / "cues.yml").is_file()), None)
    if file is None:
        return Cues((), (), (), (), (), 0)
    document = load(read_text(file, lexicons.errors), str(file))
    lexicons.errors += document.errors
    if document.data is None and document.errors:
        return Cues((), (), (), (), (), 0)
    try:
        read = _CuesFile.model_validate(document.data)
    except ValidationError as error:
        lexicons.errors += describe(error, document, model=_CuesFile)
        return Cues((), (), (), (), (), 0)
    return Cues(
        tuple(
            Cue(
                c.kind,
                tuple(map(fold, c.words)),
                c.reach,
                c.follows,
                tuple(map(fold, c.stops)),
                tuple(map(fold, c.void)),
            )
            for c in read.cues
        ),
        tuple(map(fold, read.pseudo)),
        tuple(map(fold, read.stops)),
        tuple(dict.fromkeys((pair[0], pair[1]) for pair in map(fold, read.quotes.pairs))),
        tuple(map(fold, read.quotes.after)),
        read.quotes.reach,
    )
