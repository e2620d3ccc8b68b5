#!/usr/bin/env python3
"""Writes unicode_tables.cpp: widths as the original client 4.0.4 counts them (asked from its binary, one code point at a
time, through a scripted daemon) and the classes of Unicode that graphemes are made of (from perl's tables).

    client/text/make_unicode_tables.py REFERENCE_PUEUE > client/text/unicode_tables.cpp
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

REPEATS = 12  # in a cell, so that the header ("Label", 5 columns) does not decide its width
BLOCK = 3000
PLANES = [(0x00, 0x20000), (0x20000, 0x20010), (0x2FFF0, 0x30010), (0x3FFE0, 0x40000), (0xE0000, 0xE1010)]


def head(major, n):
    for size, info, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if n < size:
            return bytes([major << 5 | n]) if info is None else bytes([major << 5 | info]) + struct.pack(form, n)
    return bytes([major << 5 | 27]) + struct.pack(">Q", n)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class ScriptedDaemon:
    """Answers every request with `reply`."""

    def __init__(self, directory):
        self.reply = b""
        path = directory + "/socket"
        with open(directory + "/shared_secret", "w") as file:
            file.write("secret")
        with open(directory + "/pueue.yml", "w") as file:
            file.write(f"shared: {{pueue_directory: {directory}, unix_socket_path: {path}}}\n")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            with connection, connection.makefile("rb") as stream:
                for answer in (b"0.31.1", self.reply):
                    size = stream.read(8)
                    stream.read(struct.unpack(">Q", size)[0])
                    connection.sendall(struct.pack(">Q", len(answer)) + answer)


def status(labels):
    """One group per label, each with one task that carries it."""
    tasks = {}
    for i, label in enumerate(labels):
        tasks[i] = {
            "id": i, "created_at": "2024-01-01T00:00:00Z", "original_command": "x", "command": "x", "path": "/",
            "envs": {}, "group": "%06d" % i, "dependencies": [], "priority": 0, "label": label,
            "status": {"Stashed": {"enqueue_at": None}},
        }
    groups = {"%06d" % i: {"status": "Running", "parallel_tasks": 1} for i in range(len(labels))}
    return cbor({"Status": {"tasks": tasks, "groups": groups}})


class Probe:
    def __init__(self, client, directory):
        self.daemon = ScriptedDaemon(directory)
        self.command = [client, "-c", directory + "/pueue.yml", "status", "columns=label"]

    def widths(self, texts):
        self.daemon.reply = status([text * REPEATS for text in texts])
        out = subprocess.run(self.command, capture_output=True, check=True).stdout.decode()
        rules = [block.split("\n")[1] for block in out.split('Group "')[1:]]
        assert len(rules) == len(texts)
        return [0 if len(rule) == 7 else (len(rule) - 2) // REPEATS for rule in rules]

    def of_all(self, suffix=""):
        """(code point, width) of each code point followed by `suffix`."""
        for first, last in PLANES:
            for begin in range(first, last, BLOCK):
                points = [c for c in range(begin, min(begin + BLOCK, last)) if not 0xD800 <= c <= 0xDFFF and c != 10]
                yield from zip(points, self.widths([chr(c) + suffix for c in points]))


def ranges(points):
    merged = []
    for c in points:
        if merged and merged[-1][1] == c - 1:
            merged[-1][1] = c
        else:
            merged.append([c, c])
    return merged


def perl_class(name):
    script = "for (0..0x10ffff) { next if $_ >= 0xd800 && $_ <= 0xdfff; print qq($_\\n) if chr($_) =~ /\\p{%s}/ }" % name
    out = subprocess.run(["perl", "-e", script], capture_output=True, check=True, text=True).stdout
    return [int(line) for line in out.split()]


def table(name, points):
    entries = ["{0x%x, 0x%x}" % tuple(pair) for pair in ranges(points)]
    print("const std::array<CodePointRange, %d> %s = {{" % (len(entries), name))
    for i in range(0, len(entries), 4):
        print("    " + ", ".join(entries[i : i + 4]) + ",")
    print("}};\n")


def main():
    with tempfile.TemporaryDirectory() as directory:
        probe = Probe(os.path.abspath(sys.argv[1]), directory)
        alone = dict(probe.of_all())
        emoji = dict(probe.of_all("\ufe0f"))
        text = dict(probe.of_all("\ufe0e"))
    wide = [c for c, width in alone.items() if width == 2]
    wide = sorted(set(wide) | set(range(0x20000, 0x2FFFE)) | set(range(0x30000, 0x3FFFE)))
    print("// Made by make_unicode_tables.py; not to be edited.")
    print("// clang-format off")
    print('#include "client/text/unicode_tables.hpp"\n\nnamespace pueue::client::unicode {\n')
    table("zero_width", [c for c, width in alone.items() if width == 0])
    table("double_width", wide)
    table("wide_with_emoji_selector", [c for c, w in emoji.items() if w == 2 and alone[c] != 2])
    table("narrow_with_text_selector", [c for c, w in text.items() if w == 1 and alone[c] == 2])
    table("modifier_base", perl_class("Emoji_Modifier_Base"))
    table("pictographic", perl_class("Extended_Pictographic"))
    table("extend", perl_class("Grapheme_Cluster_Break=Extend"))
    table("spacing_mark", perl_class("Grapheme_Cluster_Break=SpacingMark"))
    table("prepend", perl_class("Grapheme_Cluster_Break=Prepend"))
    print("}  // namespace pueue::client::unicode")


main()
