"""A pool of sandboxed processes, one scenario or check at a time in each."""

import concurrent.futures
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator

from harness import sandbox


def map_in_sandboxes(function: Callable, items: Iterable, jobs: int) -> Iterator:
    """Like map(), in order; serial where sandboxes cannot be kept apart."""
    isolate = sandbox.can_isolate()
    if not isolate and sandbox.ROOT.exists() and not os.access(sandbox.ROOT, os.W_OK):
        raise SystemExit(f"{sandbox.ROOT} belongs to somebody else, and needs root to be hidden")
    with tempfile.TemporaryDirectory(prefix="pueue-compat-") as scratch:
        with concurrent.futures.ProcessPoolExecutor(
            jobs if isolate else 1, initializer=sandbox.enter, initargs=(isolate, scratch)
        ) as pool:
            yield from pool.map(function, items)
