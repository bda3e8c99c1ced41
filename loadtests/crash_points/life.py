"""One life of an engine that dies at a named point: the story it tells, and where it may die."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from traceback import walk_stack
from types import FrameType
from typing import Any

from loadtests.crash_points.cluster import Cluster
from loadtests.seeds import quiet
from scheduler.allocator.greedy import allocate_greedily
from scheduler.clock import EPOCH
from scheduler.domain.budgets.grants import STEPS, Fund, Grant, GrantState, GrantStep, stepped
from scheduler.domain.budgets.ledger import price_of
from scheduler.domain.jobs import TERMINAL
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.records import JobQuery, NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Project, Tenant
from scheduler.engine.loop import Engine
from scheduler.engine.world import Patience, World
from scheduler.errors import TendikError
from scheduler.policy_files import policy_version
from scheduler.ports import Clock
from scheduler.store.database import Database, open_database
from scheduler.store.migrate import migrate
from scheduler.store.sql import SqlStore
from scheduler.view import LatestView

POLICY = """
title = "Crash points"
[classes.universities]
[classes.startups]
grants = "required"
[usage]
weight = 0
[recall]
enabled = true
notice = "5s"
min_runtime = "5s"
"""
PATIENCE = Patience(resubmit_after_s=3, lost_after_s=30, confirm_after_s=3)
# A job that is recalled uses its notice.
SAVES = "trap 'echo saved' TERM"
CALLS = ("read", "submit", "release", "signal", "cancel")
# A life that comes to no rest is a fault: the story takes about 90 seconds of the cluster's clock.
LONGEST_S = 400
# GPU-seconds: more than all of beta's jobs hold at once; one grant ends in the middle.
GRANTED = 1_000_000
EXPIRES_S = 40
# What a life leaves where it dies at its point.
DIED = "died as it was to"


@dataclass(frozen=True, slots=True)
class Wish:
    """A request of the story: when it is handed in, by whom, and how it must end.

    `runs` are how often code of it begins, in all and recalls left out; `cancel_s` is when its end
    is asked for. `after` is the wish whose jobs its --dependency names, as {}.
    """

    at_s: int
    organisation: str
    directives: str
    sleep_s: int
    end: str = "completed"
    runs: int = 1
    cancel_s: int | None = None
    account: str = ""
    after: str = ""


# Two nodes of 8 GPUs. What alpha borrows is recalled for beta, and every other way is gone once.
STORY: Mapping[str, Wish] = {
    "short": Wish(0, "alpha", "--gpus=8", 4),
    "array": Wish(0, "beta", "--gpus=1 --array=1-2", 3, runs=2),
    "cancelled-while-held": Wish(0, "beta", "--gpus=1", 9, "cancelled", 0, cancel_s=2),
    "cancelled-while-it-runs": Wish(0, "beta", "--gpus=1", 60, "cancelled", 1, cancel_s=12),
    "borrowers": Wish(20, "alpha", "--gpus=8 --array=1-2 --requeue --time=10", 20, runs=2),
    "owner": Wish(26, "beta", "--gpus=8", 5),
    "cancelled-while-it-waits": Wish(27, "beta", "--gpus=8", 5, "cancelled", 0, cancel_s=28),
    "then": Wish(0, "beta", "--gpus=1 --dependency=afterok:{}", 2, after="short"),
    "never": Wish(
        *(0, "beta", "--gpus=1 --dependency=afterok:{} --kill-on-invalid-dep=yes", 2),
        *("cancelled", 0),
        after="cancelled-while-it-runs",
    ),
    "after-the-recalled": Wish(
        20, "beta", "--gpus=1 --dependency=afterok:{}", 2, after="borrowers"
    ),
    "unknown-account": Wish(60, "beta", "--gpus=1", 1, "failed", 0, account="nobody-knows"),
}


class Points:
    """Counts the points that a life passes, and ends it at one of them."""

    def __init__(self, die_at: tuple[str, int] | None, log: Path) -> None:
        self._die_at = die_at
        self._log = log
        self._passed: Counter[str] = Counter()

    def passed(self, name: str) -> None:
        self._passed[name] += 1
        if self._die_at == (name, self._passed[name]):
            self._log.write_text(DIED, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self) -> None:
        """Leave how often each point was passed: a life that leaves this came to a good end."""
        lines = (f"{count} {name}\n" for name, count in self._passed.items())
        self._log.write_text("".join(lines), encoding="utf-8")


class PointedDatabase(Database):
    """Passes a point before and after each commit, named after the store's method."""

    def __init__(self, database: Database, points: Points) -> None:
        super().__init__(database.engine, wait_s=5.0)
        self._points = points

    @contextmanager
    def write(self) -> Iterator[Any]:
        name = _method_of_the_store()
        with super().write() as connection:
            yield connection
            self._points.passed(f"{name}: before its commit")
        self._points.passed(f"{name}: committed")


def _method_of_the_store() -> str:
    frame = next(frame for frame, _ in walk_stack(None) if _is_of_the_store(frame))
    return frame.f_code.co_name.lstrip("_")


def _is_of_the_store(frame: FrameType) -> bool:
    return Path(frame.f_code.co_filename).name.startswith("sql_")


class PointedCluster:
    """The cluster as a backend that passes a point before and after each call."""

    name = "simulated"

    def __init__(self, cluster: Cluster, points: Points) -> None:
        self._cluster = cluster
        self._points = points

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._cluster, name)
        if name not in CALLS:
            return call

        def pointed(*arguments: object) -> Any:
            self._points.passed(f"{name}: before the call")
            answer = call(*arguments)
            self._points.passed(f"{name}: answered")
            return answer

        return pointed


