from __future__ import annotations

import pytest

from gemauth.emulator.gemini.grpc.framing import frame
from tests.emulator.gemini.grpc.calls import Calls, framed, message

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
