"""Checks that are no scenario.

A module in checks/ lists its functions in CHECKS, and in COMPARISONS those that need the reference
beside our programs. Each runs in a sandbox of its own and raises CheckFailed.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import sandbox
from harness.daemon import Daemon, neutral_config, write_config
from harness.programs import our_directory

PAIRING = "O/O"


class CheckFailed(Exception):
    """What was promised does not hold."""


@dataclass
class Check:
    """Named `checks/MODULE/FUNCTION`; a worker finds the function by that name."""

    name: str
    path: Path
    needs_reference: bool

    def pairings(self) -> list[str]:
        return [PAIRING]

    def function(self) -> Callable[[], None]:
        wanted = self.name.rpartition("/")[2]
        return next(each for each, _ in _load(self.path) if _spoken(each) == wanted)


def load_all(directory: Path) -> list[Check]:
    return [
        Check(f"checks/{path.stem}/{_spoken(function)}", path, needs_reference)
        for path in sorted(directory.glob("*.py"))
        for function, needs_reference in _load(path)
    ]


def _load(path: Path) -> list[tuple[Callable[[], None], bool]]:
    """Functions, and whether they need the reference."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    checks = [(function, False) for function in getattr(module, "CHECKS", [])]
    return checks + [(function, True) for function in getattr(module, "COMPARISONS", [])]


def _spoken(function: Callable) -> str:
    return function.__name__.replace("_", "-")


def run(check: Check) -> str:
    """Why it failed, or nothing."""
    sandbox.empty()
    try:
        check.function()()
        return ""
    except CheckFailed as error:
        return str(error)
    except Exception as error:  # A check that breaks has not shown what it is there for.
        return f"{type(error).__name__}: {error}"
    finally:
        sandbox.kill_descendants()
        sandbox.empty()


def expect(condition: bool, otherwise: str):
    if not condition:
        raise CheckFailed(otherwise)


def our_daemon(uses_tcp: bool = False) -> Daemon:
    """Not started yet; everything below /tmp/q."""
    return daemon_of(our_directory(), {}, uses_tcp)


def daemon_of(
    programs: Path, settings: dict[str, dict[str, str]], uses_tcp: bool = False
) -> Daemon:
    """The same in any directory of programs; all of one check have the same files."""
    root = sandbox.ROOT
    (root / "data").mkdir(exist_ok=True)
    config = neutral_config(root) | settings
    if uses_tcp:
        config["shared"]["use_unix_socket"] = "false"
    write_config(root / "pueue.yml", config)
    log = root / "daemon.log"
    return Daemon(programs / "pueued", root / "pueue.yml", root / "data", log, uses_tcp)
