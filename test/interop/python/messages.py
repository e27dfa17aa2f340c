"""05-message: the envelope and the steps of opening it."""

import re

import codec
import curves
import identity
import pins

LIMIT_BYTES = 65535  # 01-limits 1
DOMAIN = b"analog-oversight/message/1\n"
KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*/[1-9][0-9]{0,3}\Z")


def is_whole(value, least):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= codec.SAFE


def is_document_link(value):
    return isinstance(value, codec.Link) and value.cid[1] == 0x71


def is_plain(value):
    """3"""
    if value is None or isinstance(value, (bool, str)):
        return True
    if isinstance(value, int):
        return abs(value) <= codec.SAFE
    if isinstance(value, list):
        return all(map(is_plain, value))
    return isinstance(value, dict) and all(map(is_plain, value.values()))


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


def is_text(value, most):
    return isinstance(value, str) and 1 <= utf16_units(value) <= most


def is_member_card(body):
    """7"""
    endpoints = body.get("endpoints")
    if not is_text(body.get("displayName"), 200) or not isinstance(endpoints, dict):
        return False
    libp2p, gateway = endpoints.get("libp2p"), endpoints.get("gateway", 0)
    fits = lambda text: isinstance(text, str) and utf16_units(text) <= 512
    return isinstance(libp2p, list) and len(libp2p) <= 16 and all(map(fits, libp2p)) and (gateway is None or fits(gateway))


# those that this subset judges
KINDS = {"member-card/1": is_member_card, "pin/1": pins.is_pin, "pin-check/1": pins.is_pin_check}


def envelope(wire):
    """5.1 to 5.3"""
    if len(wire) > LIMIT_BYTES:
        raise codec.Refused("too-large")
    pair = canonical(wire)
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, bytes) for part in pair)):
        raise codec.Refused("envelope-invalid")
    payload, signature = pair
    if len(signature) != 64:
        raise codec.Refused("envelope-invalid")
    fields = canonical(payload)
    if not (
        isinstance(fields, dict)
        and is_whole(fields.get("v"), 1)
        and fields["v"] == 1
        and is_document_link(fields.get("federation"))
        and isinstance(fields.get("author"), bytes)
        and len(fields["author"]) == 32
        and is_whole(fields.get("sequence"), 0)
        and ("previous" in fields)
        and (fields["previous"] is None or is_document_link(fields["previous"]))
        and (fields["previous"] is None) == (fields["sequence"] == 0)
        and is_whole(fields.get("issuedAt"), 0)
        and isinstance(fields.get("kind"), str)
        and len(fields["kind"]) <= 64
        and KIND.match(fields["kind"])
        and isinstance(fields.get("body"), dict)
        and is_plain(fields["body"])
    ):
        raise codec.Refused("envelope-invalid")
    return payload, signature, fields


def canonical(data):
    try:
        return codec.decode(data)
    except codec.Refused:
        raise codec.Refused("not-canonical") from None


def open_message(federation, wire):
    payload, signature, fields = envelope(wire)
    if not curves.verify(fields["author"], signature, DOMAIN + payload):
        raise codec.Refused("signature-invalid")
    if str(fields["federation"]) != federation:
        raise codec.Refused("wrong-federation")
    judge = KINDS.get(fields["kind"])
    if judge is not None and not judge(fields["body"]):
        raise codec.Refused("body-invalid")
    previous = fields["previous"]
    return {
        "messageId": str(codec.name_of(payload)),
        "author": identity.did_key("ed25519", fields["author"]),
        "sequence": fields["sequence"],
        "previous": None if previous is None else str(previous),
        "issuedAt": fields["issuedAt"],
        "kind": fields["kind"],
        "body": fields["body"],
    }


def seal(seed, draft):
    signing = curves.hkdf(seed, "signing", 32)
    key = curves.public_key(signing)
    link = lambda text: None if text is None else codec.parse_cid(text)
    payload = codec.encode(
        {
            **draft,
            "v": 1,
            "author": key,
            "federation": link(draft["federation"]),
            "previous": link(draft["previous"]),
        }
    )
    wire = codec.encode([payload, curves.sign(signing, DOMAIN + payload)])
    return {
        "author": identity.did_key("ed25519", key),
        "payload": payload.hex(),
        "wire": wire.hex(),
        "messageId": str(codec.name_of(payload)),
    }
