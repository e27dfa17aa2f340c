"""A second implementation, from protocols/spec alone, as a program under test (15-conformance). Standard library only."""

import json
import pathlib
import sys

import codec
import curves
import decisions
import feeds
import identity
import messages
import notes
import pins
import verdicts

b = bytes.fromhex
SPEC = pathlib.Path(__file__).parents[3] / "protocols" / "spec"
LIMITS = notes.Limits((SPEC / "01-limits.md").read_text())


def codec_encode(value):
    data = codec.encode(codec.from_dag_json(value))
    return {"bytes": data.hex(), "cid": str(codec.name_of(data))}


def cid_parse(text):
    link = codec.parse_cid(text)
    if link is None:
        return {"refused": None}
    names = {0x71: "document", 0x70: "content", 0x55: "content"}.get(link.cid[1])
    return {"bytes": link.cid.hex(), "names": names}


def did_key_parse(type, text):
    key = identity.parse_did_key(type, text)
    return {"refused": None} if key is None else {"key": key.hex()}


def vkey_parse(name, kind, key):
    return {"name": name, "type": kind, "publicKey": key.hex(), "keyId": notes.key_id(name, kind, key).hex()}


OPERATIONS = {
    "codec.decode": lambda bytes: {
        "value": codec.to_dag_json(codec.decode(b(bytes))),
        "cid": str(codec.name_of(b(bytes))),
    },
    "codec.encode": codec_encode,
    "cid.parse": cid_parse,
    "did-key.parse": did_key_parse,
    "did-key.format": lambda type, key: {"text": identity.did_key(type, b(key))},
    "identity.derive": lambda seed: identity.derive(b(seed)),
    "ed25519.verify": lambda publicKey, signature, message: {
        "accepted": curves.verify(b(publicKey), b(signature), b(message)),
        "keyAcceptable": curves.key_acceptable(b(publicKey)),
    },
    "message.seal": lambda seed, draft: messages.seal(b(seed), draft),
    "message.open": lambda federation, wire: messages.open_message(federation, b(wire)),
    "tree.root": lambda entries: {"root": feeds.root([feeds.leaf_hash(b(entry)) for entry in entries]).hex()},
    "tree.inclusion": lambda index, size, leaf, root, proof: {
        "accepted": feeds.verify_inclusion(index, size, b(leaf), b(root), [b(each) for each in proof])
    },
    "tree.consistency": lambda fromRoot, to, toRoot, proof, **rest: {
        "accepted": feeds.verify_consistency(rest["from"], b(fromRoot), to, b(toRoot), [b(each) for each in proof])
    },
    "vkey.parse": lambda vkey: vkey_parse(*notes.parse_vkey(vkey, LIMITS)),
    "vkey.format": lambda name, type, publicKey: {"vkey": notes.format_vkey(name, type, b(publicKey))},
    "checkpoint.sign": lambda federation, signingSeed, size, root: notes.sign_checkpoint(
        federation, b(signingSeed), size, b(root)
    ),
    "checkpoint.read": lambda federation, bytes: notes.read_checkpoint(federation, b(bytes), LIMITS),
    "tlog-proof.verify": lambda log, witness, proof, entry: notes.verify_proof_file(
        log, witness, proof, b(entry), LIMITS
    ),
    "tile.parse-path": lambda path: feeds.parse_tile_path(path),
    "tile.format-path": lambda level, index, width: {"path": feeds.format_tile_path(level, index, width)},
    "tile.hashes": lambda size, path: {"tile": feeds.tile(size, path)},
    "bundle.encode": lambda entries: {
        "bundle": "".join((len(b(each)).to_bytes(2, "big") + b(each)).hex() for each in entries)
    },
    "bundle.decode": lambda bundle, width: {"entries": [each.hex() for each in feeds.decode_bundle(b(bundle), width)]},
    "verdict.control-seeds": lambda finding, count: {"seeds": verdicts.control_seeds(finding, count)},
    "pin.draw": lambda seed, leaves, asked: pins.draw(b(seed), leaves, asked),
    "pin.copies": pins.copies,
    "verdict.resample-seed": verdicts.resample_seed,
    "verdict.decide": decisions.decide,
    "verdict.rate": verdicts.rate,
    "verdict.loss": verdicts.loss,
    "verdict.pair": verdicts.pair,
    "verdict.gate": verdicts.gate,
}


def answer(operation, given):
    if operation not in OPERATIONS:
        return {"unsupported": True}
    try:
        return {"output": OPERATIONS[operation](**given)}
    except codec.Refused as refusal:
        return {"output": {"refused": refusal.reason}}
    except Exception as error:  # 1.3: its own fault
        return {"error": repr(error)}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer(request["operation"], request["input"])}), flush=True)
