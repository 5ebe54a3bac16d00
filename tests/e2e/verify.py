"""Checks the seals of a recording as docs/recordings.md specifies them, with nothing but Python's own library."""
import hashlib
import json
import struct
import sys


def records(data):
    at = 0
    while at + 9 <= len(data) and not data[at:].startswith(b"\x89MCAP"):
        length = struct.unpack_from("<Q", data, at + 1)[0]
        yield data[at], data[at + 9:at + 9 + length]
        at += 9 + length


def text(data, at):
    end = at + 4 + struct.unpack_from("<I", data, at)[0]
    return data[at + 4:end], end


def part(data):
    return struct.pack("<Q", len(data)) + data


topics, last, parts, seals = {}, b"", [], 0
whole = list(records(open(sys.argv[1], "rb").read()[8:]))
for opcode, body in whole:
    if opcode == 12 and text(body, 0)[0] == b"helmsight.recording":
        at = body.index(b"last_seal") + 9
        last = bytes.fromhex(text(body, at)[0].decode())
    # A chunk is not compressed: its records follow 40 bytes of figures and an empty name of a compression.
    for kind, message in records(body[40:]) if opcode == 6 else ():
        if kind == 4:
            topics[message[:2]] = text(message, 4)[0]
        elif kind == 5 and topics[message[:2]] != b"/seal":
            parts += [part(topics[message[:2]]), part(message[6:14]), part(message[22:])]
        elif kind == 5:
            last = hashlib.sha256(b"".join([part(last), *parts])).digest()
            seal = json.loads(message[22:])
            if seal != {"messages": len(parts) // 3, "sha256": last.hex()}:
                sys.exit(f"seal {seals + 1} does not hold")
            parts, seals = [], seals + 1
print(f"{seals} seals hold, the last is {last.hex()}")
