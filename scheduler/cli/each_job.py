"""One question for many jobs: each is answered by itself, and one refusal stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError
from scheduler.cli.job_json import job_fields
from scheduler.cli.lookup import all_jobs
from scheduler.cli.records import JOB
from scheduler.cli.render import Format, print_data
from scheduler.cli.terminal import say
from scheduler.v1.job_service_pb2 import Job

T = TypeVar("T")
# What is asked for a job; the answer is the job as it is then. Raises CliError.
Wish = Callable[[Client, Job], Job]


def wish_for_each(
    client: Client, words: Sequence[str], form: Format, wish: Wish, told: Callable[[Job], str]
) -> None:
    """Ask for every job that the words name, and tell what became of it.

    Ends with the exit code of the first refusal.
    """
    with answers_for_each(client, words, wish) as answers:
        if form.for_programs:
            print_data(form, JOB, list(map(job_fields, answers)))
            return
        for job in answers:
            say(told(job))


@contextmanager
def answers_for_each(
    client: Client, words: Sequence[str], ask: Callable[[Client, Job], T]
) -> Iterator[Iterator[T]]:
    """Yield the answers for every job that the words name, as they come.

    A refusal is shown at once; the block's end is the command's, with the exit code of the first.
    """
    failures: list[CliError] = []

    def answers() -> Iterator[T]:
        for word in words:
            try:
                for job in all_jobs(client, word):
                    yield ask(client, job)
            except CliError as failure:
                failure.show()
                failures.append(failure)

    yield answers()
    if failures:
        raise click.exceptions.Exit(failures[0].exit_code)
