"""A batch script and flags in; out comes the job they ask for, or everything wrong with them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.jobs import JobSpec
from scheduler.domain.recalls.notices import DEFAULT_NOTICE, NoticeSignal, Receiver
from scheduler.domain.sbatch.directives import (
    MAX_VIOLATIONS,
    Reading,
    read_flags,
    read_script,
)
from scheduler.domain.sbatch.options import Handling
from scheduler.domain.sbatch.request import Asked, conflicts, request_of
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said

MAX_SCRIPT_BYTES = 4 * 1024 * 1024
_AGAIN = ("requeue", "no-requeue")


@dataclass(frozen=True, slots=True)
class ReadJob:
    """What was read: the job, and its array's indices (none: a single job; limit 0: no limit).

    The jobs that its dependency names have not been looked up. `held` says that it waits until it
    is released; `account` is whom it names to be charged, empty for nobody.
    """

    spec: JobSpec
    array_indices: tuple[int, ...] = ()
    array_limit: int = 0
    held: bool = False
    account: str = ""


def read_job(script: str, flags: Sequence[str] = (), working_directory: str = "") -> ReadJob:
    """Return the job that sbatch would make of the script, with flags overriding its directives.

    Raises InvalidRequest with every violation that was found.
    """
    _refuse_if_any(list(_script_violations(script)))
    in_script, in_flags = read_script(script), read_flags(flags)
    _refuse_if_any([*in_flags.violations, *in_script.violations])
    asked = _merge(in_script, in_flags)
    _refuse_if_any([*conflicts(asked), *_directory_violations(asked, working_directory)])
    kept = tuple(
        str(setting)
        for setting, _ in in_flags.settings
        if setting.option.handling is not Handling.ANSWERED
    )
    place = posixpath.join(working_directory, asked.chdir) if asked.chdir else working_directory
    recallable = _may_run_again(in_script, in_flags)
    spec = JobSpec(
        *(asked.job_name, script, request_of(asked), kept, place, recallable),
        dependency=_dependency_of(asked),
    )
    read = ReadJob(spec, held=_holds(in_script, in_flags), account=asked.account)
    if asked.array is None:
        return read
    return replace(read, array_indices=asked.array.indices(), array_limit=asked.array.limit)


def _dependency_of(asked: Asked) -> Dependency | None:
    wanted = asked.dependency
    return wanted and replace(wanted, cancels=asked.kill_on_invalid_dep)


def _holds(*readings: Reading) -> bool:
    return any(reading.gives("hold") for reading in readings)


def notice_signal(spec: JobSpec) -> NoticeSignal:
    """Return the signal that tells the job of its recall: the one that it asks for, or TERM."""
    asked = _merge(read_script(spec.script), read_flags(spec.flags))
    return asked.signal or DEFAULT_NOTICE


def _may_run_again(*readings: Reading) -> bool:
    """Say whether the last word on it is --requeue."""
    said = [setting.option.name for reading in readings for setting, _ in reading.settings]
    return next((name == "requeue" for name in reversed(said) if name in _AGAIN), False)


def _refuse_if_any(violations: Sequence[Violation]) -> None:
    if not violations:
        return
    listed = list(violations[:MAX_VIOLATIONS])
    if len(violations) > MAX_VIOLATIONS:
        listed.append(
            Violation("script", said("more is wrong than is listed here; mend this first"))
        )
    raise InvalidRequest(*listed)


def _script_violations(script: str) -> Iterator[Violation]:
    if len(script) > MAX_SCRIPT_BYTES or _bytes_if_long(script) > MAX_SCRIPT_BYTES:
        yield Violation("script", said("is larger than 4 MiB; keep data in files that it reads"))
    elif not script or script.isspace():
        yield Violation(
            "script", said("is empty; send a batch script that begins with #!/bin/bash")
        )
    elif not script.startswith("#!"):
        yield Violation("script", said("must begin with #! and a shell, such as #!/bin/bash"), 1)
    elif "\0" in script:
        yield Violation("script", said("has a NUL character; remove it"), _line_of(script, "\0"))
    elif "\r\n" in script:
        message = said("has DOS line ends, which Slurm refuses; convert it with dos2unix")
        yield Violation("script", message, _line_of(script, "\r\n"))


def _bytes_if_long(script: str) -> int:
    """Return the size in UTF-8; 0 where counting characters has settled it."""
    if script.isascii() or 4 * len(script) <= MAX_SCRIPT_BYTES:
        return 0
    return len(script.encode(errors="surrogatepass"))


def _line_of(script: str, text: str) -> int:
    return script.count("\n", 0, script.index(text)) + 1


def _merge(*readings: Reading) -> Asked:
    """Let later options override earlier ones."""
    meanings: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for reading in readings:
        for setting, line in reading.settings:
            if setting.field:
                earlier = meanings.get(setting.field)
                meanings[setting.field] = _after(earlier, setting.meaning)
                lines[setting.option.flag] = line
    return Asked(**meanings, lines=lines)


def _after(earlier: object, later: object) -> object:
    """Return the later meaning, but where sbatch only ever adds to the earlier one.

    Who a signal once was for, it stays for, and a yes is never taken back.
    """
    if isinstance(earlier, bool) and isinstance(later, bool):
        return earlier or later
    if not isinstance(earlier, NoticeSignal) or not isinstance(later, NoticeSignal):
        return later
    return later if earlier.to is Receiver.TASKS else replace(later, to=earlier.to)


def _directory_violations(asked: Asked, working_directory: str) -> Iterator[Violation]:
    if working_directory and (
        not working_directory.startswith("/") or not working_directory.isprintable()
    ):
        message = said("must be an absolute path of printable characters, such as /home/aru/train")
        yield Violation("working_directory", message)
    elif asked.chdir and not working_directory and not asked.chdir.startswith("/"):
        message = said(
            "starts from no directory; write an absolute path, or send the working directory"
        )
        yield Violation("--chdir", message, asked.lines.get("--chdir", 0))
