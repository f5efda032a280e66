"""What lies in the folder of a standard: the files that are read, and those whose name keeps them from being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

COMMON = "_standard.yml"
RULE, LIST = ".yml", ".txt"
# what an editor or a spreadsheet makes of a rule or of a list
LIKE_RULES = (".yaml", ".yml", ".yml.txt", ".yaml.txt", ".json")
LIKE_LISTS = (".txt", ".text", ".csv", ".tsv", ".xlsx", ".xls", ".docx", ".doc", ".yaml", ".yml")
READ_IN_LISTS = frozenset({LIST, RULE})


def rule_files(folder: Path) -> list[Path]:
    """The rule files, by name."""
    return [file for file in sorted(folder.glob(f"*{RULE}")) if file.is_file() and file.name != COMMON]


def misnamed(folder: Path, lexicons: Path) -> Iterator[str]:
    """Files that look like rules or lists and would be passed over in silence; ``lexicons`` are the standard's own."""
    for file in _files(folder):
        if file.suffix != RULE and file.name.lower().endswith(LIKE_RULES):
            stem = file.name.split(".")[0]
            yield f"{file}: rules are read from {RULE} files only; rename it to {stem}{RULE}"
    for file in _files(lexicons):
        if file.suffix not in READ_IN_LISTS and file.name.lower().endswith(LIKE_LISTS):
            yield f"{file}: lists are read from {LIST} files only; save it as {file.stem}{LIST}"


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in sorted(folder.iterdir()) if file.is_file() and file.name[0] not in ".~")
