"""Taking jobs: read the script, check it, and store it before it is acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from scheduler.domain.budgets.fitting import Bill, demand_cover
from scheduler.domain.budgets.grants import parts_of
from scheduler.domain.budgets.ledger import Price, price_of
from scheduler.domain.environment import kept, violations
from scheduler.domain.jobs import ArrayPlace, Job, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import ClusterView, NewJobs
from scheduler.domain.requests import GpuRequest
from scheduler.domain.sbatch.reading import ReadJob, read_job
from scheduler.domain.tenants import Tenant
from scheduler.errors import Draining, InvalidRequest, TendikError, Violation
from scheduler.identity import Caller
from scheduler.ports import Clock, JobWriter, ViewReader
from scheduler.tenancy import TenancyStore
from scheduler.texts import said
from scheduler.use_cases.charging import own_project, project_named, project_of_account
from scheduler.use_cases.checks import Checks, Wanted
from scheduler.use_cases.places import located
from scheduler.use_cases.predecessors import NamesOfCall, Predecessors

MAX_REQUEST_ID_LENGTH = 128
MAX_BATCH_REQUESTS = 1000
# Other callers get a turn after so many requests of a batch were read.
BATCH_STRIDE_REQUESTS = 16
# A sweep sends the same script again and again; what it asks for depends on nothing else.
REMEMBERED_SCRIPT_LENGTH = 8192

Outcome = tuple[Job, ...] | TendikError


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a user hands in; `project` empty means the user's own."""

    script: str
    flags: tuple[str, ...] = ()
    working_directory: str = ""
    project: str = ""
    request_id: str = ""
    validate_only: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def fingerprint(self) -> str:
        """Return a hash of what makes the request this one.

        The environment is left out: SHLVL, _ and others change from one try of a shell to its
        next, and a repeat must be known as one.
        """
        is_short = len(self.script) <= REMEMBERED_SCRIPT_LENGTH
        hashed = _hash_of_short if is_short else _hash_of
        return hashed(self.script, self.flags, self.working_directory, self.project)


