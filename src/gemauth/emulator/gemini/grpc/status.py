"""A gRPC call's end as trailers: the code, the text, and google.rpc.Status with its details.

Source: gRPC over HTTP2 (Trailers; Percent-Encoded for the text) and AIP-193 for the details, which
are the ones that REST shows in its envelope (gemini-api.md section 10).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from gemauth.google.gemini.schema import schema

if TYPE_CHECKING:
    from gemauth.google.status import Status

__all__ = ["trailers"]

_LONGEST_TEXT = 2000
_LONGEST_DETAILS = 5000
_PRINTABLE = "".join(chr(c) for c in range(0x20, 0x7F) if c != ord("%"))


def trailers(status: Status | None) -> list[tuple[bytes, bytes]]:
    """Return the trailers of a call that ended with a status; None is OK.

    Clients drop a call whose metadata is longer than 8 KiB (gRPC's default), so a long text is cut
    and details that do not fit are left out.
    """
    if status is None:
        return [(b"grpc-status", b"0")]
    fields = [(b"grpc-status", b"%d" % status.code.number)]
    if status.message:
        fields.append((b"grpc-message", _percent_encoded(status.message)))
    if status.details:
        details = base64.b64encode(_message(status)).rstrip(b"=")
        if len(details) <= _LONGEST_DETAILS:
            fields.append((b"grpc-status-details-bin", details))
    return fields


def _percent_encoded(text: str) -> bytes:
    encoded = quote_from_bytes(text.encode("utf-8", "replace"), safe=_PRINTABLE)
    while len(encoded) > _LONGEST_TEXT:
        text = text[: len(text) * 3 // 4]
        encoded = quote_from_bytes(text.encode("utf-8", "replace"), safe=_PRINTABLE)
    return encoded.encode("ascii")


def _message(status: Status) -> bytes:
    """Return the serialized google.rpc.Status."""
    from google.protobuf import json_format

    of_version = schema("v1beta")
    message = of_version.message("google.rpc.Status")()
    message.code = status.code.number
    message.message = status.message
    for detail in status.details:
        json_format.ParseDict(dict(detail), message.details.add(), descriptor_pool=of_version.pool)
    serialized: bytes = message.SerializeToString()
    return serialized
