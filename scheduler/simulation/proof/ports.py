"""Stands between the engine and its ports, so that anything may happen before and after a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Died(BaseException):
    """The engine's process ends here: nothing of it goes on, and nothing catches this."""


class Between(Protocol):
    """Is told before and after each call; what it raises comes out of the call."""

    def before(self, port: str, call: str, arguments: Sequence[Any]) -> None: ...

    def after(self, port: str, call: str, answer: Any) -> None: ...


class Interposed:
    """Passes every method on to `target`, and tells `between`."""

    def __init__(self, target: object, port: str, between: Between) -> None:
        self._target = target
        self._port = port
        self._between = between
        self._wrapped: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Any:
        if (known := self._wrapped.get(name)) is not None:
            return known
        found = getattr(self._target, name)
        if not callable(found):
            return found
        self._wrapped[name] = self._around(name, found)
        return self._wrapped[name]

    def _around(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._between.before(self._port, name, (*arguments, *named.values()))
            answer = method(*arguments, **named)
            self._between.after(self._port, name, answer)
            return answer

        return call
