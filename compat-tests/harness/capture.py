"""Records what the reference programs say to each other, as files for the codec's tests."""

import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from harness import sandbox, scenario, wire, workers
from harness.player import Player, Transcript
from harness.programs import Programs

BROKEN = "(broken CBOR)"
TAP = sandbox.ROOT / "tap.socket"
HEADER = """\
# Traffic between the client and the daemon of pueue 4.0.4, made by compat-tests/record.
# One payload per file, in hex, without the eight bytes of length in front of it. Payloads that are
# equal, but for the order of the entries of "envs", which is random, share a file.
# session-status.hex is a whole conversation, with the lengths.
# Columns, separated by tabs: file, direction (c2d: client to daemon, d2c: daemon to client), name,
# the command it belongs to, length of the payload, its value. Values are JSON with unquoted integer
# map keys. Rows follow the conversation. A name in brackets is no message; a dash instead of a
# file: no answer came.
"""


@dataclass
class Message:
    direction: str
    payload: bytes | None
    command: str = ""


@dataclass
class Conversation:
    """One connection: its frames in order, and the bytes in both directions as they came."""

    runs: list[tuple[str, bytes]] = field(default_factory=list)
    unread: dict[str, bytes] = field(default_factory=lambda: {"c2d": b"", "d2c": b""})
    frames: int = 0
    last: str = ""


class Tap:
    """A proxy in front of a daemon's socket that keeps every frame it passes on."""

    def __init__(self, path: Path, daemon: Path):
        self.daemon = daemon
        self.messages: list[Message] = []
        self.conversations: list[Conversation] = []
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self) -> list[Message]:
        with self.lock:
            taken, self.messages = self.messages, []
        return taken

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            daemon = socket.socket(socket.AF_UNIX)
            try:
                daemon.connect(str(self.daemon))
            except OSError:
                client.close()
                continue
            conversation = Conversation()
            self.conversations.append(conversation)
            for ends in ((client, daemon, "c2d"), (daemon, client, "d2c")):
                arguments = (conversation, *ends)
                threading.Thread(target=self._pass_on, args=arguments, daemon=True).start()

    def _pass_on(self, conversation: Conversation, source, target, direction: str):
        """Notes first and forwards then, so that a request is noted before its answer."""
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            with self.lock:
                self._note(conversation, direction, data)
            try:
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
            except OSError:
                return

    def _note(self, conversation: Conversation, direction: str, data: bytes):
        if not data:
            if direction == "d2c" and conversation.last == "c2d":
                self.messages.append(Message("d2c", None))
            return
        runs = conversation.runs
        if runs and runs[-1][0] == direction:
            runs[-1] = (direction, runs[-1][1] + data)
        else:
            runs.append((direction, data))
        unread = conversation.unread[direction] + data
        while len(unread) >= 8 and len(unread) >= 8 + (size := int.from_bytes(unread[:8], "big")):
            conversation.frames += 1
            conversation.last = direction
            # Secret and version are the same in every conversation: once is enough.
            if conversation.frames > 2 or conversation is self.conversations[0]:
                self.messages.append(Message(direction, unread[8 : 8 + size]))
            unread = unread[8 + size :]
        conversation.unread[direction] = unread


class TappedPlayer(Player):
    """Requests sent directly go through the tap; so do clients whose configuration says so."""

    def __init__(self, one: scenario.Scenario):
        super().__init__(one, Programs.of("R/R"))
        self.tap: Tap | None = None
        self.recorded: list[Message] = []

    def _have_a_daemon(self):
        super()._have_a_daemon()
        if self.tap is None:
            self.tap = Tap(TAP, self.daemon.socket)

    def socket_path(self) -> Path:
        return TAP

    def after(self, step: scenario.Step):
        unrecorded = "-c /tmp/q/pueue.yml" in step.argument
        if self.tap is not None and step.kind in scenario.PRINTING_STEPS and not unrecorded:
            command = describe(step, self.scenario)
            for message in self.tap.take():
                message.command = command
                self.recorded.append(message)

    def clean_up(self):
        super().clean_up()
        if self.tap is not None:
            self.tap.close()


