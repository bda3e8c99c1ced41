"""What a job's own code wrote down: the evidence that no scheduler can talk away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Word(StrEnum):
    """What the code of a job says of itself."""

    BEGIN = "begin"
    ALIVE = "alive"
    END = "end"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proof: `pid` tells two runs of one Slurm job apart."""

    word: Word
    slurm_id: int
    pid: int
    at_s: float

    @property
    def run(self) -> tuple[int, int]:
        return self.slurm_id, self.pid


@dataclass(frozen=True, slots=True)
class Proof:
    """All that the code of one job wrote, in the order in which it happened."""

    lines: Sequence[Line] = ()

    @property
    def starts(self) -> int:
        return sum(line.word is Word.BEGIN for line in self.lines)

    @property
    def has_ended(self) -> bool:
        """Say whether some run came to its end."""
        return any(line.word is Word.END for line in self.lines)

    @property
    def runs_overlap(self) -> bool:
        """Say whether a run wrote something after a later one had begun."""
        begun: list[tuple[int, int]] = []
        for line in self.lines:
            if line.run not in begun:
                begun.append(line.run)
            elif line.run != begun[-1]:
                return True
        return False

    @property
    def began_after_its_end(self) -> bool:
        """Say whether a run followed one that had come to its end."""
        ends = [place for place, line in enumerate(self.lines) if line.word is Word.END]
        return bool(ends) and ends[0] + 1 < len(self.lines)

    @property
    def begun_at_s(self) -> float | None:
        """Return when the code first began, in seconds since 1970; None where it never did."""
        return next((line.at_s for line in self.lines), None)


def read_proof(file: Path) -> Proof:
    """Return what the file tells; one that no job has made tells nothing."""
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError:
        return Proof()
    return Proof(tuple(_line(words.split()) for words in text.splitlines()))


def _line(words: Sequence[str]) -> Line:
    return Line(Word(words[0]), int(words[1]), int(words[2]), float(words[3]))
