"""Where the programs under test are."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]


def cache_directory() -> Path:
    """Outside the tree, kept between runs: holds the reference binaries."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base:
        base = "/var/cache" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
    return Path(base) / "pueue-plus-plus"


def reference_directory() -> Path:
    given = os.environ.get("PUEUE_REF_DIR")
    return Path(given) if given else cache_directory() / "reference" / "bin"


def our_directory() -> Path:
    given = os.environ.get("OUR_DIR")
    return Path(given) if given else TREE / "build" / "release" / "bin"


@dataclass(frozen=True)
class Programs:
    """A client and a daemon; `R` is the reference, `O` is ours."""

    client: Path
    daemon: Path

    @staticmethod
    def of(pairing: str) -> "Programs":
        where = {"R": reference_directory(), "O": our_directory()}
        client, daemon = pairing.split("/")
        return Programs(where[client] / "pueue", where[daemon] / "pueued")

    def missing(self) -> list[Path]:
        return [path for path in (self.client, self.daemon) if not os.access(path, os.X_OK)]


REFERENCE_VERSION = "4.0.4"


def reference_problem() -> str | None:
    """Why the reference cannot be used, or None."""
    programs = Programs.of("R/R")
    for path in (programs.client, programs.daemon):
        if not os.access(path, os.X_OK):
            return f"{path} is missing"
        said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
        if said != f"{path.name} {REFERENCE_VERSION}":
            return f"{path} is '{said}', not {REFERENCE_VERSION}"
    return None
