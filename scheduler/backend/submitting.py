"""What every real backend does around a submission: no job twice, only a clear no is a no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from scheduler.backend.slurm_state import MarkerOfOwner
from scheduler.domain.cluster import Launch, Submission, SubmissionOutcome

# slurmctld's refusals that will be the same tomorrow, with their numbers in slurm_errno.h: the job
# cannot run as it is. Everything else (time-outs, lost connections, a controller in standby)
# leaves open what became of the job. sbatch prints the text alone, and pyslurm knows the number.
REFUSALS: Mapping[str, int] = {
    "Invalid partition name specified": 2000,
    "No partition specified or system default partition": 2001,
    "Access/permission denied": 2002,
    "User's group not permitted to use this partition": 2003,
    "More processors requested than permitted": 2005,
    "Node count specification invalid": 2006,
    "Invalid node count specification": 2006,
    "Job size specification needs to be provided": 2008,
    "Invalid user id": 2010,
    "Pathname of a file, directory or other parameter too long": 2012,
    "Requested node configuration is not available": 2014,
    "Invalid node name specified": 2018,
    "Task count specification invalid": 2025,
    "Invalid feature specification": 2029,
    "Memory required by task is not available": 2044,
    "Invalid account or account/partition combination specified": 2045,
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)": 2050,
    "Requested time limit is invalid (missing or exceeds some limit)": 2051,
    "Invalid wckey specification": 2057,
    "Invalid qos specification": 2066,
    "CPU count specification invalid": 2069,
    "Invalid generic resource (gres) specification": 2072,
    "Invalid job array specification": 2081,
    "Duplicate generic resource (gres) specification": 2102,
    "Invalid group id": 2113,
    "Invalid Trackable RESource (TRES) specification": 2115,
    "Requested GRES option unsupported by configured SelectType plugin": 2122,
    "User not found on host": 4005,
    "Group ID not found on host": 4006,
    "Time limit specification required, but not provided": 8000,
}
# sbatch found fault by itself, before it called anybody.
_FAULTS_OF_INPUT = re.compile(
    r"^sbatch: (?:"
    r"unrecognized option|option .* requires an argument|invalid option --"
    r"|error: This does not look like a batch script"
    r"|error: Batch script (?:is empty|contains DOS line breaks|contains null)"
    r"|(?:error|fatal): Invalid (?:--|GRES specification)"
    r"|error: (?:--?[\w-]+ )?(?:Invalid|invalid) (?:number|time limit|argument)"
    r"|error: unrecognized --mem-bind argument"
    r"|error: Bad rlimit name"
    r"|error: invalid --profile="
    r"|error: Invalid numeric value"
    r"|fatal: --mem, --mem-per-cpu, and --mem-per-gpu are mutually exclusive"
    r")",
    re.MULTILINE,
)
_FAILED = re.compile(r"^sbatch: error: Batch job submission failed: (.*)$", re.MULTILINE)


def sbatch_refused(errors: str) -> bool:
    """Say whether sbatch's standard error is a clear no, by slurmctld or by sbatch itself."""
    failed = _FAILED.findall(errors)
    return failed[-1].strip() in REFUSALS if failed else bool(_FAULTS_OF_INPUT.search(errors))


def is_refusal(slurm_errno: int) -> bool:
    """Say whether slurmctld's error is a clear and lasting no."""
    return slurm_errno in REFUSALS.values()


def accepted(launch: Launch, slurm_id: int) -> Submission:
    return Submission(launch.job_id, SubmissionOutcome.ACCEPTED, slurm_id)


def refused(launch: Launch, message: str) -> Submission:
    return Submission(launch.job_id, SubmissionOutcome.REFUSED, message=message)


def unknown(launch: Launch, message: str) -> Submission:
    return Submission(launch.job_id, SubmissionOutcome.UNKNOWN, message=message)


def no_account(launch: Launch) -> Submission:
    name = launch.unix_account
    message = f"the Unix account {name!r} does not exist on this machine; ask the operators"
    return refused(launch, message)


def submit_each(
    launches: Sequence[Launch],
    known: dict[MarkerOfOwner, int],
    submit: Callable[[Launch], Submission],
) -> tuple[Submission, ...]:
    """Submit the launches whose marker is not known yet, and none after an unclear answer.

    Each of the rest might wait for its time limit as long as the one that failed.
    """
    submissions: list[Submission] = []
    clear = True
    for launch in launches:
        marker = launch.job_id, launch.attempt, launch.unix_account
        if marker in known:
            submissions.append(accepted(launch, known[marker]))
        elif not clear:
            submissions.append(unknown(launch, "not tried: the one before it got no clear answer"))
        else:
            answer = submit(launch)
            submissions.append(answer)
            clear = answer.outcome is not SubmissionOutcome.UNKNOWN
            if answer.outcome is SubmissionOutcome.ACCEPTED:
                known[marker] = answer.slurm_id
    return tuple(submissions)