def describe(step: scenario.Step, one: scenario.Scenario) -> str:
    if step.kind not in scenario.CLIENT_STEPS:
        return "(sent directly)"
    words = step.argument
    if step.kind == "join":
        started = [each.argument for each in one.steps if each.kind == "&"]
        words = next(each for each in started if each.startswith(words + " ")).partition(" ")[2]
    return words.replace("-c /tmp/q/client.yml ", "").replace("{LF}", "\\n")


def name_of(message: Message, number: int) -> str:
    if number < 2:
        return ("handshake-secret", "handshake-version")[number]
    try:
        value = wire.decode(message.payload)
    except (wire.WireError, UnicodeDecodeError):
        return BROKEN
    name = value
    if isinstance(value, dict):
        name, body = next(iter(value.items()))
        if message.direction == "c2d":
            inner = body.get("tasks", body.get("target")) if isinstance(body, dict) else body
            if name in ("Env", "Group"):
                inner = body
            if isinstance(inner, dict) and inner:
                inner = next(iter(inner))
            if isinstance(inner, str):
                name = f"{name}.{inner}"
    return name


def value_of(message: Message, number: int) -> str:
    if number < 2:
        return wire.to_text(message.payload.decode(errors="replace"), compact=False)
    try:
        return wire.to_text(wire.decode(message.payload), compact=False)
    except (wire.WireError, UnicodeDecodeError):
        return ""


def canonical(payload: bytes) -> bytes:
    """Equal for messages that differ in the order of environments alone: they share a file, so that
    the numbers of the files are the same in every recording."""
    try:
        return wire.encode(wire.with_sorted_environments(wire.decode(payload)))
    except (wire.WireError, UnicodeDecodeError):
        return payload


def write(messages: list[Message], stream: list[tuple[str, bytes]], target: Path):
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.hex"):
        old.unlink()
    files: dict[tuple[str, bytes], str] = {}
    rows = []
    for number, message in enumerate(messages):
        if message.payload is None:
            row = ["-", message.direction, "(closed without an answer)", message.command, "", ""]
            rows.append("\t".join(row))
            continue
        name = name_of(message, number)
        key = (message.direction, canonical(message.payload))
        if key not in files:
            word = "broken" if name == BROKEN else name
            files[key] = f"{len(files) + 1:03}-{message.direction}-{word}.hex"
            (target / files[key]).write_text(message.payload.hex() + "\n")
        row = [files[key], message.direction, name, message.command, f"{len(message.payload)}"]
        rows.append("\t".join([*row, value_of(message, number)]))
    (target / "index.tsv").write_text(HEADER + "\n".join(rows) + "\n")
    marks = {"c2d": ">", "d2c": "<"}
    lines = [f"{marks[direction]} {data.hex()}" for direction, data in stream]
    text = "# The bytes of `pueue status`: > client to daemon, < daemon to client.\n"
    (target / "session-status.hex").write_text(text + "\n".join(lines) + "\n")


def record(session: Path, target: Path) -> int:
    """Plays the session and writes the files; returns how many parts of it failed."""
    messages: list[Message] = []
    streams = []
    failed = 0
    parts = scenario.load(session)
    observed = workers.map_in_sandboxes(observe, parts, 1)
    for part, (transcript, heard, stream) in zip(parts, observed):
        if transcript.error is not None:
            print(f"{part.name}: {transcript.error}\n{transcript.log}", file=sys.stderr)
            failed += 1
        # The handshake of the first part stands for all.
        messages += heard[2:] if streams else heard
        streams.append(stream)
    if not failed:
        write(messages, streams[0], target)
    return failed


def observe(part: scenario.Scenario) -> tuple[Transcript, list[Message], list[tuple[str, bytes]]]:
    player = TappedPlayer(part)
    try:
        transcript = player.play()
        return transcript, player.recorded, player.tap.conversations[0].runs
    finally:
        player.clean_up()
