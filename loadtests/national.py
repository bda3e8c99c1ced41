"""A queue of national size, written into a database before a service starts on it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Organisation, Project, Tenant, User
from scheduler.identity import new_token, token_sha256
from scheduler.store.sql import SqlStore, open_store

CLASSES = ("universities", "startups", "agencies", "students")
POOLS, NODES, NODE_GPUS = 16, 64, 8
ORGANISATIONS, USERS_EACH = 200, 3
# What a user tends to ask for: an experiment is submitted many times, seldom changed.
SHAPES_EACH = 8
GPUS = (1, 1, 1, 2, 2, 4, 4, 8, 8, 16, 32, 64)
HOURS = (1, 2, 24)
BATCH_JOBS = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A user, where the user belongs, and the token that names the user."""

    tenant: Tenant
    token: str


def fill(url: str, jobs: int, seed: int = 1) -> list[Place]:
    """Write organisations, users and so many pending jobs; the same queue for the same seed."""
    store = open_store(url)
    try:
        places = list(_register(store))
        batch: list[NewJobs] = []
        for new in _queue(places, jobs, random.Random(seed)):
            batch.append(new)
            if len(batch) == BATCH_JOBS:
                store.add_jobs(batch)
                batch = []
        store.add_jobs(batch)
    finally:
        store.close()
    return places


def script(partition: int, gpus: int, hours: int, sleep_s: int) -> str:
    return (
        "#!/bin/bash\n"
        f"#SBATCH --partition=alem{partition} --gpus={gpus} --time={hours}:00:00\n"
        "#SBATCH --cpus-per-task=1 --mem-per-gpu=8G\n"
        f"sleep {sleep_s}\n"
    )


def _register(store: SqlStore) -> Iterator[Place]:
    for number in range(1, ORGANISATIONS + 1):
        name, tenant_class = f"org{number}", CLASSES[number % len(CLASSES)]
        store.add_organisation(Organisation(name, f"Organisation {number}", tenant_class))
        store.add_project(Project(name, "main", "Main"))
        for user_number in range(USERS_EACH):
            token, user = new_token(), f"{name}-user{user_number}"
            store.add_user(User(user, name, "main", user), token_sha256(token))
            yield Place(Tenant(tenant_class, name, "main", user), token)


def _queue(places: list[Place], jobs: int, chance: random.Random) -> Iterator[NewJobs]:
    """Yield the jobs, one a second until now; their runs last one to ten minutes."""
    habits = {place.token: [_shape(chance) for _ in range(SHAPES_EACH)] for place in places}
    first = datetime.now(UTC) - timedelta(seconds=jobs)
    for number in range(jobs):
        place = chance.choice(places)
        text = script(*chance.choice(habits[place.token]), chance.randrange(60, 600, 60))
        spec = read_job(text).spec
        submitted_at = first + timedelta(seconds=number)
        yield NewJobs(place.tenant, place.tenant.user, spec, "", "", submitted_at)


def _shape(chance: random.Random) -> tuple[int, int, int]:
    return chance.randint(1, POOLS), chance.choice(GPUS), chance.choice(HOURS)
