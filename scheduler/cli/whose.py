"""Options that say whose jobs are meant: yours, your organisation's, one user's, or all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TypedDict

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import projects
from scheduler.cli.lookup import who_am_i
from scheduler.v1.job_service_pb2 import JobState, ListJobsRequest

# No organisation has such a name.
MINE = "@mine"


class Whose(TypedDict):
    """Whose jobs are wanted; empty strings mean any."""

    everybody: bool
    organisation: str
    project: str
    user: str


_OPTIONS = (
    click.option("--all", "everybody", is_flag=True, help="All jobs that you may see."),
    click.option(
        "--org",
        "organisation",
        is_flag=False,
        flag_value=MINE,
        default="",
        metavar="[ORG]",
        help="All jobs of your organisation, or of the one named.",
    ),
    click.option(
        "--project",
        default="",
        metavar="PROJECT",
        help="Only this project's jobs.",
        shell_complete=projects,
    ),
    click.option("--user", default="", metavar="USER", help="This user's jobs."),
)


def whose_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the options of Whose."""
    return functools.reduce(lambda inner, option: option(inner), _OPTIONS[::-1], command)


def jobs_wanted(client: Client, whose: Whose, states: Iterable[JobState]) -> ListJobsRequest:
    """Return the request, with what the caller means by "my jobs" and "my organisation"."""
    wanted = ListJobsRequest(
        organisation=whose["organisation"],
        project=whose["project"],
        user=whose["user"],
        states=states,
    )
    if wanted.organisation == MINE:
        wanted.organisation = who_am_i(client).user.organisation_id
    elif not (whose["everybody"] or wanted.organisation or wanted.user or wanted.project):
        me = who_am_i(client).user
        wanted.organisation, wanted.user = me.organisation_id, me.user_id
    return wanted
