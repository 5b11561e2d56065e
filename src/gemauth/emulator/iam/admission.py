"""The one way into every API call: credential → scopes → consumer project → API enabled.

What comes after (validation, the role on the resource) is the room's. The order is the reference's
recommendation, consistent with all published bodies (gemini-api.md section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.emulator import ledger
from gemauth.emulator.iam.policy import has_permission
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    ApiKey,
    EnabledService,
    OAuthClient,
    Project,
    ServiceAccount,
)
from gemauth.emulator.tokens.verify import Credential, Refused, verify_bearer
from gemauth.google import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["Call", "Caller", "Carriers", "admit"]

USE = "serviceusage.services.use"


@dataclass(frozen=True, slots=True)
class Call:
    """What is called: the service's host name, the full rpc name, and what it takes to call it.

    Args:
        scopes: any one of them suffices.
        takes_keys: whether the API takes API keys at all; without any credential such an API
            answers 403, others 401.
        needs_principal: whether a key that names only a project is refused.
        needs_consumer: whether the API must be enabled in a consumer project. Google's own
            tools create and list projects before they have any.
    """

    service: str
    method: str
    scopes: tuple[str, ...]
    takes_keys: bool = False
    needs_principal: bool = True
    needs_consumer: bool = True


@dataclass(frozen=True, slots=True)
class Carriers:
    """The credentials and the quota project of one request, from its headers and query."""

    bearer: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    quota_project: str | None = None
    malformed: bool = False  # an Authorization header of another scheme, or without a token

    @classmethod
    def of(cls, headers: Mapping[str, str], query: Mapping[str, str]) -> Carriers:
        """Read the places that Google's APIs look in (gemini-api.md section 2)."""
        authorization = headers.get("authorization")
        scheme, _, token = (authorization or "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and bool(token.strip())
        return cls(
            bearer=token.strip()
            if is_bearer
            else query.get("access_token") or query.get("oauth_token"),
            api_key=headers.get("x-goog-api-key") or query.get("key") or None,
            quota_project=headers.get("x-goog-user-project") or query.get("$userProject") or None,
            malformed=authorization is not None and not is_bearer,
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in, and the project that the call counts against (None: none was needed)."""

    credential: Credential
    project: Project | None

    @property
    def email(self) -> str | None:
        """The principal's e-mail in lower case; None for a key that names only a project."""
        return self.credential.email


def admit(tx: Transaction, now: float, call: Call, carriers: Carriers) -> Caller:
    """Let a caller in.

    Raises:
        StatusError: the first of the steps that refuses, as the documented row says it.
    """
    credential = _authenticate(tx, now, call, carriers)
    _check_scopes(call, credential)
    if carriers.bearer is not None and carriers.api_key is not None:
        # Reports agree only on the last step: a bad token is 401 for itself, a narrow one 403,
        # and a good one beside a key is 401 OVERLOADED_CREDENTIALS (google-oauth.md 0.2).
        raise refusals.invalid_credentials(call.service, call.method, "OVERLOADED_CREDENTIALS")
    project = _consumer(tx, call, credential, carriers.quota_project)
    if project is not None and not _is_enabled(tx, project, call):
        raise refusals.service_disabled(call.service, project.number)
    ledger.seen(
        credential=credential.kind,
        principal=credential.email,
        scopes=credential.scopes,
        client_id=credential.client_id,
        consumer_project=None if project is None else project.project_id,
    )
    return Caller(credential, project)


def _authenticate(tx: Transaction, now: float, call: Call, carriers: Carriers) -> Credential:
    if carriers.bearer is not None:
        verdict = verify_bearer(
            tx,
            now,
            carriers.bearer,
            audience_hosts=(call.service,),
            audience_service=call.method.rpartition(".")[0],
        )
        if isinstance(verdict, Refused):
            raise refusals.invalid_credentials(call.service, call.method, verdict.reason)
        return verdict
    if carriers.malformed:
        raise refusals.invalid_credentials(
            call.service, call.method, "ACCESS_TOKEN_TYPE_UNSUPPORTED"
        )
    if carriers.api_key is None:
        if call.takes_keys:
            raise refusals.unregistered_caller()
        raise refusals.credentials_missing(call.service, call.method)
    if not call.takes_keys:
        raise refusals.key_not_supported(call.service, call.method)
    return _key_credential(tx, call, carriers.api_key)


def _key_credential(tx: Transaction, call: Call, api_key: str) -> Credential:
    """Return who a key stands for: its project, and the account that an auth key is bound to."""
    key = tx.get(ApiKey, digest(api_key))
    if key is None:
        raise refusals.api_key_not_valid(call.service)
    account = None
    if key.service_account_id is not None:
        account = tx.get(ServiceAccount, key.service_account_id)
        if account is None or account.disabled or account.deleted_at is not None:
            raise refusals.api_key_not_valid(call.service)
    elif call.needs_principal:
        raise refusals.key_not_supported(call.service, call.method)
    return Credential(
        kind="api_key",
        subject=key.uid if account is None else account.unique_id,
        email=None if account is None else account.email,
        scopes=None,
        client_id=None,
        project_id=key.project_id,
        expires_at=None,
    )


def _check_scopes(call: Call, credential: Credential) -> None:
    """`cloud-platform` stands in no list of the Gemini API's: it alone is refused (fact 0.1)."""
    if credential.scopes is not None and not set(credential.scopes) & set(call.scopes):
        raise refusals.insufficient_scopes(call.service, call.method, call.scopes)


def _consumer(
    tx: Transaction, call: Call, credential: Credential, quota_project: str | None
) -> Project | None:
    """Return the project that pays: the one named, or the credential's own (section 2, step 5)."""
    if quota_project is not None and credential.email is not None:
        project = find_project(tx, quota_project)
        if project is None or project.state != "ACTIVE":
            raise refusals.consumer_invalid(call.service, quota_project)
        resource = f"projects/{project.project_id}"
        if not has_permission(tx, credential.identity, USE, resource):
            raise refusals.caller_lacks_project_permission(call.service, quota_project)
        return project
    project = tx.get(Project, credential.project_id)
    if project is None or project.state != "ACTIVE":
        if not call.needs_consumer:
            return None
        raise refusals.consumer_invalid(call.service, credential.project_id)
    if _is_first_party(tx, credential) and not _is_enabled(tx, project, call):
        if not call.needs_consumer:
            return None
        raise refusals.quota_project_required(call.service, project.number)
    return project


def _is_enabled(tx: Transaction, project: Project, call: Call) -> bool:
    return tx.get(EnabledService, project.project_id, call.service) is not None


def _is_first_party(tx: Transaction, credential: Credential) -> bool:
    """Whether a token was issued to one of gcloud's own clients, which pay for hardly any API."""
    client = tx.get(OAuthClient, credential.client_id) if credential.client_id else None
    return client is not None and client.kind == "first_party"
