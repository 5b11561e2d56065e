"""Request bodies that were packed: `Content-Encoding: gzip` (RFC 9110 section 8.4).

A small body can unpack to a very large one, so no more is unpacked than any call may send. Google's
APIs take gzip; how this one words its refusals of what is too large or broken is our inference.
"""

from __future__ import annotations

import zlib

from gemauth.google.invalid import InvalidRequestError

__all__ = ["MOST", "unpack"]

MOST = 8 * 2**20
"""Bytes of an unpacked body; the server reads no more of one that was not packed, either."""

_GZIP = 16 + zlib.MAX_WBITS  # zlib's way of saying gzip's header and no other


def unpack(body: bytes, content_encoding: str) -> bytes:
    """Return a body as it was before it was packed.

    Raises:
        InvalidRequestError: another encoding, several of them, a broken or a too large body.
    """
    coding = content_encoding.strip().lower()
    if coding in {"", "identity"} or not body:
        return body
    if coding not in {"gzip", "x-gzip"}:
        raise InvalidRequestError(f"Unsupported Content-Encoding: {content_encoding[:100]}")
    unpacking = zlib.decompressobj(_GZIP)
    try:
        content = unpacking.decompress(body, MOST + 1)
    except zlib.error:
        raise InvalidRequestError("The request's body is not in gzip format.") from None
    if len(content) > MOST:
        raise InvalidRequestError(f"Request payload size exceeds the limit: {MOST} bytes.")
    if not unpacking.eof or unpacking.unused_data:
        raise InvalidRequestError("The request's body is not in gzip format.")
    return content
