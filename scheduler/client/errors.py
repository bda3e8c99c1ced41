"""What went wrong, as one small tree of errors that carry fields."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.languages import words
from scheduler.texts import Said


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request; `line` is the script's, None for what stands in none."""

    field: str
    message: str
    line: int | None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.field}: {self.message}"


class TendikError(Exception):
    """Base of all.

    `reason` is stable: programs may branch on it. It is the service's own (docs/api.md), or where
    the service gave none, one of the command line's (docs/cli.md) as UNAVAILABLE or USAGE.
    `request_id` is a submission's: who repeats it with that id never makes a second job.
    """

    # Whether the very same call may be made again, and may well succeed then. Of a submission whose
    # caller chose no request id it is False: another one would be chosen, for another job.
    safe_to_retry: bool = False

    def __init__(
        self,
        message: str,
        reason: str = "",
        problems: tuple[Problem, ...] = (),
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.problems = problems
        self.request_id = request_id

    def say_in(self, language: str) -> None:
        """Say the sentence in the language; what the service said is in the caller's already."""
        if isinstance(self.message, Said):
            self.message = self.message.in_words(words(language))
            self.args = (self.message,)

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return "\n".join(map(str, self.problems)) or f"{self.message}{reason}"


class WrongUse(TendikError):
    """An argument, the stored login or a local file is wrong; nothing was sent.

    Or the client was closed: then a submission that was under way may have been taken.
    """


class InvalidRequest(TendikError):
    """The script or its options were refused; `problems` names each thing to mend."""


class LimitReached(TendikError):
    """A limit of the policy stands against it."""


class NotFound(TendikError):
    """No such thing, or none that you may see."""


class NotPermitted(TendikError):
    """No token, one that names nobody, or a role that does not allow it."""


class Conflict(TendikError):
    """The request id was used for something else."""


class Unavailable(TendikError):
    """The service does not answer, or cannot now; a submission may or may not have been taken.

    Repeat a submission with this error's `request_id`.
    """

    safe_to_retry = True


class WaitTimedOut(TendikError, TimeoutError):
    """The jobs had not all ended when the time to wait was over; they go on."""

    safe_to_retry = True


class ServiceFault(TendikError):
    """A mistake of the service, or an answer that this version does not understand."""
