"""The variables that sbatch reads as options: they override a script, and flags override them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scheduler.domain.sbatch.directives import read_flags
from scheduler.domain.sbatch.options import Argument, Option, option_named
from scheduler.errors import Violation
from scheduler.texts import Said, said

# In sbatch's own order: where two variables set the same, the later one counts.
VARIABLES: Mapping[str, str] = {
    "SBATCH_ACCOUNT": "account",
    "SBATCH_ARRAY_INX": "array",
    "SBATCH_ACCTG_FREQ": "acctg-freq",
    "SBATCH_BATCH": "batch",
    "SBATCH_BURST_BUFFER": "bb",
    "SBATCH_CLUSTER_CONSTRAINT": "cluster-constraint",
    "SBATCH_CLUSTERS": "clusters",
    "SLURM_CLUSTERS": "clusters",
    "SBATCH_CONTAINER": "container",
    "SBATCH_CONSTRAINT": "constraint",
    "SBATCH_CORE_SPEC": "core-spec",
    "SBATCH_CPU_FREQ_REQ": "cpu-freq",
    "SBATCH_CPUS_PER_GPU": "cpus-per-gpu",
    "SBATCH_DEBUG": "verbose",
    "SBATCH_DELAY_BOOT": "delay-boot",
    "SBATCH_DISTRIBUTION": "distribution",
    "SBATCH_ERROR": "error",
    "SBATCH_EXCLUSIVE": "exclusive",
    "SBATCH_EXPORT": "export",
    "SBATCH_GET_USER_ENV": "get-user-env",
    "SBATCH_GRES": "gres",
    "SBATCH_GRES_FLAGS": "gres-flags",
    "SBATCH_GPUS": "gpus",
    "SBATCH_GPU_BIND": "gpu-bind",
    "SBATCH_GPU_FREQ": "gpu-freq",
    "SBATCH_GPUS_PER_NODE": "gpus-per-node",
    "SBATCH_GPUS_PER_SOCKET": "gpus-per-socket",
    "SBATCH_GPUS_PER_TASK": "gpus-per-task",
    "SLURM_HINT": "hint",
    "SBATCH_HINT": "hint",
    "SBATCH_IGNORE_PBS": "ignore-pbs",
    "SBATCH_INPUT": "input",
    "SBATCH_JOB_NAME": "job-name",
    "SBATCH_MEM_BIND": "mem-bind",
    "SBATCH_MEM_PER_CPU": "mem-per-cpu",
    "SBATCH_MEM_PER_GPU": "mem-per-gpu",
    "SBATCH_MEM_PER_NODE": "mem",
    "SBATCH_NETWORK": "network",
    "SBATCH_NO_KILL": "no-kill",
    "SBATCH_NO_REQUEUE": "no-requeue",
    "SBATCH_OPEN_MODE": "open-mode",
    "SBATCH_OUTPUT": "output",
    "SBATCH_OVERCOMMIT": "overcommit",
    "SBATCH_PARTITION": "partition",
    "SBATCH_POWER": "power",
    "SBATCH_PROFILE": "profile",
    "SBATCH_QOS": "qos",
    "SBATCH_REQ_SWITCH": "switches",
    "SBATCH_REQUEUE": "requeue",
    "SBATCH_RESERVATION": "reservation",
    "SBATCH_SIGNAL": "signal",
    "SBATCH_SPREAD_JOB": "spread-job",
    "SBATCH_THREAD_SPEC": "thread-spec",
    "SBATCH_THREADS_PER_CORE": "threads-per-core",
    "SBATCH_TIMELIMIT": "time",
    "SBATCH_USE_MIN_NODES": "use-min-nodes",
    "SBATCH_WAIT": "wait",
    "SBATCH_WAIT_ALL_NODES": "wait-all-nodes",
    "SBATCH_WAIT4SWITCH": "switches",
    "SBATCH_WCKEY": "wckey",
}
# Values with which a variable sets an option that takes none.
_YES = re.compile(r"|yes|[1-9][0-9]{0,8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EnvironmentFlags:
    """Flags that stand for variables, in sbatch's order, and what is wrong with the variables."""

    flags: dict[str, str] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


def environment_flags(environ: Mapping[str, str]) -> EnvironmentFlags:
    """Return the flags that do what sbatch's variables do, each by the name of its variable.

    What is refused as a flag is refused here under the name of the variable.
    """
    read = EnvironmentFlags()
    for variable, name in VARIABLES.items():
        if variable not in environ:
            continue
        option, value = option_named(name), environ[variable]
        if found := list(_wrong(option, variable, value)):
            read.violations.extend(found)
        else:
            read.flags[variable] = _flag(option, value)
    return read


def _wrong(option: Option, variable: str, value: str) -> Iterator[Violation]:
    message = Said()
    if option.name == "verbose":
        message = Said() if value.isdecimal() else said("must be a number; unset the variable")
    elif option.argument is Argument.NONE and not _YES.fullmatch(value):
        message = said("{value!r} would undo what the script says; unset the variable", value=value)
    elif option.argument is Argument.REQUIRED and not value:
        message = said("is empty, which sbatch takes for a value; unset the variable")
    if message:
        yield Violation(variable, message)
        return
    for fault in read_flags((_flag(option, value),)).violations:
        yield Violation(
            variable, said("{message} (as {flag})", message=fault.message, flag=option.flag)
        )


def _flag(option: Option, value: str) -> str:
    takes_it = value and option.argument is not Argument.NONE
    return f"{option.flag}={value}" if takes_it else option.flag


def variables_table() -> str:
    """Return the table of all variables as Markdown, in sbatch's order."""
    rows = ((variable, option_named(name)) for variable, name in VARIABLES.items())
    lines = [f"| `{variable}` | `{option.flag}` | {option.handling} |" for variable, option in rows]
    return "\n".join(["| variable | sets | which is |", "|---|---|---|", *lines])
