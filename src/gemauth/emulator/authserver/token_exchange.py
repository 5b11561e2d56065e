"""The Security Token Service's token endpoint: an OIDC token of a workload for one of Google's.

RFC 8693, google-oauth.md 5.3. The subject token is really verified: its signature by the keys that
its provider was given (or the emulator's own, where it is the issuer), who it is for, its times,
the provider's mapping and condition. Refusals have the form of RFC 6749 section 5.2; where nothing
published has the text, a row is marked *ours*. The messages are in `oauth/token_exchange.py`.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gemauth.emulator import ledger
from gemauth.emulator.authserver.form import read_body, read_form
from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.iam import federation
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.reply import json_reply, status_reply
from gemauth.emulator.storage.records import EnabledService, WorkloadPool, WorkloadProvider
from gemauth.emulator.tokens import external_token
from gemauth.emulator.tokens.assertion import public_key
from gemauth.emulator.tokens.external_token import ExternalTokenRefused, Problem, read_jwk_set
from gemauth.emulator.tokens.issue import FederatedAccess, issue_federated
from gemauth.emulator.tokens.signing import published
from gemauth.errors import RefusedError
from gemauth.google import refusals
from gemauth.google.endpoints import GOOGLE
from gemauth.google.invalid import InvalidRequestError
from gemauth.google.payload import parse_json
from gemauth.google.scopes import canonical, is_scope
from gemauth.google.status import StatusError
from gemauth.google.workload_identity import PoolName, ProviderName, principals
from gemauth.http import JSON, media_type
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.token_exchange import ACCESS_TOKEN, ID_TOKEN, JWT, TokenExchange

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.storage.store import Transaction
    from gemauth.emulator.tokens.external_token import Key
    from gemauth.oauth.token_exchange import TokenExchangeResponse

__all__ = ["PATH", "SERVICE", "ExchangeRefused", "Row", "decide", "endpoint"]

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
            "Invalid value for requested_token_type: this emulator issues only "
            "urn:ietf:params:oauth:token-type:access_token."
        ),
    )
    DOWNSCOPING = (  # ours
        "invalid_request",
        (
            "This emulator does not downscope access tokens (accessBoundary): use a "
            "subject_token of type jwt or id_token."
        ),
    )
    SUBJECT_TOKEN_TYPE = (  # ours
        "invalid_request",
        (
            "Invalid value for subject_token_type: {what}. This emulator takes "
            "urn:ietf:params:oauth:token-type:jwt and urn:ietf:params:oauth:token-type:id_token."
        ),
    )
    ACTOR = (  # ours
        "invalid_request",
        "This emulator takes no actor_token.",
    )
    AUDIENCE = (
        "invalid_request",
        (  # github.com/google-github-actions/auth, issue 60
            'Invalid value for "audience". This value should be the full resource name of the '
            "Identity Provider. See "
            "https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list "
            "of possible formats."
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
    OPTIONS = (  # ours
        "invalid_request",
        "This emulator takes no options for an external credential; they have: {what}",
    )
    SCOPE = ("invalid_scope", "Invalid OAuth scope: {what}")  # ours
    # The first sentence is Google's, for keys that it cannot fetch
    # (cloud.google.com/iam/docs/troubleshooting-workload-identity-federation).
    NO_KEYS = (
        "invalid_grant",
        (
            "Error connecting to the given credential's issuer. This emulator makes no "
            "connections to other machines, so it cannot fetch the keys of {what}. Give them to "
            "the provider as oidc.jwksJson (gcloud: --jwk-json-path)."
        ),
    )
    ISSUER = (  # github.com/google-github-actions/auth, docs/TROUBLESHOOTING.md
        "invalid_grant",
        "The issuer in ID Token {what} does not match the expected ones: {expected}",
    )
    TOKEN_AUDIENCE = (  # as several reports have it
        "invalid_grant",
        "The audience in ID Token [{what}] does not match the expected audience.",
    )
    # Reported of tokens that were issued long ago (cloud.google.com, Config Sync's known issues),
    # whether they had expired or not. That it is the answer to either is our inference.
    STALE = ("invalid_grant", "ID Token issued at {what} is stale to sign-in.")
    SUBJECT_TOKEN = ("invalid_grant", "The subject token is refused: {what}.")  # ours
    # github.com/terraform-google-modules/terraform-example-foundation, issue 1362
    CONDITION = (
        "unauthorized_client",
        "The given credential is rejected by the attribute condition.",
    )
    NO_SUBJECT = (  # cloud.google.com, X.509 certificates for Chrome Enterprise
        "unauthorized_client",
        "Could not obtain a value for google.subject from the given credential.",
    )
    LONG_SUBJECT = (  # cloud.google.com/iam/docs/troubleshooting-workload-identity-federation
        "invalid_request",
        (
            "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either "
            "modify your attribute mapping or the incoming assertion to produce a mapped "
            "attribute that is less than 127 bytes."
        ),
    )
    LARGE_ATTRIBUTES = (  # ours
        "invalid_request",
        "The mapped attributes have more than 8192 bytes.",
    )

    def body(self, what: str = "", expected: str = "") -> ErrorBody:
        """Return the error's body; `what` and `expected` fill the braces."""
        error, text = self.value
        return ErrorBody(error, text.replace("{expected}", expected).replace("{what}", what))


