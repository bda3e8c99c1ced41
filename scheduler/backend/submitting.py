"""What every real backend does around a submission: no job twice, only a clear no is a no."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from scheduler.backend.slurm_state import MarkerOfOwner
from scheduler.domain.cluster import Launch, Submission, SubmissionOutcome

# slurmctld's refusals that will be the same tomorrow: the job cannot run as it is. Everything
# else (time-outs, lost connections, a controller in standby) leaves open what became of the job.
REFUSALS = frozenset(
    {
        "Access/permission denied",
        "CPU count specification invalid",
        "Duplicate generic resource (gres) specification",
        "Group ID not found on host",
        "Invalid Trackable RESource (TRES) specification",
        "Invalid account or account/partition combination specified",
        "Invalid feature specification",
        "Invalid generic resource (gres) specification",
        "Invalid group id",
        "Invalid job array specification",
        "Invalid node count specification",
        "Invalid node name specified",
        "Invalid partition name specified",
        "Invalid qos specification",
        "Invalid user id",
        "Invalid wckey specification",
        "Job size specification needs to be provided",
        "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
        "Memory required by task is not available",
        "More processors requested than permitted",
        "No partition specified or system default partition",
        "Node count specification invalid",
        "Pathname of a file, directory or other parameter too long",
        "Requested GRES option unsupported by configured SelectType plugin",
        "Requested node configuration is not available",
        "Requested time limit is invalid (missing or exceeds some limit)",
        "Task count specification invalid",
        "Time limit specification required, but not provided",
        "User not found on host",
        "User's group not permitted to use this partition",
    }
)
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


def is_refusal(slurm_error: str) -> bool:
    """Say whether slurmctld's error is a clear and lasting no."""
    return slurm_error.strip() in REFUSALS


def sbatch_refused(errors: str) -> bool:
    """Say whether sbatch's standard error is a clear no, by slurmctld or by sbatch itself."""
    failed = _FAILED.findall(errors)
    return is_refusal(failed[-1]) if failed else bool(_FAULTS_OF_INPUT.search(errors))


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
