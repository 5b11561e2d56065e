"""The token endpoint: parse → examine → authenticate the client → grant → issue → write.

RFC 6749 section 3.2, google-oauth.md 2.1. The endpoint owns the phases, a grant only its own part.
`examine` exists because Google looks at a code before it looks at the client.
The client's side is `oauth/token.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator import ledger
from gemauth.emulator.authserver.client import authenticate
from gemauth.emulator.authserver.form import read_form
from gemauth.emulator.authserver.grants import authorization_code, jwt_bearer, refresh_token
from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.authserver.token_request import TokenRequest
from gemauth.emulator.reply import base_url, json_reply
from gemauth.emulator.storage.records import OAuthClient
from gemauth.emulator.storage.store import Transaction
from gemauth.emulator.tokens.issue import (
    Entitlement,
    PersonAccess,
    ServiceAccess,
    ServiceIdentity,
    issue,
)
from gemauth.emulator.tokens.signing import with_keys
from gemauth.emulator.tokens.sweep import Sweeper
from gemauth.google.endpoints import loopback_base
from gemauth.oauth.token import (
    AuthorizationCodeGrant,
    JwtBearerGrant,
    RefreshTokenGrant,
    TokenResponse,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context, Entropy

__all__ = ["NOT_STORED", "PATHS", "REFRESH_PATH", "decide", "endpoint"]

# The first is the one in use; the others are its older addresses (section 2.1).
PATHS = ("/token", "/o/oauth2/token", "/oauth2/v3/token", "/oauth2/v4/token")

# The security token service's, which `external_account_authorized_user` files name (6.3).
REFRESH_PATH = "/v1/oauthtoken"

NOT_STORED = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Pragma": "no-cache",
}

Examine = Callable[[Transaction, float, TokenRequest], None]
Entitle = Callable[
    [Transaction, float, TokenRequest, OAuthClient | None], Entitlement | TokenRefused
]


@dataclass(frozen=True, slots=True)
class GrantType:
    """A grant's own part of the phases.

    Args:
        examine: what is checked before the client is.
        grant: what the request entitles to, or a refusal whose writes have to be kept.
        has_client: whether an OAuth client has to authenticate.
    """

    examine: Examine
    grant: Entitle
    has_client: bool = True


GRANTS = {
    AuthorizationCodeGrant.grant_type: GrantType(
        authorization_code.examine, authorization_code.grant
    ),
    RefreshTokenGrant.grant_type: GrantType(refresh_token.examine, refresh_token.grant),
    JwtBearerGrant.grant_type: GrantType(jwt_bearer.examine, jwt_bearer.grant, has_client=False),
}


def decide(
    tx: Transaction, now: float, entropy: Entropy, request: TokenRequest
) -> TokenResponse | TokenRefused:
    """Return the answer to a parsed request.

    A refusal that is returned comes with writes to keep; one that is raised leaves no trace.

    Raises:
        TokenRefused: the request gets no token.
        KeysDueError: the answer needs a signing key that is not made yet.
    """
    ledger.seen(grant_type=request.grant_type)
    if request.grant_type not in GRANTS:
        raise TokenRefused(Row.UNKNOWN_GRANT_TYPE, name=request.grant_type)
    kind = GRANTS[request.grant_type]
    kind.examine(tx, now, request)
    client = authenticate(tx, request.client()) if kind.has_client else None
    entitlement = kind.grant(tx, now, request, client)
    if isinstance(entitlement, TokenRefused):
        return entitlement
    _note(entitlement)
    return issue(tx, now, entropy, entitlement)


def _note(entitlement: Entitlement) -> None:
    match entitlement:
        case PersonAccess(account, client, _, scopes):
            ledger.seen(
                credential="user",
                principal=account.email,
                scopes=scopes,
                client_id=client.client_id,
            )
        case ServiceAccess(robot, scopes):
            ledger.seen(credential="service_account", principal=robot.email, scopes=scopes)
        case ServiceIdentity(robot):
            ledger.seen(credential="service_account", principal=robot.email)


def endpoint(
    context: Context, *, only: str | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: reads the request, decides in one transaction, writes the answer.

    `only` is the one grant type that an address takes; None takes all.
    """
    sweep = Sweeper()

    def decided(message: TokenRequest) -> TokenResponse | TokenRefused:
        if only not in {None, message.grant_type}:
            raise TokenRefused(Row.UNKNOWN_GRANT_TYPE, name=message.grant_type)
        with context.store.write() as tx:
            now = context.clock.now()
            sweep(tx, now)
            return decide(tx, now, context.entropy, message)

    async def token(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        base = loopback_base(base_url(request))  # under Google's names it takes Google's only
        own = () if base is None else tuple(base + path for path in PATHS)
        try:
            message = TokenRequest.parse(await read_form(request), authorization, own)
            answer = await with_keys(context, lambda: decided(message))
        except TokenRefused as refused:
            answer = refused
        return _write(answer, used_basic=authorization is not None)

    return token


def _write(answer: TokenResponse | TokenRefused, *, used_basic: bool) -> Response:
    if isinstance(answer, TokenResponse):
        return json_reply(answer.to_json(), 200, NOT_STORED)
    headers = NOT_STORED
    if answer.row.http == 401 and used_basic:
        # RFC 6749 section 5.2 asks for the challenge where the client tried this scheme.
        headers = {**headers, "WWW-Authenticate": 'Basic realm="gemauth emulator"'}
    return json_reply(answer.body.to_json(), answer.row.http, headers)
