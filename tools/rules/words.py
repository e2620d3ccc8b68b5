"""What must not be in the tree: paths of the machine it was written on, notes to self, dead code's
markers, references to things a reader cannot look up."""

import re

from rules.source import Finding, line_of

# A bracket in the middle keeps each pattern from finding itself here.
BANS = [
    (re.compile(r"(?<![\w.}])/wor[k]/"), "a path of somebody's machine"),
    (re.compile(r"(?<![\w.}])/tmp/prompt[s]"), "a path of somebody's machine"),
    (re.compile(r"(?<![\w.}])/home/(?!u/|user/)\w+/|(?<![\w.}])/roo[t]/"), "a path of somebody's machine"),
    (re.compile(r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|\bHAC[K]\b"), "do it, or open an issue"),
    (re.compile(r"\bissu[e] #?\d+\b", re.IGNORECASE), "say what, not where it was discussed"),
    (re.compile(r"\.\./share[d]/"), "the tree stands alone"),
    (re.compile(r"^[ \t]*//[ \t]*[-=*#/]{5,}", re.MULTILINE), "no banner lines"),
]
_RECORDED = ("tests/golden/", "compat-tests/scenarios/", "compat-tests/captures/")
_CPP_ONLY = {"no banner lines"}


def check(tree):
    findings = []
    for path, text in tree.files.items():
        if path.startswith(_RECORDED):
            continue
        for pattern, why in BANS:
            if why in _CPP_ONLY and not path.endswith((".cpp", ".hpp")):
                continue
            for match in pattern.finditer(text):
                findings.append(Finding(path, line_of(text, match.start()),
                                        f"{match.group().strip()!r}: {why}"))
    return findings
