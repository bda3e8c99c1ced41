"""A sacct that answers as a test wants it to."""

from __future__ import annotations

from scheduler.backend.programs import Answer
from scheduler.errors import BackendUnavailable
from scheduler.texts import Said


class Records:
    """Slurm's programs, where sacct answers with these records."""

    def __init__(self, *records: tuple[str, ...], complaint: str = "") -> None:
        self._records = records
        self._complaint = complaint
        self.calls = 0

    def answer(self, name: str, *arguments: str) -> str:
        assert name == "sacct"
        self.calls += 1
        if self._complaint:
            raise BackendUnavailable(Said(self._complaint))
        end = next(a for a in arguments if a.startswith("--delimiter=")).partition("=")[2]
        return "".join("".join(f"{field}{end}" for field in one) + "\n" for one in self._records)

    def ask(self, name: str, *arguments: str) -> Answer:
        raise NotImplementedError
