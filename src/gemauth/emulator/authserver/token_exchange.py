"""The Security Token Service's token endpoint: an OIDC token of a workload for one of Google's.

RFC 8693, google-oauth.md 5.3. The subject token is really verified: its signature by the keys that
its provider was given (or the emulator's own, where it is the issuer), who it is for, its times,
the provider's mapping and condition. Refusals have the form of RFC 6749 section 5.2; a text marked
*ours* stands where the reference knows none. The messages are in `oauth/token_exchange.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from gemauth.emulator import ledger
from gemauth.emulator.authserver.form import read_body, read_form
from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.iam import federation
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.reply import json_reply
from gemauth.emulator.service_route import ServiceRoute
from gemauth.emulator.storage.records import WorkloadPool, WorkloadProvider
from gemauth.emulator.tokens import external_token
from gemauth.emulator.tokens.assertion import public_key
from gemauth.emulator.tokens.external_token import ExternalTokenRefused, read_jwk_set
from gemauth.emulator.tokens.issue import FederatedAccess, issue_federated
from gemauth.emulator.tokens.signing import published
from gemauth.errors import RefusedError
from gemauth.google.endpoints import GOOGLE
from gemauth.google.invalid import InvalidRequestError
from gemauth.google.payload import parse_json
from gemauth.google.scopes import canonical, is_scope
from gemauth.google.workload_identity import PoolName, ProviderName, principals
from gemauth.http import JSON
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.token_exchange import ACCESS_TOKEN, ID_TOKEN, JWT, TokenExchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.storage.store import Transaction
    from gemauth.emulator.tokens.external_token import Key
    from gemauth.oauth.token_exchange import TokenExchangeResponse

__all__ = ["ExchangeRefused", "Row", "decide", "route"]

SERVICE = "sts.googleapis.com"
PATH = "/v1/token"
SUBJECT_TOKENS = (JWT, ID_TOKEN)


class Row(Enum):
    """`error` and `error_description`; what stands in braces is filled in. The status is 400."""

    OUT_OF_FORM = ("invalid_request", "The request body cannot be read: {what}")  # ours
    GRANT_TYPE = ("unsupported_grant_type", "Invalid grant_type: {what}")  # as in section 2.1
    MISSING = ("invalid_request", "Missing required parameter: {what}")  # as in section 2.1
    REQUESTED_TOKEN_TYPE = (  # ours
        "invalid_request",
        (
            "Invalid value for requested_token_type: the gemauth emulator issues only "
            "urn:ietf:params:oauth:token-type:access_token."
        ),
    )
    DOWNSCOPING = (  # ours
        "invalid_request",
        (
            "The gemauth emulator does not downscope access tokens (accessBoundary): use a "
            "subject_token of type jwt or id_token."
        ),
    )
    SUBJECT_TOKEN_TYPE = (  # ours
        "invalid_request",
        (
            "Invalid value for subject_token_type: {what}. The gemauth emulator takes "
            "urn:ietf:params:oauth:token-type:jwt and urn:ietf:params:oauth:token-type:id_token."
        ),
    )
    ACTOR = (  # ours
        "invalid_request",
        "The gemauth emulator takes no actor_token.",
    )
    AUDIENCE = (
        "invalid_request",
        (
            'Invalid value for "audience". This value should be the full resource name of the '
            "Identity Provider."
        ),
    )
    TARGET = (
        "invalid_target",
        (
            'The target service indicated by the "audience" parameters is invalid. This might '
            "either be because the pool or provider is disabled or deleted or because it doesn't "
            "exist."
        ),
    )
    SCOPE = ("invalid_scope", "Invalid OAuth scope: {what}")  # ours
    NO_KEYS = (  # ours
        "invalid_grant",
        (
            "The gemauth emulator cannot verify tokens of {what}: it makes no connections to other "
            "machines, so it cannot fetch that issuer's keys. Give them to the provider as "
            "oidc.jwksJson (gcloud: --jwk-json-path)."
        ),
    )
    SUBJECT_TOKEN = ("invalid_grant", "The subject token is refused: {what}.")  # ours
    NOBODY = ("invalid_grant", "{what}")  # ours, from `federation`

    def body(self, what: str = "") -> ErrorBody:
        """Return the error's body; `what` fills the braces."""
        return ErrorBody(self.value[0], self.value[1].replace("{what}", what))


class ExchangeRefused(RefusedError):  # noqa: N818  # an answer on its way, not a failure
    """The answer to a request that gets no token."""

    def __init__(self, row: Row, what: str = "") -> None:
        self.row = row
        self.body = row.body(what)
        super().__init__(f"{self.body.error}: {self.body.description}")


