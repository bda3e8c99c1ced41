"""Does the service survive its own death at every commit and every call to the cluster?

A life of the engine passes named points; for each of them, and its first and second time, one life
dies there by SIGKILL, the next goes on to the quiet end, and what became of every job is judged by
the cluster's own word.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.crash_points.cluster import Run, lasting_cluster
from loadtests.crash_points.life import DIED, STORY, live
from loadtests.figures import Figure
from scheduler.clock import EPOCH
from scheduler.domain.budgets.ledger import Balance, EntryKind
from scheduler.domain.jobs import MOVES, Job
from scheduler.domain.records import EntryQuery, JobEvent, JobQuery
from scheduler.store.database import open_database
from scheduler.store.sql import SqlStore, open_store
from tests.contracts.postgres import running_postgres

# The points that lives are known to pass: one that is passed no more has lost its test.
LISTED = Path(__file__).with_name("points.txt")
HITS = (1, 2)
LIVES_AT_ONCE = 2
LIFE_LIMIT_S = 120.0

# Gives the URL of a fresh database.
Fresh = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Death:
    """Where a life ends, and on which database."""

    database: str
    point: str
    hit: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong after a death; nothing, if all is well."""

    death: Death
    faults: tuple[str, ...]


class Lives:
    """Runs lives as processes that are forked from one which has imported everything."""

    def __init__(self) -> None:
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["loadtests.crash_points.life"])

    def points(self, fresh: Fresh) -> Mapping[str, int]:
        """Return how often an undisturbed life passes each point; its end must be good."""
        with TemporaryDirectory() as folder, lasting_cluster() as cluster:
            log, url = Path(folder) / "points", fresh()
            lines = self._live(url, cluster, None, log).splitlines()
            if found := tuple(faults(url, cluster.runs())):
                raise RuntimeError(f"an undisturbed life went wrong: {found}")
        return {name: int(count) for count, _, name in (line.partition(" ") for line in lines)}

    def verdict(self, fresh: Mapping[str, Fresh], death: Death) -> Verdict:
        """Let a life die there, and another go on; judge what became of the jobs."""
        with TemporaryDirectory() as folder, lasting_cluster() as cluster:
            log, url = Path(folder) / "points", fresh[death.database]()
            if self._live(url, cluster, (death.point, death.hit), log) != DIED:
                return Verdict(death, ("the life did not come to this point",))
            if not self._live(url, cluster, None, log):
                return Verdict(death, ("the life after it came to no good end",))
            return Verdict(death, tuple(faults(url, cluster.runs())))

    def _live(self, url: str, cluster: object, die_at: tuple[str, int] | None, log: Path) -> str:
        """Return what the life left; nothing, if it came to no end that it knows of.

        Its exit code is not asked: threads that start processes read each other's children's.
        """
        log.unlink(missing_ok=True)
        life = self._context.Process(target=live, args=(url, cluster, die_at, log))
        life.start()
        life.join(LIFE_LIMIT_S)
        if life.is_alive():
            life.kill()
            life.join()
        return log.read_text(encoding="utf-8") if log.exists() else ""


def faults(url: str, runs: Sequence[Run]) -> Iterator[str]:
    """Say what is wrong: jobs lost or doubled, cancels forgotten, GPU-seconds charged wrongly."""
    # The schema is there: a life has migrated it.
    with closing(SqlStore(open_database(url, wait_s=5.0))) as store:
        jobs = store.jobs(JobQuery(limit=1000))
        events = store.events(0, 10_000)
        yield from _of_ends(jobs, runs)
        yield from _of_order(jobs, runs)
        yield from _of_charges(store, jobs, runs)
        yield from _of_grants(store, jobs, runs)
    yield from _of_history(events)


def _of_ends(jobs: Sequence[Job], runs: Sequence[Run]) -> Iterator[str]:
    names = {job.job_id: job.spec.name for job in jobs}
    begun = Counter(names[run.job_id] for run in runs)
    of_attempt = Counter((run.job_id, run.attempt) for run in runs)
    for (job_id, attempt), count in of_attempt.items():
        if count > 1:
            yield f"job {job_id}: attempt {attempt} ran {count} times"
    for name, wish in STORY.items():
        ends = {job.state.value for job in jobs if job.spec.name == name}
        runs_due = wish.runs + sum(job.recalls for job in jobs if job.spec.name == name)
        if ends != {wish.end} or begun[name] != runs_due:
            yield f"{name}: {', '.join(ends) or 'lost'} after {begun[name]} runs of {runs_due}"


def _of_order(jobs: Sequence[Job], runs: Sequence[Run]) -> Iterator[str]:
    """Code of a job that waits for others begins after the last end of theirs."""
    for job in jobs:
        terms = job.spec.dependency.terms if job.spec.dependency else ()
        awaited = {job_id for term in terms for job_id in term.job_ids}
        ends = [run.ended_at for run in runs if run.job_id in awaited]
        for run in runs:
            if run.job_id == job.job_id and any(
                end is None or end > run.started_at for end in ends
            ):
                yield f"{job.spec.name}: it began before what it waits for had ended"


