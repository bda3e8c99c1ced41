"""What a schedule left behind: each job with the times at which it came, ran and ended."""

from __future__ import annotations

from dataclasses import dataclass

Spell = tuple[float, float]  # from, to: the job held its whole gang


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """One job of a schedule; all times are seconds on one clock whose zero does not matter.

    `run_s` is the work: how long the gang runs when nothing interferes. `start_s` is the first
    start, `end_s` the last end. `spells` says when the gang was held; empty means from `start_s`
    to `end_s` without a break. A recalled job has more spells than one, and may hold its gang for
    longer than `run_s` altogether where work was lost or saved to disk. `start_by_s` is the bound
    on its wait, where one was promised.
    """

    job_id: str
    organisation: str
    user: str
    gpus: int
    submit_s: float
    start_s: float
    end_s: float
    run_s: float
    recalls: int = 0
    spells: tuple[Spell, ...] = ()
    recallable: bool = False
    start_by_s: float | None = None

    def __post_init__(self) -> None:
        if self.gpus < 1 or self.run_s < 0 or self.recalls < 0:
            raise ValueError(f"a job needs a GPU and no negative amounts: {self}")
        if not self.submit_s <= self.start_s <= self.end_s:
            raise ValueError(f"a job is submitted, then starts, then ends: {self}")

    @property
    def held(self) -> tuple[Spell, ...]:
        """Return when the gang was held."""
        return self.spells or ((self.start_s, self.end_s),)

    @property
    def held_s(self) -> float:
        return sum(end - start for start, end in self.held)

    @property
    def turnaround_s(self) -> float:
        return self.end_s - self.submit_s

    @property
    def wait_s(self) -> float:
        """Return the seconds without the gang, from submission to the end, recalls included."""
        return max(0.0, self.turnaround_s - self.held_s)

    def bounded_slowdown(self, bound_s: float) -> float:
        """Return turnaround ÷ work, at least 1; work shorter than the bound counts as the bound.

        Feitelson et al., "Theory and practice in parallel job scheduling", 1997.
        """
        return max(1.0, self.turnaround_s / max(self.run_s, bound_s))
