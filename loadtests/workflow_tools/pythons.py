"""Environments that the Unix accounts of jobs may run: the tools', and one for the shims."""

from __future__ import annotations

import hashlib
import subprocess
import sysconfig
from pathlib import Path

from loadtests.stack import ROOT

# Jobs run as other users: an interpreter in somebody's home would be closed to them.
PROGRAM = "import sys; from scheduler.cli.main import run; run()"
OPERATORS_PROGRAM = "from scheduler.main import run; run()"
SYSTEM_PYTHON = "/usr/bin/python3"
# As these install together on Python 3.11.
TOOLS = (
    "submitit==1.5.4",
    "dask-jobqueue==0.9.0",
    "distributed==2026.8.0",
    "snakemake==9.27.1",
    "snakemake-executor-plugin-slurm==2.8.0",
    "parsl==2026.10.26",
)


def tools_python(folder: Path) -> Path:
    """Return the Python of an environment with the tools in it, made when it is not there."""
    wanted = hashlib.sha256("\n".join(TOOLS).encode()).hexdigest()
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--clear", folder], check=True)
        quiet = ("--quiet", "--disable-pip-version-check")
        subprocess.run([python, "-m", "pip", "install", *quiet, *TOOLS], check=True)
        ready.write_text(wanted)
    return python


def own_python(folder: Path) -> Path:
    """Return the Python of an environment that sees this checkout, with our programs beside it."""
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", "--clear", folder], check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    seen = (str(ROOT), sysconfig.get_path("purelib"))
    (packages / "tendik.pth").write_text("\n".join(seen) + "\n")
    python = folder / "bin" / "python"
    for name, code in {"tendik": PROGRAM, "tendik-scheduler": OPERATORS_PROGRAM}.items():
        program = python.with_name(name)
        program.write_text(f"#!/bin/sh\nexec {python} -I -c '{code}' \"$@\"\n")
        program.chmod(0o755)
    return python
