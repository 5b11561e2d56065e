"""A service account's signature as a credential: spent at the token endpoint, or sent as it is.

RFC 7523 section 2.1 with Google's claims (google-oauth.md 2.1), and Google's self-signed JWTs
(google-oauth.md section 10, gemini-api.md section 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.flows.exchange import exchange
from gemauth.client.rsa_keys import signer
from gemauth.client.target import of_key, require_side
from gemauth.client.token import AccessToken
from gemauth.errors import UsageError
from gemauth.flow import Now
from gemauth.google.endpoints import JWT_AUDIENCES
from gemauth.oauth import jwt
from gemauth.oauth.token import JwtBearerGrant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.rsa_keys import Sign
    from gemauth.flow import Flow
    from gemauth.google.credentials import ServiceAccountKey
    from gemauth.google.endpoints import Endpoints
    from gemauth.oauth.token import TokenResponse

__all__ = ["LIFETIME", "exchange_assertion", "exchange_for_identity", "self_signed"]

LIFETIME = 3600  # seconds; Google accepts no longer ones (google-oauth.md 2.1)


def exchange_assertion(
    key: ServiceAccountKey,
    endpoints: Endpoints,
    scopes: tuple[str, ...],
    *,
    subject: str | None = None,
    sign: Sign | None = None,
) -> Flow[TokenResponse]:
    """Return the flow that trades a signed assertion for a scoped access token.

    The assertion goes to the endpoints' own token endpoint. The key's `token_uri` only says on
    which side the key belongs: it must be Google's or an emulator's (`target.of_key`).

    Args:
        key: signs it.
        endpoints: whose token endpoint is asked.
        scopes: full scope URLs.
        subject: the person to act as, where the domain has delegated that to the account.
        sign: the key's own signature; None loads the key for it.

    Raises:
        TokenRefused: the key or the account is not accepted.
        CredentialError: the key belongs to the other side (real, emulator).
        DataError: its private key cannot be read.
        UsageError: its token endpoint is neither Google's nor an emulator's; or no scopes.
        UnreachableError: the endpoint could not be asked.
    """
    require_side(endpoints, emulated=of_key(key), what="The service account's key")
    if not scopes:
        raise UsageError("A service account's token needs at least one scope.")
    now: float = yield Now()
    # Google's audience also toward an emulator, as Google's own libraries write it (2.1).
    claims = _claims(now, iss=key.client_email, aud=JWT_AUDIENCES[0], scope=" ".join(scopes))
    if subject is not None:
        claims["sub"] = subject
    grant = JwtBearerGrant(_signed(key, claims, sign))
    return (yield from exchange(endpoints.token, grant.to_form()))


def exchange_for_identity(
    key: ServiceAccountKey, endpoints: Endpoints, audience: str, *, sign: Sign | None = None
) -> Flow[TokenResponse]:
    """Return the flow that trades a signed assertion for an id token; errors as above.

    Args:
        key: signs it.
        endpoints: whose token endpoint is asked.
        audience: who is to accept the id token (`target_audience`, google-oauth.md 2.1).
        sign: as above.
    """
    require_side(endpoints, emulated=of_key(key), what="The service account's key")
    now: float = yield Now()
    claims = _claims(now, iss=key.client_email, aud=JWT_AUDIENCES[0], target_audience=audience)
    grant = JwtBearerGrant(_signed(key, claims, sign))
    return (yield from exchange(endpoints.token, grant.to_form()))


def self_signed(
    key: ServiceAccountKey,
    now: float,
    *,
    audience: str | None = None,
    scopes: tuple[str, ...] = (),
    sign: Sign | None = None,
) -> AccessToken:
    """Return a JWT that the API accepts as a bearer token, without any token endpoint.

    Args:
        key: signs it.
        now: epoch seconds.
        audience: the API's root with a slash at its end; used where there are no scopes.
        scopes: go into a `scope` claim instead of the audience.
        sign: the key's own signature; None loads the key for it.

    Raises:
        DataError: the private key cannot be read.
        UsageError: neither audience nor scopes, or both.
    """
    if (audience is None) == (not scopes):
        raise UsageError("A self-signed JWT takes either an audience or scopes.")
    about: dict[str, str] = {"scope": " ".join(scopes)} if scopes else {"aud": str(audience)}
    claims = _claims(now, iss=key.client_email, sub=key.client_email, **about)
    return AccessToken(_signed(key, claims, sign), expires_at=claims["exp"], scopes=scopes)


def _claims(now: float, **claims: str) -> dict[str, Any]:
    issued = int(now)
    return {"iat": issued, "exp": issued + LIFETIME, **claims}


def _signed(key: ServiceAccountKey, claims: Mapping[str, Any], sign: Sign | None = None) -> str:
    sign = sign or signer(key.private_key, key.client_email)
    return jwt.encode(claims, sign, key_id=key.private_key_id)
