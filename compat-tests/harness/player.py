"""Plays a scenario with a pairing of programs in the sandbox; notes what each step printed."""

import re
import shlex
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness import sandbox, wire
from harness.command import Command, CommandTimeout, Surroundings
from harness.daemon import Daemon, DaemonError, neutral_config, write_config
from harness.programs import Programs
from harness.scenario import CLIENT_STEPS, WIRE_STEPS, Output, Scenario, Step, to_text, unescape
from harness.scripted_daemon import ScriptedDaemon

ROOT = sandbox.ROOT
CONFIG = ROOT / "pueue.yml"
OUR_CONFIG = ROOT / "pueue.toml"
# Steps before the first of these take effect before the daemon starts.
FIRST_USE = CLIENT_STEPS | WIRE_STEPS | {"until", "sleep"}
POLL_SECONDS = 0.02
STATUS_DEADLINE = 20.0
REPLY_DEADLINE = 10.0
ADD_DEFAULTS = {
    "command": "true",
    "path": "/tmp/q",
    "envs": {"PATH": "/usr/bin:/bin"},
    "start_immediately": False,
    "stashed": False,
    "group": "default",
    "enqueue_at": None,
    "dependencies": [],
    "priority": None,
    "label": None,
}


REPEATED = re.compile(r"\{REPEAT (\d+) (.)\}")


class StepFailed(Exception):
    """A step that could not be carried out, whatever it would have printed."""


@dataclass
class Transcript:
    """Outputs by step number; why it ended early; what the daemon had to say."""

    outputs: dict[int, Output] = field(default_factory=dict)
    error: str | None = None
    log: str = ""


def play(scenario: Scenario, pairing: str, is_strict: bool = True) -> Transcript:
    player = Player(scenario, Programs.of(pairing), is_strict)
    try:
        return player.play()
    finally:
        player.clean_up()


