"""The two framings of a streamed answer, read as the bytes come.

With `alt=sse` each message is an event of `text/event-stream` (WHATWG HTML section 9.2); without it
the messages are the elements of one JSON array (gemini-api.md section 4). `framing` picks the
reader by the answer's media type. One message at a time is held, of at most `LIMIT` bytes.
"""

from __future__ import annotations

import re
from typing import Protocol

from gemauth.errors import Fault, UnreachableError

__all__ = ["LIMIT", "EventStream", "Framing", "JsonArray", "framing"]

# A message may carry a picture or a sound, inline in base64; a gigabyte is none of this API's.
LIMIT = 256 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_OUTSIDE = re.compile(rb'["\[\]{},]')  # where structure may change
_INSIDE = re.compile(rb'["\\]')  # where a string may end


class Framing(Protocol):
    """Cuts a body into messages."""

    def feed(self, part: bytes) -> list[bytes]:
        """Return the messages, as JSON texts, that this part of the body completes.

        Raises:
            UnreachableError: it is not in this framing, or a message is over the limit.
        """
        ...

    def finish(self) -> list[bytes]:
        """Return what the end of the body completes.

        Raises:
            UnreachableError: the body ended within a message.
        """
        ...


def framing(media_type: str) -> Framing:
    """Return the reader for an answer's media type."""
    return EventStream() if media_type == "text/event-stream" else JsonArray()


class EventStream:
    """Server-sent events: each event's `data` lines are one message."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._pending = bytearray()
        self._searched = 0  # how far no end of a line was found
        self._data: list[bytes] = []
        self._begun = False

    def feed(self, part: bytes) -> list[bytes]:
        """Return the events that this part completes; comments and other fields are skipped."""
        self._pending += part
        if not self._begun:
            if len(self._pending) < len(_BOM) and _BOM.startswith(self._pending):
                return []
            self._begun = True
            if self._pending.startswith(_BOM):
                del self._pending[: len(_BOM)]
        events: list[bytes] = []
        start = 0
        while (end := _LINE_END.search(self._pending, max(start, self._searched))) is not None:
            if end[0] == b"\r" and end.end() == len(self._pending):
                break  # the other half of \r\n may be in the next part
            self._line(bytes(self._pending[start : end.start()]), events)
            start = end.end()
        del self._pending[:start]
        self._searched = max(0, len(self._pending) - 1)
        _within(self._limit, len(self._pending) + sum(map(len, self._data)))
        return events

    def finish(self) -> list[bytes]:
        """Return the last event, where no empty line ended it: some proxies trim the body."""
        events: list[bytes] = []
        self._line(bytes(self._pending).removesuffix(b"\r"), events)
        self._line(b"", events)
        self._pending.clear()
        return events

    def _line(self, line: bytes, events: list[bytes]) -> None:
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data = []
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))


class JsonArray:
    """One JSON array, whose elements are the messages; they are cut out, not checked."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._pending = bytearray()
        self._position = 0  # how far the pending bytes were looked at
        self._depth = 0  # 1 within the array
        self._in_string = False
        self._over = False

    def feed(self, part: bytes) -> list[bytes]:
        """Return the elements that this part completes."""
        self._pending += part
        found: list[bytes] = []
        if self._depth == 0 and not self._over and not self._opened():
            return found
        while not self._over:
            where = _INSIDE if self._in_string else _OUTSIDE
            mark = where.search(self._pending, self._position)
            if mark is None:
                self._position = len(self._pending)
                break
            if mark[0] == b"\\":
                if mark.end() == len(self._pending):  # what it escapes is in the next part
                    self._position = mark.start()
                    break
                self._position = mark.end() + 1
                continue
            self._position = mark.end()
            self._take(mark[0], found)
        if self._over and self._pending.strip(_SPACE):
            raise _malformed("goes on after its end")
        _within(self._limit, len(self._pending))
        return found

    def finish(self) -> list[bytes]:
        """Return nothing: the array's own bracket ends it."""
        if not self._over:
            raise _malformed("ends in the middle")
        return []

    def _opened(self) -> bool:
        text = self._pending.lstrip(_SPACE)
        if not text:
            self._pending.clear()
            return False
        if not text.startswith(b"["):
            raise _malformed("is no JSON array")
        self._pending = text[1:]
        self._depth = 1
        return True

    def _take(self, mark: bytes, found: list[bytes]) -> None:
        if mark == b'"':
            self._in_string = not self._in_string
        elif mark in b"[{":
            self._depth += 1
        elif mark in b"]}":
            self._depth -= 1
        if self._depth == 0 or (self._depth == 1 and mark == b","):
            element = bytes(self._pending[: self._position - 1]).strip(_SPACE)
            del self._pending[: self._position]
            self._position = 0
            self._over = self._depth == 0
            if element:
                found.append(element)


def _within(limit: int, held: int) -> None:
    if held > limit:
        raise UnreachableError(
            f"One message of the streamed answer is larger than {limit} bytes.",
            fault=Fault.SERVER,
            next_step="Ask for less in one answer.",
        )


def _malformed(what: str) -> UnreachableError:
    return UnreachableError(
        f"The streamed answer {what}.",
        fault=Fault.SERVER,
        next_step="Try again; check the address, and that no proxy answers in its place.",
    )
