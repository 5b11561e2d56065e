"""`GET /$discovery/rest?version=…`: the discovery document, to anybody who asks.

google-generativeai's `upload_file` and google-api-python-client read it before they have shown a
credential, so a `key` in the query is not looked at. That an unknown version is 404 in the API's
form, and that none means v1beta, is our inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.reply import base_url, json_reply, status_reply
from gemauth.emulator.service_route import ServiceRoute
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini.discovery import discovery_document
from gemauth.google.gemini.method import VERSIONS
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["discovery_route"]


def discovery_route() -> ServiceRoute:
    """Return the document's route."""
    return ServiceRoute(GEMINI_SERVICE, "/$discovery/rest", _endpoint, methods=["GET"])


async def _endpoint(request: Request) -> Response:
    version = request.query_params.get("version") or "v1beta"
    if version not in VERSIONS:
        text = f"Discovery document not found for version {version[:50]}."
        return status_reply(StatusError(Status(Code.NOT_FOUND, text)))
    return json_reply(discovery_document(version, f"{base_url(request)}/"))
