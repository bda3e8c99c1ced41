"""A submitter as most tools have it: submit, retry on an error, and missing means completed.

Run as `python -m loadtests.chaos.naive FOLDER`; `FOLDER/requests.json` says what to submit. It
writes the ids down once for all its jobs, as the service does, and looks at them when begun anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.chaos.fragile_slurm import account_of
from loadtests.chaos.tiny_jobs import TinyJob
from loadtests.stack import ROOT
from scheduler.backend.programs import Programs

POLL_S = 0.5


@dataclass(slots=True)
class NaiveSubmitter:
    """The process from outside: begun, killed, begun anew."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def has_answers(self) -> bool:
        return _ids_file(self.folder).exists()

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def begin_anew(self) -> None:
        self.process = _started(self.folder)


def begin(folder: Path, account: str, slurm_conf: Path, jobs: Sequence[TinyJob]) -> NaiveSubmitter:
    """Write the requests down and start a submitter of them."""
    folder.mkdir(parents=True)
    scripts = {job.name: job.script for job in jobs}
    requests = {"account": account, "slurm_conf": str(slurm_conf), "scripts": scripts}
    (folder / "requests.json").write_text(json.dumps(requests), encoding="utf-8")
    return NaiveSubmitter(folder, _started(folder))


def main(folder: Path) -> None:
    requests = json.loads((folder / "requests.json").read_text(encoding="utf-8"))
    programs = Programs(("env", "sbatch", "squeue"), requests["slurm_conf"])
    ids = dict(_known(folder))
    for name, script in requests["scripts"].items():
        if name not in ids:
            ids[name] = _submit(programs, requests["account"], script)
    _ids_file(folder).write_text(json.dumps(ids), encoding="utf-8")
    while not _all_missing(programs, ids.values()):
        time.sleep(POLL_S)


def _submit(programs: Programs, account: str, script: str) -> int:
    """Submit until sbatch says that it went well."""
    while True:
        answer = programs.sbatch_as(account_of(account), "/", ("--parsable", "--chdir=/"), script)
        if answer.status == 0:
            return int(answer.output.partition(";")[0])
        time.sleep(POLL_S)


def _all_missing(programs: Programs, slurm_ids: Collection[int]) -> bool:
    answer = programs.ask("squeue", "--noheader", "--format=%A")
    return answer.status == 0 and not set(map(str, slurm_ids)) & set(answer.output.split())


def _known(folder: Path) -> Mapping[str, int]:
    file = _ids_file(folder)
    known: Mapping[str, int] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return known


def _ids_file(folder: Path) -> Path:
    return folder / "ids.json"


def _started(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "loadtests.chaos.naive", str(folder)]
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
