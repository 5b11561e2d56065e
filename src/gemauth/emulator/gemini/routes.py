"""The API over REST, at /v1, /v1beta and /v1alpha: one ASGI app, since the contract has the routes.

Source: gemini-api.md sections 1 and 2. Rooms that also live under /v1 come before this one in
`app.py`; what is no path of the contract is 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gemauth.emulator.gemini.content_encoding import unpack
from gemauth.emulator.gemini.discovery import discovery_route
from gemauth.emulator.gemini.partial_response import parse_fields, select
from gemauth.emulator.gemini.serve import Incoming, serve
from gemauth.emulator.iam.admission import Carriers
from gemauth.emulator.paging import Pager
from gemauth.emulator.reply import json_reply, status_reply, takes_errors
from gemauth.emulator.service_route import ServiceRoute
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini.mapping import to_dict
from gemauth.google.gemini.method import VERSIONS
from gemauth.google.gemini.methods import (
    CREATE_FILE,
    DOWNLOAD_FILE,
    UPLOAD_TO_FILE_SEARCH_STORE,
)
from gemauth.google.gemini.parameters import SystemParameters, split
from gemauth.google.gemini.transcoding import Match, Miss, decode_request, match
from gemauth.google.invalid import InvalidRequestError, Violation
from gemauth.google.status import StatusError
from gemauth.http import media_type

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from gemauth.emulator.context import Context
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["routes"]

_FORM_FIELDS = 1000
# The methods that carry media below each prefix (section 9): their paths are the methods' own.
_MEDIA = {"upload": (CREATE_FILE, UPLOAD_TO_FILE_SEARCH_STORE), "download": (DOWNLOAD_FILE,)}


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes of everything below the API's versions, and of its description."""
    app = _RestApp(context)
    prefixes = (*VERSIONS, *(f"{media}/{version}" for media in _MEDIA for version in VERSIONS))
    return [
        discovery_route(),
        *(ServiceRoute(GEMINI_SERVICE, f"/{prefix}/{{path:path}}", app) for prefix in prefixes),
    ]


class _RestApp:
    """Reads a REST call, has it served, writes the answer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        # A page token is good until the emulator restarts; Google's end after a time, too.
        self._pager = Pager(context.entropy(32))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        if request.method == "HEAD":  # RFC 9110 section 9.3.2: a GET's headers, no content
            response.body = b""
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        verb = _verb(request)
        found = _find(verb, _path(request.scope))
        if isinstance(found, Miss):
            if found.verbs and verb == "OPTIONS":
                return Response(headers={"Allow": ", ".join((*found.verbs, "OPTIONS"))})
            raise HTTPException(404)  # a wrong verb too, as Google's front ends know no 405
        sent = await request.body()
        pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        is_form = media_type(request.headers) == "application/x-www-form-urlencoded"
        system, query = split(pairs)
        encoding = request.headers.get("content-encoding", "")
        try:
            if is_form and verb != request.method:
                # A GET whose query was too long for a URL: all of it is in the form.
                pairs += _form_fields(unpack(sent, encoding))
                system, query = split(pairs)
                sent = b""

            def decode() -> ApiMessage:
                _check_system(system, found)
                body = unpack(sent, encoding)
                if is_form:
                    return decode_request(found, (*query, *_form_fields(body)))
                return decode_request(found, query, body)

            implemented = found.route.implemented
            carriers = _carriers(request, system)
            incoming = Incoming(found.method, found.version, implemented, carriers, decode)
            message = serve(self._context, self._pager, incoming)
        except StatusError as error:
            return status_reply(
                error,
                pretty=system.pretty,
                # without alt=sse a stream is one JSON array, also where it fails (section 4)
                in_array=found.method.streams and system.form != "sse",
                with_errors=takes_errors(request.headers, system.error_format),
            )
        answer = to_dict(message, enums_as_ints=system.enums_as_ints)
        return json_reply(select(answer, parse_fields(system.fields)), pretty=system.pretty)


def _verb(request: Request) -> str:
    """Return the method that is meant: a POST may name another one, as Google's clients make it.

    google-api-python-client sends a GET with more than 2048 characters of URL so.
    """
    override = request.headers.get("x-http-method-override", "")
    if request.method == "POST" and override:
        return override.strip().upper()
    return "GET" if request.method == "HEAD" else request.method


def _find(verb: str, path: str) -> Match | Miss:
    """Return what a path means, below `/upload/` and `/download/` too."""
    prefix, _, rest = path.removeprefix("/").partition("/")
    if prefix not in _MEDIA:
        return match(verb, path)
    found = match(verb, f"/{rest}")
    return found if isinstance(found, Match) and found.method in _MEDIA[prefix] else Miss()


def _path(scope: Scope) -> str:
    """Return the path as it was sent: `%2F` inside an id is not a slash of the path."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    return raw.partition(b"?")[0].decode("latin-1")


def _form_fields(body: bytes) -> list[tuple[str, str]]:
    """Return a form's fields, which Google reads as query parameters and never as JSON.

    So `curl -d '{…}'`, whose default is a form, is refused there for a parameter that is called
    `{…}` (github.com/GoogleCloudPlatform/php-docs-samples, issue 460: one form, another API).

    Raises:
        InvalidRequestError: there are more than any request message has.
    """
    try:
        text = body.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError:
        raise InvalidRequestError("The form has too many fields.") from None


def _carriers(request: Request, system: SystemParameters) -> Carriers:
    query = {
        "key": system.key,
        "access_token": system.access_token,
        "oauth_token": system.oauth_token,
        "$userProject": system.user_project,
    }
    # an empty parameter counts as none (inference)
    return Carriers.of(request.headers, {name: value for name, value in query.items() if value})


def _check_system(system: SystemParameters, found: Match) -> None:
    """Refuse an answer's form that we cannot write. That Google words it so is our inference.

    `callback` (JSONP) is ignored: no page should read an API by a script tag.

    Raises:
        InvalidRequestError: `alt` is no form that the method has, or `fields` cannot be read.
    """
    form = system.form
    if form not in {"", "json"} and not (form == "sse" and found.method.streams):
        raise InvalidRequestError.of([Violation("alt", f"Unsupported value of alt: {form[:200]}")])
    parse_fields(system.fields)
