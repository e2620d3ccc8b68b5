"""A daemon that answers from a list, and tells what it was asked: for what no real daemon says."""

import socket
import threading
from pathlib import Path

from harness import wire


class ScriptedDaemon:
    """Serves one client after the other. A reply is a list of payloads; the last one repeats."""

    def __init__(self, path: Path):
        self.version: bytes | None = b"0.31.1"
        self.replies: list[list[bytes] | None] = []
        self.requests: list[str] = []
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.bind(str(path))
        self.stream.listen(16)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def set_version(self, text: str):
        self.version = None if text == "-" else bytes.fromhex(text)

    def add_reply(self, text: str):
        """`close`, `empty`, or one or more payloads in hex."""
        if text == "close":
            self.replies.append(None)
        elif text == "empty":
            self.replies.append([b""])
        else:
            self.replies.append([bytes.fromhex(word) for word in text.split()])

    def clear(self):
        self.replies = []

    def take_requests(self) -> list[str]:
        taken, self.requests = self.requests, []
        return taken

    def close(self):
        """Wakes the thread before the descriptor's number can become somebody else's."""
        self.stream.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.stream.close()

    def _serve(self):
        while True:
            try:
                peer, _ = self.stream.accept()
            except OSError:
                return
            with peer:
                try:
                    self._talk(peer)
                except (OSError, wire.WireError):
                    pass

    def _talk(self, peer: socket.socket):
        if wire.read_frame(peer) is None or self.version is None:
            return
        peer.sendall(wire.frame(self.version))
        answered = 0
        while (payload := wire.read_frame(peer)) is not None:
            self.requests.append("> " + describe_request(payload))
            if not self.replies:
                return
            reply = self.replies[min(answered, len(self.replies) - 1)]
            answered += 1
            if reply is None:
                return
            for piece in reply:
                peer.sendall(wire.frame(piece))


def describe_request(payload: bytes) -> str:
    """As text; environments differ from run to run and are emptied."""
    try:
        request = wire.decode(payload)
    except (wire.WireError, UnicodeDecodeError):
        return "h'" + payload.hex() + "'"
    if isinstance(request, dict):
        body = next(iter(request.values()))
        if isinstance(body, dict) and "envs" in body:
            body["envs"] = {}
    return wire.to_text(request)
