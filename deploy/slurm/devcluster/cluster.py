"""Bring a cluster up, take it down, tell how it is."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.slurm.devcluster import folder as layout
from deploy.slurm.devcluster.daemons import (
    Daemon,
    DaemonFailed,
    complaint_of,
    running,
    stop,
    wait_for,
)
from deploy.slurm.devcluster.jobs import kill_jobs
from deploy.slurm.devcluster.parts import Parts, database_install, environment, parts_of
from deploy.slurm.devcluster.programs import require_programs
from deploy.slurm.devcluster.settings import Settings, SettingsError

CLUSTER = "tendik"
ACCOUNT = "tendik"
PARTITION = "alem"
NODES_IDLE_LIMIT_S = 90.0
JOBS_GONE_LIMIT_S = 10.0
# Nothing may start a job, or lose the record of one, after its keeper is gone.
STOP_ORDER = ("slurmd.", "slurmctld", "slurmdbd", "mariadbd", "munged")
UP_STATES = frozenset({"idle", "mixed", "allocated", "completing"})

Say = Callable[[str], None]


class CommandFailed(Exception):
    """A command of the bring-up ended badly; the message holds what it said."""


def up(settings: Settings, say: Say) -> None:
    """Bring the cluster up and return once every node takes jobs; a second call changes nothing.

    Raises ProgramsMissing, SettingsError, DaemonFailed or CommandFailed. After one of the last two
    nothing of the cluster is left running.
    """
    require_programs()
    if os.geteuid() != 0:
        raise SettingsError("only root can run jobs as other users; run this as root")
    layout.make_folder(settings)
    _settle_conf(settings)
    try:
        _bring_up(settings, say)
    except BaseException:
        say("bring-up failed; ending what runs")
        down(settings.folder, say)
        raise


def down(folder: Path, say: Say) -> None:
    """End exactly the processes of this cluster, jobs included; logs, records and queue stay."""
    if running(folder / "run" / "slurmctld.pid"):
        _cancel_running_jobs(folder)
    for pid_file in _pid_files(folder):
        if running(pid_file):
            say(f"ending {pid_file.stem}")
        stop(pid_file)
    kill_jobs(folder)


def status(folder: Path) -> Mapping[str, int | None]:
    """Return the pid of each daemon that was started here; None for one that ended."""
    found = {file.stem: running(file) for file in _pid_files(folder)}
    return {name: process.pid if process else None for name, process in found.items()}


def nodes_by_state(folder: Path) -> Mapping[str, int]:
    """Count the nodes in each state; empty when slurmctld does not answer."""
    argv = ("sinfo", "--noheader", "--Node", "--format=%T")
    states = _output(argv, environment(folder)).split()
    return {state: states.count(state) for state in sorted(set(states))}


def _settle_conf(settings: Settings) -> None:
    """Write the conf files, or check that a running cluster has these very settings."""
    if any(status(settings.folder).values()):
        if layout.conf_differs(settings):
            raise SettingsError(f"{settings.folder} runs with other settings; take it down first")
        return
    for port in settings.all_ports:
        _refuse_busy(port)
    layout.write_conf(settings)


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(f"port {port} is taken; choose another --base-port") from error


def _bring_up(settings: Settings, say: Say) -> None:
    layout.make_users(settings)
    parts = parts_of(settings)
    _install_database(settings, say)
    for keeper in parts.keepers:
        _start(keeper, say)
    # slurmctld registers itself only with a cluster that slurmdbd knows.
    _add_accounts(settings)
    _start(parts.controller, say)
    _set_partition(settings.folder, "UP")
    for node in parts.nodes:
        node.start()
    _wait_for_nodes(parts, settings.folder, say)


def _cancel_running_jobs(folder: Path) -> None:
    """Cancel what runs while slurmctld can still record it, with the partition closed.

    Killed without its knowledge, a job would keep its GPUs after the next start until slurmctld
    misses it, which takes many minutes. Closed, no pending job takes a cancelled one's place.
    """
    env = environment(folder)
    _set_partition(folder, "DOWN")
    complaint_of(("scancel", "--state=RUNNING"), env)
    wait_for(lambda: not _output(("squeue", "--noheader", "--states=R,CG"), env), JOBS_GONE_LIMIT_S)


def _set_partition(folder: Path, state: str) -> None:
    what = (f"PartitionName={PARTITION}", f"State={state}")
    complaint_of(("scontrol", "update", *what), environment(folder))


def _install_database(settings: Settings, say: Say) -> None:
    if not (settings.database_folder / "mysql").exists():
        say("mariadbd: installing an empty database")
        _run(database_install(settings), environment(settings.folder))


def _start(daemon: Daemon, say: Say) -> None:
    daemon.start()
    daemon.wait_until_ready()
    say(f"{daemon.name}: ready")


def _add_accounts(settings: Settings) -> None:
    """Make the cluster, one account and its users known; what is known already stays."""
    env = environment(settings.folder)
    for what in (
        ("cluster", CLUSTER),
        ("account", ACCOUNT, f"cluster={CLUSTER}"),
        ("user", ",".join(settings.users), f"account={ACCOUNT}", f"cluster={CLUSTER}"),
    ):
        output = _output(("sacctmgr", "--immediate", "add", *what), env)
        if not any(word in output for word in ("Adding", "Nothing new", "already exists")):
            raise CommandFailed(f"sacctmgr add {' '.join(what)}: {output.strip()}")


def _wait_for_nodes(parts: Parts, folder: Path, say: Say) -> None:
    seen: Mapping[str, int] = {}

    def all_up() -> bool:
        nonlocal seen
        for daemon in parts.all:
            daemon.check()
        now = nodes_by_state(folder)
        if now != seen:
            seen = now
            say("nodes: " + ", ".join(f"{count} {state}" for state, count in now.items()))
        return sum(seen.get(state, 0) for state in UP_STATES) == len(parts.nodes)

    if not wait_for(all_up, NODES_IDLE_LIMIT_S):
        raise DaemonFailed(
            "slurmctld", f"has nodes that do not come up: {dict(seen)}", parts.controller.log
        )


def _pid_files(folder: Path) -> list[Path]:
    """Return the pid files in the order in which their daemons are ended."""
    files = sorted((folder / "run").glob("*.pid"))
    return [file for start in STOP_ORDER for file in files if file.name.startswith(start)]


def _run(argv: tuple[str, ...], env: Mapping[str, str]) -> None:
    done = subprocess.run(
        argv, env=dict(env), capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(f"{argv[0]} ended with {done.returncode}: {done.stderr.strip()}")


def _output(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        argv, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.stdout
