"""Which line of a script a refused request is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scheduler.domain.sbatch.directives import read_flags, read_script
from scheduler.errors import InvalidRequest, Violation

# The options that say how many GPUs of which type: one of them is meant where the refusal names
# an option that was not given, such as nodes that follow from a number of GPUs.
GPU_FLAGS = ("--gpus", "--gpus-per-node", "--gres")
FOLLOW_FROM_GPUS = frozenset({*GPU_FLAGS, "--nodes", "--partition"})


def located(refusal: InvalidRequest, script: str, flags: tuple[str, ...]) -> InvalidRequest:
    """Return the refusal with the line of each option it names; 0 for one given as a flag.

    The checks of a request do not know where its numbers came from; only a refused request is
    worth reading again to find out.
    """
    lines = {setting.option.flag: line for setting, line in read_script(script).settings}
    lines |= {setting.option.flag: 0 for setting, _ in read_flags(flags).settings}
    return InvalidRequest(*(_placed(violation, lines) for violation in refusal.violations))


def _placed(violation: Violation, lines: Mapping[str, int]) -> Violation:
    if violation.field not in lines and violation.field in FOLLOW_FROM_GPUS:
        given = next((flag for flag in GPU_FLAGS if flag in lines), violation.field)
        return replace(violation, field=given, line=lines.get(given, 0))
    return replace(violation, line=lines.get(violation.field, violation.line))
