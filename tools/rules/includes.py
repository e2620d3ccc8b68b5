"""Who may include whom. The link graph says the same about code; this also holds for headers."""

import re

from rules.source import Finding, line_of

# What an angle-bracket include belongs to; the first match decides.
LIBRARIES = [
    (re.compile(r"^boost/asio\.hpp$"), "boost/asio.hpp"),
    (re.compile(r"^boost/asio/"), "asio"),
    (re.compile(r"^boost/system/"), "system"),
    (re.compile(r"^boost/json"), "json"),
    (re.compile(r"^boost/"), "boost"),
    (re.compile(r"^fmt/"), "fmt"),
    (re.compile(r"^(yaml-cpp/|yaml\.h$)"), "yaml"),
    (re.compile(r"^toml\+\+/"), "toml"),
    (re.compile(r"^CLI/"), "cli11"),
    (re.compile(r"^openssl/"), "openssl"),
    (re.compile(r"^systemd/"), "systemd"),
    (re.compile(r"^zlib\.h$"), "zlib"),
    (re.compile(r"^snappy(-c)?\.h$"), "snappy"),
    (re.compile(r"^(gtest|gmock)/"), "gtest"),
    (re.compile(r"^(thread|mutex|shared_mutex|condition_variable|future)$"), "threads"),
    (re.compile(r"^(filesystem|fstream)$"), "files"),
    (re.compile(r"^random$"), "random"),
    (re.compile(r"^regex$"), "regex"),
    (re.compile(r"^(iostream|cstdio)$"), "stdio"),
    (re.compile(r"\.h$"), "posix"),
    (re.compile(r"^[a-z_]+$"), "std"),
]

# <csignal> and friends have C names without the suffix, yet declare system calls.
POSIX_IN_DISGUISE = re.compile(r"^(cerrno|csignal)$")

BASE = "protocol/base/"
MODEL = "protocol/model/"
CONFIG_STRUCTS = ("protocol/config/settings.hpp", "protocol/config/extensions.hpp")
CORE_LISTS = tuple(f"daemon/core/{name}.hpp" for name in ("event", "command", "record", "action"))
# What the keeper and its daemon agree on: messages, and files that outlive either.
KEEPER_SHARED = tuple(f"daemon/keeper/{name}.hpp" for name in ("messages", "packet", "home", "spool"))
ORDINARY = {"std", "system", "posix", "fmt", "files", "stdio"}

# Folder -> (paths it may include beside its own, libraries it may include). Longest folder wins.
ALLOWED = {
    "protocol/base/": ((), ORDINARY),
    "protocol/model/": ((BASE,), {"std", "system", "fmt"}),
    "protocol/wire/": ((BASE, MODEL), ORDINARY | {"snappy"}),
    "protocol/config/": ((BASE, MODEL), ORDINARY | {"yaml", "toml"}),
    "cgroup/": ((BASE, "protocol/model/limits.hpp"), ORDINARY | {"asio", "systemd"}),
    "daemon/core/": ((BASE, MODEL, *CONFIG_STRUCTS), {"std", "system"}),
    "daemon/journal/": (
        (BASE, MODEL, "protocol/wire/cbor.hpp", "daemon/core/record.hpp", "daemon/core/apply.hpp"),
        ORDINARY,
    ),
    "daemon/state_file/": (
        (BASE, MODEL, "daemon/core/record.hpp"), {"std", "system", "posix"},
    ),
    "daemon/keeper/": ((), {"std", "posix", "stdio"}),
    "daemon/runner/": (
        (BASE, MODEL, *CONFIG_STRUCTS, *CORE_LISTS, *KEEPER_SHARED, "cgroup/"),
        ORDINARY | {"asio"},
    ),
    "daemon/server/": (
        (BASE, MODEL, "protocol/wire/", "protocol/config/", *CORE_LISTS),
        ORDINARY | {"asio", "openssl"},
    ),
    "daemon/autoscaler/": ((BASE, *CORE_LISTS, "cgroup/cgroup_text.hpp"), ORDINARY | {"asio"}),
    "daemon/": (("protocol/", "cgroup/", "daemon/"), ORDINARY | {"asio", "cli11", "systemd"}),
    "client/": (
        ("protocol/",),
        ORDINARY | {"json", "cli11", "toml", "openssl"},
    ),
    "bench/": (("protocol/",), ORDINARY),
    "cmake/": ((), {"asio"}),
}

# Libraries that one file (or one folder) shields the rest from.
HOMES = {
    "yaml": ("protocol/config/yaml_events.cpp",),
    "toml": ("protocol/config/toml.hpp",),
    "zlib": ("daemon/state_file/gzip.cpp",),
    "snappy": ("protocol/wire/snappy_frame.cpp",),
    "systemd": ("daemon/keeper_scope.cpp",),
    "cli11": ("daemon/cli.cpp", "client/cli.cpp"),
    "threads": ("daemon/journal/disk_thread.hpp", "daemon/journal/disk_thread.cpp"),
}
TESTS = "tests/"

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def check(tree):
    findings = []
    for path in tree.cpp():
        text = tree.files[path]
        for match in _INCLUDE.finditer(text):
            quote, name = match.groups()
            complaint = _own(path, name) if quote == '"' else _library(path, name)
            if complaint:
                findings.append(Finding(path, line_of(text, match.start()), complaint))
    return findings


def folder_of(path):
    """The longest folder of ALLOWED that holds the path, or None."""
    return max((f for f in ALLOWED if path.startswith(f)), key=len, default=None)


def _own(path, name):
    if path.startswith(TESTS):
        return None
    folder = folder_of(path)
    if folder is None:
        return f"{path} is in no folder of the include table (tools/rules/includes.py)"
    if "/" not in name:
        return f'"{name}": include paths start at the root of the repository'
    if folder_of(name) == folder or name.startswith(ALLOWED[folder][0]):
        return None
    return f"{folder} may not include {name}"


def _library(path, name):
    library = next((lib for pattern, lib in LIBRARIES if pattern.search(name)), None)
    if POSIX_IN_DISGUISE.match(name):
        library = "posix"
    if library is None:
        return f"<{name}> belongs to no known library (tools/rules/includes.py)"
    if library == "boost/asio.hpp":
        return "<boost/asio.hpp> costs seconds in each file: include the parts"
    if library == "regex":
        return "<regex> is slow and recurses on long input: write the few lines by hand"
    if path.startswith(TESTS):
        return None
    if path in HOMES.get(library, ()):
        return None
    if library in HOMES:
        return f"<{name}> belongs in {' or '.join(HOMES[library])}"
    folder = folder_of(path)
    if folder is None or library in ALLOWED[folder][1]:
        return None
    return f"{folder} may not include <{name}> ({library})"
