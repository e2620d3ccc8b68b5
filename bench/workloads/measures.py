"""The workloads: each returns what one block of it measured with one subject."""

import subprocess
import time
from pathlib import Path

from harness import wire
from workloads.controls import Controls
from workloads.subject import Subject


def add_latency(subject: Subject, controls: Controls, count: int) -> list[float]:
    """Microseconds of whole `pueue add` processes. The group is paused, so nothing else runs."""
    command = subject.client_command("add", "--", "true")
    return controls.repeat(count, command, subject.client_environment())


def floor_command(subject: Subject, controls: Controls) -> list[str]:
    """A static C program that exchanges with the daemon what `pueue add -- true` does."""
    request = subject.add_request("true")
    request["Add"]["envs"] = subject.client_environment()
    secret = (subject.directory / "data" / "shared_secret").read_bytes()
    files = {"secret": wire.frame(secret), "request": wire.frame(wire.encode(request))}
    for name, content in files.items():
        (subject.directory / name).write_bytes(content)
    names = [str(subject.directory / name) for name in files]
    return [str(controls.path("floor")), str(subject.daemon.socket), *names]


def start_up(
    subject: Subject, controls: Controls, commands: dict[str, list[str]], rounds: int
) -> dict[str, list[float]]:
    """Microseconds of each program from start to end, in turns, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            # The first one finds the caches as its predecessor left them.
            times[name] += controls.repeat(4, command, subject.client_environment())[1:]
    return times


def adds_at_once(subject: Subject, count: int, processes: int) -> float:
    """Milliseconds per `pueue add -p`, run by `xargs -P`; every id has to be another one."""
    words = subject.client_command("add", "--print-task-id", "--", "true")
    started = time.monotonic()
    done = subprocess.run(
        ["xargs", "-P", str(processes), "-n", "1", *words],
        input="\n".join(map(str, range(count))),
        env=subject.client_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - started
    if len(set(done.stdout.split())) != count:
        raise RuntimeError(f"{subject.name}: not {count} different ids")
    return seconds * 1000 / count


def dispatch_rate(subject: Subject, count: int, slots: int) -> float:
    """No-op tasks per second, from the resume of the group to the start of the last task."""
    subject.pause()
    subject.parallel(slots)
    subject.add_all(["true"] * count)
    started = time.monotonic()
    subject.run_to_the_end()
    seconds = time.monotonic() - started
    results = [done["result"] for done in subject.finished()]
    if len(results) < count or any(result != "Success" for result in results):
        raise RuntimeError(f"{subject.name}: not all no-op tasks succeeded")
    return (count + 1) / seconds


def gaps(subject: Subject, stamp: Path, count: int) -> list[float]:
    """Microseconds from the end of a task to the beginning of the next, seen from inside."""
    subject.pause()
    subject.parallel(1)
    stamps = subject.directory / "stamps"
    subject.add_all([f"exec {stamp} {stamps} 20"] * count)
    subject.run_to_the_end()
    times = [tuple(map(int, line.split())) for line in stamps.read_text().splitlines()]
    if len(times) != count:
        raise RuntimeError(f"{subject.name}: {len(times)} of {count} tasks left a stamp")
    return [(begin - end) / 1000 for (_, end), (begin, _) in zip(times, times[1:])]
