"""An explanation in words: who goes first, and what would start the job, with its command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from scheduler.cli.job_words import counted
from scheduler.cli.reader_times import told_time
from scheduler.cli.render import print_table
from scheduler.cli.table import Column, Table
from scheduler.cli.terminal import say
from scheduler.cli.times import iso
from scheduler.texts import listed, said
from scheduler.v1.job_service_pb2 import Ahead, Counterfactual, Explanation, Precedence

MOST_NAMED = 3


def print_explanation(explanation: Explanation, command: str) -> None:
    """Write where the job stands and what would start it.

    `command` takes sbatch's options; empty where there is none that would do.
    """
    print_list(standing(explanation))
    told = explanation.counterfactuals
    now = [change for change in told if not change.HasField("start_time")]
    later = [change for change in told if change.HasField("start_time")]
    if now:
        click.echo()
        say(said("What would start it now:"))
        print_list(_commands(now, command))
    if later:
        click.echo()
        say(said("What would start it earlier, if nobody new comes and nobody goes first:"))
        print_list(_commands(later, command))


def print_list(sentences: Iterable[str]) -> None:
    rows = [("-", sentence) for sentence in sentences]
    print_table(Table((Column(""), Column("", least=20)), rows))


def standing(explanation: Explanation) -> Iterator[str]:
    """Yield who goes before the job, and by which rule."""
    if explanation.HasField("planned_start_time"):
        yield said(
            "nodes are held for it from {at} on", at=told_time(explanation.planned_start_time)
        )
    if not explanation.ahead:
        yield said("nobody else who waits for its pools goes before it")
        return
    jobs = sum(ahead.jobs for ahead in explanation.ahead)
    before = counted(jobs, "job")
    if explanation.more_ahead:
        yield said(
            "more than {jobs} that could use its pools would be served before it", jobs=before
        )
    else:
        yield said("{jobs} that could use its pools would be served before it", jobs=before)
    for precedence in dict.fromkeys(ahead.precedence for ahead in explanation.ahead):
        rule = [ahead for ahead in explanation.ahead if ahead.precedence == precedence]
        yield listed((_whose(rule), rule[0].meaning), ": ")


def _whose(rule: Sequence[Ahead]) -> str:
    """Return how many there are and of whom: "12 (abai 7, kbtu 5)"."""
    named: list[str] = [f"{ahead.organisation} {ahead.jobs}" for ahead in rule[:MOST_NAMED]]
    if len(rule) > MOST_NAMED:
        named.append(counted(len(rule) - MOST_NAMED, "other"))
    return listed((f"{sum(ahead.jobs for ahead in rule)} (", listed(named), ")"), "")


def change_sentence(change: Counterfactual) -> str:
    """Return the change in words, with the reader's own clock where it starts the job later."""
    if not change.HasField("start_time"):
        return change.sentence
    return said("at {at}: {change}", at=told_time(change.start_time), change=change.sentence)


def _commands(changes: Iterable[Counterfactual], command: str) -> Iterator[str]:
    for change in changes:
        how = f"{command} {shlex.join(change.flags)}" if command and change.flags else ""
        yield listed(filter(None, (change_sentence(change), how)), ": ")


def explanation_fields(explanation: Explanation) -> dict[str, Any]:
    """Return what JSON holds of an explanation."""
    return {
        "snapshot_time": iso(explanation.snapshot_time),
        "starts": explanation.starts,
        "planned_start_time": iso(explanation.planned_start_time),
        "more_ahead": explanation.more_ahead,
        "ahead": [
            {
                "precedence": Precedence.Name(ahead.precedence).removeprefix("PRECEDENCE_").lower(),
                "meaning": ahead.meaning,
                "organisation": ahead.organisation,
                "jobs": ahead.jobs,
                "gpus": ahead.gpus,
            }
            for ahead in explanation.ahead
        ],
        "counterfactuals": [
            {
                "sentence": change.sentence,
                "flags": list(change.flags),
                "start_time": iso(change.start_time),
            }
            for change in explanation.counterfactuals
        ],
    }
