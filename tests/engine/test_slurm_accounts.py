"""Slurm is told the account of the project that a job is charged to, where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
from scheduler.domain.cluster import Launch, Submission
from tests.engine.rig import a_rig


class Told:
    """What a cluster was told to charge, launch by launch."""

    def __init__(self) -> None:
        self.accounts: list[str] = []

    def listening(self, cluster: SimulatedBackend) -> SimulatedBackend:
        """Return the cluster, which notes the accounts from now on."""
        submit = cluster.submit

        def noted(launches: Sequence[Launch]) -> tuple[Submission, ...]:
            self.accounts += [launch.slurm_account for launch in launches]
            return submit(launches)

        cluster.submit = noted  # type: ignore[method-assign]  # it answers as ever
        return cluster


@pytest.mark.parametrize(("wanted", "account"), [(True, "alpha_research"), (False, "")])
def test_a_launch_names_the_account_of_its_project_only_where_that_is_wanted(
    wanted: bool, account: str
) -> None:
    told = Told()
    cluster = told.listening(embedded_cluster(ManualClock()))
    with a_rig(backend=cluster, slurm_accounts=wanted) as rig:
        rig.submit("alpha")
        rig.ticks(2)

    assert told.accounts == [account]
