"""The edge before every method of ours: who calls, until when, what went wrong, one log line."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Never, TypeAlias

import grpc
import structlog

from scheduler.errors import DeadlineExceeded, NotAuthenticated, TendikError
from scheduler.identity import Callers
from scheduler.rpc.caller import call_is_by, caller_name
from scheduler.rpc.language import call_is_in, language_of
from scheduler.rpc.status import status_of, unexpected_status
from scheduler.texts import said

OURS = "/scheduler.v1."
DEFAULT_DEADLINE_S = 60.0
# One info line each; the others are too many, or change nothing, and are logged as debug.
LOGGED_AS_INFO = frozenset(
    {
        "BatchSubmitJobs",
        "CancelJob",
        "RequeueJob",
        "CreateOrganisation",
        "CreateProject",
        "CreateUser",
        "RotateToken",
        "ApplyRegister",
        "OffBoard",
        "ApplyPolicy",
        "ProposePolicy",
        "ApproveProposal",
        "WithdrawProposal",
        "ActivateProposal",
        "RollBackPolicy",
    }
)

# A method's messages are its own; the edge handles all methods alike. The aliases are text
# because gRPC's classes are generic in their stubs only.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Answer = Callable[[Any, Context], Awaitable[Any]]
Answers = Callable[[Any, Context], AsyncIterator[Any]]


class Edge:
    """Guards the methods of our services; health and reflection are open to all.

    One layer does it all, and each method is wrapped once, when the server is built: gRPC's
    interceptors cost every call a coroutine and a search, which SubmitJob's rate shows.
    """

    def __init__(self, callers: Callers, default_deadline_s: float = DEFAULT_DEADLINE_S) -> None:
        self._callers = callers
        self._default_deadline_s = default_deadline_s
        self._log = structlog.get_logger("rpc").bind()

    def guarded(self, path: str, handler: Handler) -> Handler:
        """Return the handler of the method at `/package.Service/Method` behind the edge."""
        return self._guard(path.rpartition("/")[2], handler) if path.startswith(OURS) else handler

    def _guard(self, method: str, handler: Handler) -> Handler:
        codecs = (handler.request_deserializer, handler.response_serializer)
        # The stubs describe the synchronous server's behaviours only, hence the Any of these two.
        unary: Any = handler.unary_unary
        stream: Any = handler.unary_stream
        if stream is not None:
            streamed: Any = self._guarded_stream(method, stream)
            return grpc.unary_stream_rpc_method_handler(streamed, *codecs)
        answered: Any = self._guarded_unary(method, unary)
        return grpc.unary_unary_rpc_method_handler(answered, *codecs)

    def _guarded_unary(self, method: str, answer: Answer) -> Answer:
        async def guarded(request: Any, context: Context) -> Any:
            began_s = time.perf_counter()
            call_is_in(language_of(context.invocation_metadata() or ()))
            try:
                await self._identify(context)
                response = await self._in_time(answer, request, context)
            except Exception as error:
                await self._refuse(method, began_s, error, context)
            self._note(method, began_s)
            return response

        return guarded

    def _guarded_stream(self, method: str, answers: Answers) -> Answers:
        async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
            began_s = time.perf_counter()
            call_is_in(language_of(context.invocation_metadata() or ()))
            try:
                await self._identify(context)
                async for response in answers(request, context):
                    yield response
            except Exception as error:
                await self._refuse(method, began_s, error, context)
            self._note(method, began_s)

        return guarded

    async def _identify(self, context: Context) -> None:
        token = token_of(context.invocation_metadata() or ())
        caller = self._callers.known(token)
        if caller is None:
            caller = await asyncio.to_thread(self._callers.find, token)
        call_is_by(caller)

    async def _in_time(self, answer: Answer, request: Any, context: Context) -> Any:
        """Await the answer; a client's own deadline cancels the call, others get the default."""
        remaining_s: float | None = context.time_remaining()
        if remaining_s is None:
            return await self._in_default_time(answer, request, context)
        if remaining_s <= 0:
            raise DeadlineExceeded(
                said("the deadline had passed before the call began; nothing is done")
            )
        return await answer(request, context)

    async def _in_default_time(self, answer: Answer, request: Any, context: Context) -> Any:
        try:
            async with asyncio.timeout(self._default_deadline_s) as timer:
                return await answer(request, context)
        except TimeoutError:
            if not timer.expired():
                raise
            raise DeadlineExceeded(
                said("no answer within {deadline_s:g} s", deadline_s=self._default_deadline_s)
            ) from None

    def _note(self, method: str, began_s: float) -> None:
        say = self._log.info if method in LOGGED_AS_INFO else self._log.debug
        say("call", method=method, user=caller_name(), code="OK", ms=_ms_since(began_s))

    async def _refuse(
        self, method: str, began_s: float, error: Exception, context: Context
    ) -> Never:
        known = {"method": method, "user": caller_name(), "ms": _ms_since(began_s)}
        if isinstance(error, TendikError):
            self._log.info("call refused", reason=error.reason, message=str(error)[:500], **known)
            await context.abort_with_status(status_of(error))
        error_id = secrets.token_hex(6)
        self._log.error("call failed", error_id=error_id, exc_info=error, **known)
        await context.abort_with_status(unexpected_status(error_id))


def token_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Return the bearer token of `authorization`. Raises NotAuthenticated."""
    for key, value in metadata:
        if key == "authorization" and isinstance(value, str):
            scheme, _, token = value.partition(" ")
            if scheme.lower() == "bearer" and token:
                return token.strip()
    raise NotAuthenticated(said("no token; send metadata `authorization: Bearer TOKEN`"))


def _ms_since(began_s: float) -> float:
    return round((time.perf_counter() - began_s) * 1000, 1)
