"""What every store promises about the environments that jobs bring along."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from scheduler.domain.jobs import JobState
from scheduler.domain.records import JobQuery, NewJobs
from scheduler.ports import Store
from scheduler.store.database import open_database
from scheduler.store.sql import open_store
from scheduler.store.tables import ENVIRONMENTS
from tests.build import a_spec, at
from tests.store.build import a_new, add, move, start

SHELL = {"PATH": "/conda/bin:/usr/bin", "TEXT": "ä\n'quotes' %", "WANDB_API_KEY": "secret"}


def from_a_shell(request_id: str = "", indices: tuple[int, ...] = ()) -> NewJobs:
    return a_new(request_id, spec=replace(a_spec(), environment=SHELL), indices=indices)


def test_a_launch_brings_the_environment_and_nothing_else_tells_it(store: Store) -> None:
    job = add(store, from_a_shell("r1"))
    again = add(store, from_a_shell("r1"))

    (launch,) = store.launches([job.job_id])
    assert launch.spec.environment == SHELL
    told = (job, again, store.job(job.job_id), *store.jobs(JobQuery()))
    assert [one.spec.environment for one in told] == [{}] * 4
    assert "secret" not in repr(launch)


def test_every_element_of_an_array_has_its_environment(store: Store) -> None:
    first = add(store, from_a_shell(indices=(1, 2)))

    launches = store.launches([first.job_id, first.job_id + 1])
    assert [launch.spec.environment for launch in launches] == [SHELL, SHELL]


def test_a_job_that_brought_none_has_none(store: Store) -> None:
    add(store, from_a_shell())
    bare = add(store)

    (launch,) = store.launches([bare.job_id])
    assert launch.spec.environment == {}


def test_an_environment_is_forgotten_once_its_job_has_ended(store: Store) -> None:
    job, cancelled = add(store, from_a_shell()), add(store, from_a_shell())
    start(store, job)
    move(store, job, JobState.FAILED)
    store.request_cancel(cancelled.job_id, at(5))

    launches = store.launches([job.job_id, cancelled.job_id])
    assert [launch.spec.environment for launch in launches] == [{}, {}]


def test_an_arrays_environment_lasts_as_long_as_one_of_its_elements(lasting_url: str) -> None:
    store = open_store(lasting_url)
    first = add(store, from_a_shell(indices=(1, 2)))
    store.request_cancel(first.job_id, at(5))
    kept = [kept_in(lasting_url), store.launches([first.job_id + 1])[0].spec.environment]
    store.request_cancel(first.job_id + 1, at(6))

    assert kept == [1, SHELL]
    assert kept_in(lasting_url) == 0
    store.close()


def kept_in(url: str) -> int:
    """Return how many environments the database holds."""
    database = open_database(url, wait_s=5)
    with database.read() as connection:
        count = connection.execute(select(func.count()).select_from(ENVIRONMENTS)).scalar_one()
    database.close()
    return int(count)
