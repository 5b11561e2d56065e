"""Which method a gRPC path means, and a call of it as `gemini.serve` takes it.

Source: gRPC over HTTP2 (Path is "/service/method") and gemini-api.md section 1. No path matches a
request's resource name here, so its form is checked by the routes that REST has for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.gemini.serve import Incoming
from gemauth.emulator.iam.admission import Carriers
from gemauth.errors import UsageError
from gemauth.google.gemini import refusals
from gemauth.google.gemini.method import OPERATIONS
from gemauth.google.gemini.routes import fill, template
from gemauth.google.gemini.schema import schema
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.google.gemini.method import Method, Route
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["incoming", "paths", "services"]

_VERSIONS = ("v1", "v1alpha", "v1beta")  # the last speaks for services that have no version


def paths(methods: Iterable[Method]) -> dict[str, tuple[Method, str]]:
    """Return each method and its version by the path that it is called by."""
    return {
        "/{}/{}".format(*method.full_name(version).rsplit(".", 1)): (method, version)
        for version in _VERSIONS
        for method in methods
    }


def services(methods: Iterable[Method]) -> list[str]:
    """Return the full names of the services, in order."""
    return sorted({path.split("/")[1] for path in paths(methods)})


def incoming(method: Method, version: str, body: bytes, metadata: Mapping[str, str]) -> Incoming:
    """Return a call with its request; what is wrong with that is said after admission, as in REST.

    `x-goog-request-params` tells Google's front ends where to go, and is not needed here.
    """
    from google.protobuf.message import DecodeError

    request: ApiMessage = schema(version).message(method.request)()
    readable = True
    try:
        request.ParseFromString(body)
    except DecodeError:
        readable = False
    route = _route(method, request)

    def decode() -> ApiMessage:
        if not readable:  # statuscodes.md: a server that cannot parse a request says INTERNAL
            raise StatusError(Status(Code.INTERNAL, f"The bytes are no {method.request}."))
        if route is None and method.service != OPERATIONS:  # whose handlers know more names
            # The reason is Google's, as reported of GenerateContentRequest.model.
            field = template(method.path).field
            raise refusals.invalid_field(method.request, field, "unexpected resource name format")
        return request

    implemented = method.implemented if route is None else route.implemented
    return Incoming(method, version, implemented, Carriers.of(metadata, {}), decode)


def _route(method: Method, request: ApiMessage) -> Route | None:
    """Return the REST route that takes the resource name of a request, None where none does."""
    name = request
    for part in filter(None, template(method.path).field.split(".")):
        name = getattr(name, part)
    try:
        return fill(method, name if isinstance(name, str) else "")[0]
    except UsageError:
        return None
