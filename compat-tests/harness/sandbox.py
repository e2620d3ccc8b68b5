"""A place where programs run as if alone: their own /tmp/q, and nothing of theirs outlives them.

The recorded outputs contain the path /tmp/q, so every run must see itself there. As root each worker process
gets a mount namespace with a directory of its own on /tmp/q, and several can run at once; without the right
to do that, /tmp/q itself is used and runs go one after the other.

Every process started below the worker stays findable: the worker adopts orphans, so `kill_descendants` reaches
daemons that went into the background, keepers and tasks alike.
"""

import ctypes
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

ROOT = Path("/tmp/q")

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_CHILD_SUBREAPER = 36


def can_isolate() -> bool:
    """Tried in a child, because leaving a mount namespace is not possible."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _libc.unshare(CLONE_NEWNS) == 0 else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def enter(isolate: bool, scratch: str):
    """Makes this process a worker: its descendants see an empty /tmp/q and never get lost.

    The directory behind /tmp/q is made below `scratch`, which the caller removes at the end.
    """
    _check(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")
    ROOT.mkdir(exist_ok=True)
    os.umask(0o022)
    if isolate:
        behind = tempfile.mkdtemp(dir=scratch)
        _check(_libc.unshare(CLONE_NEWNS), "unshare")
        _check(_libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
        _check(_libc.mount(behind.encode(), bytes(ROOT), None, MS_BIND, None), "mount /tmp/q")
    empty()


def _check(result: int, what: str):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def empty():
    """Leaves /tmp/q as an empty directory; the directory itself may be a mount point."""
    for path in ROOT.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def children() -> list[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(pid) for pid in text.split()]


def descendants(root: int | None = None) -> list[int]:
    """Every process below `root` (this process by default), children before their own children."""
    found: list[int] = []
    todo = [os.getpid() if root is None else root]
    while todo:
        try:
            text = Path(f"/proc/{todo[0]}/task/{todo[0]}/children").read_text()
        except OSError:
            text = ""
        below = [int(pid) for pid in text.split()]
        todo = todo[1:] + below
        found += below
    return found


def kill_descendants(deadline: float = 10.0):
    """Kills until nothing is left; orphans become children of this process and are reaped here."""
    give_up = time.monotonic() + deadline
    while remaining := children():
        for pid in remaining:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        if time.monotonic() > give_up:
            raise RuntimeError(f"processes that cannot be killed: {remaining}")


def leave():
    """Removes the mount point if nobody else uses it."""
    try:
        ROOT.rmdir()
    except OSError:
        pass
