"""The faults, as a table: what is done to which process, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loadtests.chaos.scene import Scene

Fault = Callable[[Scene], None]


def slurmctld_killed(scene: Scene) -> None:
    """Slurmctld is killed 0 to 6 s after it acknowledged the jobs."""
    scene.submit()
    scene.wait_for_answers()
    scene.pause(0, 6)
    scene.kill(scene.slurm.parts.controller)
    scene.pause(0, 2)
    scene.begin(scene.slurm.parts.controller)


def slurmctld_stalled(scene: Scene) -> None:
    """Slurmctld stalls while a submission is under way, for longer than clients wait."""
    scene.submit()
    scene.wait_until_in_flight()
    scene.stall(scene.slurm.parts.controller, 10.5, 14)


def slurmctld_stalled_and_killed(scene: Scene) -> None:
    """Slurmctld stalls while a submission is under way, and is killed: it may have it, or not."""
    scene.submit()
    scene.wait_until_in_flight()
    scene.stall(scene.slurm.parts.controller, 0, 3)
    scene.pause(0, 0.1)
    scene.kill(scene.slurm.parts.controller)
    scene.pause(0, 2)
    scene.begin(scene.slurm.parts.controller)


def slurmctld_restarted(scene: Scene) -> None:
    """Slurmctld is restarted as an operator does it, 0 to 6 s after it acknowledged the jobs."""
    scene.submit()
    scene.wait_for_answers()
    scene.pause(0, 6)
    scene.end(scene.slurm.parts.controller)
    scene.begin(scene.slurm.parts.controller)


def submitter_killed(scene: Scene) -> None:
    """The process that submits is killed after some answers, before any is on record."""
    kill = scene.ours.engine_killer()
    scene.submit()
    scene.kill_submitters(kill)


def service_killed(scene: Scene) -> None:
    """All of the service is killed at that moment, and started anew."""
    kill = scene.ours.killer()
    scene.submit()
    scene.kill_submitters(kill)
    scene.pause(0, 2)
    scene.ours.start_again()


def slurmdbd_down(scene: Scene) -> None:
    """The keeper of records is down while jobs are submitted, run and end."""
    scene.kill(scene.slurm.keeper_of_records)
    scene.pause(0, 2)
    scene.submit()
    scene.pause(5, 12)
    scene.begin(scene.slurm.keeper_of_records)


def slurmctld_killed_as_it_records(scene: Scene) -> None:
    """Slurmctld is killed while slurmdbd stalls: what it saved it may never change again."""
    scene.submit()
    scene.wait_for_answers()
    with scene.stalled(scene.slurm.keeper_of_records):
        scene.pause(0, 12)
        scene.kill(scene.slurm.parts.controller)
    scene.pause(0, 2)
    scene.begin(scene.slurm.parts.controller)


def mariadb_killed(scene: Scene) -> None:
    """The database below the keeper of records is killed and comes back."""
    scene.submit()
    scene.pause(0, 4)
    scene.kill(scene.slurm.database)
    scene.pause(2, 8)
    scene.begin(scene.slurm.database)


def slurmd_killed(scene: Scene) -> None:
    """The slurmd of the busiest node is killed and started anew; its jobs run on."""
    scene.submit()
    scene.wait_for_answers()
    scene.pause(0, 3)
    slurmd = scene.slurm.slurmd(_busy_node(scene))
    scene.kill(slurmd)
    scene.pause(0, 6)
    scene.begin(slurmd)


def slurmd_stalled(scene: Scene) -> None:
    """The slurmd of the busiest node stalls."""
    scene.submit()
    scene.wait_for_answers()
    scene.pause(0, 3)
    scene.stall(scene.slurm.slurmd(_busy_node(scene)), 2, 12)


def node_died(scene: Scene) -> None:
    """The busiest node dies with all that runs on it, and comes back."""
    scene.submit()
    scene.wait_for_answers()
    scene.pause(0, 3)
    node = _busy_node(scene)
    scene.note(f"{node} died")
    scene.slurm.kill_node(node)
    scene.pause(0, 4)
    scene.begin(scene.slurm.slurmd(node))


FAULTS: Mapping[str, Fault] = {
    "slurmctld killed": slurmctld_killed,
    "slurmctld stalled": slurmctld_stalled,
    "stalled and killed": slurmctld_stalled_and_killed,
    "slurmctld restarted": slurmctld_restarted,
    "submitter killed": submitter_killed,
    "service killed": service_killed,
    "slurmdbd down": slurmdbd_down,
    "killed as it records": slurmctld_killed_as_it_records,
    "MariaDB killed": mariadb_killed,
    "slurmd killed": slurmd_killed,
    "slurmd stalled": slurmd_stalled,
    "node died": node_died,
}
# What each run of the tests plays: the faults that lose or double jobs of others the surest.
SHORT_CUT = (
    "slurmctld killed",
    "slurmctld stalled",
    "submitter killed",
    "slurmdbd down",
    "node died",
)


def _busy_node(scene: Scene) -> str:
    """Return a node whose jobs may be disturbed: strangers stand on the last one."""
    return scene.slurm.busiest_node(scene.slurm.settings.node_names[:-1])
