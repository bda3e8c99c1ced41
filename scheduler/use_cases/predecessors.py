"""The jobs that a dependency names, looked up as far as the caller sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.dependencies import Condition, Dependency, NamedJob
from scheduler.errors import InvalidRequest, NotFound, Violation
from scheduler.identity import Caller
from scheduler.texts import said
from scheduler.use_cases.jobs import Jobs

FIELD = "--dependency"
# Each element keeps its own: those of a submission are bounded, as its elements are.
MOST_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a job waits for; `by_element` where the elements of an array wait for different jobs."""

    dependency: Dependency
    by_element: tuple[Dependency, ...] = ()


def looked_up(
    jobs: Jobs, caller: Caller, dependency: Dependency, indices: Sequence[int]
) -> Awaited:
    """Return the dependency on the jobs that it names; `indices` are the dependent array's own.

    Blocks. Raises InvalidRequest for the names of jobs that the caller sees none of, and
    StoreUnavailable.
    """
    _demand_few(len(dependency.terms), len(indices) or 1)
    found: dict[NamedJob, range] = {}
    missing: list[Violation] = []
    for name in dependency.named:
        try:
            found[name] = jobs.named(caller, name)
        except NotFound:
            message = said(
                "job {name} is not found among those of your organisation; leave it out",
                name=str(name),
            )
            missing.append(Violation(FIELD, message))
    if missing:
        raise InvalidRequest(*missing)
    on_jobs = dependency.on(found)
    return Awaited(on_jobs, _by_element(jobs, on_jobs, indices))


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


def _by_element(
    jobs: Jobs, dependency: Dependency, indices: Sequence[int]
) -> tuple[Dependency, ...]:
    corresponding = [
        term.named
        for term in dependency.terms
        if term.condition is Condition.AFTER_CORRESPONDING and term.named is not None
    ]
    if not indices or not corresponding:
        return ()
    elements = {name: jobs.elements(name.number) for name in corresponding if name.index is None}
    return tuple(dependency.of_element(index, elements) for index in indices)
