"""What Slurm's programs tell of a job, as they write it: one function for each column."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.job_words import LIVE, blockers_of, reason_word
from scheduler.cli.shims.hosts import host_list
from scheduler.cli.shims.states import PENDING, RUNNING, word_of
from scheduler.cli.times import moment
from scheduler.v1.job_service_pb2 import Job, JobState, WaitReason

NOT_AVAILABLE = "N/A"
UNKNOWN = "Unknown"
# An exit code above this is a signal's, as a shell tells it.
SIGNAL = 128


def number(job: Job) -> str:
    return str(job.job_id)


def array_number(job: Job) -> str:
    return str(job.array.array_job_id if job.HasField("array") else job.job_id)


def array_index(job: Job) -> str:
    return str(job.array.index) if job.HasField("array") else NOT_AVAILABLE


def name(job: Job) -> str:
    return job.display_name


def user(job: Job) -> str:
    return job.unix_account


def account(job: Job) -> str:
    return job.project


def state(job: Job) -> str:
    return word_of(job).full


def short_state(job: Job) -> str:
    return word_of(job).compact


def partition(job: Job) -> str:
    return job.pool.partition("/")[0] or ",".join(job.resources.partitions)


def nodes(job: Job) -> str:
    return host_list(job.nodes)


def node_count(job: Job) -> str:
    return str(len(job.nodes) or job.resources.nodes or 1)


def nodes_or_reason(job: Job) -> str:
    return f"({reason(job)})" if word_of(job) is PENDING else nodes(job)


def reason(job: Job) -> str:
    """Return why it waits in one word, in the manner of Slurm's: NotEnoughFreeGpus."""
    if not job.HasField("waiting"):
        return "None"
    return "".join(map(str.capitalize, reason_word(job.waiting.reason).split("_")))


def dependency(job: Job) -> str:
    """Return what it waits for, each term with Slurm's word for how it stands."""
    never = WaitReason.WAIT_REASON_DEPENDENCY_NEVER_SATISFIED
    is_lost = any(blocker.reason == never for blocker in blockers_of(job))
    stands = "failed" if is_lost else "unfulfilled"
    separator = "?" if "?" in job.dependency else ","
    terms = filter(None, job.dependency.split(separator))
    return separator.join(f"{term}({stands})" for term in terms) or "(null)"


def cpus(job: Job) -> str:
    return str(job.resources.cpus)


def gpus_per_node(job: Job) -> str:
    asked = job.resources
    each = asked.gpus_per_node or asked.gpus // (asked.nodes or 1)
    return ":".join(("gres", "gpu", *filter(None, (asked.gpu_type, str(each)))))


def allocated(job: Job) -> str:
    """Return what it holds or held; empty where it was never given a place."""
    return tres(job) if job.nodes else ""


def tres(job: Job) -> str:
    given = job.resources
    parts = (
        f"cpu={given.cpus}" if given.cpus else "",
        f"gres/gpu={given.gpus}",
        f"mem={given.memory_mib}M" if given.memory_mib else "",
        f"node={node_count(job)}",
    )
    return ",".join(filter(None, parts))


def exit_code(job: Job) -> str:
    code = job.exit_code
    return f"0:{code - SIGNAL}" if code > SIGNAL else f"{code}:0"


def elapsed_s(job: Job) -> int:
    begin = moment(job.start_time)
    if begin is None:
        return 0
    end = moment(job.end_time) or datetime.now(UTC)
    return max(0, int((end - begin).total_seconds()))


def elapsed(job: Job) -> str:
    """Return the time it runs or ran, as squeue writes it: 0:05, 1:02:03, 1-00:00:00."""
    return short_span(elapsed_s(job))


def long_elapsed(job: Job) -> str:
    return long_span(elapsed_s(job))


def time_limit(job: Job) -> str:
    return short_span(job.resources.walltime.seconds)


def long_time_limit(job: Job) -> str:
    return long_span(job.resources.walltime.seconds)


def time_left(job: Job) -> str:
    return short_span(max(0, job.resources.walltime.seconds - elapsed_s(job)))


def submitted(job: Job) -> str:
    return clock(job.submit_time)


def expected_start(job: Job) -> datetime | None:
    """Return when a pending job is expected to start: its P50, else its P90, if it lies ahead."""
    if job.state != JobState.JOB_STATE_PENDING:
        return None
    told = (moment(job.start_estimate.p50_time), moment(job.start_estimate.p90_time))
    now = datetime.now(UTC)
    return next((at for at in told if at is not None and at > now), None)


def started(job: Job) -> str:
    """Return when it started, or is expected to."""
    return _started_or(job, NOT_AVAILABLE)


def start_shown(job: Job) -> str:
    """Return the same as scontrol writes it."""
    return _started_or(job, UNKNOWN)


def _started_or(job: Job, otherwise: str) -> str:
    if job.HasField("start_time"):
        return clock(job.start_time)
    at = expected_start(job)
    return clock_of(at) if at else otherwise


def start_on_record(job: Job) -> str:
    return clock(job.start_time) if job.HasField("start_time") else UNKNOWN


def ended(job: Job) -> str:
    """Return when it ended, or will at the latest."""
    if job.HasField("end_time"):
        return clock(job.end_time)
    if word_of(job) is not RUNNING or not job.HasField("start_time"):
        return NOT_AVAILABLE
    limit = job.start_time.seconds + job.resources.walltime.seconds
    return clock(Timestamp(seconds=limit))


def end_on_record(job: Job) -> str:
    return clock(job.end_time) if job.state not in LIVE else UNKNOWN


def nodes_on_record(job: Job) -> str:
    return nodes(job) or "None assigned"


def clock(stamp: Timestamp) -> str:
    """Return the time as Slurm writes it: this machine's own, to the second."""
    at = moment(stamp)
    return clock_of(at) if at else UNKNOWN


def clock_of(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%dT%H:%M:%S")


def short_span(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if seconds < 3600:
        return f"{minutes}:{rest:02}"
    days = f"{hours // 24}-{hours % 24:02}" if hours >= 24 else f"{hours}"
    return f"{days}:{minutes:02}:{rest:02}"


def long_span(seconds: int) -> str:
    """Return the duration as sacct writes it: 01:02:03, 1-00:00:00."""
    days = f"{seconds // 86400}-" if seconds >= 86400 else ""
    return f"{days}{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
