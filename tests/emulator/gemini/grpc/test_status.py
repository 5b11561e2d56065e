from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.gemini.grpc.status import trailers
from gemauth.google.gemini.schema import schema
from gemauth.google.status import (
    Code,
    Status,
    bad_request,
    error_info,
    help_link,
    localized,
    resource_info,
)


def details_of(fields: dict[bytes, bytes]) -> list[dict[str, Any]]:
    """Return the details of google.rpc.Status in the trailers as JSON."""
    encoded = fields[b"grpc-status-details-bin"]
    message = schema("v1beta").message("google.rpc.Status")()
    message.ParseFromString(base64.b64decode(encoded + b"=" * (-len(encoded) % 4)))
    found: dict[str, Any] = json_format.MessageToDict(
        message, descriptor_pool=schema("v1beta").pool
    )
    return list(found["details"])


def test_ok() -> None:
    """OK has no text"""
    assert trailers(None) == [(b"grpc-status", b"0")]


@pytest.mark.parametrize("code", Code)
def test_the_code_is_a_number(code: Code) -> None:
    """Each code of google.rpc.Code by its number"""
    assert trailers(Status(code, ""))[0] == (b"grpc-status", b"%d" % code.number)


@given(st.text(max_size=200))
def test_any_text_survives(text: str) -> None:
    """The text is percent-encoded UTF-8 in printable ASCII, and decodes to itself"""
    fields = dict(trailers(Status(Code.NOT_FOUND, text)))
    encoded = fields.get(b"grpc-message", b"")
    assert all(0x20 <= byte <= 0x7E for byte in encoded)
    assert unquote(encoded.decode("ascii")) == text


def test_plain_text_is_readable() -> None:
    """Only what must be encoded is: not a space, not a slash"""
    fields = dict(trailers(Status(Code.NOT_FOUND, "100% of models/ä")))
    assert fields[b"grpc-message"] == b"100%25 of models/%C3%A4"


@pytest.mark.parametrize(
    "detail",
    [
        error_info("REASON", domain="googleapis.com", service="x", method="y"),
        error_info("REASON", domain=None),
        localized("text"),
        help_link("description", "https://example.com"),
        resource_info("tunedModels/x"),
        bad_request([("a.b", "text"), (None, "text")]),
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20s"},
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{"quotaMetric": "m", "quotaDimensions": {"model": "x"}}],
        },
    ],
    ids=lambda detail: detail["@type"].rpartition(".")[2],
)
def test_every_kind_of_detail(detail: dict[str, Any]) -> None:
    """Each detail that REST shows travels as a message of its type, unchanged"""
    fields = dict(trailers(Status(Code.PERMISSION_DENIED, "text", (detail,))))
    assert details_of(fields) == [detail]
    assert not fields[b"grpc-status-details-bin"].endswith(b"=")


def test_long_ones_are_cut() -> None:
    """A call is not lost to clients' limit of 8 KiB of metadata: the text is cut, details go"""
    fields = trailers(Status(Code.INTERNAL, "ä" * 5000, (localized("x" * 9000),)))
    assert sum(len(name) + len(value) + 32 for name, value in fields) < 8192
    assert unquote(dict(fields)[b"grpc-message"].decode()).startswith("ää")
    assert b"grpc-status-details-bin" not in dict(fields)