class Researchers:
    """Hand in what is due, and ask for ends; what is not known to be answered is repeated."""

    def __init__(self, store: SqlStore, cluster: Cluster) -> None:
        self._store = store
        self._cluster = cluster
        self._job_ids: dict[str, range] = {}
        self._cancelled: set[str] = set()

    def act(self) -> None:
        passed_s = self._cluster.passed_s()
        due = [name for name, wish in STORY.items() if wish.at_s <= passed_s]
        self._submit([name for name in due if not STORY[name].after])
        self._submit([name for name in due if STORY[name].after])
        self._cancel(
            [
                name
                for name, wish in STORY.items()
                if wish.cancel_s is not None and wish.cancel_s <= passed_s
            ]
        )

    def _submit(self, names: Sequence[str]) -> None:
        new = [name for name in names if name not in self._job_ids]
        requests = [self._request(name) for name in new]
        answers = self._store.add_jobs(requests) if requests else []
        for name, answer in zip(new, answers, strict=True):
            if isinstance(answer, TendikError):
                raise answer
            self._job_ids[name] = range(answer[0].job_id, answer[-1].job_id + 1)

    def _request(self, name: str) -> NewJobs:
        wish = STORY[name]
        new = _request(name, wish, self._cluster)
        if new.spec.dependency is None:
            return new
        jobs = dict.fromkeys(new.spec.dependency.named, self._job_ids[wish.after])
        return replace(new, spec=replace(new.spec, dependency=new.spec.dependency.on(jobs)))

    def _cancel(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self._cancelled:
                self._store.request_cancel(self._job_ids[name][0], self._cluster.now())
                self._cancelled.add(name)


def live(url: str, cluster: Cluster, die_at: tuple[str, int] | None, log: Path) -> None:
    """Tell the story from where an earlier life left it, to its quiet end or to `die_at`."""
    quiet()
    points = Points(die_at, log)
    database = open_database(url, wait_s=5.0)
    with closing(database):
        migrate(database)
        store = SqlStore(PointedDatabase(database, points))
        _found(store, cluster)
        _grant(store, cluster)
        _tell(store, cluster, points)
    points.write()


def _found(store: SqlStore, clock: Clock) -> None:
    """Create who tells the story; a life that died in between goes on where it was."""
    if store.current_policy() is None:
        store.apply_policy(policy_version(POLICY, "admin", clock.now()), expected=0)
    known = {organisation.name for organisation in store.organisations()}
    for name, tenant_class in (("alpha", "universities"), ("beta", "startups")):
        if name not in known:
            store.add_organisation(Organisation(name, name.title(), tenant_class))
        if not store.projects(name):
            store.add_project(Project(name, "research", "Research"))


def _grant(store: SqlStore, clock: Clock) -> None:
    """Let beta's jobs be paid for: by a grant, and by another one that expires in the middle."""
    if not store.funds():
        store.add_fund(Fund("ai-fund", "AI Fund", GRANTED * 10))
    now = EPOCH
    for number, lasts_s in enumerate((EXPIRES_S, LONGEST_S * 10), 1):
        if len(store.grants()) < number:
            step = GrantStep(GrantState.REQUESTED, "beta", now, gpu_seconds=GRANTED)
            expires = now + timedelta(seconds=lasts_s)
            store.add_grant(Grant(0, "ai-fund", "beta", "research", now, expires, (step,)))
        for state in (GrantState.REVIEWED, GrantState.AWARDED):
            grant = store.grant(number)
            if state in STEPS[grant.state]:
                step = GrantStep(state, "admin", clock.now(), gpu_seconds=GRANTED)
                store.change_grant(stepped(grant, step), grant.revision)


def _tell(store: SqlStore, cluster: Cluster, points: Points) -> None:
    (policy,) = store.policy_versions()
    world = World(
        store=store,
        backend=PointedCluster(cluster, points),
        allocate=recalling(allocate_greedily),
        clock=cluster,
        view=LatestView("simulated", policy),
        patience=PATIENCE,
    )
    engine, researchers = Engine(world), Researchers(store, cluster)
    while not _is_over(store, cluster):
        researchers.act()
        engine.tick()
        cluster.advance(1)


def _is_over(store: SqlStore, cluster: Cluster) -> bool:
    passed_s = cluster.passed_s()
    if passed_s > LONGEST_S:
        raise TimeoutError(f"no rest after {passed_s} s")
    told = passed_s > max(wish.at_s for wish in STORY.values())
    return told and all(job.state in TERMINAL for job in store.jobs(JobQuery()))


def _request(name: str, wish: Wish, clock: Clock) -> NewJobs:
    # Which jobs are meant is looked up apart: any number will do.
    directives = wish.directives.format(1).replace(" --", "\n#SBATCH --")
    lines = (f"#SBATCH {directives}", f"#SBATCH --job-name={name}", SAVES, f"sleep {wish.sleep_s}")
    script = "\n".join(("#!/bin/bash", *lines, ""))
    read = read_job(script)
    tenant_class = "universities" if wish.organisation == "alpha" else "startups"
    tenant = Tenant(tenant_class, wish.organisation, "research", wish.organisation)
    account = wish.account or wish.organisation
    must = tenant_class == "startups"
    price = price_of(read.spec.request, ("h200",), {}, must=must)
    indices = read.array_indices
    new = NewJobs(tenant, account, read.spec, name, name, clock.now(), array_indices=indices)
    return replace(new, price=price)
