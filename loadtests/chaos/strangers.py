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
    slurm_id: int


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
        plain = self._submitted(f"{round_name}-stranger")
        return plain, *self._imitators(round_name, markers)

    def have_ended(self, strangers: Sequence[Stranger]) -> bool:
        """Say whether all that may run to their end have; the owner then ends the held ones."""
        return all(
            read_proof(one.job.proof).has_ended or self._slurm.never_launched(one.slurm_id)
            for one in strangers
            if not one.is_held
        )

    def touched(self, strangers: Sequence[Stranger]) -> tuple[str, ...]:
        """Return the names of those that something happened to; those still held are ended here.

        Raises BackendUnavailable.
        """
        now = {job.name: (job.state, job.reason) for job in self._slurm.queue()}
        harmed = [name for name, wanted in self._standing.items() if now.get(name) != wanted]
        harmed += [one.job.name for one in strangers if not self._is_as_left(one, now)]
        held = [one.job.name for one in strangers if one.is_held]
        if held:
            self._slurm.programs.answer("scancel", f"--user={ACCOUNT}", f"--name={','.join(held)}")
        return tuple(harmed)

    def _imitators(self, round_name: str, markers: Sequence[str]) -> Iterator[Stranger]:
        for number, marker in enumerate(markers):
            hold = ("--hold",) if number % 2 else ()
            comment = f"--comment={marker}"
            yield self._submitted(f"{round_name}-imitator{number}", comment, *hold)

    def _submitted(self, name: str, *options: str) -> Stranger:
        job = TinyJob(name, 2, self._proofs / name)
        slurm_id = self._slurm.sbatch(ACCOUNT, job.script, *options)
        return Stranger(job, "--hold" in options, slurm_id)

    def _is_as_left(self, one: Stranger, now: Mapping[str, tuple[str, str]]) -> bool:
        """Say whether a held job is still held and never began, or any other ran once to its end.

        One that Slurm ended before it began, as its id was given away twice, nobody has touched.
        """
        proof = read_proof(one.job.proof)
        if one.is_held:
            return now.get(one.job.name) == HELD and not proof.lines
        ran_once = proof.has_ended and proof.starts == 1
        return ran_once or (not proof.lines and self._slurm.never_launched(one.slurm_id))
