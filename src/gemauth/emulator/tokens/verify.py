"""Why a token is accepted or refused: the one place that answers it, for every room.

An access token is looked up by its digest and lives while its grant and its principal do; a service
account may instead send a JWT that it signed itself (google-oauth.md 5.7, gemini-api.md section 2).
Read by `iam/admission.py`, `authserver/userinfo.py` and `authserver/tokeninfo.py`.

A token whose service account was disabled or deleted is refused at once. Google documents only
that it can no longer be *obtained*; ours is the stricter side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    AccessToken,
    Account,
    FederatedToken,
    Grant,
    OAuthClient,
    Project,
    ServiceAccount,
    WorkloadPool,
)
from gemauth.emulator.tokens import assertion, shape
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import canonical
from gemauth.google.workload_identity import PoolName, principals
from gemauth.oauth.scope import split

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["Credential", "Reason", "Refused", "verify_access_token", "verify_bearer"]

Reason = Literal["ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_TYPE_UNSUPPORTED"]


@dataclass(frozen=True, slots=True)
class Credential:
    """Who a request comes from.

    Args:
        kind: what was presented.
        subject: Account.sub, ServiceAccount.unique_id, ApiKey.uid of a key without a principal, or
            the principal's name of somebody federated.
        email: the principal's, in lower case, or its name if it is federated and has no e-mail;
            None for a key that names only a project.
        scopes: what the token covers; None covers whatever its principal may do.
        client_id: the OAuth client that a person's token was issued to.
        project_id: of the OAuth client, the service account, the API key or the workload pool.
        expires_at: seconds since the epoch; None for an API key.
        principals: every name that policies may have for somebody federated; none for others,
            whom policies know by their e-mail.
    """

    kind: Literal["user", "service_account", "api_key", "federated"]
    subject: str
    email: str | None
    scopes: tuple[str, ...] | None
    client_id: str | None
    project_id: str
    expires_at: float | None
    principals: tuple[str, ...] = ()

    @property
    def identity(self) -> str | tuple[str, ...]:
        """Whom `iam.policy` is asked about."""
        return self.principals or self.email or ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A token that is not accepted.

    Args:
        reason: google.rpc.ErrorInfo's. A revoked token reads like an expired one.
        why: what exactly, for tests and for the person at the emulator; never sent to callers.
    """

    reason: Reason
    why: str


def verify_bearer(
    tx: Transaction,
    now: float,
    token: str,
    *,
    audience_hosts: Collection[str] = (GEMINI_SERVICE,),
    audience_service: str = "",
) -> Credential | Refused:
    """Return who a bearer token stands for: an access token, or a service account's own JWT.

    Args:
        tx: any transaction.
        now: seconds since the epoch.
        token: the text after `Bearer `.
        audience_hosts: the hosts that a JWT's `aud` may name, such as the service called.
        audience_service: the RPC service called, with its package, which an `aud` may have as its
            path: gRPC hands it to call credentials that way, and google-auth's JWTs take it over.
            That REST takes it, too, is our inference.
    """
    if token.count(".") == 2 and not token.startswith("ya29."):
        return _verify_self_signed(
            tx, now, token, lambda claims: _is_audience(claims, audience_hosts, audience_service)
        )
    return verify_access_token(tx, now, token)


def verify_access_token(tx: Transaction, now: float, token: str) -> Credential | Refused:
    """Return who an access token stands for; any other kind of token is refused."""
    if shape.is_federated_access_token(token):
        return _federated(tx, now, token)
    record = tx.get(AccessToken, digest(token)) if shape.is_access_token(token) else None
    if record is None:
        return Refused("ACCESS_TOKEN_TYPE_UNSUPPORTED", "this emulator has issued no such token")
    if record.expires_at <= now:
        return _ended("it has expired")
    return _service_account(tx, record) if record.grant_id is None else _person(tx, record)


