"""What all readers of hand-written files share: their text, and the remedy for a name that nothing has."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from qa_audit.yamltext import did_you_mean


def read_text(path: Path, errors: list[str]) -> str:
    """The text of a file without byte order mark; one that is not UTF-8 is a fault and reads as empty."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        errors.append(f"{path}: cannot be read ({error.strerror}); check its permissions")
        return ""
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        errors.append(f"{path}:{line}: is not UTF-8; save it as UTF-8")
        return ""


def nearest(word: str, known: Collection[str]) -> str:
    """The known name that was probably meant, or all of them where none is close."""
    return did_you_mean(word, known) or f"; one of {', '.join(known)} is wanted"
