"""Clients that are broken, slow, silent or hostile: our daemon goes on, and serves the others."""

import contextlib
import random
import resource
import socket
import struct
from pathlib import Path

from harness import wire
from harness.check import CheckFailed, expect, our_daemon
from harness.daemon import DEFAULT_PORT, Daemon
from harness.programs import TREE

DEADLINE_SECONDS = 30.0
SILENT = GOOD = 500
RANDOM_FRAMES = 10_000
MIB = 1 << 20


class Crowd(contextlib.ExitStack):
    """A daemon, and connections to it that end with the check."""

    def __init__(self, uses_tcp: bool = False):
        super().__init__()
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.daemon: Daemon = our_daemon(uses_tcp)
        self.daemon.start()
        self.secret = (self.daemon.directory / "shared_secret").read_bytes()

    def stranger(self) -> wire.Connection:
        address = self.daemon.address
        return self.enter_context(wire.Connection(address, timeout=DEADLINE_SECONDS))

    def client(self) -> wire.Connection:
        address = self.daemon.address
        return self.enter_context(wire.Connection(address, self.secret, DEADLINE_SECONDS))

    def expect_service(self):
        """A client that behaves gets its answer."""
        with wire.Connection(self.daemon.address, self.secret, DEADLINE_SECONDS) as connection:
            reply = connection.ask({"Group": "List"})
        expect("Group" in (reply or {}), f"a good client got {reply!r}")
        expect(self.daemon.process.poll() is None, "the daemon has ended")

    def memory(self) -> int:
        statm = Path(f"/proc/{self.daemon.process.pid}/statm").read_text().split()
        return int(statm[1]) * resource.getpagesize()


def expect_closed(connection: wire.Connection, who: str):
    try:
        left = connection.receive()
    except TimeoutError:
        raise CheckFailed(f"{who} is still connected after {DEADLINE_SECONDS} s") from None
    except wire.WireError:
        return  # in the middle of a reply
    expect(left is None, f"{who} got {left!r}")


def recorded_requests() -> list[bytes]:
    files = sorted((TREE / "tests" / "golden" / "wire").glob("*-c2d-*.hex"))
    return [bytes.fromhex(path.read_text()) for path in files if "handshake" not in path.name]


def a_thousand_connections_half_of_them_silent():
    """The others are served at once, and the silent ones go when their time is over."""
    with Crowd() as crowd:
        silent = [crowd.stranger() for _ in range(SILENT)]
        for number, connection in enumerate(silent):
            connection.send_raw(wire.frame(crowd.secret)[: number % 100])
        good = [crowd.client() for _ in range(GOOD)]
        for connection in good:
            connection.send(wire.encode("Status"))
        for connection in good:
            expect("Status" in wire.decode(connection.receive()), "no status")
        for connection in silent:
            expect_closed(connection, "a silent peer")
        for connection in good:
            expect("Group" in connection.ask({"Group": "List"}), "the idle ones were closed, too")


