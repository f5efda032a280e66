"""Which files a night reads: files, folders and patterns, each file once, in a fixed order."""

from __future__ import annotations

import glob
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.errors import InputError
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read: its path as given, what it held, and its size."""

    path: str
    sha256: str
    bytes: int


def find_files(inputs: Sequence[str], extensions: Collection[str]) -> tuple[list[Path], list[Problem]]:
    """The files meant by the inputs, sorted, and the files of folders and patterns that have no known format.

    A folder means everything under it but hidden files and the lock files of Excel.

    Raises:
        InputError: an input does not exist, is empty, or is a single file of an unknown format.
    """
    found: dict[Path, Path] = {}
    problems: list[Problem] = []
    for given in inputs:
        paths = _meant(given)
        known = [path for path in paths if path.suffix.lower() in extensions]
        if not known:
            raise InputError(
                f"{given}: no file with transcripts here; formats: {', '.join(sorted(extensions))}"
            )
        for path in known:
            found.setdefault(path.resolve(), path)
        problems += [_unknown(path, extensions) for path in paths if path not in known]
    return sorted(found.values(), key=str), sorted(set(problems), key=lambda problem: problem.source)


def _meant(given: str) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        return [
            inside for inside in sorted(path.rglob("*")) if inside.is_file() and not _hidden(inside, path)
        ]
    if path.exists():
        return [path]
    paths = [Path(name) for name in sorted(glob.glob(given, recursive=True))]  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not paths:
        what = "no file matches this pattern" if glob.has_magic(given) else "no such file or folder"
        raise InputError(f"{given}: {what}; check the path")
    return [path for path in paths if path.is_file()]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)


def _unknown(path: Path, extensions: Collection[str]) -> Problem:
    remedy = f"转存为其中之一：{'、'.join(sorted(extensions))}，或移出该文件夹"
    return Problem(str(path), 0, "", f"未知的文件格式“{path.suffix or path.name}”", remedy)


def described(path: Path) -> InputFile:
    """The file as the manifest names it; reads it once."""
    with path.open("rb") as file:
        return InputFile(str(path), hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)
