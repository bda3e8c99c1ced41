"""What of this shell's environment goes with a job, as sbatch would take it along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.domain.environment import exported
from scheduler.domain.sbatch.directives import read_flags, read_script


def own_environment(
    environ: Mapping[str, str], script: str, flags: Sequence[str]
) -> dict[str, str]:
    """Return the variables that --export of the script and the flags takes; all without one.

    What is not text in UTF-8 stays behind: it could not be sent.
    """
    readings = read_script(script), read_flags(flags)
    said = [
        setting.value
        for reading in readings
        for setting, _ in reading.settings
        if setting.option.name == "export"
    ]
    wanted = exported(environ, said[-1] if said else None)
    return {name: value for name, value in wanted.items() if _is_text(name + value)}


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