def _person(tx: Transaction, token: AccessToken) -> Credential | Refused:
    assert token.grant_id is not None
    assert token.client_id is not None
    grant = tx.get(Grant, token.grant_id)
    if grant is None or grant.revoked_at is not None:
        return _ended("its grant was revoked")
    account = tx.get(Account, token.subject)
    if account is None:
        return _ended("its account was deleted")
    client = tx.get(OAuthClient, token.client_id)
    if client is None:
        return _ended("its OAuth client no longer exists")
    return Credential(
        kind="user",
        subject=account.sub,
        email=account.email,
        scopes=token.scopes,
        client_id=token.client_id,
        project_id=client.project_id,
        expires_at=token.expires_at,
    )


def _service_account(tx: Transaction, token: AccessToken) -> Credential | Refused:
    account = tx.get(ServiceAccount, token.subject)
    if account is None or account.deleted_at is not None:
        return _ended("its service account was deleted")
    if account.disabled:
        return _ended("its service account is disabled")
    return _robot(account, token.scopes, token.expires_at)


def _federated(tx: Transaction, now: float, token: str) -> Credential | Refused:
    record = tx.get(FederatedToken, digest(token))
    if record is None:
        return Refused("ACCESS_TOKEN_TYPE_UNSUPPORTED", "this emulator has issued no such token")
    if record.expires_at <= now:
        return _ended("it has expired")
    # "Credentials issued for a deleted pool do not grant access"; restored, they grant it again.
    # A provider's end leaves them as they are (IAM API, both resources' delete methods).
    pool = tx.get(WorkloadPool, record.project_id, record.pool_id)
    project = tx.get(Project, record.project_id)
    if pool is None or project is None or pool.deleted_at is not None or pool.disabled:
        return _ended("its workload identity pool is disabled or deleted")
    name = PoolName(project.number, record.pool_id)
    names = principals(name, record.subject, record.groups, record.attributes)
    return Credential(
        kind="federated",
        subject=names[0],
        email=names[0],
        scopes=record.scopes,
        client_id=None,
        project_id=record.project_id,
        expires_at=record.expires_at,
        principals=names,
    )


def _verify_self_signed(
    tx: Transaction, now: float, token: str, is_audience: Callable[[Mapping[str, Any]], bool]
) -> Credential | Refused:
    try:
        proved = assertion.check(tx, now, token, is_audience)
    except assertion.AssertionRefused as refused:
        problem = refused.problem
        if problem in {assertion.Problem.EXPIRED, assertion.Problem.DISABLED}:
            return _ended(problem.value)
        return Refused("ACCESS_TOKEN_TYPE_UNSUPPORTED", problem.value)
    subject = proved.claims.get("sub", proved.claims["iss"])
    if subject not in (proved.claims["iss"], proved.account.email):
        # Only a token exchange can speak for somebody else (domain-wide delegation).
        return Refused("ACCESS_TOKEN_TYPE_UNSUPPORTED", "its sub is not its iss")
    scope = proved.text("scope")
    scopes = None if scope is None else canonical(split(scope))
    return _robot(proved.account, scopes, proved.expires_at)


def _is_audience(claims: Mapping[str, Any], hosts: Collection[str], service: str) -> bool:
    """Whether `aud` is `https://HOST/`, or that and the service; scopes do without (AIP-4111)."""
    audience = claims.get("aud")
    if audience is None or audience == "":  # golang.org/x/oauth2 writes an empty one with scopes
        return isinstance(claims.get("scope"), str) and bool(claims["scope"].strip())
    if not isinstance(audience, str):
        return False
    try:
        parts = urlsplit(audience)
    except ValueError:
        return False
    paths = {"", "/", f"/{service}"}
    return parts.scheme == "https" and parts.netloc in hosts and parts.path in paths


def _robot(
    account: ServiceAccount, scopes: tuple[str, ...] | None, expires_at: float
) -> Credential:
    return Credential(
        kind="service_account",
        subject=account.unique_id,
        email=account.email,
        scopes=scopes,
        client_id=None,
        project_id=account.project_id,
        expires_at=expires_at,
    )


def _ended(why: str) -> Refused:
    return Refused("ACCESS_TOKEN_EXPIRED", why)
