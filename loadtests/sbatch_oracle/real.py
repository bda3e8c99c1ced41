"""sbatch's own reading: what it lists with -v, what slurmctld says to it and writes down."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.sbatch_oracle.cases import SCRIPT_NAME, Case, Way

TIME_LIMIT_S = 20
ATTEMPTS = 3
# A slurmctld that is short of time says nothing of the script.
_NOT_HEARD = re.compile(r"Unable to contact slurm controller|[Tt]imed out|Zero Bytes were trans")
_LISTED = re.compile(r"^sbatch: (?P<name>[a-z()-]+) *: (?P<value>.*)$")
_EDGE = re.compile(r"^sbatch: -+ -+$")
# A name may hold spaces, so each field ends where the next one begins.
_RECORDED = re.compile(r"(?P<name>[A-Z][\w/:]*)=(?P<value>.*?)(?= [A-Z][\w/:]*=|\s*$)")
_STARTS = re.compile(r"^sbatch: Job \d+ to start at .* on nodes (?P<nodes>\S+) in ", re.MULTILINE)
_SPAN = re.compile(r"(\d+)(?:-(\d+))?")
# The number of nodes on which --test-only would start the job, kept with the record's own fields.
STARTS_ON = "StartsOn"


class SlurmAway(Exception):
    """slurmctld answers nobody: nothing can be compared."""


@dataclass(frozen=True, slots=True)
class RealReading:
    """What sbatch makes of a case; a complaint means that it refuses it.

    `options` are those it lists, in its own words; `nodes` is how many it would start on.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    complaint: str = ""
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class RealSbatch:
    """Calls sbatch in a folder of its own, which is also the directory that jobs start from."""

    slurm_conf: Path
    folder: Path

    def read(self, case: Case) -> RealReading:
        """Return what sbatch lists, and its complaint if it would not take the script."""
        try:
            done = self._run(case, "--test-only", "-v")
        except SlurmAway as no_answer:
            return RealReading(complaint=f"{no_answer}")
        if done.returncode == 0 and (starts := _STARTS.search(done.stderr)):
            return RealReading(listed(done.stderr), nodes=count_of(starts["nodes"]))
        return RealReading(listed(done.stderr), done.stderr.strip().rpartition("\n")[2] or "none")

    def starts_on(self, case: Case, node: str) -> bool:
        """Say whether the job may start on the node."""
        done = self._run(case, "--test-only", f"--nodelist={node}")
        return _STARTS.search(done.stderr) is not None

    def record(self, case: Case) -> Mapping[str, str]:
        """Submit the script held, and return slurmctld's record of the job, which is cancelled.

        There is none where the case itself says --test-only.
        """
        done = self._run(case, "--hold", "--parsable")
        if done.returncode != 0:
            return {"complaint": done.stderr.strip()}
        job = done.stdout.partition(";")[0].strip()
        if not job:
            return {}
        shown = self._call(("scontrol", "show", "job", "--oneliner", job), {})
        self._call(("scancel", job), {})
        return recorded(shown.stdout)

    def _run(self, case: Case, *before: str) -> subprocess.CompletedProcess[str]:
        (self.folder / SCRIPT_NAME).write_bytes(case.script.encode())
        stdin = case.script if case.way is Way.STDIN else ""
        return self._call(("sbatch", *before, *case.arguments), case.environ, stdin)

    def _call(
        self, argv: Sequence[str], environ: Mapping[str, str], stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Return the answer; a program that slurmctld did not hear is called again.

        Raises SlurmAway when it is never heard.
        """
        for _ in range(ATTEMPTS):
            with suppress(subprocess.TimeoutExpired):
                done = self._call_once(argv, environ, stdin)
                if not _NOT_HEARD.search(done.stderr):
                    return done
        raise SlurmAway(f"slurmctld does not hear {' '.join(argv)}")

    def _call_once(
        self, argv: Sequence[str], environ: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.defpath, "LANG": "C.UTF-8", "SLURM_CONF": str(self.slurm_conf)}
        done = subprocess.run(
            argv, cwd=self.folder, env=env | dict(environ), input=stdin.encode(),
            capture_output=True, timeout=TIME_LIMIT_S, check=False,
        )  # fmt: skip
        # As text in both directions, line ends would be tidied up on the way.
        out, err = (said.decode(errors="backslashreplace") for said in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(argv, done.returncode, out, err)


def listed(stderr: str) -> Mapping[str, str]:
    """Return the options between the two rules of sbatch's verbose listing."""
    lines = stderr.split("\n")
    edges = [number for number, line in enumerate(lines) if _EDGE.match(line)]
    between = lines[edges[0] + 1 : edges[1]] if len(edges) >= 2 else []
    found = (match for match in map(_LISTED.match, between) if match)
    return {match["name"]: match["value"] for match in found}


def recorded(line: str) -> Mapping[str, str]:
    """Return the fields of a job's record in one line."""
    first = line.partition("\n")[0]
    return {match["name"]: match["value"] for match in _RECORDED.finditer(first)}


def count_of(nodes: str) -> int:
    """Return how many nodes `n1`, `n[1-2]` or `n[1,3-4]` are."""
    spans = _SPAN.findall(nodes)
    return sum(int(last or first) - int(first) + 1 for first, last in spans)
