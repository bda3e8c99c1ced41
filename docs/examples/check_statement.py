"""Adds up what `tendik budget statement -o json` wrote: check_statement.py FILE [RATE ...].

It needs Python alone, and none of the service's code. RATE: the published rates, e.g. 1 3/2.
"""
import json
import sys
from collections import Counter
from fractions import Fraction

# Of each kind: the sum that it moves, up or down, and what that does to what is left.
KINDS = {"AWARD": ("awarded", 1, 1), "CARRY_IN": ("carried_in", 1, 1), "LAPSE": ("lapsed", 1, -1)}
KINDS |= {"CARRY_OUT": ("carried_out", 1, -1), "HOLD": ("held", 1, -1), "RELEASE": ("held", -1, 1)}
KINDS |= {"CHARGE": ("charged", 1, -1), "REFUND": ("charged", -1, 1)}

def faults(told, rates):
    now = {one["grant"]: dict(one["opening"]) for one in told["grants"]}
    held_before = sum(sums["held_gpu_seconds"] for sums in now.values())
    kinds, holds, runs = Counter(), Counter(), {}
    for line in told["lines"]:
        kind, job, sums = line["kind"], line["job_id"], now[line["grant"]]
        amount, (name, sign, effect) = line["amount_gpu_seconds"], KINDS[kind]
        sums[f"{name}_gpu_seconds"] += sign * amount
        sums["left_gpu_seconds"] += effect * amount
        if amount < 0 or min(sums.values()) < 0:
            yield f"line {line['entry']}: a sum of grant {line['grant']} is below zero"
        left = (sums["left_gpu_seconds"], sum(one["left_gpu_seconds"] for one in now.values()))
        if left != (line["grant_left_gpu_seconds"], line["project_left_gpu_seconds"]):
            yield f"line {line['entry']}: left are {left[0]} of the grant, {left[1]} of the project"
        kinds[kind] += amount
        holds[job] += sign * amount if name == "held" else 0
        run = runs.setdefault((job, line["attempt"]), Counter())
        run.update({kind: amount, "used": line["used_gpu_seconds"] or 0})
    for (job, attempt), run in runs.items():
        prices = [int(run["used"] * rate + Fraction(1, 2)) for rate in rates]
        cost = runs.get((job, None), {}).get("HOLD", run["CHARGE"])  # any: held before the period
        past_walltime = run["CHARGE"] == min(cost, run["RELEASE"]) < max(prices)
        if run["CHARGE"] > run["RELEASE"] or not (run["CHARGE"] in prices or past_walltime):
            yield f"job {job}, run {attempt}: {run['CHARGE']} charged for {run['used']} used"
        if run["REFUND"] not in (0, run["CHARGE"]):
            yield f"job {job}, run {attempt}: {run['REFUND']} refunded of {run['CHARGE']} charged"
    over = [job for job, held in holds.items() if held < -held_before]
    yield from (f"job {job}: more is released than was held" for job in over)
    closing = {one["grant"]: one["closing"] for one in told["grants"]}
    if closing != now or kinds != {one["kind"]: one["amount_gpu_seconds"] for one in told["kinds"]}:
        yield "the sums by grant or by kind are not those of the lines"

if __name__ == "__main__":
    rates = [Fraction(rate) for rate in sys.argv[2:] or "1"]
    found = list(faults(json.load(open(sys.argv[1])), rates))
    sys.exit("\n".join(found)) if found else print("adds up")
