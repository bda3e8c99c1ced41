"""A progress bar on standard error, for a person who waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from scheduler.cli.language import spoken
from scheduler.cli.simulation.running import Progress as Tell
from scheduler.cli.terminal import printable

MOST_LETTERS = 32


@contextmanager
def shown_progress(window_s: float, titles: Sequence[str]) -> Iterator[Tell]:
    """Show how far each policy's simulation has come, and how long it will take yet.

    Where standard error is no terminal nothing is shown.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        *(BarColumn(), TaskProgressColumn(), TimeRemainingColumn()),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        tasks = [bars.add_task(_short(title), total=window_s) for title in titles]
        yield lambda number, seconds: bars.update(tasks[number], completed=seconds)


def _short(title: str) -> str:
    text = printable(spoken(title))
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
