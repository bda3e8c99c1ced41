"""Output for programs: every form of it, and that it is what the published schemas promise."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # no stubs

from scheduler.cli.fields import json_schema
from scheduler.cli.main import tendik as program
from scheduler.cli.records import RECORDS
from scheduler.simulation.traces import COLUMNS
from scheduler.v1.policy_service_pb2 import PolicyProblem
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import OTHERS_FIRST_BLOCKER as BLOCKER
from tests.cli.world import TOKEN, a_job, a_running_job, a_waiting, an_element, an_ended_job

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
# What each command is called with; FILE stands for a file of its kind.
# A trace, because the site's own last days are others at every moment.
SIMULATED = ["--against", "POLICY", "--trace", "TRACE", "--pool", "alem=1x8"]
WORDS = {
    "submit": ["submit", "SCRIPT"],
    "compat check": ["compat", "check", "SCRIPT"],
    "queue": ["queue", "--all", "--state", "any"],
    "history": ["history"],
    "gpus": ["gpus"],
    "efficiency": ["efficiency", "1042", "1040"],
    "show": ["show", "1042", "--script"],
    "why": ["why", "1042"],
    "advise": ["advise", "SCRIPT"],
    "resubmit": ["resubmit", "1042", "--gpus=1"],
    "requeue": ["requeue", "1040"],
    "cancel": ["cancel", "1041", "1040"],
    "hold": ["hold", "1042"],
    "release": ["release", "1042"],
    "watch": ["watch"],
    "share": ["share"],
    "reservations": ["reservations"],
    "start-times": ["start-times"],
    "whoami": ["whoami"],
    "schema": ["schema"],
    "version": ["version"],
    "context list": ["context", "list"],
    "context show": ["context", "show"],
    "admin org create": ["admin", "org", "create", "x", "--class", "agencies"],
    "admin org list": ["admin", "org", "list"],
    "admin project create": ["admin", "project", "create", "x"],
    "admin project list": ["admin", "project", "list"],
    "admin org off-board": ["admin", "org", "off-board", "x", "--dry-run"],
    "admin project off-board": ["admin", "project", "off-board", "x"],
    "admin user off-board": ["admin", "user", "off-board", "x"],
    "admin register show": ["admin", "register", "show"],
    "admin register diff": ["admin", "register", "diff", "SCRIPT"],
    "admin register apply": ["admin", "register", "apply", "SCRIPT", "--off-board"],
    "admin history": ["admin", "history", "x"],
    "admin user create": ["admin", "user", "create", "x", "--project", "y"],
    "admin user list": ["admin", "user", "list"],
    "admin user rotate-token": ["admin", "user", "rotate-token", "x"],
    "policy show": ["policy", "show"],
    "policy lint": ["policy", "lint", "SCRIPT"],
    "policy apply": ["policy", "apply", "SCRIPT"],
    "policy history": ["policy", "history"],
    "policy diff": ["policy", "diff", "SCRIPT"],
    "policy simulate": ["policy", "simulate", "POLICY", *SIMULATED],
    "policy propose": ["policy", "propose", "SCRIPT", "--why", "more for startups"],
    "policy proposals": ["policy", "proposals", "1"],
    "policy approve": ["policy", "approve", "1"],
    "policy withdraw": ["policy", "withdraw", "1", "--why", "no"],
    "policy activate": ["policy", "activate", "1", "--canary", "startups"],
    "policy trial": ["policy", "trial", "1"],
    "policy rollback": ["policy", "rollback", "--why", "waits grew"],
    "admin fund create": ["admin", "fund", "create", "x", "--hours", "1"],
    "admin fund list": ["admin", "fund", "list"],
    "grant request": [
        *("grant", "request", "--project", "speech", "--fund", "ai-fund", "--hours", "1"),
        *("--until", "2027-01-31", "--why", "speech"),
    ],
    "grant list": ["grant", "list"],
    "grant show": ["grant", "show", "1"],
    "grant review": ["grant", "review", "1", "--comment", "sound"],
    "grant award": ["grant", "award", "1"],
    "grant decline": ["grant", "decline", "1", "--why", "no plan"],
    "grant withdraw": ["grant", "withdraw", "1", "--why", "no"],
    "grant close": ["grant", "close", "1", "--why", "done"],
    "budget show": ["budget"],
    "budget statement": ["budget", "statement"],
    "admin cluster": ["admin", "cluster"],
    "admin overview": ["admin", "overview"],
    "admin explain": ["admin", "explain", "astana-university"],
    "verify-receipt": ["verify-receipt", "SCRIPT"],
    "verify-history": ["verify-history", "HISTORY"],
}
A_POLICY = 'title = "all alike"\n[classes.universities]\n'
A_TRACE = f"{','.join(COLUMNS)}\n1,0,60,1,,alpha,,600,,\n2,90,60,1,,beta,,600,,\n"
# These write no records: sentences, files, a program's own output, or a script.
WITHOUT_RECORDS = {
    "login",
    "context use",
    "context remove",
    "agent",
    # Its output is the file, byte for byte.
    "logs",
    "completion",
    "man",
    "shims install",
    "admin receipt",
    "admin backup",
    "admin restore",
}


@pytest.fixture
def call(tendik: Tendik, service: Service, script: str, tmp_path: Path, address: str) -> Any:
    """Return the program in a world where every field of every record has a value somewhere."""
    waiting = a_waiting(BLOCKER)
    service.jobs = [
        a_job(script="#!/bin/sh\n", waiting=waiting),
        a_running_job(recallable=True),
        an_ended_job(),
        an_element(1),
    ]
    service.changes = [a_job(), a_running_job(1042)]
    service.warnings = [PolicyProblem(key="classes.x", message="has no nodes")]
    history = tmp_path / "history.jsonl"
    history.write_text("")
    tendik("login", "--server", address, "--token", TOKEN)
    policy = tmp_path / "policy.toml"
    policy.write_text(A_POLICY)
    trace = tmp_path / "trace.csv"
    trace.write_text(A_TRACE)
    files = {
        "SCRIPT": script,
        "HISTORY": str(history),
        "POLICY": str(policy),
        "TRACE": str(trace),
    }

    def called(command: str, form: str) -> str:
        words = [files.get(word, word) for word in WORDS[command]]
        result = tendik(*words, "--format", form)
        assert result.exit_code in (0, 10), result.output
        return result.stdout

    return called


def commands(group: click.Group, within: Sequence[str] = ()) -> Iterator[str]:
    """Yield every command's words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, [*within, name])
        else:
            yield " ".join([*within, name])


