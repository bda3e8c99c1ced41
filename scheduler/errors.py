"""The tree of errors that cross package borders; each carries fields, not only text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from scheduler.texts import Said, listed, said, said_by

# What errors are about, by its name in ResourceInfo.
_KINDS: Mapping[str, Said] = {
    "job": said("job"),
    "waiting job": said("waiting job"),
    "organisation": said("organisation"),
    "project": said("project"),
    "user": said("user"),
    "token": said("token"),
    "policy": said("policy"),
    "policy version": said("policy version"),
    "receipt of cycle": said("receipt of cycle"),
    "proposal": said("proposal"),
    "fund": said("fund"),
    "grant": said("grant"),
    "register": said("register"),
    "pool": said("pool"),
}


def _named(kind: str) -> str:
    return _KINDS.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with an input: which field, where (0: no line), what, and the mend."""

    field: str
    message: Said
    line: int = 0

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def sentence(self) -> Said:
        """Return the message with its place before it."""
        field, message = self.field, self.message
        if self.line:
            line = said("line {line}", line=self.line)
            return listed((line, field, message), ": ")
        return listed((field, message), ": ")


def place_of(violation: Violation) -> str:
    """Return where the violation is: "script:12 --gpus", or only the field."""
    return f"script:{violation.line} {violation.field}" if violation.line else violation.field


class TendikError(Exception):
    """Base of all; `reason` is stable and public: clients may branch on it.

    `place` is what it is about, and `mend` what its reader can do.
    """

    reason: ClassVar[str] = "INTERNAL"
    mend: Said = said("tell the operators the id of this error")
    place: str = "service"

    def __init__(self, sentence: Said) -> None:
        super().__init__(sentence)

    @property
    def sentence(self) -> Said:
        """Return the error in words, still to be said in any language."""
        return said_by(self)


class InvalidRequest(TendikError):
    """The input is wrong; every violation that was found is listed."""

    reason = "INVALID_REQUEST"
    mend = said("mend what is listed, and send the request again")

    def __init__(self, *violations: Violation) -> None:
        super().__init__(listed((violation.sentence for violation in violations), "; "))
        self.violations = violations
        self.place = place_of(violations[0]) if violations else self.place


class InvalidPolicy(InvalidRequest):
    """A policy file is wrong; `field` is the key's path in the file."""

    reason = "INVALID_POLICY"
    mend = said("mend the keys that are listed, and apply the policy again")


class InvalidRegister(InvalidRequest):
    """A register file is wrong; `field` is the key's path in the file."""

    reason = "INVALID_REGISTER"
    mend = said("mend the keys that are listed, and apply the file again")


class QuotaExceeded(TendikError):
    """The request could never be granted, or would pass a limit that holds now."""

    reason = "QUOTA_EXCEEDED"
    mend = said("ask for less, or wait until jobs end that hold it")

    def __init__(self, subject: Said, what: Said, limit: int, used: int, asked: int) -> None:
        super().__init__(
            said(
                "{subject}: {what} is limited to {limit}, {used} in use, {asked} asked",
                subject=subject,
                what=what,
                limit=limit,
                used=used,
                asked=asked,
            )
        )
        self.place = self.subject = subject
        self.what = what
        self.limit = limit
        self.used = used
        self.asked = asked


class NotFound(TendikError):
    """No such thing, or none that the caller may see."""

    reason = "NOT_FOUND"
    mend = said("check the name; what you may not see is not found either")

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(said("no {kind} {name!r}", kind=_named(kind), name=name))
        self.place = f"{kind} {name}"
        self.kind = kind
        self.name = name


class AlreadyExists(TendikError):
    """The name is taken."""

    reason = "ALREADY_EXISTS"
    mend = said("choose another name")

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(said("{kind} {name!r} exists already", kind=_named(kind), name=name))
        self.place = f"{kind} {name}"
        self.kind = kind
        self.name = name


class RequestIdReused(TendikError):
    """The request_id was used before with another body."""

    reason = "REQUEST_ID_REUSED"
    mend = said("use a new request_id for a new request")
    place = "request_id"

    def __init__(self, request_id: str) -> None:
        super().__init__(
            said(
                "request_id {request_id!r} was used for another request; use a new one for a "
                "new request, and the same one only to repeat the same request",
                request_id=request_id,
            )
        )
        self.request_id = request_id


