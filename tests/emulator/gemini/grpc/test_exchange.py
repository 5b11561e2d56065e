from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gemauth.emulator.gemini.grpc.exchange import Exchange
from gemauth.emulator.gemini.grpc.framing import frame
from gemauth.google.status import StatusError
from tests.emulator.gemini.grpc.calls import Calls, framed, message

if TYPE_CHECKING:
    from starlette.types import Message

LIST_MODELS = "/google.ai.generativelanguage.v1beta.ModelService/ListModels"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([b""], "UNIMPLEMENTED"),
        ([framed(b""), framed(b"")], "UNIMPLEMENTED"),
        ([b"\0\0\0\0\5x"], "INTERNAL"),
        ([framed(b"\xff\xff")], "INTERNAL"),
        ([b"\0\0\0", b"\0", b"\2\x10", b"\3"], "OK"),
        ([b"\0\xff\xff\xff\xff"], "RESOURCE_EXHAUSTED"),
    ],
    ids=["none", "two", "cut off", "no message", "in pieces", "too large"],
)
def test_what_is_sent(calls: Calls, parts: list[bytes], code: str) -> None:
    """One message, whole, however it came (statuscodes.md for the rest)"""
    assert calls(LIST_MODELS, parts).code == code


def test_compression(calls: Calls) -> None:
    """A compressed request is answered compressed to who reads that, and only then"""
    metadata = [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, gzip")]
    body = frame(message("ListModelsRequest", pageSize=50), "gzip")
    ended = calls(LIST_MODELS, body, metadata)
    plain = calls(LIST_MODELS, body, metadata[:1])
    assert ended.headers["grpc-encoding"] == "gzip"
    assert "grpc-encoding" not in plain.headers
    assert len(ended.messages[0]) < len(plain.messages[0])
    assert "gzip" in ended.headers["grpc-accept-encoding"]


def test_an_unknown_compression(calls: Calls) -> None:
    """UNIMPLEMENTED, with the list of what is read"""
    ended = calls(LIST_MODELS, metadata=[("grpc-encoding", "br")])
    assert ended.code == "UNIMPLEMENTED"
    assert "gzip" in ended.headers["grpc-accept-encoding"]


def _exchange(*parts: Any) -> Exchange:
    coming = list(parts)

    async def receive() -> Message:
        part = coming.pop(0)
        if isinstance(part, Exception):
            raise part
        return {"type": "http.request", **part}

    async def send(_: Message) -> None:
        raise AssertionError

    return Exchange({"headers": [(b"x", b"1"), (b"x", b"2")]}, receive, send)


def test_a_request_that_is_too_long_for_the_server() -> None:
    """What the server's guard says of the whole request is RESOURCE_EXHAUSTED"""
    exchange = _exchange({"body": b"\0", "more_body": True}, HTTPException(413))
    with pytest.raises(StatusError) as refused:
        asyncio.run(exchange.only_message())
    assert refused.value.status.code.name == "RESOURCE_EXHAUSTED"


def test_a_client_that_has_gone() -> None:
    """A request without an end is nobody's"""
    exchange = _exchange({"body": b"\0", "more_body": True}, {"type": "http.disconnect"})
    with pytest.raises(ClientDisconnect):
        asyncio.run(exchange.only_message())


def test_metadata_has_the_first_value() -> None:
    """Of two values of a name the first one counts"""
    assert _exchange().metadata == {"x": "1"}
