"""What a launch's script and flags say, option by option; pure."""

from __future__ import annotations

from scheduler.domain.cluster import Launch
from scheduler.domain.sbatch_directives import Setting, read_flags, read_script


def options_given(launch: Launch) -> dict[str, Setting]:
    """Return the options that the script and the flags give, by name; flags override."""
    readings = read_script(launch.script), read_flags(launch.flags)
    return {setting.option.name: setting for reading in readings for setting, _ in reading.settings}
