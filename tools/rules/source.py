"""Files of the tree as the rules see them: paths relative to the root, text, and text without the
comments and literals that a rule about code must not be fooled by."""

import dataclasses
import os
import re

SKIPPED = {".git", ".cache", "build", "__pycache__"}
CPP_SUFFIXES = (".cpp", ".hpp")

# In this order: a comment hides quotes and a literal hides slashes. A digit before the quote makes
# it a digit separator (1'000), not a character.
_HIDDEN = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | R"(?P<mark>[^()\s\\"]*)\(.*?\)(?P=mark)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """path -> text. Made from a folder for the real run, from a dict in tests."""

    def __init__(self, files):
        self.files = files
        self._code = {}

    @classmethod
    def from_folder(cls, root):
        files = {}
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(set(folders) - SKIPPED)
            for name in sorted(set(names) - SKIPPED):  # of a worktree .git is a file
                path = os.path.join(folder, name)
                try:
                    with open(path, encoding="utf-8") as file:
                        files[os.path.relpath(path, root)] = file.read()
                except (UnicodeDecodeError, FileNotFoundError):
                    continue  # recorded bytes, or a file that went away meanwhile
        return cls(files)

    def cpp(self, *folders):
        """Paths of C++ files, in all folders or below the given ones."""
        for path in self.files:
            if path.endswith(CPP_SUFFIXES) and (not folders or path.startswith(folders)):
                yield path

    def code(self, path):
        """The file with comments and literals blanked; offsets and lines stay what they were."""
        if path not in self._code:
            self._code[path] = _HIDDEN.sub(_blank, self.files[path])
        return self._code[path]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def _blank(match):
    text = match.group()
    blanked = re.sub(r"[^\n]", " ", text)
    # A literal stays an operand: `""` keeps its quotes.
    return blanked if text.startswith("/") else text[-1] + blanked[1:-1] + text[-1]
