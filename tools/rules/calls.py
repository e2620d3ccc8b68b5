"""Calls that have a home: one place that does them right, so that nobody else has to."""

import re

from rules.source import Finding, line_of

PRODUCT = ("protocol/", "cgroup/", "daemon/", "client/")
TESTS = ("tests/",)
EVERYWHERE = PRODUCT + TESTS

# A free function: not a member, not another namespace's.
_FREE = r"(?<![\w.>:])(?:std::|::)?"

# (what, pattern, folders it is banned in, homes, why)
BANS = [
    (
        "creating processes",
        _FREE + r"(?:v?fork|_Fork|clone3?|posix_spawnp?|system|popen|daemon)\s*\(",
        PRODUCT,
        ("daemon/keeper/", "daemon/runner/keeper_link.cpp", "daemon/runner/keeper_process.cpp",
         "daemon/service.cpp", "client/editor.cpp"),
        "only the keeper creates processes",
    ),
    ("raw process system calls", r"\b(?:SYS|__NR)_(?:v?fork|clone3?)\b", PRODUCT,
     ("daemon/keeper/",), "only the keeper creates processes"),
    ("sleeping", _FREE + r"(?:u|nano|clock_nano)?sleep\s*\(|\bsleep_(?:for|until)\b", EVERYWHERE,
     ("client/run.cpp",), "wait for an event or a deadline, not for time"),
    ("a clock", r"::now\s*\(", PRODUCT, ("protocol/base/clock.cpp",),
     "time comes from read_clock(), as a value"),
    ("a clock", _FREE + r"(?:time\s*\(\s*(?:nullptr|NULL|0|&)|(?:clock_gettime|gettimeofday)\s*\()", PRODUCT,
     ("protocol/base/clock.cpp", "protocol/base/logger.cpp", "daemon/keeper/"),
     "time comes from read_clock(), as a value"),
    ("the environment", _FREE + r"(?:secure_)?(?:get|set|put|unset)env\s*\(",
     ("protocol/", "cgroup/", "daemon/"), ("protocol/config/paths.cpp", "daemon/app.cpp"),
     "read once at start-up, as a value"),
    # Without arguments it is somebody's member function.
    ("closing a descriptor", _FREE + r"close\s*\((?!\s*\))", PRODUCT,
     ("protocol/base/fd.cpp", "daemon/keeper/"), "UniqueFd closes"),
    ("detached coroutines", r"\bdetached\b", PRODUCT, (), "Nursery::start owns what runs"),
    ("blocking bus calls", r"\bsd_bus_call\s*\(", PRODUCT, (), "only asynchronous bus calls"),
    ("threads", r"\bstd::j?thread\b", PRODUCT, ("daemon/journal/disk_thread.",),
     "one loop thread, one disk thread"),
    ("std::regex", r"\bstd::regex\b", EVERYWHERE, (), "slow, and recurses on long input"),
]
_COMPILED = [(what, re.compile(p), folders, homes, why) for what, p, folders, homes, why in BANS]


def check(tree):
    findings = []
    for path in tree.cpp(*EVERYWHERE):
        code = tree.code(path)
        for what, pattern, folders, homes, why in _COMPILED:
            if not path.startswith(folders) or path.startswith(homes):
                continue
            for match in pattern.finditer(code):
                if _declares_or_qualifies(code, match):
                    continue
                text = f"{match.group().strip()} ({what}): {why}"
                findings.append(Finding(path, line_of(code, match.start()), text))
    return findings


def _declares_or_qualifies(code, match):
    """`Result<> close(int fd)` declares a function of that name, it calls nothing."""
    before = re.search(r"(\w+|[>&*])\s+$", code[max(0, match.start() - 60) : match.start()])
    return bool(before) and before.group(1) not in {"return", "co_return", "co_await", "else", "do"}
