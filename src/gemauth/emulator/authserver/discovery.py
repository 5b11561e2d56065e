"""OpenID Connect discovery: where the endpoints are and what they take (google-oauth.md 2.3).

Google's document, less what the emulator does not do: the device flow and the response types
other than `code` are left out rather than announced. Google has no RFC 8414 path: so it is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.reply import base_url, json_reply
from gemauth.google import endpoints
from gemauth.oauth.token import AuthorizationCodeGrant, JwtBearerGrant, RefreshTokenGrant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context
    from gemauth.google.endpoints import Endpoints

__all__ = ["PATH", "document", "endpoint"]

PATH = "/.well-known/openid-configuration"


def document(known: Endpoints) -> dict[str, Any]:
    """Return the document for one set of addresses."""
    return {
        "issuer": known.issuer,
        "authorization_endpoint": known.authorization,
        "token_endpoint": known.token,
        "userinfo_endpoint": known.userinfo,
        "revocation_endpoint": known.revocation,
        "jwks_uri": known.jwks,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud",
            "email",
            "email_verified",
            "exp",
            "family_name",
            "given_name",
            "iat",
            "iss",
            "name",
            "sub",
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": [
            AuthorizationCodeGrant.grant_type,
            RefreshTokenGrant.grant_type,
            JwtBearerGrant.grant_type,
        ],
    }


def endpoint(_context: Context) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: the addresses are on the host that the caller used."""

    async def discovery(request: Request) -> Response:
        found = document(endpoints.at(base_url(request)))
        return json_reply(found, 200, {"Cache-Control": "public, max-age=3600"})

    return discovery