def silent_tls_peers_hold_nobody_up():
    """Each handshake is its connection's own affair. (4.0.4 makes one after the other.)"""
    with Crowd(uses_tcp=True) as crowd:
        address = ("127.0.0.1", DEFAULT_PORT)
        silent = [
            crowd.enter_context(socket.create_connection(address, DEADLINE_SECONDS))
            for _ in range(100)
        ]
        hello = bytes.fromhex("16030100c8010000c40303")  # the beginning of one
        for number, stream in enumerate(silent):
            stream.sendall((b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", hello)[number % 4])
        without_secret = crowd.stranger()
        for _ in range(5):
            crowd.expect_service()
        for stream in silent:
            with contextlib.suppress(ConnectionResetError):
                while stream.recv(4096):
                    pass  # an alert, perhaps
        expect_closed(without_secret, "a silent peer behind TLS")


def wrong_secrets_delay_nobody():
    with Crowd() as crowd:
        guessing = [crowd.stranger() for _ in range(SILENT)]
        for connection in guessing:
            connection.send(b"x" * 512)
        crowd.expect_service()  # in less time than all their delays together
        for connection in guessing:
            expect_closed(connection, "a guesser")


def readers_that_stop_reading():
    """Many requests of one client cost the memory of one answer; everybody else is served."""
    with Crowd() as crowd:
        client = crowd.client()
        for _ in range(100):
            client.ask({"Add": wire_add("true", {"FILLER": "x" * 50_000})})
        client.send(wire.encode("Status"))
        size = len(client.receive())
        expect(size > 4 * MIB, f"a status has only {size} bytes")
        before = crowd.memory()
        stopped = [crowd.client() for _ in range(4)]
        requests = wire.frame(wire.encode("Status")) * 1000
        for connection in stopped:
            connection.send_raw(requests)
        for _ in range(20):
            crowd.expect_service()
        expect("Status" in client.ask("Status"), "no status")
        growth = crowd.memory() - before
        expect(growth < (len(stopped) + 2) * size + 16 * MIB, f"grew by {growth >> 20} MiB")


def frames_cut_at_every_byte():
    """The request is not carried out, and nothing is left of the connection."""
    with Crowd() as crowd:
        request = {"Group": {"Add": {"name": "never", "parallel_tasks": 1}}}
        frame = wire.frame(wire.encode(request))
        for size in range(len(frame)):
            with wire.Connection(str(crowd.daemon.socket), crowd.secret) as connection:
                connection.send_raw(frame[:size])
                connection.end_of_requests()
                expect_closed(connection, f"a frame cut to {size} bytes")
        secret = wire.frame(crowd.secret)
        for size in range(len(secret)):
            with wire.Connection(str(crowd.daemon.socket)) as connection:
                connection.send_raw(secret[:size])
                connection.end_of_requests()
                expect_closed(connection, f"a secret cut to {size} bytes")
        crowd.expect_service()
        expect(list(crowd.daemon.state()["groups"]) == ["default"], "a cut request was carried out")


def announced_sizes_cost_nothing():
    with Crowd() as crowd:
        crowd.expect_service()
        before = crowd.memory()
        for size in (2**63, 2**64 - 1, 2**40, 64 * MIB + 1):
            connection = crowd.client()
            connection.send_raw(struct.pack(">Q", size))
            expect_closed(connection, f"{size} bytes announced in a session")
        for size in (2**63, 2**64 - 1, 4 * MIB + 1):
            connection = crowd.stranger()
            connection.send_raw(struct.pack(">Q", size))
            expect_closed(connection, f"{size} bytes announced as a secret")
        for _ in range(100):
            crowd.client().send_raw(struct.pack(">Q", 64 * MIB) + b"\xa1")
            crowd.stranger().send_raw(struct.pack(">Q", 4 * MIB) + b"x" * 100_000)
        crowd.expect_service()
        growth = crowd.memory() - before
        expect(growth < 32 * MIB, f"grew by {growth >> 20} MiB")


def random_frames():
    """Recorded requests with some bytes changed: no crash, and no growth after the first half."""
    with Crowd() as crowd:
        rng = random.Random(4)
        # Nothing that could run for long, or end the daemon.
        seeds = [
            request
            for request in recorded_requests()
            if not any(word in request for word in (b"Shutdown", b"Add", b"Start", b"Stream"))
        ]
        expect(len(seeds) > 50, f"only {len(seeds)} recorded requests")
        closed = half = 0
        connection = crowd.client()
        for number in range(RANDOM_FRAMES):
            if not is_answered(connection, changed(rng, rng.choice(seeds))):
                closed += 1
                connection.close()
                connection = crowd.client()
            if number == RANDOM_FRAMES // 2:
                half = crowd.memory()
        crowd.expect_service()
        growth = crowd.memory() - half
        expect(growth < 8 * MIB, f"grew by {growth >> 10} KiB")
        expect(RANDOM_FRAMES // 10 < closed < RANDOM_FRAMES * 9 // 10, f"closed {closed} times")


def is_answered(connection: wire.Connection, payload: bytes) -> bool:
    try:
        connection.send(payload)
    except (BrokenPipeError, ConnectionResetError):
        return False  # closed behind the answer before
    return connection.receive() is not None


def changed(rng: random.Random, payload: bytes) -> bytes:
    data = bytearray(payload)
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at] = rng.randrange(256)
            case _:
                del data[at : at + rng.randrange(1, 4)]
        if not data:
            return b"\xff"
    return bytes(data)


def wire_add(command: str, environment: dict[str, str]) -> dict:
    return {
        "command": command,
        "path": "/",
        "envs": environment,
        "start_immediately": False,
        "stashed": True,
        "group": "default",
        "dependencies": [],
    }


CHECKS = [
    a_thousand_connections_half_of_them_silent,
    silent_tls_peers_hold_nobody_up,
    wrong_secrets_delay_nobody,
    readers_that_stop_reading,
    frames_cut_at_every_byte,
    announced_sizes_cost_nothing,
    random_frames,
]
