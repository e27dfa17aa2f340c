"""04-identity 2 and 3: the curves, in whole numbers, slow and plain."""

import functools
import hashlib
import hmac

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    out = NEUTRAL
    while scalar > 0:
        if scalar & 1:
            out = add(out, point)
        point = add(point, point)
        scalar >>= 1
    return out


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def read_point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def write_point(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_neutral(point):
    return point[0] == 0 and point[1] == point[2]


@functools.lru_cache(maxsize=4096)
def key_acceptable(key):
    """3.2, 3.3, 3.4: what does not decode is not canonical or no point."""
    point = read_point(key) if len(key) == 32 else None
    return point is not None and not is_neutral(times(8, point)) and is_neutral(times(L, point))


def verify(key, signature, message):
    """3"""
    if len(key) != 32 or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    commitment = read_point(signature[:32])
    if scalar >= L or commitment is None or is_neutral(times(8, commitment)) or not key_acceptable(key):
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    x, y, z, t = times(int.from_bytes(digest, "little") % L, read_point(key))
    return write_point(add(times(scalar, BASE), (-x % P, y, z, -t % P))) == signature[:32]


def expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def public_key(seed):
    return write_point(times(expand(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = expand(seed)
    key = write_point(times(scalar, BASE))
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    commitment = write_point(times(nonce, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + key + message).digest(), "little") % L
    return commitment + ((nonce + challenge * scalar) % L).to_bytes(32, "little")


def x25519_public(secret):
    """RFC 7748 5, the u-coordinate 9."""
    scalar = int.from_bytes(secret, "little") & (1 << 254) - 8 | 1 << 254
    x1, x2, z2, x3, z3, swap = 9, 1, 0, 9, 1, 0
    for bit in reversed(range(255)):
        k = scalar >> bit & 1
        if swap ^ k:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = k
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_public(material):
    """The compressed point of x = (material mod (n - 1)) + 1."""
    scalar = int.from_bytes(material, "big") % (P256_N - 1) + 1
    out, point = None, P256_G
    while scalar > 0:
        if scalar & 1:
            out = _p256_add(out, point)
        point = _p256_add(point, point)
        scalar >>= 1
    return bytes([2 + (out[1] & 1)]) + out[0].to_bytes(32, "big")


def _p256_add(a, b):
    if a is None:
        return b
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], P256 - 2, P256)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], P256 - 2, P256)
    x = (slope * slope - a[0] - b[0]) % P256
    return x, (slope * (a[0] - x) - a[1]) % P256


def hkdf(seed, purpose, length):
    """2: RFC 5869 with SHA-256."""
    extracted = hmac.new(b"analog-oversight/seed/1", seed, "sha256").digest()
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(extracted, block + purpose.encode() + bytes([counter]), "sha256").digest()
        out, counter = out + block, counter + 1
    return out[:length]
