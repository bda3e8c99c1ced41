"""Slurm's words for states, times, nodes and amounts, and what they mean here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from scheduler.backend.translate import UNTYPED
from scheduler.domain.cluster import BackendState
from scheduler.domain.resources import Amount

# A job that is completing, suspended or being configured holds its nodes: it counts as running.
STATES: Mapping[str, BackendState] = {
    "PENDING": BackendState.QUEUED,
    "REQUEUED": BackendState.QUEUED,
    "REQUEUE_HOLD": BackendState.QUEUED,
    "REQUEUE_FED": BackendState.QUEUED,
    "RESV_DEL_HOLD": BackendState.QUEUED,
    "SPECIAL_EXIT": BackendState.QUEUED,
    "CONFIGURING": BackendState.RUNNING,
    "RUNNING": BackendState.RUNNING,
    "COMPLETING": BackendState.RUNNING,
    "SUSPENDED": BackendState.RUNNING,
    "STOPPED": BackendState.RUNNING,
    "SIGNALING": BackendState.RUNNING,
    "STAGE_OUT": BackendState.RUNNING,
    "RESIZING": BackendState.RUNNING,
    "COMPLETED": BackendState.COMPLETED,
    "FAILED": BackendState.FAILED,
    "CANCELLED": BackendState.CANCELLED,
    "PREEMPTED": BackendState.CANCELLED,
    "REVOKED": BackendState.CANCELLED,
    "TIMEOUT": BackendState.TIMED_OUT,
    "DEADLINE": BackendState.TIMED_OUT,
    "OUT_OF_MEMORY": BackendState.OUT_OF_MEMORY,
    "NODE_FAIL": BackendState.NODE_FAILED,
    "BOOT_FAIL": BackendState.NODE_FAILED,
    "LAUNCH_FAILED": BackendState.NODE_FAILED,
    "RECONFIG_FAIL": BackendState.NODE_FAILED,
}
LIVE = frozenset({BackendState.HELD, BackendState.QUEUED, BackendState.RUNNING})
HELD_BY_USER = "JobHeldUser"
_HELD = frozenset({"JobHeldAdmin", HELD_BY_USER})

# What a reader could not tell from our state alone.
_ENDINGS: Mapping[str, str] = {
    "PREEMPTED": "Slurm preempted it",
    "REVOKED": "another cluster took it",
    "DEADLINE": "Slurm ended it at its deadline",
    "BOOT_FAIL": "a node did not boot",
    "LAUNCH_FAILED": "a node could not launch it",
    "RECONFIG_FAIL": "a node could not be configured for it",
}
# Slurm's own words that leave its user alone with them.
_MEANINGS: Mapping[str, str] = {
    "JobLaunchFailure": "a node could not launch it: may its user write to its working directory, "
    "and to the files for its output?",
}
_NO_TEXT = frozenset({"", "None", "NONE", "(null)", "N/A", "Unknown", "None assigned"})

# Words and flags of a node that takes jobs; any other word means that it does not.
_AVAILABLE = frozenset(
    {"IDLE", "MIXED", "ALLOCATED", "COMPLETING", "PLANNED", "CLOUD", "DYNAMIC_NORM"}
)
_MIB = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGTP]?)n?")
_GPUS = re.compile(r"(?:^|,)(?:gres[:/])?gpu(?::([^:,()=]+))?:(\d+)(?:\([^)]*\))?(?=,|$)")
_HOSTS = re.compile(r"\[[^\]]*\]|,|[^,\[\]]+")
MOST_HOSTS = 100_000


def backend_state(word: str, slurm_reason: str = "") -> BackendState:
    """Return what a state means here; a word unknown here is no evidence that a job ended."""
    first = word.split(maxsplit=1)[0] if word.strip() else ""
    state = STATES.get(first.rstrip("+"), BackendState.RUNNING)
    held = state is BackendState.QUEUED and slurm_reason in _HELD
    return BackendState.HELD if held else state


def reason(word: str, slurm_reason: str) -> str:
    """Return in words what the state leaves open, "" when it leaves nothing open."""
    said = "" if slurm_reason in _NO_TEXT else _MEANINGS.get(slurm_reason, slurm_reason)
    return _ENDINGS.get(word, "") or said


def moment(epoch_s: str) -> datetime | None:
    """Return the time of a count of seconds; Slurm's words for no time are None."""
    return datetime.fromtimestamp(int(epoch_s), UTC) if epoch_s.isdecimal() else None


def walltime_s(text: str) -> int:
    """Return the seconds of a limit such as `30:00` or `2-12:00:00`; 0 where there is none."""
    days, _, clock = text.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdecimal() for part in parts):
        return 0
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return int(days or 0) * 86400 + seconds


def cpu_s(text: str) -> float:
    """Return the seconds of a CPU time such as `1-02:03:04` or `03:04.500`."""
    whole, _, part = text.partition(".")
    return walltime_s(whole) + float(f"0.{part or 0}")


def exit_code(text: str) -> int:
    """Return a shell's view of an exit status: `code:signal`, or a wait status as one number."""
    code, colon, signal = text.partition(":")
    if not colon:
        code, signal = str(int(text) >> 8), str(int(text) & 0x7F)
    return 128 + int(signal) if int(signal) else int(code)


def host_names(text: str) -> tuple[str, ...]:
    """Return the nodes of an expression such as `n[1-3,07],login1`."""
    names: list[str] = []
    parts = [""]
    for piece in [] if text in _NO_TEXT else _HOSTS.findall(text):
        if piece == ",":
            names, parts = names + parts, [""]
            continue
        ends = list(_numbers(piece[1:-1])) if piece.startswith("[") else [piece]
        parts = [part + end for part in parts for end in ends]
    return tuple(name for name in names + parts if name)


def _numbers(ranges: str) -> Iterator[str]:
    for one in ranges.split(","):
        first, dash, last = one.partition("-")
        if not dash:
            yield first
            continue
        if int(last) - int(first) > MOST_HOSTS:
            raise ValueError(f"more than {MOST_HOSTS} nodes: {ranges}")
        yield from (str(n).zfill(len(first)) for n in range(int(first), int(last) + 1))


def mib(text: str) -> int:
    """Return an amount of memory such as `7800M` or `487.50G` in MiB, rounded up."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"not an amount of memory: {text!r}")
    return -int(-(float(found[1]) * _MIB[found[2] or "M"]) // 1)


def numbers_by_name(text: str) -> Mapping[str, str]:
    """Return what a list such as `cpu=8,mem=64G,gres/gpu=16` says of each."""
    return dict(part.partition("=")[::2] for part in text.split(",") if "=" in part)


def tres(text: str) -> Amount:
    """Return the amount of a list such as `cpu=8,mem=64G,node=2,gres/gpu=16`."""
    pairs = numbers_by_name(text)
    return Amount(
        int(pairs.get("gres/gpu", "0")), int(pairs.get("cpu", "0")), mib(pairs.get("mem", "0"))
    )


def gpus(text: str) -> tuple[str, int]:
    """Return the first type, and the number, of the GPUs in a list such as `gpu:h200:8(S:0-1)`.

    A node with GPUs of several types counts with its first type only: it is in one pool.
    """
    found = [(kind or UNTYPED, int(number)) for kind, number in _GPUS.findall(text)]
    first = found[0][0] if found else ""
    return first, sum(number for kind, number in found if kind == first)


def takes_jobs(state: str) -> bool:
    """Say whether a node in a state such as `MIXED+PLANNED` may start jobs."""
    return all(word in _AVAILABLE for word in state.removesuffix("-").split("+"))
