"""One daemon in the sandbox: start, readiness, stop, kill."""

import signal
import subprocess
import time
from pathlib import Path

from harness import wire

DEFAULT_PORT = 6924
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp/q", "TZ": "UTC"}


class DaemonError(Exception):
    """The daemon did not do what every scenario needs: start, listen, stop."""


class Daemon:
    """Runs one program with one configuration file, possibly several times in a row."""

    def __init__(
        self, program: Path, config: Path, directory: Path, log: Path, uses_tcp: bool = False
    ):
        self.program = program
        self.config = config
        self.directory = directory
        self.log = log
        self.uses_tcp = uses_tcp
        self.environment = dict(ENVIRONMENT)
        self.options: list[str] = []
        self.process: subprocess.Popen | None = None

    @property
    def socket(self) -> Path:
        return self.directory / "pueue.socket"

    @property
    def address(self) -> str | wire.TlsAddress:
        if self.uses_tcp:
            certificate = self.directory / "certs" / "daemon.cert"
            return wire.TlsAddress("127.0.0.1", DEFAULT_PORT, str(certificate))
        return str(self.socket)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, deadline: float = 15.0):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["pueued", "--config", self.config, *self.options],
                executable=self.program,
                env=self.environment,
                cwd=self.config.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + deadline
        while not self._answers():
            if self.process.poll() is not None:
                raise DaemonError(f"{self.program} ended at start: {self._last_words()}")
            if time.monotonic() > give_up:
                raise DaemonError(f"{self.program} does not listen: {self._last_words()}")
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with wire.Connection(self.address):
                return True
        except OSError:
            return False

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self, deadline: float = 15.0):
        """SIGTERM, then waits for the end."""
        self._end(signal.SIGTERM, deadline)

    def kill(self):
        """SIGKILL: the crash that must lose nothing."""
        self._end(signal.SIGKILL, 5.0)

    def _end(self, number: signal.Signals, deadline: float):
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise DaemonError(f"{self.program} did not end in {deadline} s") from None
        self.process = None

    def connect(self, secret: bytes | None = None) -> wire.Connection:
        if secret is None:
            secret = (self.directory / "shared_secret").read_bytes()
        return wire.Connection(self.address, secret)

    def state(self) -> dict:
        with self.connect() as connection:
            reply = connection.ask("Status")
        if not isinstance(reply, dict) or "Status" not in reply:
            raise DaemonError(f"no answer to Status: {reply!r}")
        return reply["Status"]

    def status_of(self, task_id: int) -> str | None:
        task = self.state()["tasks"].get(task_id)
        return None if task is None else next(iter(task["status"]))


def write_config(path: Path, sections: dict[str, dict[str, str]]):
    """Values are YAML, written as they are."""
    lines = []
    for section, keys in sections.items():
        lines.append(f"{section}:")
        lines += [f"  {key}: {value}" for key, value in keys.items()]
    path.write_text("\n".join(lines) + "\n")


def neutral_config(root: Path) -> dict[str, dict[str, str]]:
    data = root / "data"
    return {
        "shared": {
            "pueue_directory": f"{data}",
            "runtime_directory": f"{data}",
            "use_unix_socket": "true",
            "unix_socket_path": f"{data}/pueue.socket",
        }
    }
