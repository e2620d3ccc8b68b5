"""A place where programs run as if alone: their own /tmp/q, and nothing of theirs outlives them.

The recorded outputs contain the path /tmp/q, so every run must see itself there. As root each
worker process gets a mount namespace with a directory of its own on /tmp/q, and a network of its own, so
that several can run at once; without the right to do that, /tmp/q itself is used and runs go one
after the other.

Every process started below the worker stays findable: the worker adopts orphans, so
`kill_descendants` reaches daemons that went into the background, keepers and tasks alike.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import tempfile
import time
from pathlib import Path

ROOT = Path("/tmp/q")

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_CHILD_SUBREAPER = 36


def can_isolate() -> bool:
    """Tried in a child, because leaving a mount namespace is not possible."""
    child = os.fork()
    if child == 0:
        try:
            _leave_the_namespaces()
        except OSError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def enter(isolate: bool, scratch: str):
    """Makes this process a worker: its descendants see an empty /tmp/q and never get lost.

    The directory behind /tmp/q and whatever else this process makes for itself are below `scratch`,
    which the caller removes at the end.
    Without isolation this waits until no other run uses /tmp/q.
    """
    adopt_orphans()
    # Never removed again: that would take the mounts of other runs away with it.
    ROOT.mkdir(exist_ok=True)
    os.umask(0o022)
    tempfile.tempdir = scratch
    if isolate:
        behind = tempfile.mkdtemp()
        _leave_the_namespaces()
        make_mounts_private()
        _check(_libc.mount(behind.encode(), bytes(ROOT), None, MS_BIND, None), "mount /tmp/q")
    else:
        fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)
    empty()


def _leave_the_namespaces():
    """Mounts and network become this process's own. The new network has a loopback, and it is down."""
    _check(_libc.unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = bytearray(struct.pack("16sh14x", b"lo", 0))
        fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)
        flags = struct.unpack("16sh14x", request)[1] | IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def make_mounts_private():
    """What is mounted from now on is seen by nobody outside of this mount namespace.

    That is said of the root mount, and in a chroot `/` is a directory somewhere below it: so this
    goes out there for a moment. Out means: the present directory is above the root, and `..` from
    there ends at the top only.
    """
    here = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    os.chroot(tempfile.mkdtemp())
    os.fchdir(here)
    while not os.path.samefile(".", ".."):
        os.chdir("..")
    os.chroot(".")
    _check(_libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
    os.fchdir(here)
    os.chroot(".")
    os.close(here)


def adopt_orphans():
    """From now on what loses its parent below this process becomes a child of this process."""
    _check(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def mount(source: str, target: Path, kind: str, options: str):
    """mount(2), for what needs a descriptor of this process."""
    words = (source.encode(), bytes(target), kind.encode(), 0, options.encode())
    _check(_libc.mount(*words), f"mount {target}")


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


def children(pid: int | str = "self") -> list[int]:
    """The kernel lists children by the thread that made them."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:
            pass
    return found


def descendants() -> list[int]:
    """Every process below this one."""
    found: list[int] = []
    todo = children()
    while todo:
        found.append(todo.pop())
        todo += children(found[-1])
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


def reap():
    """Collects adopted orphans that have ended."""
    for pid in children():
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                os.waitpid(pid, os.WNOHANG)
        except (OSError, ChildProcessError):
            pass
