"""What a job waits for besides its turn: other jobs, in the words of sbatch's --dependency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

MOST_TOLD = 3


class Condition(StrEnum):
    """What must have become of the job that is named; `SINGLETON` names none."""

    AFTER = "after"
    AFTER_ANY = "afterany"
    AFTER_OK = "afterok"
    AFTER_NOT_OK = "afternotok"
    AFTER_CORRESPONDING = "aftercorr"
    SINGLETON = "singleton"


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A job as its user names it: a number, an array's included, or an element such as 1042_7."""

    number: int
    index: int | None = None

    def __str__(self) -> str:
        return f"{self.number}" if self.index is None else f"{self.number}_{self.index}"


@dataclass(frozen=True, slots=True)
class FoundJobs:
    """The jobs that a name stands for, one or all elements of an array, and whose they are."""

    organisation: str
    user: str
    job_ids: range


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on one job; `delay_min` counts from its start, and goes with `AFTER` alone.

    `first_id` and `last_id` are the jobs that the name stands for, one or all elements of an array,
    once that has been looked up; 0 before, and of a singleton.
    """

    condition: Condition
    named: NamedJob | None = None
    delay_min: int = 0
    first_id: int = 0
    last_id: int = 0

    def __str__(self) -> str:
        delay = f"+{self.delay_min}" if self.delay_min else ""
        return (
            self.condition.value if self.named is None else f"{self.condition}:{self.named}{delay}"
        )

    @property
    def job_ids(self) -> range:
        """Return the jobs that must begin or end; empty of a singleton."""
        return range(self.first_id, self.last_id + 1 if self.first_id else 0)


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a job waits for: all terms or, where `any_will_do`, one of them.

    One that can never be met keeps its job waiting for ever, or `cancels` it.
    """

    terms: tuple[Term, ...]
    any_will_do: bool = False
    cancels: bool = False

    def __str__(self) -> str:
        return ("?" if self.any_will_do else ",").join(map(str, self.terms))

    @property
    def shortened(self) -> str:
        """Return the first terms and how many there are besides: hundreds tell nobody more."""
        first = replace(self, terms=self.terms[:MOST_TOLD])
        more = len(self.terms) - MOST_TOLD
        return f"{first} and {more} more" if more > 0 else f"{first}"

    @property
    def named(self) -> tuple[NamedJob, ...]:
        """Return the jobs that the terms name, each once."""
        return tuple(dict.fromkeys(term.named for term in self.terms if term.named))

    @property
    def corresponding(self) -> tuple[NamedJob, ...]:
        """Return the arrays of whose elements each waits for one, each once."""
        terms = (one for one in self.terms if one.condition is Condition.AFTER_CORRESPONDING)
        named = (term.named for term in terms)
        return tuple(dict.fromkeys(one for one in named if one and one.index is None))

    def on(self, jobs: Mapping[NamedJob, range]) -> Dependency:
        """Return the dependency with the jobs that each name stands for."""
        return replace(self, terms=tuple(_on(term, jobs) for term in self.terms))

    def of_element(self, index: int, elements: Mapping[NamedJob, range]) -> Dependency:
        """Return what this element of a dependent array waits for.

        `elements` are the jobs that elements of the named arrays are. One without an element that
        corresponds waits for all of the array, as in Slurm.
        """
        terms = tuple(_of_element(term, index, elements) for term in self.terms)
        return replace(self, terms=terms)


def _on(term: Term, jobs: Mapping[NamedJob, range]) -> Term:
    if term.named is None:
        return term
    ids = jobs[term.named]
    return replace(term, first_id=ids[0], last_id=ids[-1])


def _of_element(term: Term, index: int, elements: Mapping[NamedJob, range]) -> Term:
    if term.condition is not Condition.AFTER_CORRESPONDING or term.named is None:
        return term
    named = NamedJob(term.named.number, index)
    if term.named.index is not None or named not in elements:
        return term
    return _on(replace(term, named=named), elements)
