"""Where the shipped standard, lexicons and models are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
STANDARD = PACKAGE / "standard"


def shipped(name: str) -> Path:
    """The folder ``lexicons`` or ``models``; FileNotFoundError if the installation lacks it."""
    for folder in (PACKAGE / "_data" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{name}/ is missing from this installation of qa-audit; install it again")
