"""The machine itself, measured around every block: what no program can be faster than."""

import statistics
import subprocess
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "controls"


class Controls:
    """The C programs below bench/controls, built into `directory`."""

    def __init__(self, directory: Path):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for source in SOURCES.glob("*.c"):
            command = ["cc", "-std=gnu11", "-O2", "-static", "-o", self.path(source.stem), source]
            subprocess.run(command, check=True)

    def path(self, name: str) -> Path:
        return self.directory / name

    def _run(self, name: str, *arguments: object) -> list[float]:
        command = [str(self.path(name)), *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return [float(line) for line in done.stdout.split()]

    def spawn_rate(self, count: int, workers: int) -> float:
        """C1: `sh -c true` per second."""
        return self._run("spawn", count, workers)[0]

    def round_trips(self, scratch: Path) -> float:
        """C2: median microseconds of connecting and two round trips."""
        return statistics.median(self._run("roundtrip", 200, scratch))

    def append_and_sync(self, scratch: Path) -> float:
        """C3: median microseconds of an append made durable."""
        return statistics.median(self._run("sync", 200, scratch))

    def empty_program(self) -> float:
        """C4: median microseconds of running a program that does nothing."""
        return statistics.median(self.repeat(100, [str(self.path("empty"))], {}))

    def repeat(self, count: int, command: list[str], environment: dict[str, str]) -> list[float]:
        """Microseconds of each run of a command; every exit code has to be 0."""
        done = subprocess.run(
            [self.path("repeat"), str(count), *command],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            check=True,
        )
        return [float(line) for line in done.stdout.split()]
