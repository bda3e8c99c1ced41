"""What a leader does that was stopped past its lease at one step, followed, and let go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loadtests.failover.cluster import SharedCluster, served
from loadtests.failover.leader import FOLLOWS, INTERVAL_S, ON_ITS_WAY, world_of
from scheduler.backend.simulated import FIRST_SLURM_ID
from scheduler.clock import SystemClock
from scheduler.domain.cluster import BackendJob
from scheduler.domain.jobs import JobState
from scheduler.domain.records import JobQuery, NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Tenant
from scheduler.engine.leadership import Leased
from scheduler.engine.loop import Engine
from scheduler.errors import StoreUnavailable
from scheduler.journal import log_as_json
from scheduler.policy_files import policy_version
from scheduler.store.sql import SqlStore, open_store

POLICY = 'title = "Failover"\n[classes.all]\n'
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=8\nsleep 600\n"
# From when the one that was stopped knows that it follows: time for another tick, and a renewal.
WATCHED_S = 0.5
# The follower's lease: nobody else comes to lead while the stopped one is watched.
LONG_S = 60.0
PATIENCE_S = 60.0
SLURM_IDS = range(FIRST_SLURM_ID, FIRST_SLURM_ID + 100)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What came of one step; `effects` are the stopped one's, after it was followed.

    A leader that was not `reached` did not come there in time: what it does when varies.

    `harm` is what no step may bring about, whatever was on its way: a job that ran twice, one
    that never ran, or a cancelled one that did.
    """

    step: str
    effects: tuple[str, ...]
    harm: tuple[str, ...]
    reached: bool = True

    @property
    def was_on_its_way(self) -> bool:
        return ON_ITS_WAY in self.step


class Scene:
    """A store with two jobs, a cluster, and a leader in a process of its own."""

    def __init__(self, url: str, folder: Path, stop_at: str = "") -> None:
        self.store: SqlStore = open_store(url)
        self.cluster = SharedCluster()
        self.socket = folder / "cluster"
        self.kept, self.unwanted = _two_jobs(self.store)
        self._command = [sys.executable, "-m", "loadtests.failover.leader", url, str(self.socket)]
        self._stop_at = stop_at
        self._steps = folder / "steps"

    @contextmanager
    def led(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the leader for the length of the block."""
        with (
            served(self.cluster, self.socket),
            self._steps.open("wb") as steps,
            subprocess.Popen(
                [*self._command, self._stop_at],
                stdin=subprocess.PIPE, stdout=steps, stderr=subprocess.DEVNULL,
            ) as process,
        ):  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def steps(self) -> list[str]:
        """Return the steps that the leader has come to."""
        return self._steps.read_text(encoding="utf-8").splitlines()

    def cancel_once_held(self) -> None:
        """The user of one job changes his mind as soon as Slurm has it."""
        if self.store.job(self.unwanted).state is JobState.HELD:
            self.store.request_cancel(self.unwanted, SystemClock().now())

    def is_quiet(self) -> bool:
        """Say whether the one job runs and the other has ended."""
        kept, unwanted = self.store.job(self.kept), self.store.job(self.unwanted)
        return (kept.state, unwanted.state) == (JobState.RUNNING, JobState.CANCELLED)

    def marks(self) -> dict[str, object]:
        """Return everything that an engine could change."""
        return {
            "events": self.store.last_event_id(),
            "cycles": self.store.last_cycle(),
            "jobs": self.store.jobs(JobQuery()),
            "asked of the cluster": tuple(self.cluster.asked),
        }

    def harm(self) -> Iterator[str]:
        """Yield what must never have happened, once all is quiet."""
        if not self.is_quiet():
            yield f"not quiet: {[job.state.value for job in self.store.jobs(JobQuery())]}"
        ran = [job.job_id for job in self.cluster.read(SLURM_IDS).jobs if _has_run(job)]
        if ran != [self.kept]:
            yield f"ran: {ran}, wanted: {[self.kept]}"


def quiet() -> None:
    """Leave out what a leader says of being stopped: that is what happens here all the time."""
    log_as_json("critical")


def steps_of(url: str) -> tuple[str, ...]:
    """Let a leader do all its work unstopped, and return the steps it came to, each once."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(url, Path(folder))
        with closing(scene.store), scene.led():
            _until(scene.is_quiet, scene.cancel_once_held)
            time.sleep(2 * WATCHED_S)
            return tuple(scene.steps())


def stopped_at(step: str, url: str) -> Stopped:
    """Stop a leader there, let another engine lead, and let the first go on."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(url, Path(folder), step)
        with closing(scene.store), closing(open_store(url)) as store, scene.led() as process:
            if not _until(lambda: _is_stopped(process.pid), scene.cancel_once_held):
                return Stopped(step, (), (), reached=False)
            with suppress(StoreUnavailable):  # the stopped one may have the writers' turn
                scene.cancel_once_held()
            leadership = Leased(store, "the one that follows", LONG_S)
            world = world_of(store, scene.cluster, leadership)
            engine = Engine(world)
            if not _until(lambda: world.view.latest().leads, engine.careful_tick):
                return Stopped(step, (), ("nobody came to lead",))
            before, done = scene.marks(), len(scene.steps())
            process.send_signal(signal.SIGCONT)
            if not _until(lambda: any(FOLLOWS in step for step in scene.steps()[done:])):
                return Stopped(step, ("does not follow",), ())
            time.sleep(WATCHED_S)
            after = scene.marks()
            effects = tuple(what for what in before if before[what] != after[what])
            if not store.renew_lease(leadership.demand(), LONG_S):
                effects = (*effects, "lease")
            store.request_cancel(scene.unwanted, SystemClock().now())
            _until(scene.is_quiet, engine.careful_tick)
            return Stopped(step, effects, tuple(scene.harm()))


def _two_jobs(store: SqlStore) -> Sequence[int]:
    now = SystemClock().now()
    store.apply_policy(policy_version(POLICY, "admin", now), expected=0)
    store.add_organisation(Organisation("alpha", "Alpha", "all"))
    tenant = Tenant("all", "alpha", "research", "alpha-user")
    new = NewJobs(tenant, "alpha", read_job(SCRIPT).spec, "", "", now)
    answers = store.add_jobs([new, new])
    return [answer[0].job_id for answer in answers if isinstance(answer, tuple)]


def _until(condition: Callable[[], bool], act: Callable[[], object] = int) -> bool:
    """Act again and again until it holds; say whether it does, in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (holds := condition()) and time.monotonic() < deadline_s:
        act()
        time.sleep(INTERVAL_S / 5)
    return holds


def _is_stopped(pid: int) -> bool:
    """Say whether the process was stopped. Raises ChildProcessError when it has ended."""
    done, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    if done and not os.WIFSTOPPED(status):
        raise ChildProcessError("the leader ended before it came to the step")
    return bool(done)


def _has_run(job: BackendJob) -> bool:
    return job.started_at is not None
