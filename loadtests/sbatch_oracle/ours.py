"""Our reading of a case: the way that a request takes from the command line to its admission."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from loadtests.sbatch_oracle.cases import SCRIPT_NAME, Case, Way
from loadtests.sbatch_oracle.people import TENANT, check_names
from loadtests.sbatch_oracle.slurm import as_the_service_sees_it
from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.handed_in import HandedIn, Source, handed_in, source_of
from scheduler.cli.sbatch_words import tell_apart
from scheduler.cli.submit import submit
from scheduler.domain.policies import Policy, Quota
from scheduler.domain.sbatch.directives import Setting, read_flags, read_script
from scheduler.domain.sbatch.reading import ReadJob, read_job
from scheduler.domain.validation import check_request
from scheduler.errors import InvalidRequest

POLICY = Policy(classes={"any": Quota()})
CLUSTER = as_the_service_sees_it()
OWN_OPTIONS = {
    name: not option.is_flag
    for option in submit.params
    if isinstance(option, click.Option)
    for name in option.opts
}


@dataclass(frozen=True, slots=True)
class OurReading:
    """What we make of a case: a job and each option's last setting, or a refusal."""

    job: ReadJob | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    refusal: str = ""


def our_reading(case: Case, directory: Path) -> OurReading:
    """Read the case as the command line and the service do, on an idle cluster."""
    try:
        given = _handed_in(case)
        job = read_job(given.script, given.flags, os.fspath(directory))
        check_request(job.spec.request, TENANT, POLICY, CLUSTER, len(job.array_indices) or 1)
        check_names(job)
    except CliError as refused:
        return OurReading(refusal=refused.message)
    except InvalidRequest as refused:
        return OurReading(refusal=str(refused.violations[0]))
    return OurReading(job, _last_settings(given))


def _handed_in(case: Case) -> HandedIn:
    told = tell_apart(list(case.arguments), OWN_OPTIONS)
    if case.way is Way.WRAP:
        return handed_in(source_of("", case.script), told.flags, case.environ)
    if told.script not in ("", SCRIPT_NAME):
        raise usage_error(f"there is no file {told.script}")
    name = SCRIPT_NAME if case.way is Way.FILE else ""
    return handed_in(Source(case.script, case.way, name), told.flags, case.environ)


def _last_settings(given: HandedIn) -> Mapping[str, Setting]:
    readings = read_script(given.script), read_flags(given.flags)
    return {setting.option.name: setting for reading in readings for setting, _ in reading.settings}
