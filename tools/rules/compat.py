"""`// Compat: why [name]` marks code that exists only to equal pueue 4.0.4. The name is that of a
recorded scenario (`=== name` below compat-tests/scenarios) or a file below tests/golden or
compat-tests that fails without it."""

import re

from rules.source import Finding, line_of

_MARK = re.compile(r"//[^\n]*\bCompat:[^\n]*(?:\n[ \t]*//[^\n]*)*")
_NAMES = re.compile(r"\[([^\[\]\n]+)\]")
_SCENARIO = re.compile(r"^=== (.+?)\s*$", re.MULTILINE)
_RECORDED = ("compat-tests/", "tests/golden/")


def check(tree):
    known = set()
    for path, text in tree.files.items():
        if path.startswith(_RECORDED):
            known.add(path)
            known.add(path.removeprefix("tests/golden/").removeprefix("compat-tests/"))
            if path.startswith("compat-tests/scenarios/"):
                known.update(_SCENARIO.findall(text))
    findings = []
    for path in tree.cpp("protocol/", "cgroup/", "daemon/", "client/"):
        text = tree.files[path]
        for match in _MARK.finditer(text):
            if not any(name in known for name in _NAMES.findall(match.group())):
                findings.append(Finding(path, line_of(text, match.start()),
                                        "Compat: needs the name of its scenario: [name]"))
    return findings
