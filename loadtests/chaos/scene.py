"""What a fault works on: the cluster, both submitters with their jobs, and a seeded clock."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from deploy.slurm.devcluster.daemons import Daemon, stop
from loadtests.chaos.fragile_slurm import FragileSlurm
from loadtests.chaos.naive import NaiveSubmitter
from loadtests.chaos.ours import UNANSWERED, Ours
from loadtests.chaos.sbatch_watch import SbatchWatch

# How long a fault waits for its moment before it strikes all the same.
MOMENT_LIMIT_S = 8.0
LOOK_S = 0.002


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that was done, so many seconds after the round's begin."""

    at_s: float
    what: str


@dataclass(slots=True)
class Scene:
    """One round as a fault sees it. Every choice comes from `chance`, and is written down."""

    slurm: FragileSlurm
    ours: Ours
    chance: Random
    start: Callable[[], tuple[dict[str, int], NaiveSubmitter]]
    began_s: float = field(default_factory=time.monotonic)
    moments: list[Moment] = field(default_factory=list)
    job_ids: dict[str, int] = field(default_factory=dict)
    naive: NaiveSubmitter | None = None
    watch: SbatchWatch = field(default_factory=SbatchWatch)

    def submit(self) -> None:
        """Hand the round's jobs to the service and to the naive submitter."""
        self.job_ids, self.naive = self.start()
        self.note("submitted")

    def note(self, what: str) -> None:
        self.moments.append(Moment(round(time.monotonic() - self.began_s, 3), what))

    def pause(self, least_s: float, most_s: float) -> None:
        time.sleep(self.chance.uniform(least_s, most_s))

    def wait_for_answers(self) -> None:
        """Return once Slurm has acknowledged every job of both, or the limit has passed."""
        self._wait(lambda: self._ours_are_answered() and self._naive_is_answered())
        self.note("acknowledged")

    def wait_until_in_flight(self) -> None:
        """Return at a moment at which an sbatch of the service is running."""

        def in_flight() -> bool:
            self.watch.look()
            return self.watch.running_below(self.ours.pid) > 0

        self._wait(in_flight)

    def kill(self, daemon: Daemon) -> None:
        self.note(f"{daemon.name} killed")
        daemon.kill()

    def end(self, daemon: Daemon) -> None:
        """Stop a daemon as an operator does, who lets it save."""
        self.note(f"{daemon.name} ended")
        stop(daemon.pid_file)

    def begin(self, daemon: Daemon) -> None:
        daemon.start()
        self.note(f"{daemon.name} started")

    def stall(self, daemon: Daemon, least_s: float, most_s: float) -> None:
        """Stop a daemon's clock for a while."""
        with self.stalled(daemon):
            self.pause(least_s, most_s)

    @contextmanager
    def stalled(self, daemon: Daemon) -> Iterator[None]:
        """Stop a daemon's clock for the block; it goes on as if nothing had been."""
        self.note(f"{daemon.name} stalled")
        daemon.send(signal.SIGSTOP)
        try:
            yield
        finally:
            daemon.send(signal.SIGCONT)
        self.note(f"{daemon.name} goes on")

    def kill_submitters(self, kill_ours: Callable[[], None]) -> None:
        """Kill each submitter when Slurm has answered some of its jobs and none is written down."""
        naive = self.naive
        if naive is None:
            raise RuntimeError("nothing was submitted yet")
        answers = self.chance.randint(1, len(self.job_ids) - 1), self.chance.randint(1, 3)
        waiting = [
            ("service", self.ours.pid, answers[0], kill_ours),
            ("naive submitter", naive.process.pid, answers[1], naive.kill),
        ]

        def all_are_killed() -> bool:
            self.watch.look()
            for victim in list(waiting):
                name, pid, wanted, kill = victim
                if self.watch.ended_below(pid) >= wanted:
                    kill()
                    self.note(f"{name} killed after {wanted} answers")
                    waiting.remove(victim)
            return not waiting

        self._wait(all_are_killed)
        for _, _, _, kill in waiting:
            kill()
        naive.begin_anew()

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + MOMENT_LIMIT_S
        while not condition():
            if time.monotonic() > deadline:
                self.note("the moment did not come")
                return
            time.sleep(LOOK_S)

    def _ours_are_answered(self) -> bool:
        jobs = self.ours.jobs(tuple(self.job_ids.values()))
        return all(job.state not in UNANSWERED for job in jobs)

    def _naive_is_answered(self) -> bool:
        return self.naive is not None and self.naive.has_answers
