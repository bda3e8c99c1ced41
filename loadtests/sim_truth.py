"""Does the simulator tell the truth? The same engine and jobs on it and on a real Slurm."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.progress import Progress

from loadtests.figures import Figure
from loadtests.head_to_head.cluster import OwnSlurm, own_slurm
from loadtests.head_to_head.cut import GPUS_PER_NODE, CutJob, workload
from loadtests.head_to_head.records import read_records
from loadtests.head_to_head.tendik import POLICY
from loadtests.head_to_head.workload import TENANT_CLASS, members_of, next_second
from loadtests.sim_truth_jobs import (
    CYCLE_S,
    Cycles,
    Runs,
    cycles_of,
    in_step,
    same_order,
    script_of,
    within_one_cycle,
)
from loadtests.stack import ROOT
from scheduler.backend.slurm_cli import SlurmCliBackend
from scheduler.backend.slurm_pyslurm import SlurmPyslurmBackend, pyslurm_usable
from scheduler.clock import ManualClock, SystemClock
from scheduler.deciders import FALLBACK, allocator_of, decider
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Project, Tenant, User
from scheduler.engine.loop import Engine
from scheduler.engine.world import World
from scheduler.policy_files import policy_version
from scheduler.ports import Allocator, Backend, Store
from scheduler.simulation.replay import Setup, replay
from scheduler.simulation.workload import Workload, WorkloadJob
from scheduler.store.sql import open_store
from scheduler.view import LatestView

FOLDER = ROOT / "build" / "sim-truth"
PROJECT = "research"
LONGEST_CYCLES = 1800 // CYCLE_S


def main(
    trace: Annotated[Path | None, typer.Option(help="a trace to cut from; none: made up")] = None,
    jobs: Annotated[int, typer.Option(help="how many jobs of the cut, from the first")] = 400,
) -> None:
    """Run both, about 10 minutes, and write two figures; exit code 1 when one does not hold.

    `build/sim-truth/cycles.json` says which jobs ran when, those that came apart first.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    title, whole = workload(trace)
    cut = whole[:jobs]
    steps = in_step(cut)
    simulated = simulated_runs(steps)
    real = real_runs(cut, steps)
    write_runs(real, simulated, FOLDER / "cycles.json")
    title = f"{len(cut)} of the {title}"
    figures = tuple(figures_of(cycles_of(real), cycles_of(simulated), title))
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def figures_of(real: Cycles, simulated: Cycles, title: str) -> Iterator[Figure]:
    near, order = within_one_cycle(real, simulated), same_order(real, simulated)
    exact = sum(real[name] == simulated[name] for name in real)
    detail = f"{title}; {exact} of {len(real)} in the very same cycle of {CYCLE_S} s"
    yield Figure("sim_truth_starts", near, "within a cycle", ">= 0.95", near >= 0.95, detail)
    yield Figure("sim_truth_order", order, "of pairs", "1", order == 1.0, detail)


def write_runs(real: Runs, simulated: Runs, path: Path) -> None:
    """Store both runs of each job, in seconds since cycle 0, as they came apart."""
    ours, theirs = cycles_of(real), cycles_of(simulated)
    names = sorted(real, key=lambda name: (ours[name] == theirs[name], ours[name], name))
    rows = [{"job": name, "real": real[name], "simulated": simulated[name]} for name in names]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def allocator() -> Allocator:
    return allocator_of(decider("cp-sat"))


def simulated_runs(steps: Workload) -> Runs:
    setup = Setup(
        allocator(),
        FALLBACK,
        POLICY,
        cycle_s=CYCLE_S,
        at_least_every_s=CYCLE_S,
        node_gpus=GPUS_PER_NODE,
    )
    return {job.job_id: (job.start_s, job.end_s) for job in replay(steps, setup).jobs}