class NotAuthenticated(TendikError):
    """No token, or one that names nobody."""

    reason = "NOT_AUTHENTICATED"
    mend = said("log in with `tendik login`; your administrator can give you a new token")
    place = "authorization"


class AccessEnded(TendikError):
    """The user, the project or the organisation has expired or was off-boarded."""

    reason = "ACCESS_ENDED"
    mend = said("ask them to prolong it; what you had is kept")
    place = "access"

    def __init__(self, ending: Said, whom: Said) -> None:
        super().__init__(said("{ending}; ask {whom}", ending=ending, whom=whom))
        self.ending = ending
        self.whom = whom


class NotPermitted(TendikError):
    """The caller's role does not allow this."""

    reason = "NOT_PERMITTED"
    mend = said("ask somebody whose role allows it, such as your organisation's administrator")

    def __init__(self, who: str, what: Said, *, is_for_cluster_admins: bool = False) -> None:
        super().__init__(said("{who} may not {what}", who=who, what=what))
        if is_for_cluster_admins:
            self.mend = said("ask a cluster admin to do it")
        self.place = self.who = who
        self.what = what


class StaleVersion(TendikError):
    """The thing changed since the caller read it."""

    reason = "STALE_VERSION"
    mend = said("read it again, and apply your change to what it is now")

    def __init__(self, kind: str, expected: str, found: str) -> None:
        super().__init__(
            said(
                "{kind} changed meanwhile: you read {expected}, now it is {found}",
                kind=_named(kind),
                expected=expected,
                found=found,
            )
        )
        self.place = self.kind = kind
        self.expected = expected
        self.found = found


class NotRunning(TendikError):
    """The job has no run that could be ended; one that is to be cancelled gets no other wish."""

    reason = "NOT_RUNNING"
    mend = said("one that waits will run, and one that has ended is submitted anew")

    def __init__(self, job_id: int, state: str) -> None:
        super().__init__(
            said("job {job} is {state}, and only what runs is requeued", job=job_id, state=state)
        )
        self.place = f"jobs/{job_id}"
        self.job_id = job_id
        self.state = state


class OwnProposal(TendikError):
    """Who proposed a change signs it a second time: two people must stand for it."""

    reason = "OWN_PROPOSAL"
    mend = said("ask another cluster admin to read it and approve it")

    def __init__(self, who: str, number: int) -> None:
        super().__init__(
            said("{who} proposed {number} and may not approve it", who=who, number=number)
        )
        self.place = f"proposals/{number}"
        self.who = who
        self.number = number


class NotAStep(TendikError):
    """A proposal does not lead there from where it is."""

    reason = "NOT_A_STEP"
    mend = said("see where it is with tendik policy proposals, and what can follow")

    def __init__(self, number: int, here: Said, there: Said) -> None:
        super().__init__(
            said(
                "proposal {number} is {here}, and cannot be {there} from there",
                number=number,
                here=here,
                there=there,
            )
        )
        self.place = f"proposals/{number}"
        self.number = number


class NeedsProposal(TendikError):
    """A change of the policy needs two signatures, and this one has one."""

    reason = "NEEDS_PROPOSAL"
    place = "policy"
    mend = said("propose it with tendik policy propose FILE, and have another admin approve it")

    def __init__(self) -> None:
        super().__init__(said("a policy in force is changed by a proposal that two have signed"))


class CanaryInForce(TendikError):
    """Over a canary nothing else comes into force: nobody could end it any more."""

    reason = "CANARY_IN_FORCE"
    mend = said("activate that proposal for all, or take it back with tendik policy rollback")

    def __init__(self, number: int) -> None:
        super().__init__(said("a canary of proposal {number} is in force", number=number))
        self.place = f"proposals/{number}"
        self.number = number


class NotAccepted(InvalidPolicy):
    """A proposal has findings that its second signer has not accepted; each is listed."""

    reason = "FINDINGS_NOT_ACCEPTED"
    mend = said("mend the file and propose it anew, or approve it with --accept and their names")


