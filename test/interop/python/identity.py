"""04-identity 1 and 2: names of keys."""

import curves

PREFIX = {"ed25519": (b"\xed\x01", 32), "x25519": (b"\xec\x01", 32), "p256": (b"\x80\x24", 33)}
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data):
    number, out = int.from_bytes(data, "big"), ""
    while number > 0:
        number, digit = divmod(number, 58)
        out = ALPHABET[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def unbase58(text):
    number = 0
    for letter in text:
        if letter not in ALPHABET:
            return None
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def did_key(kind, key):
    return "did:key:z" + base58(PREFIX[kind][0] + key)


def parse_did_key(kind, text):
    """1.2: None for everything but the one spelling."""
    prefix, length = PREFIX[kind]
    if not text.startswith("did:key:z"):
        return None
    data = unbase58(text[len("did:key:z") :])
    if data is None or data[:2] != prefix or len(data) != 2 + length:
        return None
    return data[2:] if did_key(kind, data[2:]) == text else None


def derive(seed):
    """2"""
    keys = {name: curves.hkdf(seed, name, 32) for name in ("signing", "sealing", "libp2p", "nats")}
    material = curves.hkdf(seed, "publication", 48)
    return {
        "signingSeed": keys["signing"].hex(),
        "sealingSecret": keys["sealing"].hex(),
        "libp2pSeed": keys["libp2p"].hex(),
        "natsSeed": keys["nats"].hex(),
        "publicationMaterial": material.hex(),
        "publicKeys": {
            "signing": did_key("ed25519", curves.public_key(keys["signing"])),
            "sealing": did_key("x25519", curves.x25519_public(keys["sealing"])),
            "libp2p": did_key("ed25519", curves.public_key(keys["libp2p"])),
            "nats": did_key("ed25519", curves.public_key(keys["nats"])),
            "publication": did_key("p256", curves.p256_public(material)),
        },
    }
