"""Pictures of a simulation: what organisations held, how long they waited, over the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.language import spoken
from scheduler.cli.terminal import note, printable
from scheduler.simulation.site import Site
from scheduler.simulation.site_comparison import (
    Comparison,
    Fared,
    OrganisationFare,
    held_by_organisation,
)
from scheduler.simulation.site_replay import SiteSchedule
from scheduler.simulation.timelines import Bins
from scheduler.texts import said

if TYPE_CHECKING:  # these names exist for the type checker only
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = 160
MOST_BARS, MOST_LINES = 20, 6
HOUR_S, DAY_S = 3600.0, 24 * 3600.0
# Told apart by eyes that do not tell red from green.
COLOURS = ("#999999", "#0072b2")


@dataclass(frozen=True, slots=True)
class _Scene:
    site: Site
    schedules: Sequence[SiteSchedule]
    fares: Sequence[OrganisationFare]
    titles: Sequence[str]


def draw_all(
    site: Site,
    schedules: Sequence[SiteSchedule],
    comparison: Comparison,
    titles: Sequence[str],
    folder: str,
) -> None:
    """Write the pictures. Raises CliError without matplotlib, or where the folder takes none."""
    figure_of = _figures()
    scene = _Scene(site, schedules, comparison.organisations, [printable(one) for one in titles])
    pictures: Mapping[str, Callable[[_Scene, Figure], None]] = {
        "gpu-hours": _draw_hours,
        "waits": _draw_waits,
        "utilisation": _draw_utilisation,
        "organisations": _draw_organisations,
    }
    for name, draw in pictures.items():
        figure = figure_of()
        draw(scene, figure)
        path = Path(folder) / f"{name}.png"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=110)
        except OSError as error:
            reason = error.strerror or str(error)
            raise usage_error(
                said("cannot write {path}: {reason}", path=path, reason=reason)
            ) from error
        note(said("wrote {path}", path=path))


def check_plots() -> None:
    """Raise CliError where no pictures can be drawn: better before hours of work than after."""
    _figures()


def _figures() -> Callable[[], Figure]:
    try:
        # Imported here because it is an extra, and slow to load.
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        message = said(
            "--plots needs matplotlib, which is not installed; add it with: {command}",
            command="pip install 'tendik[plots]'",
        )
        raise CliError(message, ExitCode.USAGE) from None
    return lambda: Figure(figsize=(13, 8), layout="constrained")


def _draw_hours(scene: _Scene, figure: Figure) -> None:
    axes = figure.subplots()
    _bars(axes, scene, lambda fared: fared.gpu_hours)
    axes.set_ylabel(spoken(said("GPU-hours")))


def _draw_waits(scene: _Scene, figure: Figure) -> None:
    median, most = figure.subplots(2, sharex=True)
    _bars(median, scene, lambda fared: fared.wait_median_s / HOUR_S)
    median.set_ylabel(spoken(said("median wait, hours")))
    _bars(most, scene, lambda fared: fared.wait_p95_s / HOUR_S)
    most.set_ylabel(spoken(said("95 % wait, hours")))


def _bars(axes: Axes, scene: _Scene, value: Callable[[Fared], float]) -> None:
    """Draw both policies beside each other for the organisations with the most GPU-hours."""
    fares = _biggest(scene.fares)
    for number, title in enumerate(scene.titles):
        heights = [value(fare.new if number else fare.old) for fare in fares]
        places = [place + (number - 0.5) * 0.4 for place in range(len(fares))]
        axes.bar(places, heights, 0.4, color=COLOURS[number], label=title)
    names = [printable(fare.organisation) for fare in fares]
    axes.set_xticks(range(len(fares)), names, rotation=45, ha="right", fontsize=8)
    axes.grid(visible=True, axis="y", alpha=0.25)
    axes.set_axisbelow(True)
    axes.legend(fontsize=8)


def _biggest(fares: Sequence[OrganisationFare]) -> Sequence[OrganisationFare]:
    return sorted(fares, key=lambda fare: -max(fare.old.gpu_hours, fare.new.gpu_hours))[:MOST_BARS]


def _draw_utilisation(scene: _Scene, figure: Figure) -> None:
    axes = figure.subplots()
    capacity = scene.site.capacity_gpus
    for number, (title, schedule) in enumerate(zip(scene.titles, scene.schedules, strict=True)):
        held = held_by_organisation(scene.site.jobs, schedule)
        means = _means(scene.site, [spell for spells in held.values() for spell in spells])
        parts = [gpus / capacity for gpus in means]
        axes.plot(_days(scene.site), parts, color=COLOURS[number], label=title)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel(spoken(said("utilisation")))
    _time_axis(axes, scene.site)
    axes.legend(fontsize=8)


def _draw_organisations(scene: _Scene, figure: Figure) -> None:
    """Draw what those held over time whose GPU-hours the policies change the most."""
    fares = sorted(scene.fares, key=lambda one: -abs(one.new.gpu_hours - one.old.gpu_hours))
    fares = fares[:MOST_LINES]
    held = [held_by_organisation(scene.site.jobs, schedule) for schedule in scene.schedules]
    grid = figure.subplots(max(1, (len(fares) + 1) // 2), 2, squeeze=False, sharex=True)
    for place, fare in enumerate(fares):
        axes = grid[place // 2][place % 2]
        for number, title in enumerate(scene.titles):
            means = _means(scene.site, held[number].get(fare.organisation, ()))
            axes.plot(_days(scene.site), means, color=COLOURS[number], label=title, linewidth=1)
        axes.set_title(printable(fare.organisation), fontsize=9)
        axes.set_ylabel(spoken(said("GPUs held")), fontsize=8)
        axes.set_ylim(bottom=0)
        _time_axis(axes, scene.site)
    for place in range(len(fares), 2 * len(grid)):
        grid[place // 2][place % 2].set_visible(False)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)


def _means(site: Site, spells: Sequence[tuple[float, float, int]]) -> Sequence[float]:
    bins = Bins(0.0, site.window_s, BINS)
    for start_s, end_s, gpus in spells:
        bins.add(start_s, end_s, gpus)
    return bins.means


def _days(site: Site) -> list[float]:
    return [middle / DAY_S for middle in Bins(0.0, site.window_s, BINS).middles_s]


def _time_axis(axes: Axes, site: Site) -> None:
    axes.set_xlim(0, site.window_s / DAY_S)
    axes.set_xlabel(spoken(said("days")), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.25)
