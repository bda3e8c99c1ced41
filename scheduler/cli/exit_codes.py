"""What each exit code means, and which answer of the service leads to which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from scheduler.texts import Said, said


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


MEANINGS: Mapping[ExitCode, Said] = {
    ExitCode.OK: said("done as asked"),
    ExitCode.JOB_FAILED: said("`submit --wait`: a job ended otherwise than completed"),
    ExitCode.USAGE: said("the command line or a local file is wrong; nothing was sent"),
    ExitCode.INVALID: said("the script, the request or the policy file was refused as wrong"),
    ExitCode.NOT_FOUND: said("no such thing, or none that you may see"),
    ExitCode.NOT_PERMITTED: said(
        "no token, a token that names nobody, or a role that does not allow it"
    ),
    ExitCode.QUOTA: said("a limit of the policy stands against it"),
    ExitCode.UNAVAILABLE: said("the service does not answer, or cannot now"),
    ExitCode.CONFLICT: said("the name is taken, or the thing changed meanwhile"),
    ExitCode.INTERNAL: said("a mistake of the service or of this program"),
    ExitCode.DIFFERS: said(
        "`verify-receipt`, `verify-history`: a file does not hold what was promised"
    ),
    ExitCode.INTERRUPTED: said("you pressed Ctrl-C"),
    ExitCode.BROKEN_PIPE: said("the reader of the output went away"),
}

# By the stable reason in google.rpc.ErrorInfo.
BY_REASON: Mapping[str, ExitCode] = {
    "INVALID_REQUEST": ExitCode.INVALID,
    "INVALID_POLICY": ExitCode.INVALID,
    "INVALID_REGISTER": ExitCode.INVALID,
    "QUOTA_EXCEEDED": ExitCode.QUOTA,
    "BUDGET_EXCEEDED": ExitCode.QUOTA,
    "FUND_EXCEEDED": ExitCode.QUOTA,
    "OWN_GRANT": ExitCode.NOT_PERMITTED,
    "NOT_A_STEP_OF_GRANT": ExitCode.CONFLICT,
    "NOT_FOUND": ExitCode.NOT_FOUND,
    "ALREADY_EXISTS": ExitCode.CONFLICT,
    "REQUEST_ID_REUSED": ExitCode.CONFLICT,
    "STALE_VERSION": ExitCode.CONFLICT,
    "NOT_A_STEP": ExitCode.CONFLICT,
    "CANARY_IN_FORCE": ExitCode.CONFLICT,
    "NOT_RUNNING": ExitCode.CONFLICT,
    "FINDINGS_NOT_ACCEPTED": ExitCode.INVALID,
    "OWN_PROPOSAL": ExitCode.NOT_PERMITTED,
    "NEEDS_PROPOSAL": ExitCode.NOT_PERMITTED,
    "NOT_AUTHENTICATED": ExitCode.NOT_PERMITTED,
    "ACCESS_ENDED": ExitCode.NOT_PERMITTED,
    "NOT_PERMITTED": ExitCode.NOT_PERMITTED,
    "STORE_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "OVERLOADED": ExitCode.UNAVAILABLE,
    "BACKEND_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "EXPLAINER_UNAVAILABLE": ExitCode.UNAVAILABLE,
    "OUTPUT_UNREADABLE": ExitCode.CONFLICT,
    "TOO_MANY_STREAMS": ExitCode.QUOTA,
    "HELD_TOO_OFTEN": ExitCode.QUOTA,
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
    # A service that stops cuts off what came to it last.
    "CANCELLED": ExitCode.UNAVAILABLE,
    "ALREADY_EXISTS": ExitCode.CONFLICT,
    "ABORTED": ExitCode.CONFLICT,
    "FAILED_PRECONDITION": ExitCode.CONFLICT,
}


def exit_code(reason: str, status: str) -> ExitCode:
    """Return the exit code for an answer; the reason says more than the gRPC status."""
    return BY_REASON.get(reason) or BY_STATUS.get(status, ExitCode.INTERNAL)
