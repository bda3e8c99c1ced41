"""The program behind `tendik-scheduler slurm-accounts`: the register, as Slurm's own accounts.

Run as `python -m scheduler.slurm_accounts`, where both the database and sacctmgr are within reach.
"""

from __future__ import annotations

import sys
from contextlib import closing

import click

from scheduler.backend.choose import open_accounts
from scheduler.clock import SystemClock
from scheduler.config import own_language, read_settings
from scheduler.domain.slurm_accounts import slurm_plan, wanted_in_slurm
from scheduler.errors import TendikError
from scheduler.languages import words
from scheduler.store.sql import open_store
from scheduler.texts import Said, listed, said, said_by


class WrongDatabase(TendikError):
    """The database is not a service's."""


@click.command()
@click.option("--apply", is_flag=True)
def main(apply: bool) -> None:
    """Say what is to be done to Slurm's accounts, and do it where that is asked for.

    Each step is said once it is done: what fails leaves the rest for the next run.
    """
    with closing(open_store(read_settings().database_url)) as store:
        policy, register = store.current_policy(), store.register()
        if not register.users:
            raise WrongDatabase(
                said(
                    "nobody is registered in this database; set TENDIK_DATABASE_URL as the service "
                    "has it"
                )
            )
        accounts = open_accounts(store.installation())
    classes = policy.policy.classes if policy else {}
    plan = slurm_plan(wanted_in_slurm(register, classes, SystemClock().now()), accounts.found())
    for name in plan.others:
        _say(said("account {name} was made by others and is left alone", name=name), err=True)
    for step in plan.steps:
        if apply:
            accounts.take(step)
        _say(listed(("- ", step.words), ""))
    if not plan.steps:
        _say(said("nothing is to be done"))
    elif not apply:
        _say(said("a dry run: nothing is done, --apply does it"), err=True)


def run() -> None:
    """Run the program; an expected error is one line and exit code 1."""
    try:
        main(prog_name="tendik-scheduler slurm-accounts")
    except (TendikError, OSError) as error:
        _say(listed(("tendik-scheduler: ", said_by(error)), ""), err=True)
        sys.exit(1)


def _say(sentence: Said, *, err: bool = False) -> None:
    click.echo(sentence.in_words(words(own_language())), err=err)


if __name__ == "__main__":
    run()