class Player:
    def __init__(self, scenario: Scenario, programs: Programs, is_strict: bool = True):
        sandbox.empty()
        (ROOT / "data").mkdir()
        self.scenario = scenario
        self.programs = programs
        self.is_strict = is_strict
        self.scratch = Path(tempfile.mkdtemp(prefix="pueue-compat-run-"))
        self.path_with_client = self._make_path()
        self.config = neutral_config(ROOT)
        self.around = Surroundings(client_environment(), ROOT)
        self.daemon: Daemon | None = None
        self.daemon_environment: dict[str, str] = {}
        self.daemon_wanted = True
        self.scripted: ScriptedDaemon | None = None
        self.background: dict[str, Command] = {}
        self.connection: wire.Connection | None = None

    def _make_path(self) -> str:
        directory = self.scratch / "bin"
        directory.mkdir()
        (directory / "pueue").symlink_to(self.programs.client)
        (directory / "pueued").symlink_to(self.programs.daemon)
        return f"{directory}:/usr/bin:/bin"

    def play(self) -> Transcript:
        transcript = Transcript()
        write_config(CONFIG, self.config)
        if self.is_strict:
            OUR_CONFIG.write_text('compat = "strict"\n')
        step = None
        try:
            for number, step in enumerate(self.scenario.steps):
                if step.kind in FIRST_USE:
                    self._have_a_daemon()
                output = STEPS[step.kind](self, step)
                if output is not None:
                    transcript.outputs[number] = output
                self.after(step)
            self._stop_daemon()
        except (StepFailed, DaemonError, CommandTimeout, wire.WireError, OSError) as error:
            where = "at the end" if step is None else f"line {step.line + 1}"
            transcript.error = f"{where}: {type(error).__name__}: {error}"
        log = self.scratch / "daemon.log"
        if log.exists():
            transcript.log = log.read_text(errors="replace")
        return transcript

    def after(self, step: Step):
        """For players that watch."""

    def clean_up(self):
        if self.connection is not None:
            self.connection.close()
        sandbox.kill_descendants()
        if self.scripted is not None:
            self.scripted.close()
        sandbox.empty()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # The daemon

    def _have_a_daemon(self):
        if self.daemon is not None or not self.daemon_wanted or self.scenario.scripted:
            return
        uses_tcp = self.config["shared"]["use_unix_socket"] == "false"
        self.daemon = Daemon(
            self.programs.daemon, CONFIG, ROOT / "data", self.scratch / "daemon.log", uses_tcp
        )
        self.daemon.environment |= self.daemon_environment
        self.daemon.start()

    def _stop_daemon(self):
        if self.daemon is not None and self.daemon.running:
            self.daemon.stop()

    def _the_daemon(self) -> Daemon:
        if self.daemon is None:
            raise StepFailed("there is no daemon")
        return self.daemon

    def _script(self) -> ScriptedDaemon:
        if self.scripted is None:
            (ROOT / "data" / "shared_secret").write_text("sekret")
            self.scripted = ScriptedDaemon(ROOT / "data" / "pueue.socket")
        return self.scripted

    # Steps that prepare

    def set_config(self, step: Step):
        key, _, value = step.argument.partition(": ")
        section, _, name = key.partition(".")
        self.config.setdefault(section, {})[name] = value
        write_config(CONFIG, self.config)

    def control_daemon(self, step: Step):
        if step.argument == "off":
            self.daemon_wanted = False
        elif step.argument == "start":
            self._the_daemon().start()
        elif step.argument == "stop":
            self._the_daemon().stop()
        elif step.argument == "kill":
            self._the_daemon().kill()
        elif step.argument.startswith("env "):
            name, _, value = step.argument[4:].partition("=")
            self.daemon_environment[name] = value
        else:
            raise StepFailed(f"unknown word: daemon {step.argument}")

    def set_environment(self, step: Step):
        if step.argument.startswith("-"):
            self.around.environment.pop(step.argument[1:], None)
        else:
            name, _, value = step.argument.partition("=")
            self.around.environment[name] = value

    def change_directory(self, step: Step):
        self.around.directory = Path(step.argument)

    def set_terminal(self, step: Step):
        self.around.columns = None if step.argument == "off" else int(step.argument)

    def set_input(self, step: Step):
        self.around.input = unescape(step.argument).encode(errors="surrogateescape")

    def write_file(self, step: Step):
        path = ROOT / step.argument
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(step.body.encode(errors="surrogateescape"))

    def copy_file(self, step: Step):
        shutil.copy(self.scenario.path.parent / step.argument, ROOT)

    def run_quietly(self, step: Step):
        done = subprocess.run(
            ["sh", "-c", step.argument],
            env=self.around.environment,
            cwd=self.around.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise StepFailed(f"{step.argument!r} failed: {to_text(done.stderr).strip()}")

    def wait_for_status(self, step: Step):
        task_id, status = step.argument.split()
        give_up = time.monotonic() + STATUS_DEADLINE
        while (current := self._the_daemon().status_of(int(task_id))) != status:
            if time.monotonic() > give_up:
                raise StepFailed(f"task {task_id} is {current}, not {status}")
            time.sleep(POLL_SECONDS)

    def sleep(self, step: Step):
        time.sleep(float(step.argument))

    def set_strictness(self, step: Step):
        if step.argument != "off":
            raise StepFailed(f"unknown word: strict {step.argument}")
        OUR_CONFIG.unlink(missing_ok=True)

    def set_version(self, step: Step):
        self._script().set_version(step.argument)

    def add_reply(self, step: Step):
        self._script().add_reply(step.argument)

    def clear_replies(self, _: Step):
        self._script().clear()

    # Steps that run the client

    def run_client(self, step: Step) -> Output:
        return self._finish(self._start(client_words(step.argument), self.programs.client))

    def run_shell(self, step: Step) -> Output:
        environment = {**self.around.environment, "PATH": self.path_with_client}
        around = Surroundings(environment, self.around.directory)
        text = step.argument or step.body
        return self._finish(Command.start(["bash", "-c", text], "/bin/bash", around))

    def run_in_background(self, step: Step):
        name, _, words = step.argument.partition(" ")
        self.background[name] = self._start(client_words(words), self.programs.client)

    def join(self, step: Step) -> Output:
        command = self.background.pop(step.argument, None)
        if command is None:
            raise StepFailed(f"nothing called {step.argument} runs in the background")
        return self._finish(command)

    def _start(self, words: list[str], program: Path) -> Command:
        command = Command.start(words, program, self.around)
        self.around.input = None
        return command

    def _finish(self, command: Command) -> Output:
        code = command.finish()
        requests = [] if self.scripted is None else self.scripted.take_requests()
        return Output(
            to_text(bytes(command.stdout)), to_text(bytes(command.stderr)), code, requests
        )

    # Steps that speak to the daemon directly

    def hang_up(self, _: Step | None = None):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def connect(self, _: Step | None = None):
        self.hang_up()
        self.connection = wire.Connection(self._the_daemon().address, timeout=REPLY_DEADLINE)

    def _send(self, data: bytes):
        """On the connection there is, or on a new one after the handshake."""
        if self.connection is None:
            secret = (ROOT / "data" / "shared_secret").read_bytes()
            address = self._the_daemon().address
            self.connection = wire.Connection(address, secret, REPLY_DEADLINE)
        try:
            self.connection.send_raw(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The reply will show that the daemon has closed.

    def _exchange(self, data: bytes) -> Output:
        try:
            self._send(data)
        except (ConnectionRefusedError, FileNotFoundError, wire.WireError):
            return Output(messages=["< no daemon"])
        return Output(messages=self._reply())

    def send_request(self, step: Step) -> Output:
        return self._exchange(wire.frame(wire.encode(request_in(step))))

    def send_add(self, step: Step) -> Output:
        request = {"Add": ADD_DEFAULTS | request_in(step)}
        return self._exchange(wire.frame(wire.encode(request)))

    def send_frame(self, step: Step) -> Output:
        return self._exchange(wire.frame(bytes.fromhex(step.argument)))

    def send_bytes(self, step: Step) -> Output:
        return self._exchange(bytes.fromhex(step.argument))

    def send_only(self, step: Step):
        self._send(wire.frame(wire.encode(request_in(step))))

    def wait_for_end(self, _: Step) -> Output:
        """The daemon ends by itself; shows its exit code."""
        try:
            code = self._the_daemon().process.wait(STATUS_DEADLINE)
        except subprocess.TimeoutExpired:
            raise StepFailed("the daemon does not end") from None
        return Output(code=code)

    def receive(self, _: Step) -> Output:
        return Output(messages=self._reply())

    def shake_hands(self, step: Step) -> Output:
        self.connect()
        return self._exchange(wire.frame(bytes.fromhex(step.argument)))

    def end_sending(self, step: Step) -> Output:
        """Everything that still comes until the daemon closes."""
        self._send(bytes.fromhex(step.argument))
        self.connection.end_of_requests()
        messages = []
        while messages[-1:] != ["< closed"]:
            messages += self._reply()
        return Output(messages=messages)

    def _reply(self) -> list[str]:
        """One reply; where a log is streamed, all of it as one text and then the last message."""
        streamed: dict[int, str] = {}
        while True:
            reply = self._message()
            if not (isinstance(reply, dict) and "Stream" in reply):
                break
            for task_id, text in reply["Stream"]["logs"].items():
                streamed[task_id] = streamed.get(task_id, "") + text
        log = [f'< {wire.to_text({"Stream": {"logs": streamed}})}'] if streamed else []
        return [*log, f"< {reply if isinstance(reply, Word) else wire.to_text(reply)}"]

    def _message(self):
        """A decoded reply, or a Word for what is none."""
        if self.connection is None:
            return Word("closed")
        try:
            payload = self.connection.receive()
        except TimeoutError:
            raise StepFailed(f"no reply within {REPLY_DEADLINE} s") from None
        if payload is None:
            self.hang_up()
            return Word("closed")
        if self.connection.version is None:
            self.connection.version = payload
            return Word(f"version {to_text(payload)}")
        return wire.readable(wire.decode(payload))


def request_in(step: Step):
    """What would be too long to write down is `{REPEAT N C}`."""
    return wire.from_text(REPEATED.sub(lambda match: match[2] * int(match[1]), step.argument))


class Word(str):
    """Said about a connection, not by the peer."""


def client_environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": f"{ROOT}",
        "TZ": "UTC",
        "PUEUE_CONFIG_PATH": f"{CONFIG}",
    }


def client_words(line: str) -> list[str]:
    words = shlex.split(line)
    if words[:1] != ["pueue"]:
        raise StepFailed(f"not a pueue command: {line}")
    special = {"{LF}": "\n", "{TAB}": "\t", "{ESC}": "\x1b"}
    for mark, char in special.items():
        words = [word.replace(mark, char) for word in words]
    return words


STEPS = {
    "config": Player.set_config,
    "daemon": Player.control_daemon,
    "env": Player.set_environment,
    "cwd": Player.change_directory,
    "tty": Player.set_terminal,
    "stdin": Player.set_input,
    "file": Player.write_file,
    "copy": Player.copy_file,
    "sh": Player.run_quietly,
    "until": Player.wait_for_status,
    "sleep": Player.sleep,
    "strict": Player.set_strictness,
    "version": Player.set_version,
    "reply": Player.add_reply,
    "clear": Player.clear_replies,
    "$": Player.run_client,
    "$sh": Player.run_shell,
    "$script": Player.run_shell,
    "&": Player.run_in_background,
    "join": Player.join,
    ">": Player.send_request,
    "add": Player.send_add,
    "frame": Player.send_frame,
    "bytes": Player.send_bytes,
    "send": Player.send_only,
    "receive": Player.receive,
    "handshake": Player.shake_hands,
    "connect": Player.connect,
    "end": Player.end_sending,
    "hang-up": Player.hang_up,
    "ended": Player.wait_for_end,
}
