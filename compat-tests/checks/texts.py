"""Each refusal that our daemon has words for is expected by a scenario that the original plays too."""

import re

from harness import scenario
from harness.check import expect
from harness.programs import TREE

PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
REFUSAL = re.compile(rf"\bFailure(?:Reply|Response)\{{\s*((?:{PIECE.pattern}\s*)+)")

# Refusals that no scenario can show, by how they begin.
UNSHOWN = {
    "The keeper process does not respond": "the original has no keeper",
    "Nothing was changed. ": "the original has no journal that could fail; checks/full_disk shows it",
    "Pueue: The followed task has been removed": "needs an accident between two of its polls",
}


def texts_of(source: str) -> list[str]:
    """The literal beginnings of refusals in C++: adjacent pieces are one text."""
    joined = ("".join(PIECE.findall(match[1])) for match in REFUSAL.finditer(source))
    return [text.replace('\\"', '"').replace("\\n", "\n") for text in joined]


def expected_refusals() -> str:
    """What all recorded replies to requests say, as plain text."""
    lines = []
    for path in sorted((TREE / "compat-tests" / "scenarios").glob("*/*.txt")):
        for one in scenario.load(path):
            for step in one.steps:
                lines += step.expected.messages if step.expected else []
    refusals = (line for line in lines if line.startswith('< {"Failure":'))
    return "\n".join(line.replace('\\"', '"').replace("\\n", "\n") for line in refusals)


def every_refusal_is_in_a_scenario():
    sources = sorted((TREE / "daemon").rglob("*.cpp"))
    texts = {text: path for path in sources for text in texts_of(path.read_text())}
    expect(len(texts) > 20, f"only {len(texts)} refusals found in the sources")
    said = expected_refusals()
    missing = [
        f"{path.relative_to(TREE)}: {text}"
        for text, path in texts.items()
        if text not in said and not text.startswith(tuple(UNSHOWN))
    ]
    expect(not missing, "in no scenario:\n" + "\n".join(missing))


CHECKS = [every_refusal_is_in_a_scenario]
