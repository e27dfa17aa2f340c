"""19-pins: promises, the leaves that a seed draws, and the copies that checked promises are."""

import hashlib
import re

import codec

DOMAIN = b"analog-oversight/pin-check/1\n"
LATEST = 8_640_000_000_000_000
FRESH_MS = 30 * 86_400_000
FAULTS = ("absent", "wrong", "late", "unreachable")
SEED = re.compile(r"[0-9a-f]{64}\Z")


def is_count(value, least, most=codec.SAFE):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def names(text, *codes):
    link = codec.parse_cid(text) if isinstance(text, str) else None
    return link is not None and link.cid[1] in codes


def is_pin(body):
    """05-message 7"""
    checkpoint = body.get("checkpoint")
    return (
        isinstance(checkpoint, dict)
        and names(checkpoint.get("cid"), 0x70, 0x55)
        and checkpoint.get("profile") == "unixfs-v1-2025"
        and is_count(checkpoint.get("sizeBytes"), 0)
        and "until" in body
        and (body["until"] is None or is_count(body["until"], 0, LATEST))
    )


def is_check(entry):
    if not isinstance(entry, dict) or "leaves" not in entry or "fault" not in entry:
        return False
    leaves, asked, answered, fault = (entry.get(name) for name in ("leaves", "asked", "answered", "fault"))
    return (
        names(entry.get("pin"), 0x71)
        and isinstance(entry.get("seed"), str)
        and SEED.match(entry["seed"]) is not None
        and is_count(entry.get("at"), 0, LATEST)
        and is_count(asked, 1, 4096)
        and is_count(answered, 0)
        and (answered == 0 if leaves is None else is_count(leaves, 1) and asked <= leaves)
        and (fault is None or fault in FAULTS)
        and (answered == asked if fault is None else answered < asked)
    )


def is_pin_check(body):
    """05-message 7"""
    entries = body.get("entries")
    return isinstance(entries, list) and 1 <= len(entries) <= 64 and all(map(is_check, entries))


def draw(seed, leaves, asked):
    """2.3"""
    numbers = []
    taken = set()
    i = 0
    while len(numbers) < asked:
        digest = hashlib.sha256(DOMAIN + seed + i.to_bytes(4, "big")).digest()
        number = int.from_bytes(digest[:8], "big") % leaves
        if number not in taken:
            taken.add(number)
            numbers.append(number)
        i += 1
    return {"numbers": numbers}


def state(checks, at):
    """3.2, 3.3"""
    votes = {}
    for check in checks:
        established = check["established"]
        seen = check["at"] if established is None else min(check["at"], established)
        if at - FRESH_MS <= seen <= at:
            # of two at one time the one with a fault stands above
            vote = (seen, check["fault"] is not None)
            votes[check["organisation"]] = max(votes.get(check["organisation"], vote), vote)
    faults = sum(fault for _, fault in votes.values())
    if not votes:
        return "promised"
    return "shown" if len(votes) - faults > faults else "failed"


def copies(release, at, members, pins):
    """3"""
    keys = {key: each["organisation"] for each in members for key in (each["key"], *(f["key"] for f in each["former"]))}
    releaser = keys.get(release["author"])
    found = [
        {
            "member": pin["member"],
            "organisation": pin["organisation"],
            "until": pin["until"],
            "state": state(pin["checks"], at),
            "isOwn": pin["organisation"] == releaser,
        }
        for pin in pins
        if pin["checkpoint"] == release["checkpoint"] and at < pin["until"]
    ]
    shown = [copy for copy in found if copy["state"] == "shown"]
    count = lambda each: len({copy["organisation"] for copy in each})
    return {
        "copies": found,
        "promised": count(found),
        "shown": count(shown),
        "independent": count([copy for copy in shown if not copy["isOwn"]]),
    }
