"""The jobs that a dependency names, looked up as far as the caller sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scheduler.domain.dependencies.terms import Dependency, FoundJobs, NamedJob
from scheduler.errors import InvalidRequest, Violation
from scheduler.identity import Caller
from scheduler.ports import Store
from scheduler.texts import said
from scheduler.use_cases.permissions import Act, may

FIELD = "--dependency"
# Each element keeps its own: those of a submission are bounded, as its elements are.
MOST_TERMS = 20_000
# Of all requests of a call together, elements that correspond included. Each takes the store some
# microseconds, so that a call never keeps others from their look-ups for long.
MAX_NAMES_OF_CALL = 20_000
# The threads that look up are those that answer every other request.
LOOK_UPS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a job waits for; `by_element` where the elements of an array wait for different jobs."""

    dependency: Dependency
    by_element: tuple[Dependency, ...] = ()


class NamesOfCall:
    """Counts the names that one call has looked up."""

    def __init__(self) -> None:
        self._left = MAX_NAMES_OF_CALL

    def take(self, names: int) -> None:
        """Count so many more. Raises InvalidRequest where they are too many."""
        if names > self._left:
            message = said(
                "the dependencies of one call name at most {most} jobs together, elements that "
                "correspond included; split it",
                most=MAX_NAMES_OF_CALL,
            )
            raise InvalidRequest(Violation(FIELD, message))
        self._left -= names


class Predecessors:
    """Looks up named jobs, for a few requests at once: the others wait for their turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns = asyncio.Semaphore(LOOK_UPS_AT_ONCE)

    async def awaited(
        self, caller: Caller, dependency: Dependency, indices: Sequence[int], names: NamesOfCall
    ) -> Awaited:
        """Return as `looked_up` does. Raises InvalidRequest for too many names too."""
        names.take(len(dependency.named) + len(dependency.corresponding) * len(indices))
        async with self._turns:
            return await asyncio.to_thread(looked_up, self._store, caller, dependency, indices)


def looked_up(
    store: Store, caller: Caller, dependency: Dependency, indices: Sequence[int]
) -> Awaited:
    """Return the dependency on the jobs that it names; `indices` are the dependent array's own.

    Blocks. Raises InvalidRequest for the names of jobs that the caller sees none of, and
    StoreUnavailable.
    """
    _demand_few(len(dependency.terms), len(indices) or 1)
    found = _seen(store, caller, dependency.named)
    missing = [name for name in dependency.named if name not in found]
    if missing:
        raise InvalidRequest(*map(_not_found, missing))
    on_jobs = dependency.on(found)
    arrays = dependency.corresponding
    if not indices or not arrays:
        return Awaited(on_jobs)
    wanted = [NamedJob(array.number, index) for array in arrays for index in indices]
    elements = _seen(store, caller, wanted)
    return Awaited(on_jobs, tuple(on_jobs.of_element(index, elements) for index in indices))


def _demand_few(terms: int, elements: int) -> None:
    if terms * elements > MOST_TERMS:
        message = said(
            "{terms} jobs for each of {elements} elements are more than {most} together; name an "
            "array in place of its elements, or split the array",
            terms=terms,
            elements=elements,
            most=MOST_TERMS,
        )
        raise InvalidRequest(Violation(FIELD, message))


def _seen(store: Store, caller: Caller, names: Collection[NamedJob]) -> dict[NamedJob, range]:
    found = store.found(names) if names else {}
    return {name: jobs.job_ids for name, jobs in found.items() if _sees(caller, jobs)}


def _sees(caller: Caller, jobs: FoundJobs) -> bool:
    return may(caller, Act.SEE_JOBS, jobs.organisation, jobs.user)


def _not_found(name: NamedJob) -> Violation:
    message = said(
        "job {name} is not found among those of your organisation; leave it out", name=str(name)
    )
    return Violation(FIELD, message)
