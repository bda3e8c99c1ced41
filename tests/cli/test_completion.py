"""Completion in the shell: what is offered, and that a failure is nothing but silence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import grpc
import pytest

from scheduler.cli.groups import LazyGroup
from scheduler.cli.main import tendik as program
from scheduler.v1.job_service_pb2 import ListJobsRequest
from tests.cli.conftest import Shell, Tendik
from tests.cli.service import Service, fault
from tests.cli.world import a_job, a_running_job, an_element, an_ended_job


def offered(shell: Shell, line: str, **settings: str) -> list[str]:
    """Return what bash is offered for the line's last word; nothing may be told beside it."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    result = shell(_TENDIK_COMPLETE="bash_complete", **asked, **settings)
    assert (result.returncode, result.stderr) == (0, "")
    return [item.removeprefix("plain,") for item in result.stdout.splitlines() if item]


def test_commands_and_options_are_offered(shell: Shell) -> None:
    assert offered(shell, "tendik qu") == ["queue"]
    assert offered(shell, "tendik policy prop") == ["propose", "proposals"]
    assert "--state" in offered(shell, "tendik queue --s")
    assert offered(shell, "tendik queue --state pen") == ["pending"]
    assert offered(shell, "tendik queue -o j") == ["json"]


def test_jobs_are_mine_and_in_states_that_fit_the_command(shell: Shell, service: Service) -> None:
    service.jobs = [a_job(1042), a_running_job(1041), an_ended_job(1040), a_job(7, user="dana")]

    assert offered(shell, "tendik cancel ") == ["1042", "1041"]
    assert offered(shell, "tendik why ") == ["1042"]
    assert offered(shell, "tendik show 104") == ["1042", "1041", "1040"]
    assert service.last(ListJobsRequest).user == "aliya"


def test_an_array_is_one_word_until_an_element_is_begun(shell: Shell, service: Service) -> None:
    service.jobs = [an_element(index) for index in (2, 1, 0)]

    assert offered(shell, "tendik cancel 10") == ["1050"]
    assert offered(shell, "tendik cancel 1050_") == ["1050_2", "1050_1", "1050_0"]


def test_pools_projects_and_contexts_are_offered(
    shell: Shell, tendik: Tendik, address: str
) -> None:
    tendik("login", "--server", address, "--token", "tdk_of-aliya", "--context", "home")

    assert offered(shell, "tendik share --pool al") == ["alem/h200"]
    assert offered(shell, "tendik queue --project ") == ["speech"]
    assert offered(shell, "tendik submit --project s") == ["speech"]
    assert offered(shell, "tendik context use ") == ["home"]


FAILURES = {
    "no service is there": {"TENDIK_SERVER": "127.0.0.1:1"},
    "no login": {"TENDIK_SERVER": "", "TENDIK_TOKEN": ""},
    "a token that names nobody": {"TENDIK_TOKEN": "tdk_wrong"},
    "another machine in clear text": {"TENDIK_SERVER": "192.0.2.1:7443"},
}


@pytest.mark.parametrize("settings", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_silence(shell: Shell, settings: dict[str, str]) -> None:
    assert offered(shell, "tendik cancel ", **settings) == []
    assert offered(shell, "tendik share --pool ", **settings) == []


def test_a_broken_file_of_contexts_is_silence(shell: Shell, environ: dict[str, str]) -> None:
    path = Path(environ["HOME"], ".config", "tendik", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text("nonsense")

    assert offered(shell, "tendik cancel ") == []


def test_a_service_that_is_slow_is_not_waited_for(
    shell: Shell, environ: dict[str, str], service: Service
) -> None:
    service.delay_s = 20.0
    begun = time.monotonic()

    assert offered(shell, "tendik cancel ") == []
    assert time.monotonic() - begun < 10


def test_a_refusal_is_silence(shell: Shell, service: Service) -> None:
    service.faults.append(fault(grpc.StatusCode.INTERNAL, "a fault"))

    assert offered(shell, "tendik why ") == []


def test_bash_completes_with_the_script(environ: dict[str, str], service: Service) -> None:
    service.jobs = [a_job(1042)]
    line = (
        'eval "$(tendik completion bash)"; COMP_WORDS=(tendik cancel ""); COMP_CWORD=2; '
        '_tendik_completion tendik; echo "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", line],
        env=environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "1042\n"
    # Bash says on its own that it was not started by a person.
    assert "tendik" not in done.stderr


@pytest.mark.parametrize(
    ("shell_name", "begin"), [("zsh", "#compdef tendik"), ("fish", "function")]
)
def test_other_shells_have_a_script(tendik: Tendik, shell_name: str, begin: str) -> None:
    assert tendik("completion", shell_name).stdout.startswith(begin)


def test_the_help_of_all_commands_says_what_their_own_begins_with() -> None:
    groups = [program, program.get_command(click.Context(program), "admin")]
    for group in groups:
        assert isinstance(group, LazyGroup)
        context = click.Context(group)
        for name, (_, told) in group.lazy.items():
            command = group.get_command(context, name)
            assert command is not None
            assert command.get_short_help_str(limit=200) == told
