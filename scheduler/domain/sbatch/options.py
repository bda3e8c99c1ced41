"""Every option of sbatch and what becomes of it here: one table for the reader and the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

from scheduler.texts import Said, said


class Handling(StrEnum):
    """What becomes of an option."""

    READ = "read"
    ANSWERED = "answered"
    PASSED = "passed"
    REFUSED = "refused"


HANDLINGS: Mapping[Handling, str] = {
    Handling.READ: "These say how large the job is and where it may run.",
    Handling.ANSWERED: "These are obeyed by the service; as flags they do not reach Slurm.",
    Handling.PASSED: "These are left to Slurm, untouched.",
    Handling.REFUSED: "These size, place, delay or dodge outside what is admitted.",
}


class Argument(StrEnum):
    """Whether an option takes a value; an optional one must be joined to it with `=`."""

    NONE = "none"
    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `usage` is how it is written, `text` its meaning or why it is refused."""

    name: str
    short: str
    argument: Argument
    handling: Handling
    usage: str
    text: Said
    flag: str


class UnknownOption(ValueError):
    """A name that no option has, or that several begin with."""


_READ: Mapping[str, Said] = {
    "-G, --gpus=[type:]n": said("GPUs of the whole job, laid out evenly over its nodes"),
    "--gpus-per-node=[type:]n": said("GPUs on each node"),
    "--gres=gpu[:type][:n]": said("GPUs on each node; other generic resources are refused"),
    "-N, --nodes=n[-m]": said("nodes; of a range the smaller number; suffixes k and m multiply"),
    "-n, --ntasks=n": said("tasks of the whole job, at least one on each node"),
    "--ntasks-per-node=n": said("tasks on each node"),
    "-c, --cpus-per-task=n": said("CPUs of each task; 1 when not given"),
    "--cpus-per-gpu=n": said("CPUs for each GPU; not together with --cpus-per-task"),
    "--mem=n[K|M|G|T]": said(
        "memory on each node, MiB without a suffix; 0 (a whole node) is refused"
    ),
    "--mem-per-cpu=n[K|M|G|T]": said("memory for each CPU; only one of the three --mem options"),
    "--mem-per-gpu=n[K|M|G|T]": said("memory for each GPU; only one of the three --mem options"),
    "-t, --time=time": said(
        "walltime: minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS, "
        "rounded up to a full minute; one hour when not given"
    ),
    "-J, --job-name=name": said("the job's name, at most 200 characters; `sbatch` when not given"),
    "-p, --partition=names": said(
        "partitions that will do, separated by commas; any when not given"
    ),
    "-C, --constraint=features": said("node features joined by & and |, read from left to right"),
}
_ANSWERED: Mapping[str, Said] = {
    "-A, --account=name": said(
        "the project that is charged: one of your organisation's, or the organisation itself for "
        "your own; --project overrides it"
    ),
    "-a, --array=indices": said(
        "one job for each index: 0-15, 0-15:4, 1,3,7; %n limits how many run"
    ),
    "-D, --chdir=directory": said("the working directory; a relative one starts from the caller's"),
    "-d, --dependency=list": said(
        "jobs to wait for: after[+minutes], afterany, afterok, afternotok and aftercorr with "
        ":job[:job], and singleton; joined by `,` all of them, by `?` any"
    ),
    "-H, --hold": said("the job waits until it is released"),
    "--kill-on-invalid-dep=yes|no": said(
        "whether a job whose dependency can never be met is cancelled; no when not given"
    ),
    "--parsable": said("has no effect: the answer names the job"),
    "-q, --qos=normal": said("the one quality of service that there is; any other name is refused"),
    "-Q, --quiet": said("has no effect: the answer names the job"),
    "-v, --verbose": said("has no effect"),
}
_PASSED: Mapping[str, Said] = {
    "--container=path": said("OCI container bundle"),
    "--cpu-freq=frequency": said("frequency of the CPUs"),
    "-e, --error=file": said("file for standard error"),
    "--export=names": said("environment variables for the job"),
    "--gpu-bind=type": said("binding of tasks to GPUs"),
    "--gpu-freq=frequency": said("frequency of the GPUs"),
    "--ignore-pbs": said("tells Slurm to ignore #PBS and #BSUB lines, which are refused otherwise"),
    "-i, --input=file": said("file for standard input"),
    "--mail-type=types": said("events to send mail for"),
    "--mail-user=user": said("whom to send mail"),
    "--mem-bind=type": said("binding of tasks to memory"),
    "-k, --no-kill[=off]": said("go on after the failure of a node"),
    "--no-requeue": said("do not run again after the failure of a node, and never be recalled"),
    "--open-mode=append|truncate": said("how the output files are opened"),
    "-o, --output=file": said("file for standard output"),
    "--power=flags": said("power management"),
    "--profile=types": said("detailed sampling of usage"),
    "--propagate[=limits]": said("resource limits of the shell"),
    "--requeue": said("run again after the failure of a node, or after a recall of borrowed GPUs"),
    "--signal=[B:]signal[@seconds]": said("signal before the end of the walltime, and of a recall"),
    "--wait-all-nodes=0|1": said("whether to start before all nodes are ready"),
    "--wckey=key": said("a key for reports"),
}
_REFUSED: Mapping[str, Said] = {
    "--acctg-freq=intervals": said(
        "usage is sampled as often as the cluster does, and no less; leave it out"
    ),
    "--batch=features": said("it places the batch script; use --constraint for all nodes"),
    "--bb=spec": said("burst buffers delay the start; stage data inside the script"),
    "--bbf=file": said("burst buffers delay the start; stage data inside the script"),
    "-b, --begin=time": said("a job starts when its share allows; submit it when it may start"),
    "--cluster-constraint=features": said("there is one cluster; leave it out"),
    "-M, --clusters=names": said("there is one cluster; leave it out"),
    "--comment=text": said("the comment carries the service's mark; use --job-name or --wckey"),
    "--container-id=id": said("Slurm 22.05 does not know it; use --container"),
    "--context=name": said("the security context is the operators' to set; leave it out"),
    "--contiguous": said("it places the job; the nodes are chosen by the service"),
    "-S, --core-spec=n": said("it takes whole nodes; ask for CPUs with --cpus-per-task"),
    "--cores-per-socket=n": said(
        "it sizes by the node's build; use --ntasks-per-node and --cpus-per-task"
    ),
    "--deadline=time": said("it removes jobs that wait; bound the run with --time"),
    "--delay-boot=minutes": said("it delays the start; leave it out"),
    "-m, --distribution=type": said(
        "it changes the CPUs taken on each node; give it to srun inside the script"
    ),
    "-x, --exclude=nodes": said("it places the job; describe nodes with --constraint"),
    "--exclusive[=user]": said("it takes whole nodes; ask for all their GPUs with --gpus-per-node"),
    "--export-file=file": said(
        "the file would be read where the service runs; use --export or set variables in the script"
    ),
    "--extra=text": said("it may choose nodes; use --constraint"),
    "-B, --extra-node-info=spec": said(
        "it sizes by the node's build; use --ntasks-per-node and --cpus-per-task"
    ),
    "--get-user-env[=seconds]": said(
        "it runs a login where the service runs; begin the script with #!/bin/bash -l"
    ),
    "--gid=group": said("a job runs as its user's own account; leave it out"),
    "--gpus-per-socket=n": said("it sizes by the node's build; use --gpus-per-node"),
    "--gpus-per-task=n": said("it leaves the number of GPUs open; use --gpus or --gpus-per-node"),
    "--gres-flags=flags": said("it places the job; leave it out"),
    "-h, --help": said("it submits nothing; leave it out"),
    "--hint=type": said("it sizes by the node's build; use --cpus-per-task"),
    "-L, --licenses=names": said("licences are not counted here; wait for them inside the script"),
    "--mcs-label=label": said("it places the job; leave it out"),
    "--mincpus=n": said("it sizes each node; use --ntasks-per-node and --cpus-per-task"),
    "--network=type": said("it may take whole nodes; leave it out"),
    "--nice[=n]": said("the order follows from shares, not from a priority; leave it out"),
    "-F, --nodefile=file": said("it places the job; describe nodes with --constraint"),
    "-w, --nodelist=nodes": said("it places the job; describe nodes with --constraint"),
    "--ntasks-per-core=n": said("it sizes by the node's build; use --ntasks-per-node"),
    "--ntasks-per-gpu=n": said("it leaves the number of tasks open; use --ntasks-per-node"),
    "--ntasks-per-socket=n": said("it sizes by the node's build; use --ntasks-per-node"),
    "--ntasks-per-tres=n": said("it leaves the number of tasks open; use --ntasks-per-node"),
    "--oom-kill-step=0|1": said("Slurm 22.05 does not know it; leave it out"),
    "-O, --overcommit": said("it takes fewer CPUs than it uses; ask for CPUs with --cpus-per-task"),
    "-s, --oversubscribe": said("it shares nodes outside what is admitted; leave it out"),
    "--prefer=features": said("it replaces the constraint; use --constraint"),
    "--priority=n": said("the order follows from shares, not from a priority; leave it out"),
    "--reboot": said("it restarts nodes; ask the operators"),
    "--reservation=name": said(
        "it places the job; ask the operators for a reservation in the policy"
    ),
    "--segment=n": said("it places the job; the nodes are chosen by the service"),
    "--sockets-per-node=n": said("it sizes by the node's build; use --ntasks-per-node"),
    "--spread-job": said("it places the job; choose the number of nodes with --nodes"),
    "--stepmgr": said("Slurm 22.05 does not know it; leave it out"),
    "--switches=n": said("it delays the start; leave it out"),
    "--test-only": said("the script would never be submitted; make it a flag of `tendik submit`"),
    "--thread-spec=n": said("it takes whole nodes; ask for CPUs with --cpus-per-task"),
    "--threads-per-core=n": said("it sizes by the node's build; use --cpus-per-task"),
    "--time-min=time": said("the walltime is admitted as one number; use --time"),
    "--tmp=size": said("it chooses nodes by their disks; describe nodes with --constraint"),
    "--tres-bind=type": said("Slurm 22.05 does not know it; use --gpu-bind"),
    "--tres-per-task=list": said(
        "it leaves the number of GPUs open; use --gpus or --gpus-per-node"
    ),
    "--uid=user": said("a job runs as its user's own account; leave it out"),
    "--usage": said("it submits nothing; leave it out"),
    "--use-min-nodes": said("of a range of nodes the smaller number is taken anyway; leave it out"),
    "-V, --version": said("it submits nothing; leave it out"),
    "-W, --wait": said("sbatch would keep the service waiting; make it a flag of `tendik submit`"),
    "--wrap=command": said("a script has its commands already; make it a flag of `tendik submit`"),
}
_USAGE = re.compile(r"(?:-(?P<short>\w), )?--(?P<name>[a-z-]+)(?P<value>=|\[=)?")


