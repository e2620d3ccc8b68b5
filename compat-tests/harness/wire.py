"""The wire as a third party sees it: CBOR values, their notation as text, frames, the handshake.

Written against recorded traffic, not against our codec, so that the two can disagree. Covers what
the protocol uses: integers, text, byte strings, arrays, maps, true, false, null; no floats, no
tags. Values are Python's: a map is a dict in wire order, an integer key stays an int.
"""

import json
import socket
import ssl
import struct
from dataclasses import dataclass

from harness import snappy

NULL, TRUE, FALSE, BREAK = 0xF6, 0xF5, 0xF4, 0xFF


class WireError(Exception):
    """The other side sent what the protocol does not allow."""


# CBOR


def encode(value) -> bytes:
    """The one deterministic form: definite lengths, shortest integers, map entries as given."""
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([TRUE if value else FALSE])
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return _head(3, len(data)) + data
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        entries = (encode(key) + encode(entry) for key, entry in value.items())
        return _head(5, len(value)) + b"".join(entries)
    raise TypeError(f"no CBOR form for {type(value).__name__}")


def _head(major: int, argument: int) -> bytes:
    for code, size in ((24, "B"), (25, "H"), (26, "I"), (27, "Q")):
        if code == 24 and argument < 24:
            return bytes([major << 5 | argument])
        if argument < 1 << 8 * struct.calcsize(size):
            return bytes([major << 5 | code]) + struct.pack(">" + size, argument)
    raise ValueError("integer beyond 64 bits")


def decode(data: bytes):
    """The first item of data; what follows it is ignored, as the protocol says."""
    value, _ = _decode(memoryview(data), 0)
    return value


def _decode(data: memoryview, at: int):
    if at >= len(data):
        raise WireError("CBOR ends too early")
    initial = data[at]
    simple = {NULL: None, TRUE: True, FALSE: False}
    if initial in simple:
        return simple[initial], at + 1
    major = initial >> 5
    argument, at = _argument(data, at)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major in (2, 3):
        if at + argument > len(data):
            raise WireError("CBOR string ends too early")
        raw = bytes(data[at : at + argument])
        return (raw if major == 2 else raw.decode()), at + argument
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _decode(data, at)
            items.append(item)
        return items, at
    if major == 5:
        entries = {}
        for _ in range(argument):
            key, at = _decode(data, at)
            entries[key], at = _decode(data, at)
        return entries, at
    raise WireError(f"CBOR item {initial:#04x} is not part of this protocol")


def _argument(data: memoryview, at: int):
    low = data[at] & 0x1F
    if low < 24:
        return low, at + 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low)
    if size is None or at + 1 + size > len(data):
        raise WireError("bad CBOR length")
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


# Values as text: JSON, plus unquoted integer keys and h'…' byte strings.


def to_text(value, compact: bool = True) -> str:
    comma, colon = (",", ":") if compact else (", ", ": ")
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return "[" + comma.join(to_text(item, compact) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (to_text(k, compact) + colon + to_text(v, compact) for k, v in value.items())
        return "{" + comma.join(pairs) + "}"
    return json.dumps(value, ensure_ascii=False)


def from_text(text: str):
    value, at = _parse(text, _skip_blanks(text, 0))
    if _skip_blanks(text, at) != len(text):
        raise ValueError(f"trailing text in {text!r}")
    return value


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _parse(text: str, at: int):
    if text.startswith("{", at):
        return _parse_list(text, at, "}")
    if text.startswith("[", at):
        return _parse_list(text, at, "]")
    if text.startswith("h'", at):
        end = text.index("'", at + 2)
        return bytes.fromhex(text[at + 2 : end]), end + 1
    return json.JSONDecoder().raw_decode(text, at)


def _parse_list(text: str, at: int, closing: str):
    items, entries = [], {}
    at = _skip_blanks(text, at + 1)
    while not text.startswith(closing, at):
        item, at = _parse(text, at)
        at = _skip_blanks(text, at)
        if closing == "}":
            if not text.startswith(":", at):
                raise ValueError(f"':' expected in {text!r}")
            entries[item], at = _parse(text, _skip_blanks(text, at + 1))
            at = _skip_blanks(text, at)
        else:
            items.append(item)
        if text.startswith(",", at):
            at = _skip_blanks(text, at + 1)
        elif not text.startswith(closing, at):
            raise ValueError(f"',' or '{closing}' expected in {text!r}")
    return (entries if closing == "}" else items), at + 1


# Frames and connections


def frame(payload: bytes) -> bytes:
    return struct.pack(">Q", len(payload)) + payload


def read_frame(stream: socket.socket) -> bytes | None:
    """The next payload, or None where the stream ends in front of a frame."""
    header = _read(stream, 8)
    if header is None:
        return None
    payload = _read(stream, struct.unpack(">Q", header)[0])
    if payload is None:
        raise WireError("the connection ended inside a frame")
    return payload


def _read(stream: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            if data:
                raise WireError("the connection ended inside a frame")
            return None
        data += piece
    return bytes(data)


@dataclass(frozen=True)
class TlsAddress:
    """A daemon behind TCP. As the stock client does, its certificate is compared with a file."""

    host: str
    port: int
    certificate: str

    def connect(self, stream: socket.socket) -> socket.socket:
        stream.connect((self.host, self.port))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificate)
        return context.wrap_socket(stream, server_hostname="pueue.local")


class Connection:
    """One connection to a unix socket or a TlsAddress. Without a `secret` the handshake is the
    caller's business."""

    version: bytes | None = None

    def __init__(
        self, address: str | TlsAddress, secret: bytes | None = None, timeout: float = 15.0
    ):
        is_tls = isinstance(address, TlsAddress)
        self.stream = socket.socket(socket.AF_INET if is_tls else socket.AF_UNIX)
        self.stream.settimeout(timeout)
        try:
            if is_tls:
                self.stream = address.connect(self.stream)
            else:
                self.stream.connect(address)
            if secret is not None:
                self.send(secret)
                self.version = self.receive()
                if self.version is None:
                    raise WireError("the daemon closed the connection during the handshake")
        except BaseException:
            self.stream.close()
            raise

    def send(self, payload: bytes):
        self.send_raw(frame(payload))

    def send_raw(self, data: bytes):
        self.stream.sendall(data)

    def receive(self) -> bytes | None:
        try:
            return read_frame(self.stream)
        except (ConnectionResetError, ssl.SSLEOFError):
            return None

    def ask(self, request):
        """Sends a request, returns the decoded response; None if the daemon closed instead."""
        self.send(encode(request))
        payload = self.receive()
        return None if payload is None else decode(payload)

    def end_of_requests(self):
        # Of the socket below: a TLS stream has no half that could be ended.
        socket.socket.shutdown(self.stream, socket.SHUT_WR)

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def readable(response):
    """A response in a comparable form: log output as text, because the daemon may compress and cut
    it as it likes, and the entries of environments sorted, because their order is random."""
    if isinstance(response, dict) and isinstance(response.get("Log"), dict):
        response = {"Log": {key: _plain_log(log) for key, log in response["Log"].items()}}
    return with_sorted_environments(response)


def _plain_log(log: dict) -> dict:
    if log.get("output") is None:
        return log
    plain = snappy.decompress(bytes(log["output"]))
    return {**log, "output": plain.decode(errors="backslashreplace")}


def with_sorted_environments(value):
    if isinstance(value, list):
        return [with_sorted_environments(item) for item in value]
    if isinstance(value, dict):
        return {
            key: dict(sorted(item.items())) if key == "envs" else with_sorted_environments(item)
            for key, item in value.items()
        }
    return value
