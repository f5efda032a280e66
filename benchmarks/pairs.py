"""How many minimal pairs each rule decides rightly, as a Markdown table (and every wrong member with --faults).

    python benchmarks/pairs.py [pairs|blind_pairs …] [--rule ATT-01 …] [--faults]

Judged exactly as the tests judge them: this runs the functions of tests/test_pairs.py and asserts nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import test_pairs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", default=["pairs", "blind_pairs"])
    parser.add_argument("--rule", nargs="+", default=[])
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    for folder in options.folders:
        names = [name for name in test_pairs.NAMES if name.startswith(f"{folder}/")]
        sums = [0, 0, 0, 0]
        print(f"| {folder} | pairs right | `fail` talks found | other talks left alone |\n|---|---|---|---|")
        for name in names:
            rule_id, pairs = test_pairs.pairs_of(name)
            if options.rule and rule_id not in options.rule:
                continue
            faults = [test_pairs.faults_of(rule_id, pair) for pair in pairs]
            right = sum(not found for found in faults)
            members = [sum(member not in found for found in faults) for member in ("fail", "pass")]
            n = len(pairs)
            print(f"| {rule_id} | {right} / {n} | {members[0]} / {n} | {members[1]} / {n} |")
            sums = [a + b for a, b in zip(sums, (n, right, *members), strict=True)]
            if options.faults:
                for found in faults:
                    print(*found.values(), sep="\n")
        n, *counts = sums
        cells = " | ".join(f"{count} / {n} ({count / n:.2f})" if n else "–" for count in counts)
        print(f"| **all** | {cells} |\n")


if __name__ == "__main__":
    main()
