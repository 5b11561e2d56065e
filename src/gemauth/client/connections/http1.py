"""HTTP/1.1 as a client speaks it: a request as bytes, an answer from bytes. No I/O.

RFC 9112; what it leaves to the reader is read strictly, since an answer that two readers understand
differently is how requests are smuggled. Read by `connection.py` and its asynchronous twin, which
carry the bytes; docs/decisions/0020 has why this is not a library's. Imports nothing heavy,
for the short way to a new token (`client/short_way.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

from gemauth.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Answer",
    "CutOffError",
    "NotHttpError",
    "TooLargeError",
    "authority",
    "encode",
    "server",
]

_MOST_OF_A_HEAD = 65_536  # bytes: what http.client and urllib3 take of one line
_MOST_OF_A_BODY = 256 * 1024 * 1024  # bytes: what is larger is read in parts (`transport.open`)
_FIELD = re.compile(r"\r\n([^:]+):[ \t]*([^\r\n]*)")  # one of a head that is as it should be
# A head: its status line, then fields, whose names RFC 9110 section 5.6.2 has. A lone CR, LF or NUL
# is in none of them: section 5.5 has them rejected, others read a line's end in them.
_HEAD = re.compile(
    r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n\0]*)?"
    r"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\r\n\0]*+)*+"
)
_END = re.compile(rb"\r\n\r\n")
_TARGET = re.compile(r"[!-~]*")  # visible ASCII: what a request line can carry
_SAFE = "".join(map(chr, range(0x21, 0x7F)))
_BODYLESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_OWN = frozenset({"content-length", "transfer-encoding", "connection"})
_FRAMING = re.compile(rf"\r\n({'|'.join(_OWN)}):([^\r\n]*)", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_NEVER_A_BODY = frozenset({204, 304})  # RFC 9112 section 6.3


class NotHttpError(Exception):
    """What came is no HTTP/1.1 answer."""


class TooLargeError(NotHttpError):
    """The answer is larger than any that is held whole."""


class CutOffError(Exception):
    """The connection ended before the answer did."""


@lru_cache(maxsize=64)  # asked for each request, of the same few
def server(netloc: str) -> tuple[str, int | None]:
    """Return the host, empty for none, and the port in a URL's authority.

    Raises:
        ValueError: its port is none.
    """
    parts = SplitResult("", netloc, "", "", "")
    return parts.hostname or "", parts.port


def authority(parts: SplitResult) -> str:
    """Return a URL's host and port as the Host header has them: no user, no default port."""
    host, port = server(parts.netloc)
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return host if port in {None, usual} else f"{host}:{port}"