def _of_charges(store: SqlStore, jobs: Sequence[Job], runs: Sequence[Run]) -> Iterator[str]:
    gpus = {job.job_id: job.spec.request.total_gpus for job in jobs}
    used = sum(
        gpus[run.job_id] * (run.ended_at - run.started_at).total_seconds()
        for run in runs
        if run.ended_at
    )
    charged = sum(bucket.gpu_seconds for bucket in store.usage(EPOCH))
    if used != charged:
        yield f"{used:.0f} GPU-seconds used, {charged} charged"


def _of_grants(store: SqlStore, jobs: Sequence[Job], runs: Sequence[Run]) -> Iterator[str]:
    """Grants are charged what their project's runs used but for recalls, and hold nothing more."""
    grants = store.grants()
    entries = store.budget_entries(
        EntryQuery(tuple(grant.number for grant in grants), limit=10_000)
    )
    paid = {job.job_id: job for job in jobs if job.tenant.organisation == "beta"}
    used = sum(
        paid[run.job_id].spec.request.total_gpus * (run.ended_at - run.started_at).total_seconds()
        for run in runs
        if run.ended_at and run.job_id in paid
    )
    refunded = sum(entry.amount for entry in entries if entry.kind is EntryKind.REFUND)
    charged = sum(grant.balance.charged for grant in grants)
    if charged + refunded != used:
        yield f"{used:.0f} GPU-seconds used, {charged} charged to grants, {refunded} refunded"
    for grant in grants:
        balance = reduce(Balance.after, (e for e in entries if e.grant == grant.number), Balance())
        if balance != grant.balance or balance.held:
            yield f"grant {grant.number}: {grant.balance}, and its entries come to {balance}"


def _of_history(events: Sequence[JobEvent]) -> Iterator[str]:
    """Each move is told once, and is one that exists."""
    for job_id in sorted({event.job_id for event in events}):
        states = [event.state for event in events if event.job_id == job_id]
        for before, after in pairwise(states):
            if before is not after and after not in MOVES[before]:
                yield f"job {job_id}: told of a move from {before} to {after}"


@contextmanager
def fresh_databases(names: Sequence[str], folder: Path) -> Iterator[Mapping[str, Fresh]]:
    """Yield what gives fresh databases of each kind."""
    numbers = iter(range(1_000_000))
    sqlite: dict[str, Fresh] = {"sqlite": lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}"}
    if "postgresql" not in names:
        yield sqlite
        return
    with running_postgres() as server:
        template = server.new_database()
        open_store(server.url(template)).close()
        yield sqlite | {"postgresql": lambda: server.url(server.new_database(template))}


def listed() -> frozenset[str]:
    return frozenset(LISTED.read_text(encoding="utf-8").splitlines())


def verdicts(databases: Sequence[str], hits: Sequence[int]) -> Sequence[Verdict]:
    """Return what became of the jobs after each death; points that are passed once have no second.

    Raises RuntimeError where the points are not those that are listed.
    """
    lives = Lives()
    with TemporaryDirectory() as folder, fresh_databases(databases, Path(folder)) as fresh:
        passed = {name: lives.points(fresh[name]) for name in databases}
        for found in passed.values():
            if changed := sorted(found.keys() ^ listed()):
                raise RuntimeError(f"points are not as {LISTED.name} has them: {changed}")
        deaths = [
            Death(database, point, hit)
            for database, found in passed.items()
            for point, count in sorted(found.items())
            for hit in hits
            if hit <= count
        ]
        with ThreadPoolExecutor(LIVES_AT_ONCE) as pool:
            judged = pool.map(partial(lives.verdict, fresh), deaths)
            return list(track(judged, "deaths", total=len(deaths)))


def main() -> None:
    """Die everywhere, print what went wrong, and write the figures; --list names the points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the points that a life passes")
    if parser.parse_args().list:
        with TemporaryDirectory() as folder, fresh_databases((), Path(folder)) as fresh:
            sys.stdout.write("\n".join(sorted(Lives().points(fresh["sqlite"]))) + "\n")
        return
    judged = verdicts(("sqlite", "postgresql"), HITS)
    wrong = [verdict for verdict in judged if verdict.faults]
    _print(wrong)
    deaths = f"{len(judged)} deaths: {len(listed())} points, first and second time, two databases"
    Figure("crash_points", len(listed()), "points", ">= 20", len(listed()) >= 20, deaths).write()
    Figure("crash_points_not_survived", len(wrong), "deaths", "= 0", not wrong, deaths).write()


def _print(wrong: Sequence[Verdict]) -> None:
    if not wrong:
        return
    table = Table("database", "point", "hit", "what is wrong")
    for verdict in wrong:
        death = verdict.death
        table.add_row(death.database, death.point, str(death.hit), "\n".join(verdict.faults))
    Console().print(table)


if __name__ == "__main__":
    main()
