"""What a script would do if it ran, as far as a simulated cluster needs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from scheduler.domain.cluster import BackendState, Launch

SHORTEST_RUN = timedelta(seconds=1)
_UNIT_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SLEEP = re.compile(r"^\s*(?:srun\s+|exec\s+)?sleep\s+(\d{1,9}(?:\.\d{1,6})?)([smhd]?)\b", re.M)
_LAST_EXIT = re.compile(r"^\s*exit\s+(\d{1,3})\s*$")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends, and after how long, if nothing interferes."""

    after: timedelta
    state: BackendState
    exit_code: int | None


def script_runtime(launch: Launch) -> timedelta:
    """Return how long the launch's script would run."""
    return runtime_of(launch.script)


def runtime_of(script: str) -> timedelta:
    """Return what the script's `sleep` lines add up to, at least a second."""
    sleeps = _SLEEP.findall(script)
    seconds = sum(float(amount) * _UNIT_S[unit] for amount, unit in sleeps)
    return max(SHORTEST_RUN, timedelta(seconds=seconds))


def script_exit_code(script: str) -> int:
    """Return the N of an `exit N` in the script's last line, else 0."""
    lines = script.rstrip().splitlines()
    found = _LAST_EXIT.match(lines[-1]) if lines else None
    return int(found[1]) % 256 if found else 0


def catches(script: str, signal_name: str) -> bool:
    """Say whether the script has a `trap` for the signal; any other script ends by it."""
    names = rf"(?:SIG)?{re.escape(signal_name)}"
    return re.search(rf"^\s*trap\s+.*\s{names}(?:\s|$)", script, re.M) is not None


def ending(launch: Launch, runtime: timedelta, speed: float) -> Ending:
    """Return how the launch's run ends, by itself or at its walltime, `speed` times as fast."""
    walltime = timedelta(seconds=launch.walltime_s)
    if runtime > walltime:
        return Ending(walltime / speed, BackendState.TIMED_OUT, None)
    code = script_exit_code(launch.script)
    return Ending(runtime / speed, BackendState.FAILED if code else BackendState.COMPLETED, code)
