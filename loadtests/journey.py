"""A researcher's way on a real Slurm, command by command, in the language asked for.

An old script, a wrong one, an array, a gang, a cancelled job and a recalled one: what was typed and
what was answered is printed and kept, and every job must come to the end that its user was told.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from loadtests.own_slurm import OwnSlurm, service_on_slurm
from loadtests.stack import ROOT, Member
from loadtests.workflow_tools.desk import become
from loadtests.workflow_tools.pythons import own_python

FOLDER = ROOT / "build" / "journey"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 27_900
RESEARCHER = Member("abai-university", "Abai University", "universities", "aigerim", "aigerim")
OWNER = Member("river-forecast", "River Forecast Agency", "agencies", "dana", "dana")
POLICY = """title = "Borrowed GPUs come back in ten seconds"
[usage]
weight = 0
[classes.universities]
[classes.agencies]
[recall]
enabled = true
notice = "10s"
min_runtime = "5s"
"""
SCRIPTS: Mapping[str, str] = {
    "old.sh": """#!/bin/bash
#SBATCH -J bert-finetune
#SBATCH --partition=alem --gres=gpu:h200:2   # as on the old cluster
#SBATCH -N 1 --ntasks-per-node=2 --cpus-per-task=4
#SBATCH -t 0-00:10:00 --mem=64G
#SBATCH --output=%x-%j.out --mail-type=END
srun hostname
sleep 5
""",
    "wrong.sh": """#!/bin/bash
#SBATCH --gpus=lots --nice=-100
#SBATCH --reservation=mine
# SBATCH --time=1:00:00
sleep 5
""",
    "sweep.sh": "#!/bin/bash\n#SBATCH --gpus=1 --time=0:10:00 --array=0-5%2\nsleep 3\n",
    "gang.sh": "#!/bin/bash\n#SBATCH --nodes=2 --gpus-per-node=8 --time=0:10:00\nsrun hostname\n",
    "flood.sh": "#!/bin/bash\n#SBATCH --nodes=2 --gpus-per-node=8 --time=0:10:00\nsleep 20\n",
    "lent.sh": (
        "#!/bin/bash\n#SBATCH --gpus-per-node=8 --nodes=1 --time=0:30:00 --requeue\nsleep 600\n"
    ),
}
PATIENCE_S = 180.0


@dataclass(slots=True)
class Terminal:
    """A user's shell, all of which is printed and written down."""

    member: Member
    home: Path
    environment: Mapping[str, str]
    transcript: list[str] = field(default_factory=list)

    def type(self, command: str) -> str:
        """Run the command, note it with its answer, and return its standard output."""
        done = self._run(command, stderr=subprocess.STDOUT)
        status = f"[exit code {done.returncode}]\n" if done.returncode else ""
        text = f"$ {command}\n{done.stdout}{status}"
        typer.echo(text, nl=False)
        self.transcript.append(text)
        return done.stdout

    def submit(self, words: str) -> str:
        """Submit and return the job's number."""
        self.type(f"tendik submit {words}")
        return self.quietly("tendik queue -o name --limit 1").split("_")[0].split()[0]

    def wait_for(self, job: str, *states: str) -> None:
        """Return once the job is in one of the states. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_S
        while self.quietly(f"tendik show {job} -o json | grep -c {_any(states)}").strip() == "0":
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job} never was {' or '.join(states)}")
            time.sleep(0.3)

    def quietly(self, command: str) -> str:
        return self._run(command, stderr=subprocess.DEVNULL).stdout

    def _run(self, command: str, stderr: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*become(self.member.unix_account), "bash", "-c", command],
            env=self.environment, cwd=self.home, stdout=subprocess.PIPE, stderr=stderr,
            text=True, check=False,
        )  # fmt: skip


def main(
    language: Annotated[str, typer.Option(help="kk, ru or en")] = "en",
) -> None:
    """Go the whole way and write build/journey/LANGUAGE.txt; fails where a job ends otherwise."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    python = own_python(FOLDER / "own")
    settings = {"TENDIK_POLICY_FILE": str(policy), "TENDIK_CYCLE_INTERVAL_S": "0.5"}
    with service_on_slurm(FOLDER, BASE_PORT, (RESEARCHER, OWNER), settings) as own:
        researcher, owner = (seated(own, one, python, language) for one in (RESEARCHER, OWNER))
        scripts(researcher)
        waits(researcher)
        recall(researcher, owner)
    text = "".join(researcher.transcript)
    (FOLDER / f"{language}.txt").write_text(text, encoding="utf-8")


def seated(own: OwnSlurm, member: Member, python: Path, language: str) -> Terminal:
    """Give the member a shell with the program, a token and the scripts."""
    home = own.home(member)
    for name, text in SCRIPTS.items():
        (home / name).write_text(text, encoding="utf-8")
    environment = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
        "TENDIK_SERVER": own.stack.address,
        "TENDIK_TOKEN": own.tokens[member.organisation],
        "TENDIK_LANGUAGE": language,
    }
    return Terminal(member, home, environment)


def scripts(user: Terminal) -> None:
    """Hand in an old script, and a wrong one."""
    user.type("tendik compat check old.sh")
    old = user.submit("old.sh")
    user.wait_for(old, "completed")
    user.type(f"tendik show {old}")
    user.type("tendik submit wrong.sh")


def waits(user: Terminal) -> None:
    """Submit an array and a gang, ask why, and take one back."""
    sweep = user.submit("sweep.sh")
    user.wait_for(f"{sweep}_1", "running")
    user.type("tendik queue")
    user.type(f"tendik why {sweep}_5")
    gang = user.submit("gang.sh")
    user.wait_for(gang, "completed")
    user.type(f"tendik show {gang}")
    user.type(f"tendik cancel {sweep}")
    user.wait_for(f"{sweep}_5", "cancelled", "completed")
    user.type(f"tendik show {sweep}_5")
    user.type("tendik history")


def recall(user: Terminal, owner: Terminal) -> None:
    """Borrow the whole cluster, and give GPUs back to whom they belong to."""
    lent = [user.submit("lent.sh --job-name=lent") for _ in range(8)]
    for job in lent:
        user.wait_for(job, "running")
    own = owner.submit("flood.sh")
    owner.wait_for(own, "running")
    user.type("tendik queue")
    recalled = user.quietly("tendik queue --state pending -o name").split()
    if not recalled:
        raise RuntimeError("nothing was recalled")
    user.type(f"tendik why {recalled[0]}")
    owner.wait_for(own, "completed")
    user.wait_for(recalled[0], "running")
    user.type(f"tendik show {recalled[0]}")
    user.type(f"tendik cancel {' '.join(lent)}")


def _any(states: tuple[str, ...]) -> str:
    return " ".join(f'-e \'"state": "{state}"\'' for state in states)


if __name__ == "__main__":
    typer.run(main)
