"""Another user's own jobs on the same cluster, some with a marker like ours: not ours to touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.chaos.fragile_slurm import FragileSlurm
from loadtests.chaos.proofs import read_proof
from loadtests.chaos.tiny_jobs import TinyJob

ACCOUNT = "dana"
HELD = ("PENDING", "JobHeldUser")
RUNNING = ("RUNNING", "None")


@dataclass(frozen=True, slots=True)
class Stranger:
    """A job that nobody but its owner may hold, release or end; a held one never begins."""

    job: TinyJob
    is_held: bool


class Strangers:
    """Jobs that stand through all rounds, and some of each round that may get a forgotten id."""

    def __init__(self, slurm: FragileSlurm, proofs: Path) -> None:
        self._slurm = slurm
        self._proofs = proofs
        self._standing: dict[str, tuple[str, str]] = {}

    def settle(self, marker: str) -> None:
        """Let one job run and one be held for as long as the rounds last, both with the marker."""
        node = f"--nodelist={self._slurm.settings.node_names[-1]}"
        script = "#!/bin/sh\n#SBATCH --time=1-0 --output=/dev/null\nsleep 86400\n"
        long = (f"--comment={marker}", node)
        self._slurm.sbatch(ACCOUNT, script, "--job-name=stands-running", *long)
        self._slurm.sbatch(ACCOUNT, script, "--job-name=stands-held", "--hold", *long)
        self._standing = {"stands-running": RUNNING, "stands-held": HELD}

    def submit(self, round_name: str, markers: Sequence[str]) -> tuple[Stranger, ...]:
        """Submit a plain job, and for each marker one that carries it, held and not in turns."""
        plain = self._stranger(f"{round_name}-stranger", is_held=False)
        self._slurm.sbatch(ACCOUNT, plain.job.script)
        return plain, *self._imitators(round_name, markers)

    def have_ended(self, strangers: Sequence[Stranger]) -> bool:
        """Say whether all that may run to their end have; the owner then ends the held ones."""
        free = [one for one in strangers if not one.is_held]
        return all(read_proof(one.job.proof).has_ended for one in free)

    def touched(self, strangers: Sequence[Stranger]) -> tuple[str, ...]:
        """Return the names of those that something happened to; those still held are ended here.

        Raises BackendUnavailable.
        """
        now = {job.name: (job.state, job.reason) for job in self._slurm.queue()}
        harmed = [name for name, wanted in self._standing.items() if now.get(name) != wanted]
        harmed += [one.job.name for one in strangers if not _is_as_left(one, now)]
        held = [one.job.name for one in strangers if one.is_held]
        if held:
            self._slurm.programs.answer("scancel", f"--user={ACCOUNT}", f"--name={','.join(held)}")
        return tuple(harmed)

    def _imitators(self, round_name: str, markers: Sequence[str]) -> Iterator[Stranger]:
        for number, marker in enumerate(markers):
            one = self._stranger(f"{round_name}-imitator{number}", is_held=number % 2 == 1)
            hold = ("--hold",) if one.is_held else ()
            self._slurm.sbatch(ACCOUNT, one.job.script, f"--comment={marker}", *hold)
            yield one

    def _stranger(self, name: str, *, is_held: bool) -> Stranger:
        return Stranger(TinyJob(name, 2, self._proofs / name), is_held)


def _is_as_left(one: Stranger, now: Mapping[str, tuple[str, str]]) -> bool:
    """Say whether a held job is still held and never began, or any other ran once to its end."""
    proof = read_proof(one.job.proof)
    if one.is_held:
        return now.get(one.job.name) == HELD and not proof.lines
    return proof.has_ended and proof.starts == 1
