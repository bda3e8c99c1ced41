"""Writes what a simulation found: a table for people, records for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.cli.policy.records import SIMULATION
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.simulation.running import ALLOCATOR
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import note, say
from scheduler.cli.times import span
from scheduler.simulation.site import Site
from scheduler.simulation.site_comparison import (
    Change,
    Comparison,
    Fared,
    OrganisationFare,
    Whole,
)
from scheduler.texts import Said, listed, said

DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """A comparison, and of what: the site, the policies' titles, and how cycles were run."""

    site: Site
    comparison: Comparison
    titles: tuple[str, str]
    cycle_s: float
    cycles: tuple[int, int]

    @property
    def days(self) -> float:
        return self.site.window_s / DAY_S

    @property
    def jobs(self) -> int:
        return sum(not job.came_before for job in self.site.jobs)


def tell(simulated: Simulated, notes: Iterable[Said], form: Format) -> None:
    """Write the comparison; who loses comes first."""
    if form.for_programs:
        print_data(form, SIMULATION, _fields(simulated))
        return
    old, new = simulated.titles
    site = simulated.site
    note(
        said(
            "{days:.1f} days, {jobs:,} jobs, {gpus:,} GPUs: {old} -> {new}",
            days=simulated.days,
            jobs=simulated.jobs,
            gpus=site.capacity_gpus,
            old=old,
            new=new,
        )
    )
    for one in (*notes, *_how(simulated)):
        note(one)
    print_table(Table(_COLUMNS, list(_rows(simulated.comparison.organisations))), form)
    say(_whole(simulated.comparison))


def _how(simulated: Simulated) -> Iterator[Said]:
    yield said(
        "decided by the {allocator} allocator, in cycles at least {seconds} s apart",
        allocator=ALLOCATOR,
        seconds=f"{simulated.cycle_s:g}",
    )
    yield said(
        "not in it: usage from before, nodes that fail, jobs of others, refusals that left no "
        "trace, and what people would have done otherwise"
    )


_COLUMNS = (
    *map(Column, (said("ORGANISATION"), said("CLASS"))),
    Column(said("JOBS"), right=True),
    *map(Column, (said("GPU-HOURS"), said("MEDIAN WAIT"), said("95 % WAIT"))),
    *map(Column, (said("RECALLS"), said("REFUSED"), said("CHANGE"))),
)
_CHANGES: Mapping[Change, Cell] = {
    Change.LOSES: Cell(said("loses"), "red"),
    Change.MIXED: Cell(said("gains and loses"), "yellow"),
    Change.GAINS: Cell(said("gains"), "green"),
    Change.SAME: Cell(said("no difference"), "dim"),
}


def _rows(fares: Iterable[OrganisationFare]) -> Iterator[Row]:
    order = list(_CHANGES)
    for one in sorted(fares, key=lambda fare: order.index(fare.change)):
        old, new = one.old, one.new
        yield (
            one.organisation,
            one.tenant_class,
            f"{old.jobs:,}",
            _pair(f"{old.gpu_hours:,.0f}", f"{new.gpu_hours:,.0f}"),
            _pair(_wait(old, old.wait_median_s), _wait(new, new.wait_median_s)),
            _pair(_wait(old, old.wait_p95_s), _wait(new, new.wait_p95_s)),
            _pair(f"{old.recalls:,}", f"{new.recalls:,}"),
            _pair(f"{old.refusals:,}", f"{new.refusals:,}"),
            _CHANGES[one.change],
        )


def _wait(fared: Fared, seconds: float) -> str:
    """Return a wait; none where every job was refused."""
    return span(seconds) if fared.jobs > fared.refusals else "-"


def _pair(old: str, new: str) -> str:
    return old if old == new else listed((old, new), " -> ")


def _whole(comparison: Comparison) -> Said:
    old, new = comparison.old, comparison.new
    return said(
        "in all: utilisation {utilisation}, evenness (Jain) {jain}, recalls {recalls}, refused "
        "{refused}, still waiting {waiting}",
        utilisation=_pair(f"{old.utilisation:.1%}", f"{new.utilisation:.1%}"),
        jain=_pair(f"{old.jain:.3f}", f"{new.jain:.3f}"),
        recalls=_pair(f"{old.recalls:,}", f"{new.recalls:,}"),
        refused=_pair(f"{old.refusals:,}", f"{new.refusals:,}"),
        waiting=_pair(f"{old.waiting:,}", f"{new.waiting:,}"),
    )


def _fields(simulated: Simulated) -> dict[str, Any]:
    comparison = simulated.comparison
    return {
        "days": round(simulated.days, 3),
        "jobs": simulated.jobs,
        "gpus": simulated.site.capacity_gpus,
        "allocator": ALLOCATOR,
        "cycle_seconds": simulated.cycle_s,
        "before": _side(simulated, 0, comparison.old),
        "after": _side(simulated, 1, comparison.new),
        "organisations": list(map(_fare, comparison.organisations)),
    }


def _side(simulated: Simulated, place: int, whole: Whole) -> dict[str, Any]:
    return {
        "title": simulated.titles[place],
        "cycles": simulated.cycles[place],
        "utilisation": round(whole.utilisation, 6),
        "jain": round(whole.jain, 6),
        "recalls": whole.recalls,
        "refusals": whole.refusals,
        "still_waiting": whole.waiting,
    }


def _fare(fare: OrganisationFare) -> dict[str, Any]:
    return {
        "organisation": fare.organisation,
        "tenant_class": fare.tenant_class,
        "change": fare.change.name,
        "before": _fared(fare.old),
        "after": _fared(fare.new),
    }


def _fared(fared: Fared) -> dict[str, Any]:
    return {
        "jobs": fared.jobs,
        "gpu_hours": round(fared.gpu_hours, 3),
        "wait_median_seconds": round(fared.wait_median_s, 3),
        "wait_p95_seconds": round(fared.wait_p95_s, 3),
        "recalls": fared.recalls,
        "refusals": fared.refusals,
        "still_waiting": fared.waiting,
    }