def real_runs(cut: Sequence[CutJob], steps: Workload) -> Runs:
    """Return slurmctld's own start and end times. Raises TimeoutError when jobs are left."""
    accounts = [member.unix_account for member in members_of(cut)]
    with (
        own_slurm(FOLDER / "slurm", "in-order", accounts) as slurm,
        rig(slurm, cut, allocator()) as real,
    ):
        start_s = real.drive(steps.jobs)
        records = read_records(slurm, cut, start_s)
    return {one.name: (one.start_s - start_s, one.end_s - start_s) for one in records.spent}


@contextmanager
def rig(slurm: OwnSlurm, cut: Sequence[CutJob], allocate: Allocator) -> Iterator[Rig]:
    """Yield the engine on a real Slurm, as the service runs it but ticked by hand.

    Its clock stands at the moment of the cycle. Slurm's times are whole seconds: to a clock some
    milliseconds on, a job that is to end when a planned start begins would end just after it.
    """
    clock = ManualClock()
    with closing(open_store("sqlite://")) as store:
        store.apply_policy(policy_version(POLICY, "admin", clock.now()), expected=0)
        found(store, cut)
        policy = store.current_policy()
        if policy is None:
            raise RuntimeError("the store was founded without a policy")
        with closing(backend_of(slurm, store)) as backend:
            view = LatestView(backend.name, policy)
            world = World(store, backend, allocate, clock, view, fallback=FALLBACK)
            yield Rig(store, Engine(world), clock)


def backend_of(slurm: OwnSlurm, store: Store) -> Backend:
    conf, installation = str(slurm.slurm_conf), store.installation()
    chosen = SlurmPyslurmBackend if pyslurm_usable(conf) else SlurmCliBackend
    return chosen(SystemClock(), installation, conf)


def found(store: Store, cut: Sequence[CutJob]) -> None:
    for member in members_of(cut):
        store.add_organisation(Organisation(member.organisation, member.title, TENANT_CLASS))
        store.add_project(Project(member.organisation, PROJECT, "Research"))
        user = User(member.user, member.organisation, PROJECT, member.unix_account)
        store.add_user(user, f"no token of {member.user}")


@dataclass(frozen=True, slots=True)
class Rig:
    """The engine and its store; whoever drives it says when a cycle runs."""

    store: Store
    engine: Engine
    clock: ManualClock

    def drive(self, jobs: Sequence[WorkloadJob]) -> int:
        """Tick on the grid of cycles until all has ended; return the second of cycle 0.

        Raises TimeoutError when jobs are left after half an hour.
        """
        start_s = next_second()
        coming = list(jobs)
        with Progress() as progress:
            ended = progress.add_task("on real Slurm", total=len(jobs))
            for cycle in range(LONGEST_CYCLES):
                time.sleep(max(0.0, start_s + cycle * CYCLE_S - time.time()))
                coming = self._cycle(coming, cycle * CYCLE_S, start_s)
                left = len(coming) + len(self.store.pending()) + len(self.store.holding())
                progress.update(ended, completed=len(jobs) - left)
                if not left:
                    return start_s
        raise TimeoutError(f"jobs are left after {LONGEST_CYCLES} cycles")

    def _cycle(
        self, coming: Sequence[WorkloadJob], passed_s: int, start_s: int
    ) -> list[WorkloadJob]:
        """Hand in what has come by now, tick, and return what comes later."""
        due = [job for job in coming if job.submit_s <= passed_s]
        for answer in self.store.add_jobs([_request(job, start_s) for job in due]):
            if isinstance(answer, Exception):
                raise answer
        cycle_at = datetime.fromtimestamp(start_s + passed_s, UTC)
        self.clock.advance((cycle_at - self.clock.now()).total_seconds())
        self.engine.tick()
        return list(coming[len(due) :])


def _request(job: WorkloadJob, start_s: int) -> NewJobs:
    tenant = Tenant(TENANT_CLASS, job.organisation, PROJECT, job.user)
    at = datetime.fromtimestamp(start_s, UTC) + timedelta(seconds=job.submit_s)
    return NewJobs(tenant, job.user, read_job(script_of(job)).spec, "", "", at)


if __name__ == "__main__":
    typer.run(main)
