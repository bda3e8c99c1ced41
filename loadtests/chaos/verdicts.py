"""From the end of a round to its record: each job's proof beside what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from loadtests.chaos.judging import Outcome, Told, outcome_of, outcome_of_cancelled
from loadtests.chaos.ours import TOLD
from loadtests.chaos.proofs import Proof, read_proof
from loadtests.chaos.records import Record, Story
from loadtests.chaos.scene import Moment
from scheduler.v1.job_service_pb2 import Job


@dataclass(frozen=True, slots=True)
class Case:
    """All that a round leaves to be judged: what the service has told of its jobs, by name.

    The naive submitter says of each of its jobs that it has completed.
    """

    name: str
    fault: str
    seed: int
    told: Mapping[str, Job]
    naive: Sequence[str]
    cancelled: str
    cancelled_in_time: bool
    touched: Sequence[str]
    moments: Sequence[Moment]


def record_of(case: Case, proofs: Path) -> Record:
    """Judge every job of the case by the file of its name among the proofs."""
    ours = tuple(_ours(case, proofs))
    others = tuple(_naive(case, proofs))
    return Record(
        name=case.name,
        fault=case.fault,
        seed=case.seed,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        ours=_counted(ours),
        naive=_counted(others),
        touched=tuple(case.touched),
        moments=tuple(case.moments),
        odd=tuple(story for story in (*ours, *others) if story.outcome is not Outcome.ONCE),
    )


def _ours(case: Case, proofs: Path) -> Iterator[Story]:
    for name, job in case.told.items():
        proof = read_proof(proofs / name)
        told = TOLD.get(job.state, Told.LIVE)
        if name == case.cancelled:
            outcome = outcome_of_cancelled(proof, in_time=case.cancelled_in_time)
        else:
            outcome = outcome_of(proof, told)
        yield Story(name, outcome, told, job.outcome, _lines(proof))


def _naive(case: Case, proofs: Path) -> Iterator[Story]:
    for name in case.naive:
        proof = read_proof(proofs / name)
        outcome = outcome_of(proof, Told.COMPLETED)
        yield Story(name, outcome, Told.COMPLETED, "", _lines(proof))


def _lines(proof: Proof) -> tuple[str, ...]:
    return tuple(f"{one.word} {one.slurm_id} {one.pid} {one.at_s}" for one in proof.lines)


def _counted(stories: Iterable[Story]) -> Mapping[Outcome, int]:
    return dict(Counter(story.outcome for story in stories))
