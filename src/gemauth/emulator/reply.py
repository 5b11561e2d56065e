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

__all__ = ["base_url", "html_reply", "json_reply", "status_reply"]


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


def status_reply(error: StatusError, *, pretty: bool = True, in_array: bool = False) -> Response:
    """Return an API's error envelope, with its `WWW-Authenticate` challenge where it has one.

    `in_array` makes it the only element of an array, which a stream of JSON would have been.
    """
    challenge = {"WWW-Authenticate": error.www_authenticate} if error.www_authenticate else None
    envelope = error.status.to_json()
    body = [envelope] if in_array else envelope
    return json_reply(body, error.status.code.http, challenge, pretty=pretty)


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