def _option(usage: str, text: Said, handling: Handling) -> Option:
    match = _USAGE.match(usage)
    if match is None:
        raise ValueError(f"not the usage of an option: {usage}")
    kinds = {None: Argument.NONE, "=": Argument.REQUIRED, "[=": Argument.OPTIONAL}
    name, short = match["name"], match["short"] or ""
    return Option(name, short, kinds[match["value"]], handling, usage, text, f"--{name}")


_TEXTS: Mapping[Handling, Mapping[str, Said]] = {
    Handling.READ: _READ,
    Handling.ANSWERED: _ANSWERED,
    Handling.PASSED: _PASSED,
    Handling.REFUSED: _REFUSED,
}
OPTIONS: tuple[Option, ...] = tuple(
    _option(usage, text, handling)
    for handling, texts in _TEXTS.items()
    for usage, text in texts.items()
)
# Second names that sbatch knows for the same option.
ALIASES: Mapping[str, str] = {"tasks-per-node": "ntasks-per-node", "cluster": "clusters"}

_BY_SHORT: Mapping[str, Option] = {option.short: option for option in OPTIONS if option.short}
_BY_FULL_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}
_BY_NAME: Mapping[str, Option] = {
    **_BY_FULL_NAME,
    **{alias: _BY_FULL_NAME[name] for alias, name in ALIASES.items()},
}
_LONGEST_NAME_LOOKED_UP = 64


