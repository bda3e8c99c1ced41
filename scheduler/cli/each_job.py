"""One wish for many jobs: each is answered by itself, and one refusal stops none of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError
from scheduler.cli.job_json import job_fields
from scheduler.cli.lookup import all_jobs
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data
from scheduler.cli.terminal import say
from scheduler.v1.job_service_pb2 import Job

# What is asked for a job; the answer is the job as it is then. Raises CliError.
Wish = Callable[[Client, Job], Job]


def wish_for_each(
    client: Client, words: Sequence[str], form: Format, wish: Wish, told: Callable[[Job], str]
) -> None:
    """Ask for every job that the words name, and tell what became of it.

    Ends with the exit code of the first refusal.
    """
    answers: list[Job] = []
    failures: list[CliError] = []
    for word in words:
        try:
            for job in all_jobs(client, word):
                answers.append(wish(client, job))
                if not form.for_programs:
                    say(told(answers[-1]))
        except CliError as failure:
            failure.show()
            failures.append(failure)
    if form.for_programs:
        print_data(form, JOB, [job_fields(job) for job in answers])
    if failures:
        raise click.exceptions.Exit(failures[0].exit_code)
