"""The command line: python3 -m deploy.slurm.devcluster up | down | status."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from deploy.slurm.devcluster import cluster
from deploy.slurm.devcluster.daemons import DaemonFailed
from deploy.slurm.devcluster.folder import remove_folder
from deploy.slurm.devcluster.programs import ProgramsMissing
from deploy.slurm.devcluster.settings import (
    DEFAULT_BASE_PORT,
    DEFAULT_FOLDER,
    DEFAULT_USERS,
    SCHEDULINGS,
    Settings,
    SettingsError,
)

EXPECTED = (ProgramsMissing, SettingsError, DaemonFailed, cluster.CommandFailed)

say = partial(print, flush=True)


def main(argv: list[str]) -> int:
    """Run one command; return the exit code."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except EXPECTED as error:
        sys.stderr.write(f"devcluster: {error}\n")
        return 1


def _up(args: argparse.Namespace) -> int:
    settings = Settings(
        folder=args.dir,
        base_port=args.base_port,
        nodes=args.nodes,
        gpus_per_node=args.gpus,
        min_job_age_s=args.min_job_age,
        users=tuple(args.users.split(",")),
        scheduling=args.scheduling,
        measures=args.measure,
        enforces=args.enforce,
    )
    cluster.up(settings, say)
    say(settings.env_line)
    return 0


def _down(args: argparse.Namespace) -> int:
    cluster.down(args.dir, say)
    if args.purge:
        remove_folder(args.dir)
    return 0


def _status(args: argparse.Namespace) -> int:
    """Print each daemon and the nodes; return 0 only when everything that was started runs."""
    daemons = cluster.status(args.dir)
    for name, pid in daemons.items():
        say(f"{name}: {f'runs, pid {pid}' if pid else 'ended'}")
    if daemons.get("slurmctld"):
        for state, count in cluster.nodes_by_state(args.dir).items():
            say(f"nodes {state}: {count}")
    if not daemons:
        say(f"no cluster runs in {args.dir}")
    return 0 if daemons and all(daemons.values()) else 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devcluster", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for run in (_up, _down, _status):
        command = commands.add_parser(run.__name__[1:])
        command.set_defaults(run=run)
        command.add_argument("--dir", type=_absolute, default=DEFAULT_FOLDER)
    _add_up_options(commands.choices["up"])
    commands.choices["down"].add_argument(
        "--purge", action="store_true", help="remove the folder too"
    )
    return parser


def _add_up_options(up: argparse.ArgumentParser) -> None:
    up.add_argument(
        "--base-port", type=int, default=DEFAULT_BASE_PORT, help="first of nodes + 2 ports"
    )
    up.add_argument("--nodes", type=int, default=8)
    up.add_argument("--gpus", type=int, default=8, help="fake GPUs of each node")
    up.add_argument("--min-job-age", type=int, default=300, metavar="SECONDS",
                    help="how long slurmctld remembers an ended job")  # fmt: skip
    up.add_argument("--users", default=",".join(DEFAULT_USERS), help="Unix users to create")
    up.add_argument("--scheduling", choices=SCHEDULINGS, default=SCHEDULINGS[0],
                    help="who decides the order: Tendik, or Slurm alone by Fair Tree")  # fmt: skip
    up.add_argument("--measure", action="store_true", help="measure what jobs use as they run")
    up.add_argument("--enforce", action="store_true", help="hold jobs to Slurm's own accounts")


def _absolute(text: str) -> Path:
    return Path(text).resolve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
