"""Scenario files: command lines and what they print. The grammar is described in README.md.

Reading keeps the file's lines, so that `record` can replace the expected outputs and nothing else.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

PAIRINGS = ("R/R", "R/O", "O/R", "O/O")

# Steps that print something, by what they exercise; the others only prepare.
CLIENT_STEPS = {"$", "$sh", "$script", "&", "join"}
WIRE_STEPS = {
    ">", "add", "frame", "bytes", "handshake", "connect", "send", "receive", "end", "ended",
}  # fmt: skip
SCRIPT_STEPS = {"version", "reply", "clear"}
SETUP_STEPS = {
    "config", "daemon", "env", "cwd", "tty", "stdin", "file", "copy", "sh", "until", "sleep",
    "strict", "hang-up",
}  # fmt: skip
PRINTING_STEPS = (CLIENT_STEPS | WIRE_STEPS) - {"&", "connect", "send"}

OUTPUT_LINE = re.compile(r"  (?:[12][|~].*\||rc -?\d+|[<>] .*)$")
ALTERNATIVE = re.compile(r"  @((?: [RO]/[RO])+)$")
BODY_LINE = re.compile(r"  <([|~])(.*)\|$")


class ScenarioError(Exception):
    """A scenario file that does not follow the grammar."""


@dataclass
class Output:
    """What one step printed; `messages` are requests seen ('> …') or replies ('< …')."""

    stdout: str = ""
    stderr: str = ""
    code: int | None = None
    messages: list[str] = field(default_factory=list)


@dataclass
class Step:
    kind: str
    argument: str
    line: int
    body: str = ""
    expected: Output | None = None
    alternatives: dict[str, Output] = field(default_factory=dict)
    output_lines: list[int] = field(default_factory=list)


@dataclass
class Scenario:
    name: str
    path: Path
    line: int
    steps: list[Step] = field(default_factory=list)

    def pairings(self) -> list[str]:
        """Without a client only the daemons differ; with a scripted daemon only the clients."""
        if self.scripted:
            return ["R/R", "O/R"]
        return list(PAIRINGS) if self.has_client else ["R/R", "R/O"]

    def played_by(self, pairing: str) -> str:
        """The letters of the programs that really run."""
        client, daemon = pairing.split("/")
        return (client if self.has_client else "") + ("" if self.scripted else daemon)

    @property
    def scripted(self) -> bool:
        return any(step.kind in SCRIPT_STEPS for step in self.steps)

    @property
    def has_client(self) -> bool:
        return any(step.kind in CLIENT_STEPS for step in self.steps)

    @property
    def recorded(self) -> bool:
        """Nothing has to be played to know what is expected."""
        return all(step.expected for step in self.steps if step.kind in PRINTING_STEPS)


# Texts


def escape(text: str) -> str:
    named = {"\\": "\\\\", "\x1b": "\\e", "\r": "\\r", "\t": "\\t", "\n": "\\n"}

    def one(char: str) -> str:
        if char in named:
            return named[char]
        if char < " " or char == "\x7f":
            return f"\\x{ord(char):02x}"
        if "\udc80" <= char <= "\udcff":
            return f"\\x{ord(char) - 0xDC00:02x}"
        return char

    return "".join(map(one, text))


def unescape(text: str) -> str:
    named = {"\\": "\\", "e": "\x1b", "r": "\r", "t": "\t", "n": "\n"}

    def one(match: re.Match) -> str:
        code = match[1]
        if code.startswith("x"):
            return bytes([int(code[1:], 16)]).decode(errors="surrogateescape")
        return named[code]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|[\\ernt])", one, text)


def to_text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def to_bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


# Outputs


def render_output(output: Output) -> list[str]:
    lines = [f"  {message}" for message in output.messages]
    for number, text in ((1, output.stdout), (2, output.stderr)):
        pieces = text.split("\n")
        lines += [f"  {number}|{escape(piece)}|" for piece in pieces[:-1]]
        if pieces[-1]:
            lines.append(f"  {number}~{escape(pieces[-1])}|")
    if output.code is not None:
        lines.append(f"  rc {output.code}")
    return lines


def parse_output(lines: list[str]) -> Output:
    output = Output()
    for line in lines:
        mark = line[2]
        if mark in "<>":
            output.messages.append(line[2:])
        elif mark == "r":
            output.code = int(line[5:])
        else:
            text = unescape(line[4:-1]) + ("\n" if line[3] == "|" else "")
            if mark == "1":
                output.stdout += text
            else:
                output.stderr += text
    return output


# Files


def load(path: Path) -> list[Scenario]:
    return parse(path.read_text(), path)


def parse(text: str, path: Path) -> list[Scenario]:
    scenarios: list[Scenario] = []
    step: Step | None = None
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("=== "):
            scenarios.append(Scenario(f"{path.stem}/{line[4:].strip()}", path, at))
            step = None
        elif line.startswith("  "):
            if step is None:
                raise ScenarioError(f"{path}:{at + 1}: a continuation of nothing")
            at = _continue(step, lines, at, path)
            continue
        elif line and not line.startswith("#"):
            if not scenarios:
                raise ScenarioError(f"{path}:{at + 1}: a step before the first scenario")
            step = _step(line, at, path)
            scenarios[-1].steps.append(step)
        at += 1
    return scenarios


def _step(line: str, at: int, path: Path) -> Step:
    kind, _, argument = line.partition(" ")
    if kind not in CLIENT_STEPS | WIRE_STEPS | SCRIPT_STEPS | SETUP_STEPS:
        raise ScenarioError(f"{path}:{at + 1}: unknown line: {line}")
    return Step(kind, argument, at)


def _continue(step: Step, lines: list[str], at: int, path: Path) -> int:
    """Takes a file's text or a block of output; returns the number of the line after it."""
    if match := BODY_LINE.fullmatch(lines[at]):
        step.body += unescape(match[2]) + ("\n" if match[1] == "|" else "")
        return at + 1
    pairings: list[str] = []
    if match := ALTERNATIVE.fullmatch(lines[at]):
        pairings = match[1].split()
        at += 1
    first = at
    while at < len(lines) and OUTPUT_LINE.fullmatch(lines[at]):
        at += 1
    if at == first or step.kind not in PRINTING_STEPS:
        raise ScenarioError(f"{path}:{first + 1}: not an output line: {lines[first]}")
    output = parse_output(lines[first:at])
    if pairings:
        step.alternatives.update(dict.fromkeys(pairings, output))
    elif step.expected is not None:
        raise ScenarioError(f"{path}:{first + 1}: a second output")
    else:
        step.expected = output
        step.output_lines = list(range(first, at))
    return at


def with_outputs(text: str, outputs: dict[int, list[str]]) -> str:
    """The file's text with new outputs, given by the number of the step's line."""
    lines = text.split("\n")
    result: list[str] = []
    at = 0
    while at < len(lines):
        result.append(lines[at])
        new = outputs.get(at)
        at += 1
        if new is not None:
            while at < len(lines) and BODY_LINE.fullmatch(lines[at]):
                result.append(lines[at])
                at += 1
            while at < len(lines) and OUTPUT_LINE.fullmatch(lines[at]):
                at += 1
            result += new
    return "\n".join(result)
