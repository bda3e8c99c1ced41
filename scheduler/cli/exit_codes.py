"""What each exit code means, and which answer of the service leads to which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; scripts may branch on it."""

    OK = 0
    JOB_FAILED = 1
    USAGE = 2
    INVALID = 3
    NOT_FOUND = 4
    NOT_PERMITTED = 5
    QUOTA = 6
    UNAVAILABLE = 7
    CONFLICT = 8
    INTERNAL = 9
    DIFFERS = 10
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "done as asked",
    ExitCode.JOB_FAILED: "`submit --wait`: a job ended otherwise than completed",
    ExitCode.USAGE: "the command line or a local file is wrong; nothing was sent",
    ExitCode.INVALID: "the script, the request or the policy file was refused as wrong",
    ExitCode.NOT_FOUND: "no such thing, or none that you may see",
    ExitCode.NOT_PERMITTED: "no token, a token that names nobody, or a role that does not allow it",
    ExitCode.QUOTA: "a limit of the policy stands against it",
    ExitCode.UNAVAILABLE: "the service does not answer, or cannot now",
    ExitCode.CONFLICT: "the name is taken, or the thing changed meanwhile",
    ExitCode.INTERNAL: "a mistake of the service or of this program",
    ExitCode.DIFFERS: "`verify-receipt`, `verify-history`: a file does not hold what was promised",
    ExitCode.INTERRUPTED: "you pressed Ctrl-C",
    ExitCode.BROKEN_PIPE: "the reader of the output went away",
}

# By the stable reason in google.rpc.ErrorInfo.
BY_REASON: Mapping[str, ExitCode] = {
    "INVALID_REQUEST": ExitCode.INVALID,
    "INVALID_POLICY": ExitCode.INVALID,
    "QUOTA_EXCEEDED": ExitCode.QUOTA,
    "NOT_FOUND": ExitCode.NOT_FOUND,
    "ALREADY_EXISTS": ExitCode.CONFLICT,
    "REQUEST_ID_REUSED": ExitCode.CONFLICT,
    "STALE_VERSION": ExitCode.CONFLICT,
    "NOT_AUTHENTICATED": ExitCode.NOT_PERMITTED,
    "NOT_PERMITTED": ExitCode.NOT_PERMITTED,
    "STORE_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "OVERLOADED": ExitCode.UNAVAILABLE,
    "BACKEND_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "EXPLAINER_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "OUTPUT_UNREADABLE": ExitCode.CONFLICT,
    "TOO_MANY_STREAMS": ExitCode.QUOTA,
    "NOT_LEADING": ExitCode.UNAVAILABLE,
    "DRAINING": ExitCode.UNAVAILABLE,
    "FELL_BEHIND": ExitCode.UNAVAILABLE,
    "DEADLINE_EXCEEDED": ExitCode.UNAVAILABLE,
    "INTERNAL": ExitCode.INTERNAL,
}

# By gRPC status, for answers without a reason that this version knows.
BY_STATUS: Mapping[str, ExitCode] = {
    "INVALID_ARGUMENT": ExitCode.INVALID,
    "OUT_OF_RANGE": ExitCode.INVALID,
    "NOT_FOUND": ExitCode.NOT_FOUND,
    "UNAUTHENTICATED": ExitCode.NOT_PERMITTED,
    "PERMISSION_DENIED": ExitCode.NOT_PERMITTED,
    "RESOURCE_EXHAUSTED": ExitCode.QUOTA,
    "UNAVAILABLE": ExitCode.UNAVAILABLE,
    "DEADLINE_EXCEEDED": ExitCode.UNAVAILABLE,
    "ALREADY_EXISTS": ExitCode.CONFLICT,
    "ABORTED": ExitCode.CONFLICT,
    "FAILED_PRECONDITION": ExitCode.CONFLICT,
}


def exit_code(reason: str, status: str) -> ExitCode:
    """Return the exit code for an answer; the reason says more than the gRPC status."""
    return BY_REASON.get(reason) or BY_STATUS.get(status, ExitCode.INTERNAL)
