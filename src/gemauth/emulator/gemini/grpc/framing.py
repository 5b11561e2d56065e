"""gRPC's messages on a stream of bytes: a flag, a length of four bytes, the message.

Source: "gRPC over HTTP2", Length-Prefixed-Message and Compression; statuscodes.md for what each
fault is called. `exchange.py` reads and writes with it.
"""

from __future__ import annotations

import zlib

from gemauth.google.status import Code, Status, StatusError

__all__ = ["ENCODINGS", "IDENTITY", "LARGEST", "Deframer", "frame"]

LARGEST = 8 * 2**20
"""Bytes of a request's message, compressed and not: what REST reads of a body."""
IDENTITY = "identity"

_WINDOW_BITS = {"gzip": 31, "deflate": 15}  # zlib's numbers for the two formats
ENCODINGS = (IDENTITY, *_WINDOW_BITS)

_PREFIX = 5


def frame(message: bytes, encoding: str = IDENTITY) -> bytes:
    """Return a message with its prefix, compressed where that makes it smaller."""
    if encoding != IDENTITY:
        compressor = zlib.compressobj(level=1, wbits=_WINDOW_BITS[encoding])
        smaller = compressor.compress(message) + compressor.flush()
        if len(smaller) < len(message):
            return b"\x01" + len(smaller).to_bytes(4, "big") + smaller
    return b"\x00" + len(message).to_bytes(4, "big") + message


class Deframer:
    """Takes a stream apart, however it was cut on the way.

    Args:
        encoding: the `grpc-encoding` of the stream.
        largest: bytes that a message may have.

    Raises:
        StatusError: UNIMPLEMENTED, an encoding that is not read here.
    """

    def __init__(self, encoding: str = IDENTITY, largest: int = LARGEST) -> None:
        if encoding not in ENCODINGS:
            raise _error(Code.UNIMPLEMENTED, f"grpc-encoding {encoding[:100]} is not supported.")
        self._encoding = encoding
        self._largest = largest
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are complete now.

        Raises:
            StatusError: RESOURCE_EXHAUSTED, a message is too large; INTERNAL, it is no message.
        """
        self._buffer += data
        messages = []
        while len(self._buffer) >= _PREFIX:
            flag, size = self._buffer[0], int.from_bytes(self._buffer[1:_PREFIX], "big")
            if size > self._largest:
                raise self._too_large(size)
            if len(self._buffer) < _PREFIX + size:
                break
            content = bytes(self._buffer[_PREFIX : _PREFIX + size])
            del self._buffer[: _PREFIX + size]
            messages.append(self._decoded(flag, content))
        return messages

    def finish(self) -> None:
        """Note the stream's end.

        Raises:
            StatusError: INTERNAL, it ended within a message.
        """
        if self._buffer:
            raise _error(Code.INTERNAL, "The request ended in the middle of a message.")

    def _decoded(self, flag: int, content: bytes) -> bytes:
        if flag == 0:
            return content
        if flag != 1 or self._encoding == IDENTITY:
            raise _error(Code.INTERNAL, "A message's compressed flag fits no grpc-encoding.")
        decompressor = zlib.decompressobj(wbits=_WINDOW_BITS[self._encoding])
        try:
            message = decompressor.decompress(content, self._largest + 1)
        except zlib.error:
            raise _error(Code.INTERNAL, f"A message is not {self._encoding}.") from None
        if len(message) > self._largest:
            raise self._too_large(len(message))
        if not decompressor.eof or decompressor.unused_data:
            raise _error(Code.INTERNAL, f"A message is not {self._encoding}.")
        return message

    def _too_large(self, size: int) -> StatusError:
        text = f"Received message larger than max ({size} vs. {self._largest})"
        return _error(Code.RESOURCE_EXHAUSTED, text)


def _error(code: Code, text: str) -> StatusError:
    return StatusError(Status(code, text))
