"""One run of a client: pipes or a terminal around it, and what came out."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass, field
from pathlib import Path


class CommandTimeout(Exception):
    """A command that did not end."""


@dataclass
class Surroundings:
    """Everything about a client's start that steps can change."""

    environment: dict[str, str]
    directory: Path
    columns: int | None = None
    input: bytes | None = None


@dataclass
class Command:
    process: subprocess.Popen
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    threads: list[threading.Thread] = field(default_factory=list)

    @staticmethod
    def start(arguments: list[str], program: Path | str, around: Surroundings) -> "Command":
        terminal = None if around.columns is None else open_terminal(around.columns)
        stdin = subprocess.DEVNULL if around.input is None else subprocess.PIPE
        process = subprocess.Popen(
            arguments,
            executable=program,
            env=around.environment,
            cwd=around.directory,
            stdin=stdin if terminal is None else terminal[1],
            stdout=subprocess.PIPE if terminal is None else terminal[1],
            stderr=subprocess.PIPE,
            # Away from the terminal the tests are run in: the clients would measure that one.
            start_new_session=True,
        )
        command = Command(process)
        if terminal is None:
            command._collect(process.stdout.fileno(), command.stdout)
            if around.input is not None:
                command._in_background(_feed, process.stdin, around.input)
        else:
            os.close(terminal[1])
            command._collect(terminal[0], command.stdout)
        command._collect(process.stderr.fileno(), command.stderr)
        return command

    def _in_background(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _collect(self, descriptor: int, into: bytearray):
        self._in_background(_drain, os.dup(descriptor), into)

    def finish(self, deadline: float = 60.0) -> int:
        """Waits for the end of the process and of its output; returns the exit code."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            said = bytes(self.stdout[-300:] + self.stderr[-300:]).decode(errors="replace")
            raise CommandTimeout(
                f"{self.process.args} did not end in {deadline} s, last words: {said}"
            ) from None
        for thread in self.threads:
            thread.join(deadline)
            if thread.is_alive():
                raise CommandTimeout(f"{self.process.args} ended, its output did not")
        return code


def open_terminal(columns: int) -> tuple[int, int]:
    """Both ends of a pseudo terminal without echo and output post-processing."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    return master, slave


def _drain(descriptor: int, into: bytearray):
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # The last user of a terminal has gone: EIO.
            break
        if not data:
            break
        into += data
    os.close(descriptor)


def _feed(stream, data: bytes):
    try:
        stream.write(data)
        stream.close()
    except BrokenPipeError:
        pass