class Submissions:
    """Takes job requests until `drain` is called."""

    def __init__(
        self,
        writer: JobWriter,
        view: ViewReader,
        tenants: TenancyStore,
        predecessors: Predecessors,
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._view = view
        self._tenants = tenants
        self._predecessors = predecessors
        self._clock = clock
        self._checks = Checks()
        self._draining = False

    def drain(self) -> None:
        """Refuse every request from now on; those being stored are still answered."""
        self._draining = True

    async def submit(self, caller: Caller, request: JobRequest) -> tuple[Job, ...]:
        """Return the request's jobs once they are durable.

        Raises InvalidRequest, QuotaExceeded, NotFound and AccessEnded (project), RequestIdReused,
        Draining, Overloaded, StoreUnavailable. With `validate_only` nothing is stored and the jobs
        have id 0.
        """
        new = await self._checked(caller, request, NamesOfCall())
        return _as_it_would_be(new) if request.validate_only else await self._writer.add(new)

    async def submit_batch(
        self, caller: Caller, requests: Sequence[JobRequest]
    ) -> tuple[Outcome, ...]:
        """Submit each request by itself; a refusal stands in its request's place.

        They are handed to the writer together, so that they share a durable write.
        """
        _check_batch_size(len(requests))
        names = NamesOfCall()
        checked = [
            await self._checked_in_turn(number, caller, request, names)
            for number, request in enumerate(requests)
        ]
        wanted = [
            new
            for request, new in zip(requests, checked, strict=True)
            if isinstance(new, NewJobs) and not request.validate_only
        ]
        stored = iter(await self._writer.add_all(wanted))
        return tuple(
            _outcome(request, new, stored) for request, new in zip(requests, checked, strict=True)
        )

    async def _checked_in_turn(
        self, number: int, caller: Caller, request: JobRequest, names: NamesOfCall
    ) -> NewJobs | TendikError:
        if number % BATCH_STRIDE_REQUESTS == 0:
            await asyncio.sleep(0)
        try:
            return await self._checked(caller, request, names)
        except TendikError as refusal:
            return refusal

    async def _demand_cover(self, new: NewJobs) -> None:
        """Raise BudgetExceeded where grants must pay and do not."""
        if new.price.must:
            grants = await asyncio.to_thread(
                self._tenants.grants, new.tenant.organisation, new.tenant.project
            )
            left = sum(part.amount for part in parts_of(grants, new.submitted_at))
            elements = len(new.array_indices) or 1
            demand_cover(Bill(new.tenant.project, new.spec.request, new.price, elements), left)

    async def _checked(self, caller: Caller, request: JobRequest, names: NamesOfCall) -> NewJobs:
        if self._draining:
            raise Draining(said("the service is stopping; send the same request again in a moment"))
        _check_request_id(request.request_id)
        _check_environment(request.environment)
        read = _read(request)
        try:
            project = await self._project(caller, request.project, read.account)
            new = self._new_jobs(caller.tenant(project), caller, request, read)
            if request.validate_only:
                await self._demand_cover(new)
            return await self._with_predecessors(caller, new, names)
        except InvalidRequest as refusal:
            raise located(refusal, request.script, request.flags) from None

    async def _project(self, caller: Caller, project: str, account: str) -> str:
        """Return whom the request charges; only for another than the own is the store read."""
        own, now = caller.user.project, self._clock.now()
        if project and project != own:
            return await asyncio.to_thread(project_named, self._tenants, caller, project, now)
        if not project and account not in ("", own):
            return await asyncio.to_thread(project_of_account, self._tenants, caller, account, now)
        if caller.project_access.has_ended(now):
            return await asyncio.to_thread(own_project, self._tenants, caller, now)
        return own

    def _new_jobs(
        self, tenant: Tenant, caller: Caller, request: JobRequest, read: ReadJob
    ) -> NewJobs:
        view = self._view.latest()
        self._checks.check(Wanted(read.spec.request, tenant, len(read.array_indices) or 1), view)
        return NewJobs(
            tenant,
            caller.user.unix_account,
            replace(read.spec, environment=kept(request.environment)),
            request.request_id,
            request.fingerprint if request.request_id else "",
            self._clock.now(),
            read.array_indices,
            read.array_limit,
            view.policy.policy.limits_of_users(tenant.tenant_class).max_pending_jobs,
            read.held,
            price=_price(read.spec.request, tenant, view),
        )

    async def _with_predecessors(self, caller: Caller, new: NewJobs, names: NamesOfCall) -> NewJobs:
        """Return the jobs with those that their dependency names, which may be many."""
        named, indices = new.spec.dependency, new.array_indices
        if named is None:
            return new
        awaited = await self._predecessors.awaited(caller, named, indices, names)
        spec = replace(new.spec, dependency=awaited.dependency)
        return replace(new, spec=spec, dependencies=awaited.by_element)


def _price(request: GpuRequest, tenant: Tenant, view: ClusterView) -> Price:
    """Return what a run may cost at most, by the rates in force and the pools there are."""
    policy = view.policy.policy
    must = tenant.tenant_class in policy.granted_classes
    pools = view.cluster.pools if view.cluster else ()
    gpu_types = {pool.gpu_type for pool in pools if request.suits_pool(pool)}
    if not gpu_types:
        gpu_types = {request.gpu_type} if request.gpu_type else {"", *policy.rates}
    return price_of(request, gpu_types, policy.rates, must=must)


def _read(request: JobRequest) -> ReadJob:
    is_short = len(request.script) <= REMEMBERED_SCRIPT_LENGTH
    read = _read_short if is_short else read_job
    return read(request.script, request.flags, request.working_directory)


@lru_cache(maxsize=1024)
def _read_short(script: str, flags: tuple[str, ...], working_directory: str) -> ReadJob:
    return read_job(script, flags, working_directory)


def _hash_of(*body: object) -> str:
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()


_hash_of_short = lru_cache(maxsize=1024)(_hash_of)


def _check_request_id(request_id: str) -> None:
    if len(request_id) > MAX_REQUEST_ID_LENGTH:
        message = said("longer than {most} characters; use a UUID", most=MAX_REQUEST_ID_LENGTH)
        raise InvalidRequest(Violation("request_id", message))
    if request_id and not request_id.isprintable():
        raise InvalidRequest(
            Violation("request_id", said("has unprintable characters; use a UUID"))
        )


def _check_environment(environment: Mapping[str, str]) -> None:
    if found := tuple(violations(environment)):
        raise InvalidRequest(*found)


def _check_batch_size(requests: int) -> None:
    if not 1 <= requests <= MAX_BATCH_REQUESTS:
        message = said(
            "a batch holds 1 to {most} requests, not {requests}; split it",
            most=MAX_BATCH_REQUESTS,
            requests=requests,
        )
        raise InvalidRequest(Violation("requests", message))


def _outcome(request: JobRequest, new: NewJobs | TendikError, stored: Iterator[Outcome]) -> Outcome:
    """Return the refusal, the jobs as they would be, or the next of what was stored."""
    if isinstance(new, TendikError):
        return new
    return _as_it_would_be(new) if request.validate_only else next(stored)


def _as_it_would_be(new: NewJobs) -> tuple[Job, ...]:
    if not new.array_indices:
        return (_unstored(new, None),)
    places = (ArrayPlace(0, index, new.array_limit) for index in new.array_indices)
    return tuple(_unstored(new, place) for place in places)


def _unstored(new: NewJobs, place: ArrayPlace | None) -> Job:
    return Job(
        job_id=0,
        tenant=new.tenant,
        unix_account=new.unix_account,
        spec=new.spec,
        state=JobState.PENDING,
        submitted_at=new.submitted_at,
        array=place,
        reason=_first_reason(new),
        held_at=new.submitted_at if new.held else None,
        dependent_since=new.submitted_at if new.spec.dependency else None,
    )


def _first_reason(new: NewJobs) -> str:
    if new.held:
        return Reason.HELD_BY_USER.value
    return (Reason.DEPENDENCY if new.spec.dependency else Reason.NOT_YET_CONSIDERED).value
