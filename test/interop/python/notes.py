"""12-feeds 2, 3 and 5, 14-witnesses 1: notes, checkpoints and proof files."""

import base64
import re

import codec
import curves
import feeds
import identity
import messages

ORIGIN = "analog-oversight/feed/"


class Limits:
    """01-limits 17 to 22, read from the document: numbers stand in one place."""

    def __init__(self, text):
        rows = re.findall(r"^\| §\d+ \| `([A-Z_]+)` \| (\d+) \|", text, re.MULTILINE)
        self.__dict__.update({name: int(value) for name, value in rows})


def unbase64(text):
    """2.2: padded, one spelling; None otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def key_id(name, kind, key):
    return feeds.sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def is_key_name(name, limits):
    return (
        0 < messages.utf16_units(name) <= limits.NOTE_KEY_NAME_LIMIT_CHARS
        and "+" not in name
        and not any(c.isspace() or ord(c) < 32 for c in name)
    )


def parse_vkey(text, limits):
    """2.6"""
    match = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", text)
    data = unbase64(match[3]) if match else None
    if data is None or data[0] not in (1, 4) or not is_key_name(match[1], limits):
        raise codec.Refused("vkey-invalid")
    name, kind, key = match[1], data[0], data[1:]
    if key_id(name, kind, key).hex() != match[2]:
        raise codec.Refused("vkey-invalid")
    return name, kind, key


def format_vkey(name, kind, key):
    encoded = base64.b64encode(bytes([kind]) + key).decode()
    return f"{name}+{key_id(name, kind, key).hex()}+{encoded}"


def parse_note(data, limits):
    """2.1 to 2.4: the text and the signatures, none of them checked."""
    if len(data) > limits.NOTE_LIMIT_BYTES:
        raise codec.Refused("too-large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise codec.Refused("note-invalid") from None
    end = text.rfind("\n\n")
    if any(ord(c) < 32 and c != "\n" for c in text) or end < 0 or not text.endswith("\n"):
        raise codec.Refused("note-invalid")
    lines = text[end + 2 : -1].split("\n")
    if len(lines) > limits.NOTE_SIGNATURES_LIMIT:
        raise codec.Refused("too-large")
    signatures = []
    for line in lines:
        match = re.fullmatch("\u2014 ([^ ]+) ([^ ]+)", line)
        signed = unbase64(match[2]) if match else None
        if signed is None or len(signed) < 5 or not is_key_name(match[1], limits):
            raise codec.Refused("note-invalid")
        signatures.append((match[1], signed[:4], signed[4:]))
    return text[: end + 1], signatures


def parse_checkpoint(text):
    """3.1"""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise codec.Refused("checkpoint-invalid")
    origin, size, root, *extensions = lines[:-1]
    if not re.fullmatch("0|[1-9][0-9]{0,15}", size, re.ASCII) or int(size) > codec.SAFE:
        raise codec.Refused("checkpoint-invalid")
    root = unbase64(root)
    if root is None or len(root) != 32:
        raise codec.Refused("checkpoint-invalid")
    return origin, int(size), root, extensions


def read_checkpoint(federation, data, limits):
    """3.4"""
    text, signatures = parse_note(data, limits)
    origin, size, root, extensions = parse_checkpoint(text)
    parts = origin[len(ORIGIN) :].split("/") if origin.startswith(ORIGIN) else []
    author = f"did:key:{parts[1]}" if len(parts) == 2 else ""
    named = codec.parse_cid(parts[0]) if len(parts) == 2 else None
    key = identity.parse_did_key("ed25519", author)
    if extensions or named is None or named.cid[1] != 0x71 or key is None:
        raise codec.Refused("checkpoint-invalid")
    if parts[0] != federation:
        raise codec.Refused("wrong-federation")
    own = {signed for name, number, signed in signatures if (name, number) == (origin, key_id(origin, 1, key))}
    if len(own) != 1 or len(min(own)) != 64:
        raise codec.Refused("unsigned")
    (signature,) = own
    if not curves.verify(key, signature, text.encode()):
        raise codec.Refused("signature-invalid")
    return {"author": author, "size": size, "root": root.hex(), "signature": signature.hex()}


def sign_checkpoint(federation, seed, size, root):
    """3.1 to 3.3"""
    key = curves.public_key(seed)
    author = identity.did_key("ed25519", key)
    origin = f"{ORIGIN}{federation}/{author[len('did:key:'):]}"
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = curves.sign(seed, text.encode())
    line = base64.b64encode(key_id(origin, 1, key) + signature).decode()
    note = f"{text}\n\u2014 {origin} {line}\n"
    return {"author": author, "signature": signature.hex(), "checkpoint": note}


def holds(kind, key, signed, text):
    """2.3, and 14-witnesses 1.2 to 1.4."""
    if kind == 1:
        return curves.verify(key, signed, text.encode())
    if len(signed) != 72:
        return False
    time = int.from_bytes(signed[:8], "big")
    said = f"cosignature/v1\ntime {time}\n{text}".encode()
    return time <= codec.SAFE and curves.verify(key, signed[8:], said)


def verify_proof_file(log, witness, proof, entry, limits):
    """5.1 to 5.3"""
    data = proof.encode()
    if len(data) > limits.TLOG_PROOF_LIMIT_BYTES:
        raise codec.Refused("too-large")
    end = proof.find("\n\n")
    lines = proof[:end].split("\n")
    if end < 0 or any(ord(c) < 32 and c != "\n" for c in proof) or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise codec.Refused("proof-file-invalid")
    if lines and lines[0].startswith("extra "):
        if not unbase64(lines.pop(0)[len("extra ") :]):
            raise codec.Refused("proof-file-invalid")
    match = re.fullmatch("index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "", re.ASCII)
    if match is None or int(match[1]) > codec.SAFE:
        raise codec.Refused("proof-file-invalid")
    if len(lines) > limits.PROOF_HASHES_LIMIT:
        raise codec.Refused("too-large")
    path = [unbase64(line) for line in lines]
    if any(each is None or len(each) != 32 for each in path):
        raise codec.Refused("proof-file-invalid")
    text, signatures = parse_note(proof[end + 2 :].encode(), limits)
    origin, size, root, _ = parse_checkpoint(text)
    known = {}
    for vkey in (log, witness):
        name, kind, key = parse_vkey(vkey, limits)
        known[name, key_id(name, kind, key)] = (kind, key)
    log_name = parse_vkey(log, limits)[0]
    if origin != log_name:
        raise codec.Refused("wrong-log")
    verified = []
    for name, number, signed in signatures:
        if (name, number) in known:
            if not holds(*known[name, number], signed, text):
                raise codec.Refused("signature-invalid")
            verified.append(name)
    if log_name not in verified:
        raise codec.Refused("unsigned")
    index = int(match[1])
    if not feeds.verify_inclusion(index, size, feeds.leaf_hash(entry), root, path):
        raise codec.Refused("inclusion-invalid")
    cosigned = [name for name in verified if name != log_name]
    return {"index": index, "size": size, "root": root.hex(), "cosigned": cosigned}
