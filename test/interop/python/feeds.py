"""12-feeds: trees, tiles and bundles."""

import hashlib
import re

import codec


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def root(leaves):
    """1.3, 1.4, by the definition."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def verify_inclusion(index, size, leaf, expected, proof):
    """RFC 9162 2.1.3.2"""
    if index >= size:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == expected


def verify_consistency(start, start_root, end, end_root, proof):
    """RFC 9162 2.1.4.2, and 1.6 for what is empty."""
    empty = sha256(b"")
    if start > end or (start == 0 and start_root != empty) or (end == 0 and end_root != empty):
        return False
    if start == end:
        return not proof and start_root == end_root
    if start == 0:
        return not proof
    if start & (start - 1) == 0:
        proof = [start_root] + proof
    if not proof:
        return False
    at, last = start - 1, end - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and older == start_root and newer == end_root


def format_tile_path(level, index, width):
    """4.2"""
    groups = [f"{index % 1000:03}"]
    index //= 1000
    while index > 0:
        groups.insert(0, f"x{index % 1000:03}")
        index //= 1000
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def parse_tile_path(path):
    match = re.fullmatch(r"tile/(entries|\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?", path, re.ASCII)
    if match is None:
        raise codec.Refused("tile-path-invalid")
    level = match[1] if match[1] == "entries" else int(match[1])
    index = int(re.sub("[x/]", "", match[2]))
    width = 256 if match[3] is None else int(match[3])
    fits = (level == "entries" or level <= 63) and 1 <= width <= 256 and index <= codec.SAFE
    if not fits or format_tile_path(level, index, width) != path:
        raise codec.Refused("tile-path-invalid")
    return {"level": level, "index": index, "width": width}


def tile(size, path):
    """4.1, 4.3"""
    name = parse_tile_path(path)
    leaves = [leaf_hash(f"entry {i}".encode()) for i in range(size)]
    span = 256 ** name["level"]
    first = 256 * name["index"]
    if (first + name["width"]) * span > size:
        return None
    hashes = (root(leaves[i * span : (i + 1) * span]) for i in range(first, first + name["width"]))
    return b"".join(hashes).hex()


def decode_bundle(data, width):
    """4.4"""
    entries, at = [], 0
    for _ in range(width):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or at + 2 + length > len(data):
            raise codec.Refused("bundle-invalid")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(data):
        raise codec.Refused("bundle-invalid")
    return entries
