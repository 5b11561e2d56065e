"""gRPC calls without a connection: an ASGI app called directly, its frames taken apart by hand."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from google.protobuf import json_format

from gemauth.emulator.gemini.grpc import GrpcApp
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.schema import schema
from gemauth.google.status import Code
from tests.emulator.gemini.world import ANN, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.types import Message

    from gemauth.google.gemini.method import Method

CODES = {code.number: code.name for code in Code} | {0: "OK"}


@dataclass(frozen=True)
class Ended:
    """What a call came to."""

    http: int
    headers: dict[str, str]
    messages: list[bytes]
    trailers: dict[str, str]

    @property
    def code(self) -> str:
        """The status by its name."""
        return CODES[int(self.trailers["grpc-status"])]

    @property
    def text(self) -> str:
        """The status's message."""
        return unquote(self.trailers.get("grpc-message", ""))

    @property
    def status(self) -> dict[str, Any]:
        """google.rpc.Status of the trailers as JSON, empty where there is none."""
        encoded = self.trailers.get("grpc-status-details-bin", "")
        assert not encoded.endswith("=")
        message = schema("v1beta").message("google.rpc.Status")()
        message.ParseFromString(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
        found: dict[str, Any] = json_format.MessageToDict(
            message, descriptor_pool=schema("v1beta").pool
        )
        return found


def framed(message: bytes) -> bytes:
    """Return a message with its prefix, uncompressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def message(kind: str, /, version: str = "v1beta", **fields: Any) -> bytes:
    """Return a serialized message; fields are its JSON."""
    made = schema(version).message(kind)()
    json_format.ParseDict(fields, made, descriptor_pool=schema(version).pool)
    serialized: bytes = made.SerializeToString()
    return serialized


class Calls:
    """Calls of a world's gRPC app."""

    def __init__(self, world: World, methods: tuple[Method, ...] = METHODS) -> None:
        self.world = world
        self.app = GrpcApp(world.context, methods)

    def __call__(
        self,
        path: str,
        body: bytes | Sequence[bytes] = b"\0\0\0\0\0",
        metadata: Iterable[tuple[str, str]] = (),
        *,
        email: str | None = ANN,
        **changed: Any,
    ) -> Ended:
        """Call a method as a person (None: without credentials) with the request's raw bytes."""
        sent = [("content-type", "application/grpc"), ("te", "trailers"), *metadata]
        if email is not None:
            sent.append(("authorization", f"Bearer {self.world.token(email)}"))
        return asyncio.run(
            self._call(path, [body] if isinstance(body, bytes) else body, sent, changed)
        )

    def api(
        self,
        method: str,
        request: bytes = b"",
        *,
        version: str = "v1beta",
        email: str | None = ANN,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> Ended:
        """Call `ModelService/GetModel` and the like with a serialized request."""
        path = f"/google.ai.generativelanguage.{version}.{method}"
        return self(path, framed(request), metadata, email=email)

    async def _call(
        self,
        path: str,
        parts: Sequence[bytes],
        metadata: list[tuple[str, str]],
        changed: dict[str, Any],
    ) -> Ended:
        coming = [
            {"type": "http.request", "body": part, "more_body": i + 1 < len(parts)}
            for i, part in enumerate(parts)
        ]
        told: list[Message] = []

        async def receive() -> Message:
            return coming.pop(0) if coming else {"type": "http.disconnect"}

        async def send(part: Message) -> None:
            told.append(part)

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "http_version": "2",
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in metadata],
            "extensions": {"http.response.trailers": {}},
        } | changed
        await self.app(scope, receive, send)
        start, *bodies = told
        trailers = bodies.pop()["headers"] if start.get("trailers") else []
        return Ended(
            start["status"],
            _text(start["headers"]),
            _messages(b"".join(part["body"] for part in bodies)),
            _text(trailers),
        )


def _text(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii"): value.decode("ascii") for name, value in fields}


def _messages(data: bytes) -> list[bytes]:
    found = []
    while len(data) >= 5 and data[0] in {0, 1}:
        size = int.from_bytes(data[1:5], "big")
        found.append(data[5 : 5 + size])
        data = data[5 + size :]
    return found
