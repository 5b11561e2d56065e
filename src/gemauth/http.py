"""HTTP requests and answers as values: what flows send and transports carry. No I/O.

Header names compare without case (RFC 9110 section 5.1). `repr` shows neither header values
nor bodies nor query strings, because all three carry secrets in OAuth.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gemauth.errors import Fault, UnreachableError
from gemauth.proxy import https_proxy
from gemauth.value import Value, frozen

__all__ = [
    "FORM",
    "JSON",
    "LOOPBACK",
    "Headers",
    "Request",
    "Response",
    "form",
    "https_proxy",
    "media_type",
    "parse_form",
    "without_query",
]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# This machine, as `urlsplit(…).hostname` has it (RFC 8252 section 7.3, RFC 6761 section 6.3).
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Headers(Mapping[str, str]):
    """An immutable header map: names ignore case, a repeated name keeps its last value."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self._fields = {name.lower(): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    if not TYPE_CHECKING:  # Mapping has them too, at ten times the cost, and each call asks often

        def get(self, name: str, default: str | None = None) -> str | None:
            """Return a field's value, or the default."""
            return self._fields.get(name.lower(), default)

        def items(self) -> Iterable[tuple[str, str]]:
            """Return the fields, their names in lower case."""
            return self._fields.items()

    def with_fields(self, more: Mapping[str, str]) -> Headers:
        """Return the same headers with some added or replaced."""
        headers = Headers(more)
        headers._fields = {**self._fields, **headers._fields}
        return headers

    def __repr__(self) -> str:
        return f"Headers({', '.join(self._fields)})"


@frozen
class Request(Value):
    """One request: method, absolute URL, headers, body in bytes."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def with_headers(self, more: Mapping[str, str]) -> Request:
        """Return the same request with headers added or replaced."""
        return Request(self.method, self.url, self.headers.with_fields(more), self.body)

    def __repr__(self) -> str:
        return f"Request({self.method} {without_query(self.url)}, {len(self.body)} bytes)"


@frozen
class Response(Value):
    """One answer: status, headers, the whole body in bytes."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            UnreachableError: the body is no JSON object; evidence is its first 200 characters
                only when the status says that it is no success (a success may hold a token).
        """
        try:
            value = _parsed(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise UnreachableError(
                f"The server answered HTTP {self.status} with a body that is no JSON object.",
                fault=Fault.SERVER,
                next_step="Check that the address is right and that no proxy answers for it.",
                evidence=None if self.ok else self.body[:200].decode("utf-8", "replace"),
            )
        return value

    def object(self) -> dict[str, Any]:
        """Return the same, empty where there is no body; errors as `json`."""
        return self.json() if self.body else {}

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


def _parsed(body: bytes) -> Any:  # noqa: ANN401  # any JSON value
    """Return what a JSON text holds; by msgspec where the API's resources have loaded it."""
    faster = getattr(sys.modules.get("msgspec.json"), "decode", None)
    if faster is not None:
        try:
            return faster(body)
        except (ValueError, RecursionError):  # stricter than the library, which has the last word
            pass
    import json  # 10 ms that printing a cached token must not pay

    return json.loads(body)


def form(fields: Mapping[str, str]) -> bytes:
    """Return fields as an `application/x-www-form-urlencoded` body (RFC 6749 appendix B)."""
    return urlencode(fields).encode("ascii")


def parse_form(body: bytes | str) -> dict[str, str]:
    """Return a form's fields; of a repeated name the first value counts."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    fields: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def media_type(headers: Mapping[str, str], default: str = "") -> str:
    """Return a message's media type in lower case, without parameters (RFC 9110 section 8.3).

    Args:
        headers: whose names ignore case, or are lower case.
        default: where there is none.
    """
    return headers.get("content-type", default).partition(";")[0].strip().lower()


def without_query(url: str) -> str:
    """Return a URL up to its path: the part that is safe to show."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an IPv6 address without its end
        return "(no URL)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
