"""Refusals of the authorization endpoint (google-oauth.md 1.1 to 1.3): pages, never redirects.

A page names Google's error in `data-error`, and what is wrong, for the developer, in its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.emulator.gemini.world import ANN
from tests.refusals.row import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWS"]

TUNING = "https://www.googleapis.com/auth/generative-language.tuning"
REQUEST: Mapping[str, str | None] = {
    "client_id": "${client}",
    "redirect_uri": "http://127.0.0.1:8765/",
    "response_type": "code",
    "scope": TUNING,
    "state": "s",
    "access_type": "offline",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}


def url(changes: Mapping[str, str | None]) -> str:
    """Return the authorization request with changes; None takes a parameter away."""
    kept = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
    return f"GET /o/oauth2/v2/auth?{urlencode(kept, safe='${}')}"


def page(
    name: str,
    changes: Mapping[str, str | None],
    status: int,
    error: str,
    *texts: str,
    source: str = "google-oauth.md 1.3",
    cookie: str | None = None,
) -> Row:
    """Return the row of a request that ends on a page."""
    return Row(
        name,
        source,
        url(changes),
        status,
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Location": None,
            "Cache-Control": "no-store",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
        },
        texts=(f'data-error="{error}"', f'data-status="{status}"', "gemauth emulator", *texts),
        sent={"headers": {"Cookie": cookie, "Accept-Language": "en"}} if cookie else {},
    )


def redirected(name: str, changes: Mapping[str, str | None], error: str, cookie: str) -> Row:
    """Return the row of `prompt=none` where somebody would have to be asked."""
    location = f"http://127.0.0.1:8765/?state=s&error={error}&iss=https%3A%2F%2Faccounts.google.com"
    return Row(
        name,
        "google-oauth.md 1.1; OpenID Connect core 3.1.2.6",
        url({"prompt": "none", **changes}),
        303,
        headers={"Location": location},
        sent={"headers": {"Cookie": cookie}} if cookie else {},
    )


PARAMETERS = (
    *(
        page(
            f"no {name}",
            {name: None},
            400,
            "invalid_request",
            f"Required parameter is missing: {name}",
        )
        for name in ("client_id", "redirect_uri", "response_type", "scope")
    ),
    Row(
        "parameter sent twice",
        "google-oauth.md 1.3; RFC 6749 3.1",
        f"{url({})}&state=t",
        400,
        headers={"Location": None},
        texts=('data-error="invalid_request"', "Sent more than once: state"),
    ),
    page(
        "implicit flow",
        {"response_type": "token"},
        400,
        "unsupported_response_type",
        source="google-oauth.md 1.3, ours",
    ),
    page(
        "unknown response type", {"response_type": "key"}, 400, "unsupported_response_type", "key"
    ),
    page(
        "unknown PKCE method",
        {"code_challenge_method": "S512"},
        400,
        "invalid_request",
        "code_challenge_method",
    ),
    page(
        "short challenge",
        {"code_challenge": "short"},
        400,
        "invalid_request",
        "code_challenge",
        source="RFC 7636 4.2, ours",
    ),
    page("unknown prompt", {"prompt": "maybe"}, 400, "invalid_request", "prompt"),
    page("prompt none and more", {"prompt": "none consent"}, 400, "invalid_request", "prompt"),
    page(
        "unknown scope",
        {"scope": f"{TUNING} https://example.com/auth/x"},
        400,
        "invalid_scope",
        "Some requested scopes were invalid.",
        f"valid=[{TUNING}], invalid=[https://example.com/auth/x]",
    ),
    page(
        "the bare generative-language scope",
        {"scope": "https://www.googleapis.com/auth/generative-language"},
        400,
        "invalid_scope",
        "Some requested scopes were invalid.",
        source="google-oauth.md 0.1; gemini-api.md 2",
    ),
)

CLIENTS = (
    page(
        "unknown client at sign-in",
        {"client_id": "1-x.apps.googleusercontent.com"},
        401,
        "invalid_client",
        "The OAuth client was not found",
    ),
    page(
        "deleted client at sign-in",
        {"client_id": "${client_deleted}"},
        401,
        "deleted_client",
        "The OAuth client was deleted.",
    ),
    page(
        "disabled client at sign-in",
        {"client_id": "${client_disabled}"},
        401,
        "disabled_client",
        "The OAuth client was disabled.",
    ),
    page(
        "client of a project without a consent screen",
        {"client_id": "${client_bare}"},
        400,
        "invalid_request",
        "no OAuth consent screen",
        source="ours",
    ),
)

REDIRECTS = (
    *(
        page(
            f"out of band: {uri}",
            {"redirect_uri": uri},
            400,
            "invalid_request",
            "out-of-band (OOB)",
        )
        for uri in ("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob:auto", "oob")
    ),
    page(
        "private address",
        {"redirect_uri": "http://192.168.1.5:8080/"},
        400,
        "invalid_request",
        "device_id and device_name are required for private IP",
        source="google-oauth.md 1.2, 1.3",
    ),
    page(
        "credentials in the redirect URI",
        {"redirect_uri": "http://a:b@127.0.0.1/"},
        400,
        "invalid_request",
    ),
    page(
        "desktop client sends elsewhere",
        {"redirect_uri": "https://app.example.com/callback"},
        400,
        "redirect_uri_mismatch",
        source="google-oauth.md 1.2, 1.3",
    ),
    page(
        "web client on an unregistered URI",
        {"client_id": "${client_web}", "redirect_uri": "https://app.example.com/callback/"},
        400,
        "redirect_uri_mismatch",
        source="google-oauth.md 1.2, 1.3",
    ),
    page(
        "web client on loopback that is not registered",
        {"client_id": "${client_web}"},
        400,
        "redirect_uri_mismatch",
        source="google-oauth.md 1.2, 1.3",
    ),
)

PEOPLE = (
    page(
        "account that is no tester",
        {"prompt": "none"},
        403,
        "access_denied",
        "otto@example.com",
        "gemauth emulator test-users add",
        cookie="${cookie_otto}",
    ),
    page(
        "account outside the organization",
        {"client_id": "${client_corp}", "prompt": "none"},
        403,
        "org_internal",
        ANN,
        cookie="${cookie_ann}",
    ),
    Row(
        "form or page of a sign-in that is over",
        "google-oauth.md 8, ours",
        "GET /o/oauth2/signin/consent?request=none",
        400,
        headers={"Location": None},
        texts=('data-error="invalid_request"', "gemauth emulator"),
    ),
    Row(
        "posted form of a sign-in that is over",
        "google-oauth.md 8, ours",
        "POST /o/oauth2/signin/consent",
        400,
        headers={"Location": None},
        texts=('data-error="invalid_request"', "gemauth emulator"),
        sent={"data": {"request": "none", "action": "allow", "csrf": "x"}},
    ),
    redirected("prompt none, nobody signed in", {}, "login_required", ""),
    redirected("prompt none, two signed in", {}, "interaction_required", "${cookie_two}"),
    redirected(
        "prompt none, consent missing",
        {"scope": "https://www.googleapis.com/auth/userinfo.email"},
        "consent_required",
        "${cookie_ann}",
    ),
)

ROWS = (*PARAMETERS, *CLIENTS, *REDIRECTS, *PEOPLE)
