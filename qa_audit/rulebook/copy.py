"""Copies the shipped standard and lexicons, to be edited."""

from __future__ import annotations

import shutil
from pathlib import Path

from qa_audit import paths
from qa_audit.errors import InputError


def copy_standard(folder: Path) -> int:
    """Copies rules to ``folder`` and lexicons to ``folder/lexicons``; returns how many files.

    Raises:
        InputError: the folder is there and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; give a new folder")
    lexicons = paths.shipped("lexicons")
    pairs = [(file, folder / file.name) for file in sorted(paths.STANDARD.glob("*.yml"))]
    pairs += [
        (file, folder / "lexicons" / file.name) for file in sorted(lexicons.iterdir()) if file.is_file()
    ]
    (folder / "lexicons").mkdir(parents=True, exist_ok=True)
    for source, target in pairs:
        shutil.copyfile(source, target)
    return len(pairs)
