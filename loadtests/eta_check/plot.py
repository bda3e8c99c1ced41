"""Draws how estimates came out: covered parts by predicted wait, and each wait beside its P50."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.eta_check.watched import CLASSES, Judged

TENTHS = 10
MINUTE_S = 60.0


def draw(judged: Sequence[Judged], path: Path, title: str) -> Path:
    """Draw both pictures into one file and return it."""
    figure = Figure(figsize=(13, 5.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_reliability(left, sorted(judged, key=lambda one: one.p50_s))
    _draw_waits(right, judged)
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return path


def _draw_reliability(axes: Axes, by_p50: Sequence[Judged]) -> None:
    size = max(1, len(by_p50) // TENTHS)
    tenths = [by_p50[start : start + size] for start in range(0, len(by_p50), size)]
    middles = [tenth[len(tenth) // 2].p50_s / MINUTE_S for tenth in tenths]
    p50s = [sum(one.is_within_p50 for one in tenth) / len(tenth) for tenth in tenths]
    p90s = [sum(one.is_within_p90 for one in tenth) / len(tenth) for tenth in tenths]
    for parts, goal, colour, name in ((p90s, 0.9, "C0", "P90"), (p50s, 0.5, "C1", "P50")):
        axes.plot(middles, parts, "o-", color=colour, label=f"started within {name}")
        axes.axhline(goal, color=colour, linestyle=":", linewidth=1)
    axes.set(xscale="symlog", ylim=(0, 1.02), xlabel="P50 of the wait, minutes", ylabel="part")
    axes.legend()


def _draw_waits(axes: Axes, judged: Sequence[Judged]) -> None:
    for name in CLASSES:
        of_class = [one for one in judged if one.tenant_class == name]
        p50s = [one.p50_s / MINUTE_S for one in of_class]
        axes.scatter(p50s, [one.wait_s / MINUTE_S for one in of_class], s=5, label=name)
    most = max(max(one.wait_s, one.p50_s) for one in judged) / MINUTE_S
    axes.plot([0, most], [0, most], color="0.4", linewidth=1)
    axes.set(xscale="symlog", yscale="symlog", xlabel="P50 of the wait, minutes")
    axes.set_ylabel("wait, minutes")
    axes.legend(markerscale=3)
