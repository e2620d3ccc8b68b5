"""Every source file is named by the CMakeLists.txt of its folder or of one above (or by a module in
cmake/). A test that no target builds passes for ever."""

import os
import re

from rules.source import Finding

_NAMED = re.compile(r"[\w./+-]+\.(?:cpp|c|py|sh)\b")
BUILT_FOLDERS = ("protocol/", "cgroup/", "daemon/", "client/", "tests/", "cmake/")


def check(tree):
    named = set()
    for path, text in tree.files.items():
        if os.path.basename(path) == "CMakeLists.txt" or path.endswith(".cmake"):
            folder = os.path.dirname(path)
            text = re.sub(r"#[^\n]*", "", text).replace("${PROJECT_SOURCE_DIR}/", "//")
            text = text.replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
            for name in _NAMED.findall(text):
                named.add(os.path.normpath(
                    name.lstrip("/") if name.startswith("//") else os.path.join(folder, name)))
    return [
        Finding(path, 1, "no CMakeLists.txt names this file")
        for path in tree.files
        if _must_be_named(path) and path not in named
    ]


def _must_be_named(path):
    if not path.startswith(BUILT_FOLDERS):
        return False
    return path.endswith(".cpp") or (path.startswith("tests/") and path.endswith("_test.py"))
