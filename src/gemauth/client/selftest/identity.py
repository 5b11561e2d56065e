"""The self-test's steps at the identity server (google-oauth.md section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.selftest.fact import (
    Fact,
    Sure,
    body,
    content_type,
    error,
    has,
    status,
)
from gemauth.client.selftest.walk import Step, Walk, get
from gemauth.client.target import require_token_side
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from gemauth.flow import Flow
    from gemauth.http import Response

__all__ = ["STEPS"]

_JSON = "application/json;charset=utf-8"


def discovery(walk: Walk) -> Flow[Response | None]:
    """Read the discovery document."""
    root = walk.endpoints.gemini if walk.endpoints.is_emulator else GOOGLE.issuer
    return (yield from get(f"{root}/.well-known/openid-configuration"))


def _is_strings(answer: Response) -> bool:
    told = body(answer)
    return bool(told) and all(isinstance(value, str) for value in told.values())


def refresh(walk: Walk) -> Flow[Response | None]:
    """Renew the access token; it serves the steps behind this one."""
    answer = yield from walk.refresh(walk.user.refresh_token)
    walk.token = _token(walk, answer)
    return answer


def narrow(walk: Walk) -> Flow[Response | None]:
    """Ask for cloud-platform alone."""
    answer = yield from walk.refresh(walk.user.refresh_token, CLOUD_PLATFORM)
    walk.narrow = _token(walk, answer)
    return answer


def no_refresh_token(walk: Walk) -> Flow[Response | None]:
    """Send a refresh token that is none."""
    return (yield from walk.refresh("1//0gemauth-selftest"))


def unknown_grant(walk: Walk) -> Flow[Response | None]:
    """Ask for a grant that nobody has."""
    return (yield from walk.post(walk.endpoints.token, {"grant_type": "gemauth-selftest"}))


def tokeninfo(walk: Walk) -> Flow[Response | None]:
    """Ask about the token, in the body."""
    if walk.token is None:
        return None
    return (yield from walk.post(walk.endpoints.tokeninfo, {"access_token": walk.token}))


def tokeninfo_of_nothing(walk: Walk) -> Flow[Response | None]:
    """Ask about what is no token."""
    fields = {"access_token": "ya29.gemauth-selftest"}
    return (yield from walk.post(walk.endpoints.tokeninfo, fields))


def userinfo(walk: Walk) -> Flow[Response | None]:
    """Ask who the person is, with a token that is none."""
    return (yield from get(walk.endpoints.userinfo, "ya29.gemauth-selftest"))


def _token(walk: Walk, answer: Response) -> str | None:
    token = body(answer).get("access_token") if answer.status == 200 else None
    if not isinstance(token, str):
        return None
    require_token_side(walk.endpoints, token)
    return token


STEPS = (
    Step(
        "discovery",
        "google-oauth.md 2.3",
        discovery,
        (
            status(200),
            has("authorization_response_iss_parameter_supported"),
            has("device_authorization_endpoint"),
            Fact(
                "issuer https://accounts.google.com",
                Sure.DOCUMENTED,
                lambda answer: body(answer).get("issuer") == GOOGLE.issuer,
            ),
            Fact(
                "PKCE methods plain and S256",
                Sure.DOCUMENTED,
                lambda answer: (
                    {*body(answer).get("code_challenge_methods_supported", ())} == {"plain", "S256"}
                ),
            ),
        ),
    ),
    Step(
        "refresh",
        "google-oauth.md 2.1",
        refresh,
        (
            status(200),
            content_type(_JSON),
            has("access_token", "expires_in", "scope", "token_type"),
            Fact(
                "expires_in 3599, a number",
                Sure.REPORTED,
                lambda answer: body(answer).get("expires_in") == 3599,
            ),
            Fact(
                "no new refresh_token: Google does not rotate",
                Sure.REPORTED,
                lambda answer: "refresh_token" not in body(answer),
            ),
            Fact(
                "Cache-Control no-store",
                Sure.REPORTED,
                lambda answer: "no-store" in answer.headers.get("Cache-Control", ""),
            ),
        ),
    ),
    Step(
        "refresh, one scope of several",
        "google-oauth.md 2.1",
        narrow,
        (
            Fact(
                "200 with that scope, or 400 invalid_scope where it was not granted",
                Sure.REPORTED,
                lambda answer: (
                    body(answer).get("scope") == CLOUD_PLATFORM
                    if answer.status == 200
                    else body(answer).get("error") == "invalid_scope"
                ),
            ),
        ),
    ),
    Step(
        "refresh token that is none",
        "google-oauth.md 2.1",
        no_refresh_token,
        (status(400, sure=Sure.REPORTED), error("invalid_grant", "Bad Request")),
    ),
    Step(
        "grant type that is none",
        "google-oauth.md 2.1",
        unknown_grant,
        (
            status(400, sure=Sure.REPORTED),
            error("unsupported_grant_type", "Invalid grant_type: gemauth-selftest"),
        ),
    ),
    Step(
        "tokeninfo",
        "google-oauth.md 2.5",
        tokeninfo,
        (
            status(200, sure=Sure.REPORTED),
            has("azp", "aud", "scope", "exp", "expires_in", "access_type", sure=Sure.REPORTED),
            Fact("every value is a string", Sure.REPORTED, _is_strings),
        ),
    ),
    Step(
        "tokeninfo of no token",
        "google-oauth.md 2.5",
        tokeninfo_of_nothing,
        (status(400, sure=Sure.REPORTED), error("invalid_token", "Invalid Value")),
    ),
    Step(
        "userinfo with no token",
        "google-oauth.md 2.6",
        userinfo,
        (
            status(401, sure=Sure.REPORTED),
            Fact(
                "WWW-Authenticate Bearer, error invalid_token",
                Sure.REPORTED,
                lambda answer: (
                    'error="invalid_token"' in answer.headers.get("WWW-Authenticate", "")
                ),
            ),
        ),
    ),
)
