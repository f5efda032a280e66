"""The regression test: auditing samples/ gives what samples/expected.json says."""

from __future__ import annotations

import difflib
from collections import Counter

import pytest
from update_expected import STORED, as_text, expected


@pytest.mark.skipif(
    not STORED.exists(), reason="samples/expected.json is not there; write it with tests/update_expected.py"
)
def test_samples_give_what_is_stored() -> None:
    stored = STORED.read_text("utf-8").splitlines()
    found = as_text(expected()).splitlines()
    changes = list(difflib.unified_diff(stored, found, "stored", "found", n=0, lineterm=""))
    assert not changes, "\n".join([*changes, "", "if this is meant: python tests/update_expected.py"])


def test_everything_in_the_samples_is_accounted_for() -> None:
    found = expected()
    kinds = Counter(
        name.split()[0] for name in found if name.split()[0] in ("agent", "unanswered", "problem")
    )
    audited = {name.split()[0] for name in found if name.endswith(" score")}
    assert len(audited) + kinds["unanswered"] == 70
    assert (kinds["agent"], kinds["problem"]) == (7, 3)
