"""What a launch's script and flags say, option by option; pure."""

from __future__ import annotations

from typing import Protocol

from scheduler.domain.sbatch.directives import Setting, read_flags, read_script


class Scripted(Protocol):
    """What has a script, and the flags that it was handed in with."""

    @property
    def script(self) -> str: ...

    @property
    def flags(self) -> tuple[str, ...]: ...


def options_given(handed_in: Scripted) -> dict[str, Setting]:
    """Return the options that the script and the flags give, by name; flags override."""
    readings = read_script(handed_in.script), read_flags(handed_in.flags)
    return {setting.option.name: setting for reading in readings for setting, _ in reading.settings}
