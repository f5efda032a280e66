"""Copies the shipped standard and lexicons, to be edited, with schemas that an editor checks against."""

from __future__ import annotations

import shutil
from pathlib import Path

from qa_audit import paths
from qa_audit.errors import InputError
from qa_audit.rulebook.folder import COMMON
from qa_audit.rulebook.json_schema import RULE, STANDARD, hint, write_schemas


def copy_standard(folder: Path) -> int:
    """Copies rules to ``folder``, lexicons to ``folder/lexicons``, schemas to ``folder/schema``; returns how many files.

    Each rule begins with the line by which an editor finds its schema; it is no part of the standard's hash.

    Raises:
        InputError: the folder is there and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; give a new folder")
    lexicons = paths.shipped("lexicons")
    rules = sorted(paths.STANDARD.glob("*.yml"))
    lists = [file for file in sorted(lexicons.iterdir()) if file.is_file()]
    (folder / "lexicons").mkdir(parents=True, exist_ok=True)
    for file in rules:
        line = hint(STANDARD if file.name == COMMON else RULE)
        (folder / file.name).write_bytes(line.encode() + file.read_bytes())
    for file in lists:
        shutil.copyfile(file, folder / "lexicons" / file.name)
    return len(rules) + len(lists) + len(write_schemas(folder / "schema"))