def closed(schema: Any) -> Any:
    """Return the schema as this version of the program fills it: nothing beside its fields."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    return parts | ({"additionalProperties": False} if "properties" in schema else {})


def of(command: str) -> Any:
    return next(record for record in RECORDS.values() if command in record.written_by)


def test_every_command_writes_records_or_is_known_to_write_none() -> None:
    written = {command for record in RECORDS.values() for command in record.written_by}

    assert set(commands(program)) - WITHOUT_RECORDS == written == set(WORDS)


@pytest.mark.parametrize("command", WORDS)
def test_the_output_keeps_its_schema(call: Any, command: str) -> None:
    schema = closed(json_schema(of(command)))
    text = call(command, "json")
    found = list(map(json.loads, text.splitlines())) if command == "watch" else json.loads(text)

    for one in found if isinstance(found, list) else [found]:
        Draft202012Validator(schema).validate(one)


@pytest.mark.parametrize("command", WORDS)
def test_yaml_says_what_json_says(call: Any, command: str) -> None:
    if command == "watch":
        documents = list(yaml.safe_load_all(call(command, "yaml")))
        assert documents == list(map(json.loads, call(command, "json").splitlines()))
    else:
        assert yaml.safe_load(call(command, "yaml")) == json.loads(call(command, "json"))


@pytest.mark.parametrize("command", WORDS)
def test_csv_and_names_have_a_line_for_each_row(call: Any, command: str) -> None:
    rows = list(csv.DictReader(io.StringIO(call(command, "csv"), newline="")))
    names = call(command, "name").splitlines()

    assert {row["schema"] for row in rows} <= {of(command).stamp}
    assert len(set(names)) <= len(rows)
    assert bool(names) == bool(rows)


@pytest.mark.parametrize("name", RECORDS)
def test_the_published_schemas_are_those_of_the_program(tendik: Tendik, name: str) -> None:
    written = tendik("schema", name).stdout

    Draft202012Validator.check_schema(json.loads(written))
    assert (ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8") == written


def test_the_docs_name_every_field() -> None:
    for record in RECORDS.values():
        assert [field.name for field in record.fields if f"`{field.name}`" not in DOCS] == []


def test_columns_are_the_same_whatever_the_jobs_have(call: Any, service: Service) -> None:
    full = call("queue", "csv").splitlines()[0]
    service.jobs = []

    assert call("queue", "csv").splitlines() == [full]
    assert full.startswith("job_id,name,array.array_job_id,array.index,array.limit,state,")
    assert "resources.gpus," in full


def test_csv_keeps_what_other_people_wrote(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(display_name='a "b", c\nd')]

    (row,) = csv.DictReader(io.StringIO(tendik("queue", "-o", "csv").stdout, newline=""))

    assert row["name"] == 'a "b", c\nd'
    assert (row["exit_code"], row["nodes"], row["recallable"]) == ("", "[]", "false")


def test_an_element_is_named_so_that_cancel_takes_no_other(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [an_element(1), an_element(0), a_job()]

    assert tendik("queue", "-o", "name").stdout == "1050_1\n1050_0\n1042\n"


def test_json_cannot_harm_a_terminal(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(display_name="\x9b2J\u202e\U000e0001")]

    written = tendik("queue", "-o", "json").stdout

    assert "\x9b" not in written
    assert "\u202e" not in written
    assert json.loads(written)[0]["name"] == "\x9b2J\u202e\U000e0001"


def test_wide_shows_more_columns(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_running_job()]

    narrow, wide = (tendik("queue", "-o", form).stdout for form in ("table", "wide"))

    assert {"USER", "PROJECT", "STARTED", "SLURM"} <= set(wide.split()) - set(narrow.split())
    assert wide.splitlines()[1].endswith("5512")
    assert "MEAN" in tendik("share", "-o", "wide").stdout
