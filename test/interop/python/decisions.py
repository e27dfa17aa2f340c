"""07-verdict 1 to 3 and 7: the rule, from the page alone."""

import verdicts

REFUTE = {
    "effect-not-reproduced", "no-change-from-baseline", "control-does-the-same", "gate-failed",
    "claimed-counts-differ", "claimed-values-differ",
}
OPEN = {
    "counts-incomplete", "effect-unresolved", "change-unresolved", "control-unresolved", "chance-unresolved",
    "gate-unresolved",
}


def decide(policy, claim, counts, tables, estimates, differences):
    seen = Seen(policy, claim, counts, tables, estimates, differences)
    reasons = seen.reasons() if seen.complete() else ["counts-incomplete"]
    if REFUTE & set(reasons):
        outcome = "refuted"  # 2.7
    else:
        outcome = "inconclusive" if OPEN & set(reasons) else "confirmed"
    return {"outcome": outcome, "reasons": reasons}


class Seen:
    def __init__(self, policy, claim, counts, tables, estimates, differences):
        self.alpha, self.controls = policy["alphaPpm"], policy["controls"]
        self.claim, self.effect, self.gates = claim, claim["effect"], claim["gates"]
        self.falls = self.effect["direction"] == "decrease"
        self.is_rate = "boundPpm" in self.effect
        self.counts, self.tables, self.estimates, self.differences = counts, tables, estimates, differences

    def pick(self, rows, **wanted):
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

    def beyond(self, moved, back):
        return verdicts.loss(moved, back, self.alpha)["beyondChance"]

    def complete(self):
        measure = self.effect["measure"]
        rates = [g["measure"] for g in self.gates if "maximumDropPpm" in g] + ([measure] if self.is_rate else [])
        for m in rates:  # 2.1
            for condition in ("baseline", "treated"):
                if len(self.pick(self.counts, condition=condition, measure=m)) != 1:
                    return False
            if len(self.pick(self.tables, left="baseline", right="treated", measure=m)) != 1:
                return False
        for t in self.tables:
            n = t["both"] + t["leftOnly"] + t["rightOnly"] + t["neither"]
            for side, k in (("left", t["both"] + t["leftOnly"]), ("right", t["both"] + t["rightOnly"])):
                if not self.pick(self.counts, condition=t[side], measure=t["measure"], n=n, k=k):
                    return False
        if self.is_rate and len(self.pick(self.tables, left="control", right="treated", measure=measure)) < self.controls:
            return False
        for g in self.gates:  # 7.3
            if "maximumRiseMicro" in g and len(self.pick(self.differences, against="baseline", measure=g["measure"])) != 1:
                return False
        if self.is_rate:
            return True
        treated, test = self.pick(self.estimates, condition="treated", measure=measure), self.effect["test"]
        if len(treated) != 1 or (test == "chance" and "chance" not in treated[0]):
            return False
        if test == "paired" and len(self.pick(self.differences, against="baseline", measure=measure)) != 1:
            return False
        enough = len(self.pick(self.estimates, condition="control", measure=measure)) >= self.controls
        if test == "paired":
            enough = enough and len(self.pick(self.differences, against="control", measure=measure)) >= self.controls
        return enough

    def reasons(self):
        first, rest = self.rate_reasons() if self.is_rate else self.value_reasons()
        return [first, *rest, *map(self.gate, self.gates), *self.claimed()]

    def rate_meets(self, k, n):
        side = verdicts.rate(k, n, self.effect["boundPpm"], self.alpha)
        return side["below" if self.falls else "above"], side["above" if self.falls else "below"]

    def rate_reasons(self):
        measure = self.effect["measure"]
        treated = self.pick(self.counts, condition="treated", measure=measure)[0]
        holds, fails = self.rate_meets(treated["k"], treated["n"])  # 2.2
        first = "effect-reproduced" if holds else "effect-not-reproduced" if fails else "effect-unresolved"
        rest = []
        table = self.pick(self.tables, left="baseline", right="treated", measure=measure)[0]
        if not self.beyond(*self.moves(table)):  # 2.3
            k, n = self.left(table)
            telling = self.rate_meets(k, n)[0] or self.beyond(k if self.falls else n - k, 0)
            rest.append("no-change-from-baseline" if telling else "change-unresolved")
        if first != "effect-not-reproduced":  # 2.4
            tables = self.pick(self.tables, left="control", right="treated", measure=measure)
            unbeaten = [t for t in tables if not self.beyond(*self.moves(t))]
            same = any(self.rate_meets(*self.left(t))[0] for t in unbeaten)
            rest.append("control-does-the-same" if same else "control-unresolved" if unbeaten else "beats-control")
        return first, rest

    def left(self, t):
        k = t["both"] + t["leftOnly"]
        return k, k + t["rightOnly"] + t["neither"]

    def moves(self, t):
        pair = (t["leftOnly"], t["rightOnly"]) if "leftOnly" in t else (t["lower"], t["higher"])
        return pair if self.falls else pair[::-1]

    def value_meets(self, e):
        bound = self.effect["boundMicro"]
        if self.falls:
            return e["highMicro"] <= bound, e["lowMicro"] > bound
        return e["lowMicro"] >= bound, e["highMicro"] < bound

    def value_reasons(self):
        measure, test = self.effect["measure"], self.effect["test"]
        treated = self.pick(self.estimates, condition="treated", measure=measure)[0]
        holds, fails = self.value_meets(treated)  # 7.4
        first = "effect-reproduced" if holds else "effect-not-reproduced" if fails else "effect-unresolved"
        rest = []
        if test == "paired":  # 7.5
            difference = self.pick(self.differences, against="baseline", measure=measure)[0]
            if not self.beyond(*self.moves(difference)):
                telling = self.beyond(difference["n"], 0)
                rest.append("no-change-from-baseline" if telling else "change-unresolved")
        if test == "chance":
            chance = treated["chance"]
            beats = (1 + chance["reached"]) * 1_000_000 < (1 + chance["draws"]) * self.alpha
            rest.append("beats-chance" if beats else "chance-unresolved")
        controls = self.pick(self.estimates, condition="control", measure=measure)
        if first != "effect-not-reproduced" and controls:  # 7.6
            if test == "paired":
                pairs = self.pick(self.differences, against="control", measure=measure)
                beaten = all(self.beyond(*self.moves(d)) for d in pairs)
            elif self.falls:
                beaten = all(treated["highMicro"] < c["lowMicro"] for c in controls)
            else:
                beaten = all(treated["lowMicro"] > c["highMicro"] for c in controls)
            same = any(self.value_meets(c)[0] for c in controls)
            rest.append("beats-control" if beaten else "control-does-the-same" if same else "control-unresolved")
        return first, rest

    def gate(self, g):
        if "maximumDropPpm" in g:  # 2.5
            t = self.pick(self.tables, left="baseline", right="treated", measure=g["measure"])[0]
            n = self.left(t)[1]
            return "gate-" + verdicts.gate(t["leftOnly"], t["rightOnly"], n, g["maximumDropPpm"])["state"]
        d = self.pick(self.differences, against="baseline", measure=g["measure"])[0]  # 7.7
        if d["highMicro"] <= g["maximumRiseMicro"]:
            return "gate-passed"
        return "gate-failed" if d["lowMicro"] > g["maximumRiseMicro"] else "gate-unresolved"

    def claimed(self):
        reasons = []
        for c in self.claim["counts"]:  # 2.6
            seen = self.pick(self.counts, condition=c["condition"], measure=c["measure"])
            if c["condition"] != "control" and seen:
                if verdicts.pair(c["k"], c["n"], seen[0]["k"], seen[0]["n"], 1_000)["different"]:
                    reasons.append("claimed-counts-differ")
        for c in self.claim.get("estimates", []):  # 7.8
            seen = self.pick(self.estimates, condition=c["condition"], measure=c["measure"])
            if c["condition"] != "control" and seen:
                if c["lowMicro"] > seen[0]["highMicro"] or c["highMicro"] < seen[0]["lowMicro"]:
                    reasons.append("claimed-values-differ")
        return reasons
