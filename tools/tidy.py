#!/usr/bin/env python3
"""Checks the rules about this tree that no compiler knows; docs/contributing.md lists them.

    tools/tidy.py            exit code 1 and one line per finding, path:line: text
    tools/tidy.py --sizes    also what is longer than we like; never fails for it
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from rules import awaits, calls, compat, includes, inventory, words  # noqa: E402
from rules.source import Tree  # noqa: E402

RULES = [includes, calls, awaits, inventory, compat, words]
LINES_MAX = {".hpp": 200, "_test.cpp": 700, ".cpp": 400, ".py": 400}


def findings_of(tree):
    return sorted(
        (finding for rule in RULES for finding in rule.check(tree)),
        key=lambda finding: (finding.path, finding.line),
    )


def long_files(tree):
    for path, text in tree.files.items():
        limit = next((n for suffix, n in LINES_MAX.items() if path.endswith(suffix)), None)
        lines = text.count("\n")
        if limit is not None and lines > limit:
            yield f"{path}: {lines} lines (wish: {limit})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", action="store_true", help="list long files, too")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    arguments = parser.parse_args()

    tree = Tree.from_folder(arguments.root)
    if arguments.sizes:
        print("\n".join(long_files(tree)))
    findings = findings_of(tree)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
