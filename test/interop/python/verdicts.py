"""07-verdict 4, 6 and 9.1: controls, tests, exact, and seeds."""

import hashlib
import math
from fractions import Fraction


def control_seeds(finding, count):
    text = "analog-oversight/control/1\n{}\n{}"
    return [hashlib.sha256(text.format(finding, i).encode()).hexdigest() for i in range(count)]


def resample_seed(finding, measure):
    text = "analog-oversight/resample/1\n{}\n{}".format(finding, measure)
    return {"seed": hashlib.sha256(text.encode()).hexdigest()}


def at_most(k, n, p):
    """P(X <= k) for X binomial (n, p)."""
    a, b = p.numerator, p.denominator
    return Fraction(sum(math.comb(n, i) * a**i * (b - a) ** (n - i) for i in range(k + 1)), b**n)


def ppm(value):
    return Fraction(value, 1_000_000)


def rate(k, n, pPpm, alphaPpm):
    """6.1"""
    p, alpha = ppm(pPpm), ppm(alphaPpm)
    below = n > 0 and p > 0 and at_most(k, n, p) < alpha
    above = n > 0 and p < 1 and (1 - at_most(k - 1, n, p) if k > 0 else 1) < alpha
    return {"below": below, "above": above}


def loss(lost, gained, alphaPpm):
    """6.2"""
    d = lost + gained
    beyond = d > 0 and (1 - at_most(lost - 1, d, Fraction(1, 2)) if lost > 0 else 1) < ppm(alphaPpm)
    return {"beyondChance": beyond}


def pair(k1, n1, k2, n2, alphaPpm):
    """6.3"""
    if n1 == 0 or n2 == 0 or k1 + k2 in (0, n1 + n2):
        return {"different": False}
    total = k1 + k2
    ways = lambda i: math.comb(n1, i) * math.comb(n2, total - i)
    seen = ways(k1)
    span = range(max(0, total - n2), min(n1, total) + 1)
    as_rare = sum(w for w in map(ways, span) if w <= seen)
    return {"different": Fraction(as_rare, math.comb(n1 + n2, total)) < ppm(alphaPpm)}


def gate(lost, gained, n, marginPpm):
    """6.4"""
    if n == 0:
        return {"state": "unresolved"}
    m = marginPpm / 1_000_000
    a = 2 * n
    b = -lost - gained + (2 * n - lost + gained) * m
    c = -gained * m * (1 - m)
    g = (math.sqrt(b * b - 4 * a * c) - b) / (2 * a)
    variance = n * (2 * g + m * (1 - m))
    numerator = lost - gained - n * m
    if variance <= 0:
        z = math.copysign(math.inf, numerator) if numerator != 0 else 0.0
    else:
        z = numerator / math.sqrt(variance)
    bound = 1.6448536269514722
    return {"state": "passed" if z <= -bound else "failed" if z >= bound else "unresolved"}
