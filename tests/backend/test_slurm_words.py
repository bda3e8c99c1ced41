"""Slurm's words and what they mean here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scheduler.backend import slurm_words as words
from scheduler.backend.translate import UNTYPED
from scheduler.domain.cluster import BackendState
from scheduler.domain.resources import Amount

HOSTS = {
    "": (),
    "(null)": (),
    "None assigned": (),
    "login1": ("login1",),
    "n[1-3,07],login1": ("n1", "n2", "n3", "n07", "login1"),
    "r[1-2]n[08-09]": ("r1n08", "r1n09", "r2n08", "r2n09"),
    "n[098-101]x": ("n098x", "n099x", "n100x", "n101x"),
}
EXITS = {"0:0": 0, "7:0": 7, "0:9": 137, "1792": 7, "9": 137, "0": 0, "139": 139}
MEMORY = {"7800M": 7800, "487.50G": 499_200, "1T": 1_048_576, "0": 0, "1536K": 2, "512": 512}
GPUS = {
    "gpu:h200:8": ("h200", 8),
    "gpu:h200:8(S:0-1)": ("h200", 8),
    "gpu:8": (UNTYPED, 8),
    "gpu:h200:2(IDX:0,3)": ("h200", 2),
    "nvme:2,gpu:a100:4(S:0,2),gpu:h200:4": ("a100", 4),
    "gpu:h200:1(IDX:0),gpu:h200:2(IDX:1-2)": ("h200", 3),
    "shard:8": ("", 0),
    "": ("", 0),
}
NODES = {
    "IDLE": True,
    "MIXED+PLANNED": True,
    "ALLOCATED+COMPLETING": True,
    "IDLE+CLOUD": True,
    "IDLE+DRAIN": False,
    "MIXED+DRAIN": False,
    "DOWN": False,
    "DOWN*": False,
    "IDLE*": False,
    "UNKNOWN": False,
    "IDLE+MAINTENANCE+RESERVED": False,
    "IDLE+INVALID_REG": False,
    "IDLE+NOT_RESPONDING": False,
    "FUTURE": False,
    "": False,
}


@pytest.mark.parametrize(("text", "names"), HOSTS.items())
def test_node_lists_are_expanded(text: str, names: tuple[str, ...]) -> None:
    assert words.host_names(text) == names


def test_a_node_list_without_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        words.host_names("n[1-999999999]")


@pytest.mark.parametrize(("text", "code"), EXITS.items())
def test_exit_codes_are_told_as_a_shell_tells_them(text: str, code: int) -> None:
    assert words.exit_code(text) == code


@pytest.mark.parametrize(("text", "mib"), MEMORY.items())
def test_memory_is_counted_in_mib_and_rounded_up(text: str, mib: int) -> None:
    assert words.mib(text) == mib


@pytest.mark.parametrize(("text", "gpus"), GPUS.items())
def test_gpus_are_counted_by_their_first_type(text: str, gpus: tuple[str, int]) -> None:
    assert words.gpus(text) == gpus


@pytest.mark.parametrize(("state", "takes"), NODES.items())
def test_a_node_takes_jobs_only_in_states_known_to_be_good(state: str, takes: bool) -> None:
    assert words.takes_jobs(state) is takes


def test_a_list_of_resources_gives_an_amount() -> None:
    assert words.tres("cpu=12,mem=2000M,node=2,billing=4,gres/gpu=4") == Amount(4, 12, 2000)
    assert words.tres("") == Amount()


def test_times_are_utc_and_words_for_no_time_are_none() -> None:
    assert words.moment("1767225600") == datetime(2026, 1, 1, tzinfo=UTC)
    assert [words.moment(text) for text in ("N/A", "Unknown", "None", "")] == [None] * 4


def test_every_ending_is_told_apart_and_an_unknown_word_is_no_ending() -> None:
    endings = {
        "COMPLETED": BackendState.COMPLETED,
        "NODE_FAIL": BackendState.NODE_FAILED,
        "TIMEOUT": BackendState.TIMED_OUT,
        "OUT_OF_MEMORY": BackendState.OUT_OF_MEMORY,
        "CANCELLED by 1000": BackendState.CANCELLED,
        "CANCELLED+": BackendState.CANCELLED,
        "SOMETHING_NEW": BackendState.RUNNING,
    }
    assert {word: words.backend_state(word) for word in endings} == endings
    assert words.reason("PREEMPTED", "None") == "Slurm preempted it"
    assert words.reason("FAILED", "NonZeroExitCode") == "NonZeroExitCode"
    assert "write to its working directory" in words.reason("FAILED", "JobLaunchFailure")
    assert words.reason("RUNNING", "None") == ""
