"""Who submits to the oracle, under which projects, and which jobs are there to be waited for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from loadtests.sbatch_oracle.slurm import PREDECESSORS
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import ReadJob, read_job
from scheduler.domain.tenants import Organisation, Project, Tenant, User
from scheduler.identity import Caller
from scheduler.simulation.memory_store import MemoryStore
from scheduler.use_cases.charging import project_of_account
from scheduler.use_cases.predecessors import looked_up

CALLER = Caller(User("aru", "uni", "lab", "aru"), "any")
TENANT = CALLER.tenant()
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SCRIPT = "#!/bin/sh\ntrue\n"


def check_names(job: ReadJob) -> None:
    """Look up the account and the jobs that are named. Raises InvalidRequest for any other."""
    if job.account:
        project_of_account(_store(), CALLER, job.account, _NOW)
    if job.spec.dependency is not None:
        looked_up(_store(), CALLER, job.spec.dependency, job.array_indices)


@cache
def _store() -> MemoryStore:
    """Return a store with the same jobs as the oracle's Slurm, under the same numbers."""
    store = MemoryStore()
    user = CALLER.user
    store.add_organisation(Organisation(user.organisation, "University", TENANT.tenant_class))
    store.add_project(Project(user.organisation, user.project, "Laboratory"))
    store.add_jobs([_new(read_job(_SCRIPT, options), TENANT) for options in PREDECESSORS])
    return store


def _new(read: ReadJob, tenant: Tenant) -> NewJobs:
    return NewJobs(tenant, tenant.user, read.spec, "", "", _NOW, read.array_indices)
