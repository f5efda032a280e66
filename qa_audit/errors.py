"""Errors that a user can mend: each names the place and the remedy."""

from __future__ import annotations


class QaAuditError(Exception):
    """Base of every error that ends a run with exit code 2 and a message instead of a traceback."""


class InvalidStandard(QaAuditError):  # noqa: N818 - named as in the design; it is what the user reads
    """The standard or a lexicon is wrong; ``errors`` lists every fault found, one line each."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__("\n".join(errors))


class InvalidConfiguration(QaAuditError):  # noqa: N818 - same
    """The configuration file is wrong; ``errors`` lists every fault found, one line each."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__("\n".join(errors))


class InputError(QaAuditError):
    """An input of the command cannot be used at all: it does not exist, or nothing in it can be read."""
