"""Answers in the form of Google's JSON APIs, for every room that speaks `google.rpc.Status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from gemauth.http import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from gemauth.google.status import StatusError

__all__ = ["base_url", "html_reply", "json_reply", "status_reply", "takes_errors"]


def json_reply(
    body: Mapping[str, Any] | list[Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    pretty: bool = True,
) -> Response:
    """Return JSON indented by two, Google's `prettyPrint` default (gemini-api.md section 1)."""
    return Response(
        json.dumps(
            body,
            indent=2 if pretty else None,
            separators=None if pretty else (",", ":"),
            ensure_ascii=False,
        )
        + "\n",
        status_code=status,
        headers={
            "Content-Type": "application/json; charset=UTF-8",
            "Vary": "Origin, X-Origin, Referer",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )


def status_reply(
    error: StatusError, *, pretty: bool = True, in_array: bool = False, with_errors: bool = False
) -> Response:
    """Return an API's error envelope, with its `WWW-Authenticate` challenge where it has one.

    `in_array` makes it the only element of an array, which a stream of JSON would have been;
    `with_errors` is what `takes_errors` says of the request.
    """
    challenge = {"WWW-Authenticate": error.www_authenticate} if error.www_authenticate else None
    envelope = error.status.to_json(with_errors=with_errors)
    body = [envelope] if in_array else envelope
    return json_reply(body, error.status.code.http, challenge, pretty=pretty)


def takes_errors(headers: Mapping[str, str], error_format: str | None) -> bool:
    """Whether a request is refused in the older format, whose `error` has a list `errors`.

    Args:
        headers: the older client libraries (`x-goog-api-client: gdcl/…`) are answered so. That it
            is this header that does it is our inference (gemini-api.md section 10).
        error_format: the parameter `$.xgafv`, which decides where it is sent: 1 is the older one.
    """
    if error_format in {"1", "2"}:
        return error_format == "1"
    clients = headers.get("x-goog-api-client", "").split()
    return any(client.startswith("gdcl/") for client in clients)


def html_reply(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a short page, as Google's front ends do for what reaches none of their APIs."""
    return HTMLResponse(
        f"<!doctype html><title>{status}</title>"
        f"<p><b>{status}.</b> {text} <small>gemauth emulator</small></p>\n",
        status,
        headers,
    )


def base_url(request: Request) -> str:
    """Return the address that the caller used, for URLs in answers, without a trailing slash.

    On a loopback name it is `http://host:port`, though the call may have come by TLS: the port
    answers both, and plain http needs no trust in the emulator's certificate. Otherwise it is
    `https://` and a name of Google's, which `google.endpoints.at` knows; no other Host gets here.
    """
    scheme = "http" if request.url.hostname in LOOPBACK else "https"
    return f"{scheme}://{request.url.netloc}"
