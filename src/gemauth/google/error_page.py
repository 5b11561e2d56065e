"""The address of the page that a sign-in at Google ends on when the app or the account is refused.

Google shows such a page and never redirects (google-oauth.md 1.3), so its address is all that the
app can be given of it, by a person who copies it:
`https://accounts.google.com/signin/oauth/error?authError=…&client_id=…`. `authError` is a protobuf
message in base64url, which Google documents nowhere. Its fields, as the addresses in public bug
reports have them: 1 error, 2 text, 3 link, 4 HTTP status, 5 (repeated) a request's parameter with
its value.

Read by `client/flows/dead_end.py`; `to_url` writes what tests read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from gemauth.oauth import base64url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ErrorPage"]

_PATH = "/signin/oauth/error"
_NAME = re.compile(r"[a-z][a-z_]{2,40}", re.ASCII)
_VARINT, _BYTES = 0, 2  # wire types
_SKIPPED = {1: 8, 5: 4}  # wire types of a fixed length, in bytes


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page's address says.

    Attributes:
        error: such as `redirect_uri_mismatch`.
        text: what the page tells the person, as Google words it.
        link: a page of Google's documentation.
        status: HTTP's.
        parameters: of the request, those that the refusal is about.
        client_id: whose request it was.
    """

    error: str
    text: str = ""
    link: str = ""
    status: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    client_id: str | None = None

    def to_url(self) -> str:
        """Return the page's address."""
        message = _write(1, self.error.encode()) + _write(2, self.text.encode())
        message += _write(3, self.link.encode())
        if self.status is not None:
            message += _varint(4 << 3 | _VARINT) + _varint(self.status)
        for name, value in self.parameters.items():
            message += _write(5, _write(1, name.encode()) + _write(2, value.encode()))
        query = {"authError": base64url.encode(message), "client_id": self.client_id}
        known = {name: value for name, value in query.items() if value is not None}
        return f"https://accounts.google.com{_PATH}?{urlencode(known)}"

    @classmethod
    def from_url(cls, url: str) -> ErrorPage | None:
        """Return what an address says, or None where it is not that of an error page.

        One that was cut where it was copied says what is left of it.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.scheme != "https" or parts.netloc != "accounts.google.com":
            return None
        query = dict(parse_qsl(parts.query))
        packed = query.get("authError", "").rstrip("=")
        packed = packed.replace("+", "-").replace("/", "_").replace(" ", "-")
        try:
            message = base64url.decode(packed[: len(packed) - (len(packed) % 4 == 1)])
        except ValueError:
            return None
        texts: dict[int, str] = {}
        status, parameters = None, {}
        for number, value in _fields(message):
            if isinstance(value, int):
                status = value if number == 4 else status
            elif number == 5:
                pair = {n: _text(v) for n, v in _fields(value) if isinstance(v, bytes)}
                parameters[pair.get(1, "")] = pair.get(2, "")
            else:
                texts.setdefault(number, _text(value))
        if not _NAME.fullmatch(texts.get(1, "")):
            return None
        return cls(
            error=texts[1],
            text=texts.get(2, ""),
            link=texts.get(3, ""),
            status=status,
            parameters=parameters,
            client_id=query.get("client_id"),
        )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _write(number: int, value: bytes) -> bytes:
    """Return one field; an empty one is left out, as proto3 does."""
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value if value else b""


def _varint(value: int) -> bytes:
    written = b""
    while value > 0x7F:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield a message's varints and strings by number, up to its end or to where it is broken.

    By hand, because protobuf's runtime takes longer to load than a whole sign-in's program.
    """
    at = 0
    try:
        while at < len(message):
            key, at = _number(message, at)
            number, kind = key >> 3, key & 7
            if kind == _VARINT:
                value, at = _number(message, at)
                yield number, value
            elif kind == _BYTES:
                length, at = _number(message, at)
                yield number, message[at : at + length]
                at += length
            else:
                at += _SKIPPED[kind]
    except (IndexError, KeyError):  # cut short, or no protobuf
        return


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80 or shift > 63:
            return value, at
