"""REST requests to messages and back: what google.api.http's rules make of path, query and body.

Source: google.api.http (AIP-127) and gemini-api.md section 1. The emulator decodes
(`decode_request`), the client encodes (`encode_request`, which needs no protobuf).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gemauth.google.gemini.field_names import camel_case
from gemauth.google.gemini.routes import Match, Miss, fill, match, template
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gemauth.google.gemini.method import Method, Route
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["Call", "Match", "Miss", "decode_request", "encode_request", "match"]


@frozen
class Call(Value):
    """One REST call: verb, path with the version, query pairs, JSON body (None for no body)."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any

    @property
    def target(self) -> str:
        """The path with its query string."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def decode_request(found: Match, query: Iterable[tuple[str, str]], body: bytes = b"") -> ApiMessage:
    """Return the request message that a REST call means.

    Args:
        found: what `match` returned for verb and path.
        query: the query's decoded pairs without system parameters (`parameters.split`).
        body: the body as received; empty is `{}`.

    Raises:
        InvalidRequestError: 400; all unknown names and wrong values are named.
    """
    from gemauth.google.gemini.reader import MessageReader
    from gemauth.google.gemini.schema import schema
    from gemauth.google.payload import parse_json

    of_version = schema(found.version)
    request = of_version.message(found.method.request)()
    reader = MessageReader(of_version.pool)
    content = parse_json(body)
    bound = found.route.body
    if bound in {"", "*"}:
        # a method without a body knows no field in one: {} is fine, {"x": 1} is not
        target = request if bound else of_version.message("google.protobuf.Empty")()
        reader.read(content, target)
    else:
        field = getattr(request, bound)
        field.SetInParent()
        reader.read(content, field, bound)
    for name, text in query:
        reader.read_parameter(name, text, request)
    reader.finish()
    for field_path, value in found.fields:  # last: the path decides over body and query
        target = request
        *parents, leaf = field_path.split(".")
        for parent in parents:
            target = getattr(target, parent)
        setattr(target, leaf, value)
    return request


def encode_request(method: Method, fields: Mapping[str, Any], version: str = "v1beta") -> Call:
    """Return the REST call for a method.

    Args:
        method: one of `methods.METHODS`.
        fields: the request message as JSON: camelCase names, JSON values; None is left out.
        version: `v1`, `v1beta` or `v1alpha`.

    Raises:
        UsageError: the resource name fits none of the method's routes.
    """
    field_path = _name_path(method.path)
    name: Any = fields
    for part in field_path:
        name = (name or {}).get(part)
    route, path = fill(method, name or "")
    left = _without(field_path, fields)  # what the path says is said once, as GAPIC sends it
    body, left = _split_body(route, left)
    return Call(route.verb, f"/{version}/{path}", tuple(_pairs(left)), body)


@cache
def _name_path(path: str) -> tuple[str, ...]:
    """Return where in a request's JSON the resource name of a route's path is."""
    return tuple(camel_case(part) for part in template(path).field.split("."))


def _without(field_path: Sequence[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are set, without the one at a path."""
    head, *rest = field_path
    left = {name: value for name, value in fields.items() if value is not None}
    if rest and isinstance(left.get(head), dict):
        left[head] = _without(rest, left[head])
    elif not rest:
        left.pop(head, None)
    return left


def _split_body(route: Route, fields: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the body's JSON and the fields that remain for the query."""
    if not route.body:
        return None, fields
    if route.body == "*":
        return fields, {}
    return fields.pop(camel_case(route.body), {}), fields


def _pairs(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, bool):
                yield prefix + name, "true" if item else "false"
            elif isinstance(item, dict):
                yield from _pairs(item, f"{prefix}{name}.")
            elif item is not None:
                yield prefix + name, str(item)
