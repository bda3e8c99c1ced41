"""The records of rounds: one line of JSON each, added to by every run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from loadtests.chaos.judging import FAULTY, Outcome, Told
from loadtests.chaos.scene import Moment


@dataclass(frozen=True, slots=True)
class Story:
    """How one job fared: the verdict, what its submitter says, and what its code wrote."""

    name: str
    outcome: Outcome
    told: Told
    words: str
    proof: Sequence[str]


@dataclass(frozen=True, slots=True)
class Record:
    """One round: the same `fault` and `seed` choose the same moments again."""

    name: str
    fault: str
    seed: int
    at: str
    ours: Mapping[Outcome, int]
    naive: Mapping[Outcome, int]
    touched: Sequence[str]
    moments: Sequence[Moment]
    odd: Sequence[Story]

    @property
    def is_clean(self) -> bool:
        """Say whether the service kept every promise in this round."""
        return not self.touched and not FAULTY & {one for one, count in self.ours.items() if count}

    def append_to(self, file: Path) -> None:
        """Add the record to the file in one write, so that two runs may share it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(self), ensure_ascii=False) + "\n")


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of everybody's jobs in some rounds; `touched` counts strangers' jobs."""

    rounds: int
    ours: Mapping[Outcome, int]
    naive: Mapping[Outcome, int]
    touched: int


def read_counts(file: Path) -> Mapping[str, Counts]:
    """Return the counts of each fault in the file; none where there is no file."""
    if not file.exists():
        return {}
    rounds: dict[str, list[dict[str, object]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        rounds.setdefault(record["fault"], []).append(record)
    return {fault: _counts(records) for fault, records in rounds.items()}


def total(counts: Sequence[Counts]) -> Counts:
    """Return the counts of all of them together."""
    return Counts(
        sum(one.rounds for one in counts),
        _sum([one.ours for one in counts]),
        _sum([one.naive for one in counts]),
        sum(one.touched for one in counts),
    )


def _counts(records: Sequence[Mapping[str, object]]) -> Counts:
    return Counts(
        len(records),
        _sum([_outcomes(record["ours"]) for record in records]),
        _sum([_outcomes(record["naive"]) for record in records]),
        sum(len(touched) for record in records if isinstance(touched := record["touched"], list)),
    )


def _outcomes(counts: object) -> Mapping[Outcome, int]:
    found = counts if isinstance(counts, dict) else {}
    return {Outcome(name): int(count) for name, count in found.items()}


def _sum(counts: Sequence[Mapping[Outcome, int]]) -> Mapping[Outcome, int]:
    summed: Counter[Outcome] = Counter()
    for one in counts:
        summed.update(one)
    return summed
