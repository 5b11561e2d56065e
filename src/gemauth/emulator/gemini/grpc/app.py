"""The ASGI app that answers gRPC calls: finds the method, has it served, ends with a status.

Source: gRPC over HTTP2. REST's counterpart is `gemini/routes.py`; both hand a call to `serve`.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse

from gemauth.emulator import ledger
from gemauth.emulator.gemini.grpc import reflection
from gemauth.emulator.gemini.grpc.exchange import Exchange
from gemauth.emulator.gemini.grpc.routes import incoming, paths, services
from gemauth.emulator.gemini.grpc.timeout import read_timeout
from gemauth.emulator.gemini.serve import serve
from gemauth.emulator.paging import Pager
from gemauth.google.gemini.methods import METHODS
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from gemauth.emulator.context import Context
    from gemauth.google.gemini.method import Method

__all__ = ["GrpcApp"]

_TOO_LATE = Status(Code.DEADLINE_EXCEEDED, "Deadline Exceeded")
_CONTENT_TYPES = frozenset({b"application/grpc", b"application/grpc+proto"})


class GrpcApp:
    """Answers POSTs whose content type is gRPC's.

    Args:
        context: the emulator's.
        methods: the API's.
    """

    def __init__(self, context: Context, methods: Iterable[Method] = METHODS) -> None:
        self._context = context
        self._paths = paths(methods)
        self._services = sorted([*services(methods), *reflection.SERVICES])
        self._pager = Pager(context.entropy(32))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call.

        Raises:
            Exception: a defect, after the client was told INTERNAL; the server's guard logs it.
        """
        if refusal := _no_grpc(scope):
            await refusal(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        status, defect = await self._answer(scope["path"], exchange)
        ledger.seen(grpc_status="OK" if status is None else status.code.name)
        await exchange.close(status)
        if defect is not None:
            raise defect

    async def _answer(
        self, path: str, exchange: Exchange
    ) -> tuple[Status | None, Exception | None]:
        """Answer a call up to its status, and return that (None: OK), with the defect if any."""
        timeout = asyncio.timeout(None)
        try:
            seconds = read_timeout(exchange.metadata.get("grpc-timeout"))
            async with asyncio.timeout(seconds) as timeout:
                await self._messages(path, exchange, timeout.when())
        except StatusError as error:
            return error.status, None
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # the edge: handed on by the caller
            if isinstance(error, TimeoutError) and timeout.expired():
                return _TOO_LATE, None
            return Status(Code.INTERNAL, "Internal error encountered."), error
        return None, None

    async def _messages(self, path: str, exchange: Exchange, deadline: float | None) -> None:
        """Read a call's messages and write the answers, until `deadline` on the loop's clock.

        Raises:
            StatusError: what ends the call instead.
        """
        if package := reflection.PATHS.get(path):
            await self._reflect(package, exchange)
            return
        found = self._paths.get(path)
        if found is None:
            raise StatusError(Status(Code.UNIMPLEMENTED, f"There is no method {path[:300]}."))
        method, version = found
        body = await exchange.only_message()
        call = incoming(method, version, body, exchange.metadata)
        if deadline is not None and deadline <= asyncio.get_running_loop().time():
            raise StatusError(_TOO_LATE)  # nobody waits for it any more: nothing is done
        answer = serve(self._context, self._pager, call)
        if not method.streams:
            await exchange.write(answer, last=True)
            return
        # A streaming method's handler reads what it needs in its transaction, and returns an async
        # generator that runs after it: no transaction is held while a client takes its time.
        async with aclosing(answer):
            async for message in answer:
                await exchange.write(message, last=False)

    async def _reflect(self, package: str, exchange: Exchange) -> None:
        from google.protobuf.message import DecodeError

        async for message in exchange.messages():
            try:
                request = reflection.read(package, message)
            except DecodeError:
                text = "The bytes are no ServerReflectionRequest."
                raise StatusError(Status(Code.INTERNAL, text)) from None
            await exchange.write(reflection.answer(package, request, self._services), last=False)


def _no_grpc(scope: Scope) -> PlainTextResponse | None:
    """Return the answer to what is called gRPC and cannot be answered as gRPC is."""
    if "http.response.trailers" not in scope.get("extensions", {}):
        return PlainTextResponse("gRPC needs HTTP/2.\n", 505)
    if scope["method"] != "POST":
        return PlainTextResponse("A gRPC call is a POST.\n", 405, {"Allow": "POST"})
    kinds = {v.partition(b";")[0].strip() for n, v in scope["headers"] if n == b"content-type"}
    if not kinds <= _CONTENT_TYPES:
        return PlainTextResponse("Only application/grpc+proto is spoken here.\n", 415)
    return None
