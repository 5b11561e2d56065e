"""One gRPC call on its HTTP/2 stream: metadata in, messages in and out, the status at the end.

Source: gRPC over HTTP2. What an answer looks like is always HEADERS, DATA for each message, and
trailers: never "trailers only", whose ASGI form would be an empty DATA frame that clients take for
UNKNOWN (interception.md, pitfall 13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gemauth.emulator.gemini.grpc.framing import ENCODINGS, IDENTITY, Deframer, frame
from gemauth.emulator.gemini.grpc.status import trailers
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Receive, Scope, Send

    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["Exchange"]

_ACCEPTED = ",".join(ENCODINGS).encode("ascii")


class Exchange:
    """A call; `metadata` has the first value of each name."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.metadata: Mapping[str, str] = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(scope["headers"])
        }
        self._receive = receive
        self._send = send
        self._started = False
        self._ended = False

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield each message of the request as it comes.

        Raises:
            StatusError: the stream cannot be read.
            ClientDisconnect: it ended before the request did.
        """
        deframer = Deframer(self.metadata.get("grpc-encoding", IDENTITY))
        more = True
        while more:
            try:
                part = await self._receive()
            except HTTPException as error:  # whoever stands before the app counts bytes
                raise StatusError(Status(Code.RESOURCE_EXHAUSTED, error.detail)) from None
            if part["type"] == "http.disconnect":
                raise ClientDisconnect
            for message in deframer.feed(part.get("body", b"")):
                yield message
            more = part.get("more_body", False)
        deframer.finish()

    async def only_message(self) -> bytes:
        """Return the request's one message.

        Raises:
            StatusError: as `messages`; UNIMPLEMENTED for any other number of them (statuscodes.md).
            ClientDisconnect: the client has gone.
        """
        found = [message async for message in self.messages()]
        if len(found) != 1:
            text = f"This method takes one message, and {len(found)} came."
            raise StatusError(Status(Code.UNIMPLEMENTED, text))
        return found[0]

    async def write(self, message: ApiMessage, *, last: bool) -> None:
        """Send a message of the answer; one that is not the last goes out at once."""
        await self._start()
        body = frame(message.SerializeToString(), self._encoding())
        self._ended = last
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    async def close(self, status: Status | None) -> None:
        """Send the trailers; None is OK."""
        await self._start()
        if not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        await self._send({"type": "http.response.trailers", "headers": trailers(status)})

    async def _start(self) -> None:
        if self._started:
            return
        self._started = True
        headers = [(b"content-type", b"application/grpc"), (b"grpc-accept-encoding", _ACCEPTED)]
        if (encoding := self._encoding()) != IDENTITY:
            headers.append((b"grpc-encoding", encoding.encode("ascii")))
        await self._send(
            {"type": "http.response.start", "status": 200, "headers": headers, "trailers": True}
        )

    def _encoding(self) -> str:
        """Return how to answer: compressed as the client has done, if it says that it reads it."""
        asked = self.metadata.get("grpc-encoding", IDENTITY)
        read = self.metadata.get("grpc-accept-encoding", "").replace(" ", "").split(",")
        return asked if asked in ENCODINGS and asked in read else IDENTITY