def decide(
    tx: Transaction, now: float, entropy: Entropy, request: TokenExchange
) -> TokenExchangeResponse:
    """Return a federated access token for a subject token that is proved.

    Raises:
        ExchangeRefused: the first of the steps that refuses.
    """
    ledger.seen(grant_type=request.grant_type)
    audience, subject_token = _examine(request)
    pool, provider, name = _find(tx, audience)
    scopes = canonical(request.scopes)
    if unknown := [scope for scope in scopes if not is_scope(scope)]:
        raise ExchangeRefused(Row.SCOPE, unknown[0])
    keys = _keys(tx, provider)
    try:
        claims = external_token.check(
            now,
            subject_token,
            keys,
            provider.issuer_uri,
            provider.allowed_audiences or name.default_audiences,
        )
        attributes = federation.identify(provider, claims)
    except ExternalTokenRefused as refused:
        raise ExchangeRefused(Row.SUBJECT_TOKEN, refused.problem.value) from None
    except federation.NotFederated as refused:
        raise ExchangeRefused(Row.NOBODY, str(refused)) from None
    who = attributes.subject, attributes.groups, attributes.custom
    ledger.seen(credential="federated", principal=principals(name.pool, *who)[0], scopes=scopes)
    return issue_federated(tx, now, entropy, FederatedAccess(pool, *who, scopes))


def route(context: Context) -> Route:
    """Return the route: reads the request, decides in one transaction, writes the answer."""

    async def exchange(request: Request) -> Response:
        try:
            message = await _read(request)
            with context.store.write() as tx:
                answer = decide(tx, context.clock.now(), context.entropy, message)
        except ExchangeRefused as refused:
            return json_reply(refused.body.to_json(), 400, NOT_STORED)
        return json_reply(answer.to_json(), 200, NOT_STORED)

    return ServiceRoute(SERVICE, PATH, exchange, methods=["POST"])


async def _read(request: Request) -> TokenExchange:
    """Return the request of a form, or of JSON, as the client says which it is."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        form = await read_form(request)
        if form.repeated is not None:
            raise ExchangeRefused(Row.OUT_OF_FORM, f"{form.repeated} comes twice.")
        return TokenExchange.from_form(form.fields)
    try:
        body = parse_json(await read_body(request))
        return TokenExchange.from_json(body if isinstance(body, dict) else {})
    except InvalidRequestError as error:
        raise ExchangeRefused(Row.OUT_OF_FORM, error.status.message) from None
    except ValueError as error:
        raise ExchangeRefused(Row.OUT_OF_FORM, f"{error} is no text.") from None


def _examine(request: TokenExchange) -> tuple[str, str]:
    """Return the audience and the subject token of a request that the emulator can answer."""
    for name in ("grant_type", "requested_token_type", "subject_token", "subject_token_type"):
        if getattr(request, name) is None:
            raise ExchangeRefused(Row.MISSING, name)
    if request.grant_type != TokenExchange.GRANT_TYPE:
        raise ExchangeRefused(Row.GRANT_TYPE, str(request.grant_type))
    if request.requested_token_type != ACCESS_TOKEN:
        raise ExchangeRefused(Row.REQUESTED_TOKEN_TYPE)
    if request.subject_token_type == ACCESS_TOKEN:
        raise ExchangeRefused(Row.DOWNSCOPING)
    if request.subject_token_type not in SUBJECT_TOKENS:
        raise ExchangeRefused(Row.SUBJECT_TOKEN_TYPE, str(request.subject_token_type))
    if request.actor_token is not None:
        raise ExchangeRefused(Row.ACTOR)
    for name, value in (("audience", request.audience), ("scope", request.scopes)):
        if not value:
            raise ExchangeRefused(Row.MISSING, name)
    return str(request.audience), str(request.subject_token)


def _find(tx: Transaction, audience: str) -> tuple[WorkloadPool, WorkloadProvider, ProviderName]:
    """Return the live provider that an audience names, and its name with the project's number."""
    if audience.startswith("//iam.googleapis.com/locations/global/workforcePools/"):
        raise ExchangeRefused(Row.TARGET)  # the emulator has none
    named = ProviderName.of_audience(audience)
    if named is None:
        raise ExchangeRefused(Row.AUDIENCE)
    project = find_project(tx, named.pool.project)
    if project is None or project.state != "ACTIVE":
        raise ExchangeRefused(Row.TARGET)
    pool = tx.get(WorkloadPool, project.project_id, named.pool.pool)
    provider = tx.get(WorkloadProvider, project.project_id, named.pool.pool, named.provider)
    if pool is None or provider is None:
        raise ExchangeRefused(Row.TARGET)
    if any(one.disabled or one.deleted_at is not None for one in (pool, provider)):
        raise ExchangeRefused(Row.TARGET)
    name = ProviderName(PoolName(project.number, pool.pool_id), provider.provider_id)
    return pool, provider, name


def _keys(tx: Transaction, provider: WorkloadProvider) -> Mapping[str, Key]:
    """Return the keys that a provider's issuer signs with."""
    if provider.jwks_json is not None:
        return read_jwk_set(provider.jwks_json)
    if provider.issuer_uri == GOOGLE.issuer:
        return {key.key_id: public_key(key.certificate_pem) for key in published(tx)}
    raise ExchangeRefused(Row.NO_KEYS, provider.issuer_uri)
