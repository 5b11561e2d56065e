"""The authorization server's routes for programs, on Google's paths (google-oauth.md section 2).

On Google these paths are on several hosts; the emulator has one, and no two of them collide. Those
of the Security Token Service are in `sts_routes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from gemauth.emulator.authserver import (
    certificates,
    discovery,
    revocation,
    token,
    tokeninfo,
    userinfo,
)
from gemauth.emulator.service_route import ServiceRoute

if TYPE_CHECKING:
    from gemauth.emulator.context import Context

__all__ = ["routes"]

GET, POST = "GET", "POST"


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes; another method on a path answers 405, or 404 below /v1."""
    jwks, x509 = certificates.jwk_set, certificates.x509_map
    own, accounts = certificates.own_keys, certificates.of_service_account
    return [
        *(Route(path, token.endpoint(context), methods=[POST]) for path in token.PATHS),
        *(Route(path, revocation.endpoint(context), methods=[POST]) for path in revocation.PATHS),
        *(
            Route(path, tokeninfo.endpoint(context, form), methods=[GET, POST])
            for path, form in tokeninfo.FORMS.items()
        ),
        # As Google's oauth2l writes it.
        Route(
            "/oauth2/v3/tokeninfo/",
            tokeninfo.endpoint(context, tokeninfo.FORMS["/oauth2/v3/tokeninfo"]),
            methods=[GET, POST],
        ),
        ServiceRoute(
            "openidconnect.googleapis.com",
            userinfo.OWN_PATH,
            userinfo.endpoint(context, userinfo.OPENID_CONNECT),
            methods=[GET, POST],
        ),
        *(
            Route(path, userinfo.endpoint(context, names), methods=[GET, POST])
            for path, names in userinfo.NAMES.items()
        ),
        Route("/oauth2/v3/certs", own(context, jwks), methods=[GET]),
        Route("/oauth2/v1/certs", own(context, x509), methods=[GET]),
        Route("/robot/v1/metadata/x509/{account}", accounts(context, x509), methods=[GET]),
        Route(
            "/service_accounts/v1/metadata/x509/{account}", accounts(context, x509), methods=[GET]
        ),
        # The IAM Credentials API names the second (signJwt's answer), older clients the first.
        Route("/service_accounts/v1/jwk/{account}", accounts(context, jwks), methods=[GET]),
        Route(
            "/service_accounts/v1/metadata/jwk/{account}", accounts(context, jwks), methods=[GET]
        ),
        Route(discovery.PATH, discovery.endpoint(context), methods=[GET]),
    ]
