"""Every marked job since a moment, from slurmctld and slurmdbd together."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.backend.slurm_read import SlurmReader
from scheduler.backend.slurm_state import marked_jobs
from scheduler.domain.cluster import BackendJob

# The clocks of two machines, and Slurm's whole seconds.
MARGIN = timedelta(minutes=1)


def marked_since(reader: SlurmReader, since: datetime, installation: str) -> tuple[BackendJob, ...]:
    """Return our jobs that are live or ended since then. Raises BackendUnavailable.

    slurmctld first: what it forgets after that, slurmdbd has.
    """
    queue = reader.queue()
    reader.require_whole_records()
    return marked_jobs(queue, reader.recorded_since(since - MARGIN), installation)
