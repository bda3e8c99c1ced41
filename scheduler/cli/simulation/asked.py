"""What was asked of `tendik policy simulate`, and the answer: read, simulate, compare, tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from scheduler.cli.client import Client
from scheduler.cli.errors import usage_error
from scheduler.cli.files import read_text
from scheduler.cli.options import Opened
from scheduler.cli.policy.diff import text_of
from scheduler.cli.policy.files import version_of
from scheduler.cli.render import Format
from scheduler.cli.simulation.plots import check_plots, draw_all
from scheduler.cli.simulation.progress import shown_progress
from scheduler.cli.simulation.reading import Read, policy_in, site_in_trace, site_of_service
from scheduler.cli.simulation.running import Task, run_side_by_side, usual_cycle_s
from scheduler.cli.simulation.telling import Simulated, tell
from scheduler.domain.policies import Policy
from scheduler.simulation.site_comparison import compared
from scheduler.texts import said


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line, read; empty texts and None mean the usual."""

    opened: Opened
    file: str
    against: str
    trace: str
    pools: tuple[str, ...]
    members: Mapping[str, str]
    days: int | None
    cycle_s: int | None
    plots: str
    form: Format


def answer(asked: Asked) -> None:
    """Simulate both policies and write what came of it. Raises CliError."""
    if asked.plots:
        check_plots()
    with ExitStack() as stack:
        client = stack.enter_context(asked.opened()) if _needs_service(asked) else None
        old = _old_policy(asked, client)
        text = text_of(client, asked.file) if client else read_text(asked.file)
        new = policy_in(text, asked.file)
        _check_members(asked.members, {**old[1].classes, **new[1].classes})
        read = _site(asked, client, old[1])
    cycle_s = asked.cycle_s or usual_cycle_s(read.site)
    tasks = [Task(read.site, policy, cycle_s) for _, policy in (old, new)]
    with shown_progress(read.site.window_s, (old[0], new[0])) as progress:
        before, after = run_side_by_side(tasks, progress)
    comparison = compared(read.site, before, after, cycle_s)
    titles, cycles = (old[0], new[0]), (before.cycles, after.cycles)
    tell(Simulated(read.site, comparison, titles, cycle_s, cycles), read.notes, asked.form)
    if asked.plots:
        draw_all(read.site, (before, after), comparison, titles, asked.plots)


def _needs_service(asked: Asked) -> bool:
    is_here = bool(asked.trace) and not asked.file.isdigit()
    return not (is_here and asked.against and not asked.against.isdigit())


def _old_policy(asked: Asked, client: Client | None) -> tuple[str, Policy]:
    if asked.against and not asked.against.isdigit():
        return policy_in(read_text(asked.against), asked.against)
    if client is None:
        raise usage_error(said("--against: name the file of the old policy"))
    version = version_of(client, int(asked.against or 0))
    return policy_in(version.text, said("version {number}", number=version.number))


def _check_members(members: Mapping[str, str], classes: Collection[str]) -> None:
    """Raise CliError for a class that neither policy has: all of its jobs would be refused."""
    for organisation, name in members.items():
        if name not in classes:
            wrong = said(
                "--member: neither policy has a class {name!r} for {organisation}; they have "
                "{known}",
                organisation=organisation,
                name=name,
                known=", ".join(sorted(classes)),
            )
            raise usage_error(wrong)


def _site(asked: Asked, client: Client | None, old: Policy) -> Read:
    if asked.trace or client is None:
        first_class = next(iter(old.classes))
        return site_in_trace(asked.trace, asked.pools, asked.members, asked.days, first_class)
    return site_of_service(client, asked.days)