class ExchangeRefused(RefusedError):  # noqa: N818  # an answer on its way, not a failure
    """The answer to a request that gets no token."""

    def __init__(self, row: Row, what: str = "", expected: str = "") -> None:
        self.row = row
        self.body = row.body(what, expected)
        super().__init__(f"{self.body.error}: {self.body.description}")


def decide(
    tx: Transaction, now: float, entropy: Entropy, request: TokenExchange
) -> TokenExchangeResponse:
    """Return a federated access token for a subject token that is proved.

    Raises:
        ExchangeRefused: the first of the steps that refuses.
        StatusError: PERMISSION_DENIED, the API is off in the pool's project.
    """
    ledger.seen(grant_type=request.grant_type)
    audience, subject_token = _examine(request)
    pool, provider, name = _find(tx, audience)
    if tx.get(EnabledService, pool.project_id, SERVICE) is None:
        # Reported of pools whose project has the API off, and documented as a step of setting
        # them up. That it is said in the APIs' envelope, and not before, is our inference.
        raise refusals.service_disabled(SERVICE, name.pool.project)
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
        raise _refusal(refused, provider) from None
    except federation.NotFederated as refused:
        raise ExchangeRefused(_NOBODY[refused.problem]) from None
    who = attributes.subject, attributes.groups, attributes.custom
    ledger.seen(credential="federated", principal=principals(name.pool, *who)[0], scopes=scopes)
    ends = external_token.expiry(claims)
    return issue_federated(tx, now, entropy, FederatedAccess(pool, *who, scopes, ends))


_NOBODY = {
    federation.Problem.NO_SUBJECT: Row.NO_SUBJECT,
    federation.Problem.LONG_SUBJECT: Row.LONG_SUBJECT,
    federation.Problem.LARGE: Row.LARGE_ATTRIBUTES,
    federation.Problem.CONDITION: Row.CONDITION,
}


def _refusal(refused: ExternalTokenRefused, provider: WorkloadProvider) -> ExchangeRefused:
    """Return the answer to a token that proves nothing."""
    match refused.problem:
        case Problem.ISSUER:
            return ExchangeRefused(Row.ISSUER, refused.found, provider.issuer_uri)
        case Problem.AUDIENCE:
            return ExchangeRefused(Row.TOKEN_AUDIENCE, refused.found)
        case Problem.OLD | Problem.EXPIRED:
            return ExchangeRefused(Row.STALE, refused.found)
        case other:
            return ExchangeRefused(Row.SUBJECT_TOKEN, other.value)


def endpoint(context: Context) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: reads the request, decides in one transaction, writes the answer."""

    async def exchange(request: Request) -> Response:
        try:
            message = await _read(request)
            with context.store.write() as tx:
                answer = decide(tx, context.clock.now(), context.entropy, message)
        except ExchangeRefused as refused:
            return json_reply(refused.body.to_json(), 400, NOT_STORED)
        except StatusError as error:
            return status_reply(error)
        return json_reply(answer.to_json(), 200, NOT_STORED)

    return exchange


async def _read(request: Request) -> TokenExchange:
    """Return the request of a form, or of JSON, as the client says which it is."""
    if media_type(request.headers) != JSON:
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
    _check_options(request.options)
    return str(request.audience), str(request.subject_token)


def _check_options(text: str | None) -> None:
    """Refuse what would narrow the token (accessBoundary, …) or have another project pay for it.

    No option can go unseen: the token would do more here than at Google.
    """
    if not text:
        return
    try:
        # google-auth sends it percent-encoded within the form; Google's own form is plain JSON.
        options = json.loads(unquote(text))
    except (ValueError, RecursionError):
        options = None
    if not isinstance(options, dict):
        raise ExchangeRefused(Row.OUT_OF_FORM, "options is no JSON object.")
    if options:
        raise ExchangeRefused(Row.OPTIONS, ", ".join(map(str, options))[:200])


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
