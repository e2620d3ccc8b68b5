"""Compares what a pairing printed with what was expected, and words the difference."""

import difflib
import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path

from harness.normalise import normalise
from harness.player import Transcript
from harness.scenario import Output, Scenario, Step, render_output


SHOWN_LINES = 40
SHOWN_COLUMNS = 180


@dataclass
class Verdict:
    """One scenario with one pairing; `why` is empty when it passed."""

    name: str
    pairing: str
    why: str = ""

    @property
    def passed(self) -> bool:
        return not self.why


def judge(
    scenario: Scenario, pairing: str, actual: Transcript, reference: Transcript | None
) -> Verdict:
    """`reference` is the R/R transcript of this run: expected where nothing is recorded."""
    verdict = Verdict(scenario.name, pairing)
    for number, step in enumerate(scenario.steps):
        if number not in actual.outputs:
            continue
        expected = _expected(step, number, pairing, reference)
        if expected is None:
            continue
        difference = _difference(expected, actual.outputs[number], with_ours="O" in pairing)
        if difference:
            place = f"{scenario.path.name}:{step.line + 1}: {step.kind} {step.argument}"
            verdict.why = "\n".join([place, *difference])
            return verdict
    if actual.error is not None:
        verdict.why = f"{scenario.path.name}: {actual.error}"
    return verdict


def _expected(step: Step, number: int, pairing: str, reference: Transcript | None) -> Output | None:
    if pairing in step.alternatives:
        return step.alternatives[pairing]
    if step.expected is not None:
        return step.expected
    return None if reference is None else reference.outputs.get(number)


def _difference(expected: Output, actual: Output, with_ours: bool) -> list[str]:
    wanted = render_output(normalise(expected, with_ours))
    got = render_output(normalise(actual, with_ours))
    if wanted == got:
        return []
    lines = list(difflib.unified_diff(wanted, got, n=3, lineterm=""))
    lines = _shortened([line for line in lines[2:] if not line.startswith("@@")])
    more = len(lines) - SHOWN_LINES
    shown = lines[:SHOWN_LINES] + ([f"({more} more lines)"] if more > 0 else [])
    return ["- expected", "+ printed", *shown]


def _shortened(lines: list[str]) -> list[str]:
    """Of a long line that was replaced, only the surroundings of the first difference."""
    result = list(lines)
    for at, (old, new) in enumerate(zip(lines, lines[1:])):
        if old.startswith("-") and new.startswith("+"):
            same = len(os.path.commonprefix([old[1:], new[1:]]))
            result[at], result[at + 1] = _around(old, same), _around(new, same)
    return [line[:SHOWN_COLUMNS] for line in result]


def _around(line: str, at: int) -> str:
    if len(line) <= SHOWN_COLUMNS or at < SHOWN_COLUMNS // 2:
        return line
    return f"{line[0]} …{line[at - SHOWN_COLUMNS // 3 :]}"


@dataclass
class Pending:
    """A line of pending.txt: what is not expected to pass yet, and why."""

    pattern: str
    pairings: set[str]
    reason: str

    def covers(self, verdict: Verdict) -> bool:
        return verdict.pairing in self.pairings and fnmatch.fnmatchcase(verdict.name, self.pattern)


def load_pending(path: Path) -> list[Pending]:
    found = []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, pairings, reason = line.split(None, 2)
            found.append(Pending(pattern, set(pairings.split(",")), reason))
    return found
