"""RE2 patterns over normalised text, compiled once for whoever asks."""

from __future__ import annotations

from functools import lru_cache

import re2


@lru_cache(maxsize=16_384)
def compiled(pattern: str) -> re2._Regexp:
    """The compiled pattern, without regard to case.

    Compiling is slow, and a standard is built several times from the same lexicons when its clauses are tested.

    Raises:
        re2.error: it is no RE2 pattern.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)
