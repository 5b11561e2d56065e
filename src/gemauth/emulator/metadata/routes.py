"""The metadata server's routes: who may ask, waiting for a change, and the headers of answers.

`/` is the emulator's home page for browsers and the liveness probe for programs: those send
`Metadata-Flavor`, or call the metadata server by its own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from gemauth.emulator.metadata.answer import Answer, answer, page
from gemauth.emulator.metadata.service_account import Tokens
from gemauth.emulator.tokens.signing import with_keys
from gemauth.google.hosts import METADATA

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from gemauth.emulator.context import Context

__all__ = ["LONGEST_WAIT", "routes"]

LONGEST_WAIT = 60.0
"""Seconds that `wait_for_change` holds a request; a client that gets the same ETag asks again."""
_POLL = 0.2
_FLAVOR = "Metadata-Flavor"
_VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class _Probe(Route):
    """`/`, for programs that look for a metadata server; browsers get the home page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave the path to the next room unless a program asks."""
        if scope["type"] == "http" and not (_has_flavor(scope) or _by_name(scope)):
            return Match.NONE, {}
        return super().matches(scope)


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes of the probe and of everything below `/computeMetadata`."""
    tokens = Tokens(context.entropy)

    def decide(request: Request) -> Answer:
        return answer(context, tokens, request.scope["path"], request.query_params)

    async def endpoint(request: Request) -> Response:
        refused = _refusal(request)
        if refused is not None:
            return _reply(request, refused)
        found = await with_keys(context, lambda: decide(request))
        if request.query_params.get("wait_for_change", "").lower() == "true":
            last = request.query_params.get("last_etag", found.etag)
            until = anyio.current_time() + _patience(request.query_params.get("timeout_sec", ""))
            while found.status == 200 and found.etag == last and anyio.current_time() < until:
                if await request.is_disconnected():
                    break
                await anyio.sleep(_POLL)
                found = decide(request)
        return _reply(request, found)

    paths = ("/computeMetadata", "/computeMetadata/{rest:path}")
    return [
        _Probe("/", endpoint, methods=_VERBS),
        *(Route(path, endpoint, methods=_VERBS) for path in paths),
    ]


def _refusal(request: Request) -> Answer | None:
    """Return what becomes of a request that no program inside a machine sends.

    A page in a browser cannot send the header, and a proxy that is talked into asking adds its own.
    """
    if "x-forwarded-for" in request.headers:
        return page(403, "Requests with X-Forwarded-For are refused: they came through a proxy.")
    # cloud.google.com/compute/docs/instances/detect-compute-engine probes / without the header.
    if not _has_flavor(request.scope) and request.scope["path"] != "/":
        return page(403, f"Missing required header: {_FLAVOR}: Google")
    if request.method not in {"GET", "HEAD"}:
        return page(405, "Metadata is read only here.")
    return None


def _reply(request: Request, found: Answer) -> Response:
    """Return the answer with the headers that every answer has (google-oauth.md 5.6)."""
    headers = {
        "Content-Type": found.media_type,
        _FLAVOR: "Google",
        "Server": "Metadata Server for VM",
        "ETag": found.etag,
    }
    if found.status == 301:
        query = f"?{request.url.query}" if request.url.query else ""
        headers["Location"] = f"{request.scope['path']}/{query}"
    return Response(found.text, found.status, headers)


def _has_flavor(scope: Scope) -> bool:
    return Headers(scope=scope).get(_FLAVOR) == "Google"


def _by_name(scope: Scope) -> bool:
    host = Headers(scope=scope).get("host", "").partition(":")[0]
    return host.rstrip(".").lower() in METADATA


def _patience(text: str) -> float:
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else LONGEST_WAIT
