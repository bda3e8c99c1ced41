"""The caller of the call at hand, kept beside the call so that servicers need not pass it."""

from __future__ import annotations

from contextvars import ContextVar

from scheduler.errors import NotAuthenticated
from scheduler.identity import Caller
from scheduler.texts import said

_CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)


def call_is_by(caller: Caller) -> None:
    """Set the caller; every call runs in a task, and so in a context, of its own."""
    _CALLER.set(caller)


def current_caller() -> Caller:
    """Return who calls. Raises NotAuthenticated outside a call that was identified."""
    caller = _CALLER.get()
    if caller is None:
        raise NotAuthenticated(said("this call was not identified"))
    return caller


def caller_name() -> str:
    """Return the caller's name for the log, empty when it is not known."""
    caller = _CALLER.get()
    return caller.user.name if caller else ""
