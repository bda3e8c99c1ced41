"""Adds up what `tendik budget statement -o json` wrote: check_statement.py FILE [RATE ...].
It needs Python alone, and none of the service's code. RATE: the published rates, e.g. 1 3/2."""
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
    kinds, holds, costs, events = Counter(), Counter(), Counter(), {}
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
        costs[job] += amount if kind == "HOLD" and line["attempt"] is None else 0
        event = events.setdefault((job, line["attempt"], line["time"]), Counter())
        event.update({kind: amount, f"{kind} used": line["used_gpu_seconds"] or 0})
    for (job, attempt, _), event in events.items():
        charged, used, back = event["CHARGE"], event["CHARGE used"], event["REFUND"]
        most = min(costs[job] or charged, event["RELEASE"])  # no cost: held before the period
        if charged not in {min((2 * used * rate + 1) // 2, most) for rate in rates}:
            yield f"job {job}, run {attempt}: {charged} charged for {used} used"
        runs = [one for (*run, _), one in events.items() if run == [job, attempt] and one["CHARGE"]]
        due = [(one["CHARGE"], one["CHARGE used"] + event["REFUND used"]) for one in runs]
        right = {cost - (2 * used * rate + 1) // 2 for cost, used in due for rate in (0, *rates)}
        if back and back not in right and (runs or not told["since_time"]):
            yield f"job {job}, run {attempt}: {back} refunded of {charged} charged"
    if any(held < -held_before for held in holds.values()):
        yield "of a job more is released than was held"
    closing = {one["grant"]: one["closing"] for one in told["grants"]}
    if closing != now or kinds != {one["kind"]: one["amount_gpu_seconds"] for one in told["kinds"]}:
        yield "the sums by grant or by kind are not those of the lines"

if __name__ == "__main__":
    found = list(faults(json.load(open(sys.argv[1])), list(map(Fraction, sys.argv[2:] or "1"))))
    sys.exit("\n".join(found)) if found else print("adds up")
