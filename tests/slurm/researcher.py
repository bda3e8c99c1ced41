"""A researcher at a service of their own in front of a real Slurm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.stack import running_service
from tests.slurm.conftest import SlurmCluster
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import Person, people_of


@contextmanager
def a_researcher(cluster: SlurmCluster, folder: Path, **settings: str) -> Iterator[Person]:
    """Yield the researcher; the service runs for the length of the block, with these settings."""
    own = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "SLURM_CONF": cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", own | settings) as stack:
        yield moved_home(people_of(stack, folder)[0], cluster)
