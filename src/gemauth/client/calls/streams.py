"""An answer of the API that comes in messages: opened as a flow, then read one message at a time.

`stream` opens it (authorized, once more with a new token after a 401, again after a 503: all before
the first byte); its result is a `Messages`, whose flow `next` yields the next one. Nothing is tried
again once a message may have come: generating twice is not reading on.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gemauth.client.calls.call import request_of
from gemauth.client.calls.refusal import refusal
from gemauth.client.calls.retry import patience, persist
from gemauth.errors import Fault, UnreachableError
from gemauth.flow import Open, Read
from gemauth.google.gemini.streaming import framing
from gemauth.http import Response, media_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow, Incoming
    from gemauth.google.gemini.method import Method
    from gemauth.http import Request

__all__ = ["BrokenStreamError", "Messages", "Stream", "open_", "stream"]

M = TypeVar("M")
_SHORT = 1024 * 1024  # bytes of a refusal that are read


class BrokenStreamError(UnreachableError):
    """A streamed answer ended before its end; `received` messages had come."""

    def __init__(self, broken: UnreachableError, received: int) -> None:
        came = "1 part" if received == 1 else f"{received} parts"
        super().__init__(
            f"The streamed answer broke off after {came}: {broken.message}",
            next_step="Ask again, or go on with what came; nothing is asked twice by itself.",
            fault=broken.fault,
            evidence=broken.evidence,
        )
        self.received = received


class Messages(Generic[M]):
    """A streamed answer.

    Args:
        incoming: the answer, a success, unread.
        read: makes the caller's value of a message's JSON.
        emulated: whether an emulator answers.
    """

    def __init__(
        self, incoming: Incoming, read: Callable[[dict[str, Any]], M], *, emulated: bool = False
    ) -> None:
        self._incoming = incoming
        self._framing = framing(media_type(incoming.headers))
        self._read = read
        self._emulated = emulated
        self._ready: deque[bytes] = deque()
        self._received = 0
        self._over = False

    def next(self) -> Flow[M | None]:
        """Return the flow of the next message; its result is None at the end.

        Raises:
            StatusError: the API broke the stream off with an error.
            BrokenStreamError: the connection broke off, or what came is no stream of the API's.
        """
        try:
            while not self._ready:
                if self._over:
                    return None
                part: bytes = yield Read(self._incoming)
                self._over = not part
                found = self._framing.feed(part) if part else self._framing.finish()
                self._ready.extend(found)
            value = self._message(self._ready.popleft())
        except UnreachableError as error:
            self.close()
            raise BrokenStreamError(error, self._received) from None
        except BaseException:
            self.close()
            raise
        self._received += 1
        return value

    def close(self) -> None:
        """Let go of the connection; the rest of the answer is not read."""
        self._over = True
        self._ready.clear()
        self._incoming.close()

    def _message(self, text: bytes) -> M:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise UnreachableError(
                "A part of it is no JSON object.",
                fault=Fault.SERVER,
                next_step="Check the address, and that no proxy answers for the API.",
                evidence=text[:200].decode("utf-8", "replace"),
            )
        error = message.get("error")
        if isinstance(error, dict):
            code = error.get("code")
            status = code if isinstance(code, int) else 500
            raise refusal(Response(status, body=text), emulated=self._emulated)
        return self._read(message)


@dataclass(frozen=True, slots=True)
class Stream(Generic[M]):
    """A streamed answer that is not asked for yet: `open` returns the flow that does."""

    open: Callable[[], Flow[Messages[M]]]


def open_(
    credentials: Credentials, request: Request, *, timeout: float | None = None
) -> Flow[Incoming | Response]:
    """Return the flow that opens an authorized request's answer.

    Its result is an `Incoming` where it is a success, which the caller closes, otherwise the whole
    `Response`. Raises what `calls.send` raises.
    """
    authorized = yield from credentials.authorized(request)
    answer = yield from _opened(authorized, timeout)
    if answer.status == 401:
        authorized = yield from credentials.authorized(authorized, fresh=True)
        answer = yield from _opened(authorized, timeout)
    return answer


def stream(
    credentials: Credentials,
    method: Method,
    fields: Mapping[str, Any],
    version: str,
    read: Callable[[dict[str, Any]], M],
    *,
    timeout: float | None = None,
) -> Flow[Messages[M]]:
    """Return the flow that opens a method's streamed answer, as server-sent events.

    Args:
        credentials: who asks, and which Google.
        method: one that streams.
        fields: the request message in JSON.
        version: `v1`, `v1beta` or `v1alpha`.
        read: makes a value of each message's JSON.
        timeout: seconds until it is open, and the longest silence after; None is Google's own.

    Raises what `calls.call` raises.
    """
    request = request_of(credentials, method, fields, version, (("alt", "sse"),))
    answer = yield from persist(
        patience(method).within(timeout),
        lambda silence: open_(credentials, request, timeout=silence),
    )
    emulated = credentials.endpoints.is_emulator
    if isinstance(answer, Response):
        raise refusal(answer, emulated=emulated, where=credentials.where)
    return Messages(answer, read, emulated=emulated)


def _opened(request: Request, timeout: float | None) -> Flow[Incoming | Response]:
    incoming: Incoming = yield Open(request, timeout)
    if 200 <= incoming.status < 300:
        return incoming
    body = bytearray()
    try:
        while len(body) < _SHORT:
            part: bytes = yield Read(incoming)
            if not part:
                break
            body += part
    finally:
        incoming.close()
    return Response(incoming.status, incoming.headers, bytes(body))
