"""The workloads: each returns what one block of it measured with one subject."""

import time
from pathlib import Path

from workloads.controls import Controls
from workloads.subject import Subject


def add_latency(subject: Subject, controls: Controls, count: int) -> list[float]:
    """Microseconds of whole `pueue add` processes. The group is paused, so nothing else runs."""
    command = subject.client_command("add", "--", "true")
    return controls.repeat(count, command, subject.client_environment())


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