def encode(method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a request's bytes: its line, its headers, its body.

    The caller has seen to it that method and headers are what HTTP allows (`transport.py`).

    Args:
        method: such as POST.
        url: absolute; what a request line cannot carry is percent-encoded.
        headers: with names in lower case.
        body: the whole of it.
    """
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if not _TARGET.fullmatch(target):
        target = quote(target, safe=_SAFE)
    fields = dict(headers.items())
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {fields.pop('host', '') or authority(parts)}",
        f"User-Agent: {fields.pop('user-agent', '') or f'gemauth/{__version__}'}",
        f"Accept-Encoding: {fields.pop('accept-encoding', '') or 'identity'}",
    ]
    if body or method.upper() not in _BODYLESS:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in fields.items() if name not in _OWN]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


class Answer:
    """One answer, as its bytes come in.

        answer = Answer("GET")
        while not answer.feed(received): …
        answer.status, answer.headers, answer.body

    Args:
        method: of the request, since an answer to HEAD or to a successful CONNECT has no body.

    Attributes:
        status: the status; 0 while the head is not there.
        headers: its fields in their order, a repeated one repeatedly.
        keeps_open: whether another request may follow on the connection; known when it is whole.
    """

    __slots__ = (
        "_at_once",
        "_body",
        "_chunked",
        "_head",
        "_left",
        "_method",
        "_whole",
        "headers",
        "keeps_open",
        "status",
    )

    def __init__(self, method: str) -> None:
        self._method = method
        self.status = 0  # none yet
        self.headers: list[tuple[str, str]] = []
        self._head = b""  # as far as it is there
        self._body = bytearray()
        self._at_once: bytes | memoryview = b""  # a body that came with the head, or after it
        self._left: int | None = 0  # bytes of the body still to come; None: until the end
        self._chunked: _Chunks | None = None
        self._whole = False
        self.keeps_open = False

    def feed(self, data: bytes | memoryview) -> bool:
        """Take bytes; whether the answer is whole.

        Bytes in memory that is used again (a memoryview) stay there when they are all of the
        answer: who feeds them reads the body before they change.

        Raises:
            NotHttpError: they are none of HTTP/1.1.
        """
        if self.status == 0:
            rest = self._read_head(data)
            if rest is None:
                return False
            data = rest
        if self._chunked is not None:
            self._whole = self._chunked.feed(data)
            if self._whole and self._chunked.more:
                self.keeps_open = False
        else:
            if self._left is not None:
                if len(data) > self._left:  # more than was announced: out of step
                    data = data[: self._left]
                    self.keeps_open = False
                self._left -= len(data)
                self._whole = not self._left
            if self._whole and not self._body:
                self._at_once = data  # copied when it is asked for
            else:
                self._body += data
        body = self._body if self._chunked is None else self._chunked.body
        if max(len(body), len(self._at_once)) > _MOST_OF_A_BODY:
            raise TooLargeError
        return self._whole

    def end(self) -> None:
        """Take the connection's end.

        Raises:
            CutOffError: the answer is not whole.
        """
        if self.status == 0 or self._chunked is not None or self._left is not None:
            raise CutOffError
        self._whole = True

    @property
    def body(self) -> bytes:
        """The whole body."""
        return bytes(self._at_once or (self._body if self._chunked is None else self._chunked.body))

    def _read_head(self, data: bytes | memoryview) -> bytes | memoryview | None:
        """Return what comes after the head; None while that is not whole."""
        if self._head:
            data = self._head + data
        while True:
            end = _END.search(data)
            if end is None:
                self._head = begun = bytes(data)
                if len(begun) > _MOST_OF_A_HEAD or not b"HTTP/1.".startswith(begun[:7]):
                    raise NotHttpError
                return None
            head = str(data[: end.start()], "latin-1")
            version, status = self._parse(head)
            data = data[end.end() :]
            if status >= 200:
                break
            if status == 101:  # a change of protocols that nobody asked for
                raise NotHttpError
        self.status = status
        self._frame(head, version)
        return data

    def _parse(self, head: str) -> tuple[str, int]:
        match = _HEAD.fullmatch(head)
        if match is None:
            raise NotHttpError
        self.headers = [(name, value.rstrip(" \t")) for name, value in _FIELD.findall(head)]
        return match[1], int(match[2])

    def _frame(self, head: str, version: str) -> None:
        """Find where the body ends (RFC 9112 section 6.3) and whether the connection stays."""
        said: dict[str, list[str]] = {}
        for name, value in _FRAMING.findall(head):
            parts = [part.strip() for part in value.lower().split(",")]
            said.setdefault(name.lower(), []).extend(parts)
        lengths = set(said.get("content-length", ()))
        codings, options = said.get("transfer-encoding", []), said.get("connection", [])
        # Of HTTP/1.0, whoever says chunked may not mean it (RFC 9112 section 6.1).
        keeps = version == "1" or ("keep-alive" in options and not codings)
        self.keeps_open = keeps and "close" not in options
        tunnel = self._method == "CONNECT" and self.status < 300
        if self._method == "HEAD" or tunnel or self.status in _NEVER_A_BODY:
            self._left = 0
        elif codings:
            if codings != ["chunked"] or lengths:
                raise NotHttpError
            self._chunked, self._left = _Chunks(), None
        elif lengths:
            length = lengths.pop()
            if lengths or not _LENGTH.fullmatch(length):
                raise NotHttpError
            self._left = int(length)
        else:
            self._left, self.keeps_open = None, False


class _Chunks:
    """A body in the chunked coding (RFC 9112 section 7.1); trailers are dropped.

    Attributes:
        body: what is there of it.
        more: whether bytes came after its end.
    """

    __slots__ = ("_buffer", "_last", "_left", "body", "more")

    def __init__(self) -> None:
        self.body = bytearray()
        self.more = False
        self._buffer = bytearray()
        self._left = 0  # bytes of the present chunk with its CRLF; 0: its size comes next
        self._last = False

    def feed(self, data: bytes | memoryview) -> bool:
        """Take bytes; whether the body is whole."""
        buffer = self._buffer
        buffer += data
        while True:
            if self._left:
                taken = buffer[: self._left]
                del buffer[: self._left]
                self._left -= len(taken)
                self.body += taken
                if self._left:
                    return False
                if not self.body.endswith(b"\r\n"):
                    raise NotHttpError
                del self.body[-2:]
            end = buffer.find(b"\r\n")
            if end < 0:
                if len(buffer) > _MOST_OF_A_HEAD:
                    raise NotHttpError
                return False
            line = bytes(buffer[:end])
            del buffer[: end + 2]
            if self._last:
                if not line:  # the empty line after the trailers
                    self.more = bool(buffer)
                    return True
                continue
            size = line.partition(b";")[0].strip(b" \t")
            if not _SIZE.fullmatch(size) or b"\n" in line:
                raise NotHttpError
            length = int(size, 16)
            self._last = length == 0
            self._left = length + 2 if length else 0
