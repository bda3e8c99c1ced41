"""sbatch's list of options beside ours, one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from signal import Signals
from typing import Any

from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.recalls.notices import NoticeSignal, Receiver
from scheduler.domain.requests import Memory
from scheduler.domain.sbatch.directives import Setting
from scheduler.domain.sbatch.values import signal

# They say how the caller is answered, or are the oracle's own.
NOT_THE_JOBS = frozenset({"parsable", "quiet", "test-only", "verbose", "wait", "wrap"})
# sbatch lists the two as one; the record tells which counts.
TOLD_BY_THE_RECORD = frozenset({"requeue", "no-requeue"})
# sbatch lists these in words of its own; they are passed on as they were written.
IN_OTHER_WORDS = frozenset({"mail-type", "mem-bind", "cpu-freq", "profile", "power", "propagate"})
# What all of its settings come to is compared, where a dependency gives it a meaning.
KILLS = "kill-on-invalid-dep"
LEFT_OUT = NOT_THE_JOBS | TOLD_BY_THE_RECORD | {KILLS}
_MIB = re.compile(r"(?P<count>\d+)(?P<unit>[KMGT]?)")
_SLASHES = re.compile("/+")
_UNIT_MIB = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024**2}

Same = Callable[[Setting, str, str], bool]


def listing_differences(
    ours: Mapping[str, Setting], real: Mapping[str, str], directory: Path
) -> Iterator[str]:
    """Yield each option that is not listed as we read it, or by one side only."""
    for name in sorted((ours.keys() | real.keys()) - LEFT_OUT):
        if name not in ours:
            yield f"--{name}: sbatch lists {real[name]!r}, we read none"
        elif name not in real:
            # A name that sbatch takes from the script's file is in the record only.
            if name != "job-name":
                yield f"--{name}: we read {ours[name].value!r}, sbatch lists none"
        elif not _same(ours, name, real[name], directory):
            yield f"--{name}: we read {ours[name].value!r}, sbatch lists {real[name]!r}"


def receiver_difference(ours: NoticeSignal, listed: str) -> Iterator[str]:
    """Yield what differs in who gets the signal, which the last setting alone does not say."""
    to_script = "B" in listed.rpartition(":")[0]
    if listed and to_script != (ours.to is Receiver.SCRIPT):
        yield f"--signal: we send it to {ours.to}, sbatch lists {listed!r}"


def kill_difference(ours: Dependency | None, listed: str) -> Iterator[str]:
    """Yield whether only one side cancels a job whose dependency can never be met."""
    if ours is not None and ours.cancels != (listed == "yes"):
        yield f"--{KILLS}: we read {ours.cancels}, sbatch lists {listed!r}"


def _same(ours: Mapping[str, Setting], name: str, listed: str, directory: Path) -> bool:
    chdir = ours["chdir"].meaning if "chdir" in ours else ""
    place = os.path.join(directory, str(chdir))  # noqa: PTH118 (a Path would tidy `a/./b` up)
    if name in IN_OTHER_WORDS:
        return True
    return COMPARED.get(name, _word)(ours[name], listed, place)


def _word(setting: Setting, listed: str, _: str) -> bool:
    return listed == ("set" if setting.value is None else setting.value)


def _count(setting: Setting, listed: str, _: str) -> bool:
    return listed == str(setting.meaning)


def _least_nodes(setting: Setting, listed: str, _: str) -> bool:
    return listed.partition("-")[0] == str(setting.meaning)


def _memory(setting: Setting, listed: str, _: str) -> bool:
    match, meaning = _MIB.fullmatch(listed), setting.meaning
    if match is None or not isinstance(meaning, Memory):
        return False
    return int(match["count"]) * _UNIT_MIB[match["unit"]] == meaning.mib


def _walltime(setting: Setting, listed: str, _: str) -> bool:
    return isinstance(setting.meaning, int) and listed == time_text(setting.meaning)


def _signal(setting: Setting, listed: str, _: str) -> bool:
    return _sent(setting.value or "") == _sent(listed)


def _sent(text: str) -> tuple[str, int]:
    """Return the signal's name and the seconds: sbatch writes names, and leaves 60 seconds out."""
    name, number = signal(text).name, int(text.partition("@")[2] or 60)
    known = name.isdecimal() and int(name) in set(Signals)
    return Signals(int(name)).name.removeprefix("SIG") if known else name, number


def _generic(setting: Setting, listed: str, _: str) -> bool:
    return listed == f"gres:{setting.value}"


def _path(setting: Setting, listed: str, place: str) -> bool:
    """Compare paths; sbatch puts a slash between a directory and what is below it, always."""
    ours = os.path.join(place, setting.value or "")  # noqa: PTH118 (as above)
    return _SLASHES.sub("/", listed) == _SLASHES.sub("/", ours)


def _directory(_: Setting, listed: str, place: str) -> bool:
    return listed == place


def _first_letter(setting: Setting, listed: str, _: str) -> bool:
    return listed == (setting.value or "")[:1]


def _no_kill(setting: Setting, listed: str, _: str) -> bool:
    is_off = (setting.value or "").lower() in ("off", "no")
    return listed == ("unset" if is_off else "set")


COMPARED: Mapping[str, Same] = {
    **dict.fromkeys(("ntasks", "ntasks-per-node", "cpus-per-task", "cpus-per-gpu"), _count),
    **dict.fromkeys(("mem", "mem-per-cpu", "mem-per-gpu"), _memory),
    **dict.fromkeys(("output", "error", "input"), _path),
    "nodes": _least_nodes,
    "time": _walltime,
    "signal": _signal,
    "gres": _generic,
    "chdir": _directory,
    "no-kill": _no_kill,
    "open-mode": _first_letter,
}


def time_text(seconds: Any) -> str:
    """Return seconds as Slurm writes a time limit."""
    days, rest = divmod(int(seconds), 86400)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return f"{days}-{clock}" if days else clock
