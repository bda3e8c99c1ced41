"""Asks slurmdbd about some jobs by their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from scheduler.backend.programs import SlurmPrograms
from scheduler.backend.slurm_read import NO_ACCOUNTING, records, unforgeable
from scheduler.backend.translate import marker_in
from scheduler.errors import BackendUnavailable

_IDS_AT_ONCE = 100
Record = Mapping[str, str]


def accounted(
    programs: SlurmPrograms, slurm_ids: Collection[int], fields: Sequence[str], *options: str
) -> Iterator[Record]:
    """Yield the fields of sacct's records of these jobs, in its order. Raises BackendUnavailable.

    Nothing where Slurm keeps no records.
    """
    ordered = sorted(slurm_ids)
    for first in range(0, len(ordered), _IDS_AT_ONCE):
        yield from _asked(programs, ordered[first : first + _IDS_AT_ONCE], fields, options)


def _asked(
    programs: SlurmPrograms, slurm_ids: Sequence[int], fields: Sequence[str], options: Sequence[str]
) -> list[Record]:
    end = unforgeable()
    form = ("--parsable", f"--delimiter={end}", f"--format={','.join(fields)}")
    ids = ",".join(map(str, slurm_ids))
    try:
        text = programs.answer("sacct", "--noheader", *options, *form, "--jobs", ids)
    except BackendUnavailable as error:
        if NO_ACCOUNTING in str(error):
            return []
        raise
    return [dict(zip(fields, one, strict=True)) for one in records(text, end, len(fields))]


def marker_of(record: Record, installation: str) -> tuple[int, int] | None:
    """Return the job and attempt that a job's record is marked with, where it is ours.

    The mark that its user cannot change counts first.
    """
    sealed = marker_in(record["AdminComment"], installation)
    return sealed or marker_in(record["Comment"], installation)