@lru_cache(maxsize=1024)
def option_named(name: str) -> Option:
    """Return the option of this long name or unambiguous beginning. Raises UnknownOption."""
    if (exact := _BY_NAME.get(name)) is not None:
        return exact
    found = {option for known, option in _BY_NAME.items() if name and known.startswith(name)}
    if len(found) == 1:
        return found.pop()
    if found:
        names = ", ".join(sorted(option.flag for option in found))
        raise UnknownOption(
            said("may mean several options: {names}; write the name in full", names=names)
        )
    raise UnknownOption(said("is not an option of sbatch{hint}", hint=_suggestion(name)))


def short_option(letter: str) -> Option:
    """Return the option of this letter. Raises UnknownOption."""
    if (option := _BY_SHORT.get(letter)) is None:
        raise UnknownOption(said("is not an option of sbatch; write the long name, such as --gpus"))
    return option


def _suggestion(name: str) -> Said:
    # Comparing is slow with names nobody would write, and those are like none anyway.
    close = get_close_matches(name[:_LONGEST_NAME_LOOKED_UP], _BY_NAME, n=1)
    return (
        said("; did you mean --{nearest}?", nearest=close[0])
        if close
        else said("; see the table of options")
    )


def options_table() -> str:
    """Return the table of all options as Markdown, in the order of the handlings."""
    return "\n".join(_table_lines())


def _table_lines() -> Iterator[str]:
    for handling, meaning in HANDLINGS.items():
        yield f"### {handling.value.capitalize()}\n\n{meaning}\n\n| option | |\n|---|---|"
        for option in OPTIONS:
            if option.handling is handling:
                usage, text = (cell.replace("|", r"\|") for cell in (option.usage, option.text))
                yield f"| `{usage}` | {text} |"
        yield ""
