"""Decoder of the Snappy frame format, for log output in replies. Checksums are not verified."""


def decompress(stream: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(stream):
        kind = stream[at]
        size = int.from_bytes(stream[at + 1 : at + 4], "little")
        chunk = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if len(chunk) != size:
            raise ValueError("Snappy chunk ends too early")
        if kind == 0x00:
            out += _decompress_block(chunk[4:])
        elif kind == 0x01:
            out += chunk[4:]
        elif kind == 0xFF:
            if chunk != b"sNaPpY":
                raise ValueError("bad Snappy stream identifier")
        elif kind < 0x80:
            raise ValueError(f"unknown Snappy chunk {kind:#04x}")
    return bytes(out)


def _decompress_block(block: bytes) -> bytes:
    size, at = _varint(block)
    out = bytearray()
    while at < len(block):
        tag = block[at]
        at += 1
        if tag & 3 == 0:
            length = (tag >> 2) + 1
            if length > 60:
                extra = length - 60
                length = int.from_bytes(block[at : at + extra], "little") + 1
                at += extra
            out += block[at : at + length]
            at += length
            continue
        if tag & 3 == 1:
            length, offset = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | block[at]
            at += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            length, offset = (tag >> 2) + 1, int.from_bytes(block[at : at + width], "little")
            at += width
        if not 0 < offset <= len(out):
            raise ValueError("Snappy copy from before the start")
        for _ in range(length):
            out.append(out[-offset])
    if len(out) != size:
        raise ValueError("Snappy block of the wrong size")
    return bytes(out)


def _varint(data: bytes) -> tuple[int, int]:
    value = 0
    for at, byte in enumerate(data[:5]):
        value |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return value, at + 1
    raise ValueError("bad Snappy length")
