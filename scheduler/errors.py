"""The tree of errors that cross package borders; each carries fields, not only text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with an input: which field, where (0: no line), what, and the mend."""

    field: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.field}: {self.message}"


class TendikError(Exception):
    """Base of all; `reason` is stable and public: clients may branch on it."""

    reason: ClassVar[str] = "INTERNAL"


class InvalidRequest(TendikError):
    """The input is wrong; every violation that was found is listed."""

    reason = "INVALID_REQUEST"

    def __init__(self, *violations: Violation) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


class InvalidPolicy(InvalidRequest):
    """A policy file is wrong; `field` is the key's path in the file."""

    reason = "INVALID_POLICY"


class QuotaExceeded(TendikError):
    """The request could never be granted, or would pass a limit that holds now."""

    reason = "QUOTA_EXCEEDED"

    def __init__(self, subject: str, what: str, limit: int, used: int, asked: int) -> None:
        super().__init__(f"{subject}: {what} is limited to {limit}, {used} in use, {asked} asked")
        self.subject = subject
        self.what = what
        self.limit = limit
        self.used = used
        self.asked = asked


class NotFound(TendikError):
    """No such thing, or none that the caller may see."""

    reason = "NOT_FOUND"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class AlreadyExists(TendikError):
    """The name is taken."""

    reason = "ALREADY_EXISTS"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r} exists already")
        self.kind = kind
        self.name = name


class RequestIdReused(TendikError):
    """The request_id was used before with another body."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"request_id {request_id!r} was used for another request; "
            "use a new one for a new request, and the same one only to repeat the same request"
        )
        self.request_id = request_id


class NotAuthenticated(TendikError):
    """No token, or one that names nobody."""

    reason = "NOT_AUTHENTICATED"


class NotPermitted(TendikError):
    """The caller's role does not allow this."""

    reason = "NOT_PERMITTED"

    def __init__(self, who: str, what: str) -> None:
        super().__init__(f"{who} may not {what}")
        self.who = who
        self.what = what


class StaleVersion(TendikError):
    """The thing changed since the caller read it."""

    reason = "STALE_VERSION"

    def __init__(self, kind: str, expected: str, found: str) -> None:
        super().__init__(f"{kind} changed meanwhile: you read {expected}, now it is {found}")
        self.kind = kind
        self.expected = expected
        self.found = found


class StoreUnavailable(TendikError):
    """The store cannot take or give data now; nothing was acknowledged."""

    reason = "STORE_UNAVAILABLE"


class Overloaded(TendikError):
    """More waits to be stored than there is room for; nothing of the request was kept.

    The room is shared: an organisation is refused while others that wait for less are not.
    """

    reason = "OVERLOADED"

    def __init__(self, organisation: str, what: str, limit: int, waiting: int) -> None:
        super().__init__(
            f"overloaded: {waiting:,} of {limit:,} {what} wait to be stored, and as many of "
            f"{organisation} as are its share; send the same request again in a moment"
        )
        self.organisation = organisation
        self.what = what
        self.limit = limit
        self.waiting = waiting


class BackendUnavailable(TendikError):
    """The backend did not give a good answer; what it would have said is unknown."""

    reason = "BACKEND_UNAVAILABLE"


class ExplainerUnavailable(TendikError):
    """Nobody can say now why a job waits; the job itself is not touched by that."""

    reason = "EXPLAINER_UNAVAILABLE"


class OutputUnreadable(TendikError):
    """The file of a job's output is there, or may be, and cannot be read."""

    reason = "OUTPUT_UNREADABLE"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class TooManyStreams(TendikError):
    """As many outputs are being read as one user, or all users, may read at once."""

    reason = "TOO_MANY_STREAMS"

    def __init__(self, whose: str, limit: int) -> None:
        super().__init__(f"{whose} read {limit} outputs already; end one, or try again later")
        self.whose = whose
        self.limit = limit


class NotLeading(TendikError):
    """Another engine leads, or may lead by now: this one must not act; `newest` None: not known."""

    reason = "NOT_LEADING"

    def __init__(self, epoch: int | None, newest: int | None = None) -> None:
        held = "this engine does not lead" if epoch is None else f"the term {epoch} is over"
        known = "" if newest is None else f", the newest is {newest}"
        super().__init__(f"{held}{known}")
        self.epoch = epoch
        self.newest = newest


class Draining(TendikError):
    """The service is stopping and takes no new requests."""

    reason = "DRAINING"


class FellBehind(TendikError):
    """The reader of a stream takes changes more slowly than they come."""

    reason = "FELL_BEHIND"


class DeadlineExceeded(TendikError):
    """The call's time is up; what it began may or may not have been done."""

    reason = "DEADLINE_EXCEEDED"