class StoreUnavailable(TendikError):
    """The store cannot take or give data now; nothing was acknowledged."""

    reason = "STORE_UNAVAILABLE"
    mend = said("send the same request again in a moment; if it lasts, tell the operators")
    place = "store"


class Overloaded(TendikError):
    """More waits to be stored than there is room for; nothing of the request was kept.

    The room is shared: an organisation is refused while others that wait for less are not.
    """

    reason = "OVERLOADED"
    mend = said("send the same request again in a moment")

    def __init__(self, organisation: str, what: Said, limit: int, waiting: int) -> None:
        super().__init__(
            said(
                "overloaded: {waiting:,} of {limit:,} {what} wait to be stored, and as many of "
                "{organisation} as are its share; send the same request again in a moment",
                waiting=waiting,
                limit=limit,
                what=what,
                organisation=organisation,
            )
        )
        self.place = self.organisation = organisation
        self.what = what
        self.limit = limit
        self.waiting = waiting


class BackendUnavailable(TendikError):
    """The backend did not give a good answer; what it would have said is unknown."""

    reason = "BACKEND_UNAVAILABLE"
    mend = said("wait until Slurm answers again; what waits keeps its place")
    place = "backend"


class ExplainerUnavailable(TendikError):
    """Nobody can say now why a job waits; the job itself is not touched by that."""

    reason = "EXPLAINER_UNAVAILABLE"
    mend = said("ask again in a moment")
    place = "explainer"


class OutputUnreadable(TendikError):
    """The file of a job's output is there, or may be, and cannot be read."""

    reason = "OUTPUT_UNREADABLE"
    mend = said("see that the file is a plain one that your own account may read")

    def __init__(self, path: str, why: Said) -> None:
        super().__init__(said("{path}: {why}", path=path, why=why))
        self.place = self.path = path
        self.why = why


class TooManyStreams(TendikError):
    """As many outputs are being read as one user, or all users, may read at once."""

    reason = "TOO_MANY_STREAMS"
    mend = said("end one, or try again later")

    def __init__(self, whose: Said, limit: int) -> None:
        super().__init__(
            said(
                "{whose} read {limit} outputs already; end one, or try again later",
                whose=whose,
                limit=limit,
            )
        )
        self.place = self.whose = whose
        self.limit = limit


class HeldTooOften(TendikError):
    """The job was held as often within a short time as it may be; a release is never refused."""

    reason = "HELD_TOO_OFTEN"
    mend = said("leave it held, or hold it again in a minute")

    def __init__(self, job_id: int, limit: int, within_s: int) -> None:
        super().__init__(
            said(
                "job {job_id} was held {limit} times within {within_s} s; it is not held again now",
                job_id=job_id,
                limit=limit,
                within_s=within_s,
            )
        )
        self.place = f"job {job_id}"
        self.job_id = job_id
        self.limit = limit
        self.within_s = within_s


class NotLeading(TendikError):
    """Another engine leads, or may lead by now: this one must not act; `newest` None: not known."""

    reason = "NOT_LEADING"
    mend = said("wait a few seconds until another service leads")
    place = "leadership"

    def __init__(self, epoch: int | None, newest: int | None = None) -> None:
        over = said("the term {epoch} is over", epoch=epoch)
        held = said("this engine does not lead") if epoch is None else over
        known = Said() if newest is None else said(", the newest is {newest}", newest=newest)
        super().__init__(listed((held, known), ""))
        self.epoch = epoch
        self.newest = newest


class Draining(TendikError):
    """The service is stopping and takes no new requests."""

    reason = "DRAINING"
    mend = said("send the same request again in a moment")


class FellBehind(TendikError):
    """The reader of a stream takes changes more slowly than they come."""

    reason = "FELL_BEHIND"
    mend = said("watch fewer jobs, or read the changes faster")
    place = "stream"


class DeadlineExceeded(TendikError):
    """The call's time is up; what it began may or may not have been done."""

    reason = "DEADLINE_EXCEEDED"
    mend = said("look whether it was done, then ask again with more time")
    place = "deadline"
