"""The folder of launchers that stands before Slurm's own programs on a user's PATH."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from scheduler.cli.shims.programs import PROGRAMS, SRUN
from scheduler.cli.shims.srun import PROLOG, REAL_NUMBER

# Isolated: a user's PYTHONPATH, environment or working directory must not change the program.
LAUNCHER = '#!/bin/sh\nexec {python} -I -m scheduler.cli.shims "$0" "$@"\n'
# Slurm runs it before each task, and sets for the task what it prints.
TASK_PROLOG = f"""#!/bin/sh
if [ -n "$TENDIK_JOB_ID" ]; then
    echo "export {REAL_NUMBER}=$SLURM_JOB_ID"
    echo "export SLURM_JOB_ID=$TENDIK_JOB_ID"
    echo "export SLURM_JOBID=$TENDIK_JOB_ID"
fi
if [ -n "$TENDIK_ARRAY_JOB_ID" ]; then
    echo "export SLURM_ARRAY_JOB_ID=$TENDIK_ARRAY_JOB_ID"
fi
if [ -x "$SLURM_TASK_PROLOG" ]; then
    exec "$SLURM_TASK_PROLOG"
fi
"""
_EVERYBODY_MAY_RUN = 0o755


def launchers(python: str) -> Mapping[str, str]:
    """Return the files of the folder by name; they run with this Python."""
    text = LAUNCHER.format(python=shlex.quote(python))
    return {**dict.fromkeys((*PROGRAMS, SRUN), text), PROLOG: TASK_PROLOG}


def install(folder: Path, python: str) -> None:
    """Write the launchers. Raises FileExistsError where a file that is not ours is in the way."""
    files = launchers(python)
    for name in files:
        if (folder / name).exists() and not _is_ours(folder / name):
            raise FileExistsError(folder / name)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(_EVERYBODY_MAY_RUN)


def _is_ours(file: Path) -> bool:
    text = file.read_bytes()
    return b"scheduler.cli.shims" in text or REAL_NUMBER.encode() in text
