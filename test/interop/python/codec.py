"""03-codec: one DAG-CBOR encoding, CIDs with one spelling."""

import base64
import hashlib
import math
import struct

ENTRIES_LIMIT = 4096  # 01-limits 3
DEPTH_LIMIT = 16  # 01-limits 2
SAFE = 2**53 - 1


class Refused(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Link:
    """A link: the 36 bytes of a CID."""

    def __init__(self, cid):
        self.cid = cid

    def __str__(self):
        return "b" + base64.b32encode(self.cid).decode().lower().rstrip("=")


def is_cid(data):
    """5.2"""
    return len(data) == 36 and data[0] == 1 and data[1] < 0x80 and data[2:4] == b"\x12\x20"


def parse_cid(text):
    """5.1; None for everything else."""
    if len(text) != 59 or text[0] != "b" or any(c not in "abcdefghijklmnopqrstuvwxyz234567" for c in text[1:]):
        return None
    data = base64.b32decode(text[1:].upper() + "=" * (-58 % 8))
    return Link(data) if is_cid(data) and str(Link(data)) == text else None


def name_of(data):
    """4"""
    return Link(b"\x01\x71\x12\x20" + hashlib.sha256(data).digest())


def scan(data):
    """3: the shape, before anything is built."""
    due = []
    at = 0
    while True:
        while due and due[-1] == 0:
            due.pop()
        if not due and at > 0:
            if at != len(data):
                raise Refused("not-dag-cbor")
            return
        if due:
            due[-1] -= 1
        if at >= len(data):
            raise Refused("truncated")
        major, info = data[at] >> 5, data[at] & 31
        at += 1
        if info > 27:
            raise Refused("not-dag-cbor")
        width = 0 if info < 24 else 1 << (info - 24)
        if at + width > len(data):
            raise Refused("truncated")
        argument = info if width == 0 else int.from_bytes(data[at : at + width], "big")
        at += width
        if major in (2, 3):
            if argument > len(data) - at:
                raise Refused("truncated")
            at += argument
        elif major in (4, 5):
            if argument > ENTRIES_LIMIT:
                raise Refused("too-many-entries")
            if len(due) >= DEPTH_LIMIT:
                raise Refused("too-deep")
            due.append(argument * (major - 3))
        elif major == 6:
            if argument != 42 or at >= len(data) or data[at] >> 5 != 2:
                raise Refused("not-dag-cbor")
            due.append(1)


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * width):
            return bytes([major << 5 | info]) + argument.to_bytes(width, "big")
    raise ValueError("an integer beyond 64 bits")


def looks_like_link(value):
    """1.6"""
    if not ("/" in value and "bytes" in value):
        return False
    a, b = value["/"], value["bytes"]
    return type(a) is type(b) and isinstance(a, (bool, int, float, str)) and a == b


def encode(value):
    """1"""
    if value is None:
        return b"\xf6"
    if value is False or value is True:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        if not math.isfinite(value) or (value == int(value) and abs(value) <= SAFE):
            raise ValueError("not a float of 1.3")
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode("utf-8")
        if value.startswith("\ufeff"):
            raise ValueError("a byte order mark")
        return head(3, len(data)) + data
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, Link):
        return b"\xd8\x2a" + head(2, 37) + b"\x00" + value.cid
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if looks_like_link(value):
        raise ValueError("a map like a link")
    keys = sorted(value, key=lambda key: (len(key.encode("utf-8")), key.encode("utf-8")))
    return head(5, len(keys)) + b"".join(encode(key) + encode(value[key]) for key in keys)


def decode(data):
    """2: decoded, and encoded again to compare."""
    scan(data)
    value, at = _read(data, 0)
    try:
        again = encode(value)
    except ValueError:
        raise Refused("not-canonical") from None
    if at != len(data) or again != data:
        raise Refused("not-canonical")
    return value


def _read(data, at):
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    width = 0 if info < 24 else 1 << (info - 24)
    raw = data[at : at + width]
    argument = info if width == 0 else int.from_bytes(raw, "big")
    at += width
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major == 2:
        return data[at : at + argument], at + argument
    if major == 3:
        try:
            return data[at : at + argument].decode("utf-8"), at + argument
        except UnicodeDecodeError:
            raise Refused("not-canonical") from None
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _read(data, at)
            items.append(item)
        return items, at
    if major == 5:
        entries = {}
        for _ in range(argument):
            key, at = _read(data, at)
            if not isinstance(key, str) or key in entries:
                raise Refused("not-dag-cbor")
            entries[key], at = _read(data, at)
        return entries, at
    if major == 6:
        inner, at = _read(data, at)
        if inner[:1] != b"\x00" or not is_cid(inner[1:]):
            raise Refused("not-dag-cbor")
        return Link(inner[1:]), at
    if info in (20, 21, 22):
        return (False, True, None)[info - 20], at
    if info == 27:
        return struct.unpack(">d", raw)[0], at
    raise Refused("not-dag-cbor")


def to_dag_json(value):
    if isinstance(value, bytes):
        return {"/": {"bytes": base64.b64encode(value).decode().rstrip("=")}}
    if isinstance(value, Link):
        return {"/": str(value)}
    if isinstance(value, list):
        return [to_dag_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_dag_json(item) for key, item in value.items()}
    return value


def from_dag_json(value):
    if isinstance(value, list):
        return [from_dag_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["/"]:
        inner = value["/"]
        if isinstance(inner, str):
            return parse_cid(inner)
        if isinstance(inner, dict):
            return base64.b64decode(inner["bytes"] + "=" * (-len(inner["bytes"]) % 4))
    return {key: from_dag_json(item) for key, item in value.items()}
