"""Every start of a job, and how it ended: what slurmdbd has of jobs that Slurm began anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from scheduler.backend.programs import SlurmPrograms
from scheduler.backend.slurm_accounting import Record, accounted, marker_of
from scheduler.backend.slurm_words import backend_state, moment
from scheduler.domain.cluster import BackendState, EndedRun

FIELDS = ("JobIDRaw", "Comment", "AdminComment", "State", "Start", "End")


def ended_runs(
    programs: SlurmPrograms, slurm_ids: Collection[int], installation: str
) -> tuple[EndedRun, ...]:
    """Return the ended starts of ours among these jobs. Raises BackendUnavailable."""
    found = accounted(programs, slurm_ids, FIELDS, "--allocations", "--duplicates")
    return tuple(_runs_in(found, installation))


def _runs_in(found: Iterable[Record], installation: str) -> Iterator[EndedRun]:
    """Yield what began and ended: Slurm's words for no time are of what did not, or has yet to."""
    for record in found:
        marker = marker_of(record, installation)
        started_at, ended_at = moment(record["Start"]), moment(record["End"])
        if marker is None or started_at is None or ended_at is None:
            continue
        node_failed = backend_state(record["State"]) is BackendState.NODE_FAILED
        slurm_id = int(record["JobIDRaw"])
        yield EndedRun(slurm_id, *marker, started_at, ended_at, node_failed)
