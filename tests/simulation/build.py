"""Builders of finished jobs and workloads: say what matters, the rest has a sensible default."""

from __future__ import annotations

from itertools import count

from scheduler.simulation.finished import FinishedJob, Spell

_NUMBERS = count(1)


def ran(
    organisation: str = "alpha",
    gpus: int = 1,
    *,
    submit_s: float = 0,
    start_s: float | None = None,
    run_s: float = 100,
    spells: tuple[Spell, ...] = (),
) -> FinishedJob:
    """Return a job that started when submitted, unless told, and ran to its end."""
    start = spells[0][0] if spells else submit_s if start_s is None else start_s
    end = spells[-1][1] if spells else start + run_s
    return FinishedJob(
        job_id=f"j{next(_NUMBERS):04}",
        organisation=organisation,
        user=f"{organisation}-user",
        gpus=gpus,
        submit_s=submit_s,
        start_s=start,
        end_s=end,
        run_s=run_s,
        recalls=max(0, len(spells) - 1),
        spells=spells,
    )
