"""google-auth: a `google.auth.credentials.Credentials`, which every library of Google's takes.

    storage.Client(credentials=gemauth.sdk.for_google_auth())

The tokens are gemauth's: kept in its cache for all processes, renewed before their end, and asked
for once however many threads need one. google-auth's own credentials ask once per thread.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from google.auth import credentials as interface
from google.auth import exceptions

from gemauth.client.sdk.bearer import Bearer
from gemauth.client.token import AccessToken
from gemauth.errors import GemauthError, UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from gemauth.client.credentials import Credentials
    from gemauth.google.endpoints import Endpoints

__all__ = ["GoogleAuthCredentials", "for_google_auth"]


def for_google_auth(credentials: Credentials | None = None) -> GoogleAuthCredentials:
    """Return credentials for Google's libraries; None takes `gemauth.default()`'s."""
    return GoogleAuthCredentials(Bearer(credentials))


class GoogleAuthCredentials(interface.Scoped, interface.CredentialsWithQuotaProject):  # type: ignore[misc]  # google-auth has no types here
    """gemauth's credentials behind google-auth's interface; safe to share between threads.

    `refresh` gets a token that this thread has not seen yet; where it has seen none, one that no
    request has carried. So a library that was answered with 401 gets a new one, and of several that
    were, only the first costs a request.

    They are pickled as the path, scopes and projects that they were made of, never as a secret.
    """

    def __init__(self, bearer: Bearer) -> None:
        self._held: AccessToken | None = None
        self._seen = threading.local()
        self._sent: str | None = None  # by whichever thread
        super().__init__()
        self._bearer = bearer
        self._quota_project_id = bearer.credentials.quota_project
        self._scopes = list(bearer.credentials.scopes) or None

    @property
    def token(self) -> str | None:
        """The access token, or None before the first one."""
        held = self._held
        self._seen.token = None if held is None else held.value
        return self._seen.token  # type: ignore[no-any-return]  # threading.local has no types

    @token.setter
    def token(self, value: str | None) -> None:
        self._held = None if value is None else AccessToken(value)

    @property
    def expiry(self) -> datetime | None:
        """The token's end, in UTC and naive, as google-auth has it; None where it is unknown."""
        held = self._held
        if held is None or held.expires_at is None:
            return None
        return datetime.fromtimestamp(held.expires_at, UTC).replace(tzinfo=None)

    @expiry.setter
    def expiry(self, value: datetime | None) -> None:
        if self._held is not None:
            end = None if value is None else value.replace(tzinfo=UTC).timestamp()
            self._held = replace(self._held, expires_at=end)

    @property
    def requires_scopes(self) -> bool:
        """False: what a person has granted, or a service account's default ones, are there."""
        return False

    @property
    def account(self) -> str:
        """The e-mail address of whom they stand for, where it is known."""
        return self._bearer.credentials.account or ""

    def refresh(self, request: object) -> None:  # noqa: ARG002  # the tokens come from gemauth's transport
        """Get a token that this thread has not seen yet.

        Raises:
            google.auth.exceptions.RefreshError: no token can be had; it says whose fault that is.
        """
        # google-auth's asynchronous session refreshes in any thread, not in the one that has sent.
        seen, held = getattr(self._seen, "token", self._sent), self._held
        refused = held is not None and held.value == seen and not self.expired
        self._renew(seen if refused else None)
        _ = self.token  # seen now

    def before_request(
        self,
        request: object,  # noqa: ARG002  # as above
        method: str,  # noqa: ARG002  # google-auth's signature
        url: str,
        headers: MutableMapping[str, str],
    ) -> None:
        """Authorize a request that is about to be sent.

        Raises:
            UsageError: it goes to another Google than the credentials are for, or to no Google.
            google.auth.exceptions.RefreshError: no token can be had.
        """
        self._bearer.require_destination(url)
        self._renew(None)
        self.apply(headers)
        self._sent = self._seen.token  # not `self.token`: another thread may have a new one by now

    def with_quota_project(self, quota_project_id: str | None) -> GoogleAuthCredentials:
        """Return the same credentials with another project for quota and billing."""
        return self._with(self._bearer.credentials.with_quota_project(quota_project_id))

    def with_scopes(
        self,
        scopes: Sequence[str] | None,
        default_scopes: Sequence[str] | None = None,
    ) -> GoogleAuthCredentials:
        """Return the same credentials with tokens of these scopes alone.

        A person's can only be fewer than were granted; Google refuses the token otherwise.

        Raises:
            UsageError: the credentials come from no file, so they have to be found again.
        """
        mine = self._bearer.credentials
        if mine.path is None:
            raise UsageError(
                "The scopes of credentials that come from no file cannot be changed.",
                next_step="Name them where the credentials are found: gemauth.default(scopes).",
            )
        wanted = scopes or default_scopes
        return _restore(mine.path, tuple(wanted or ()) or None, mine.quota_project, mine.endpoints)

    def get_cred_info(self) -> dict[str, str] | None:
        """Return where they are from; Google's libraries add it to their error messages."""
        mine = self._bearer.credentials
        info = {
            "credential_source": mine.path or mine.kind,
            "credential_type": f"gemauth {mine.kind}",
        }
        return info | ({"principal": mine.account} if mine.account else {})

    def _renew(self, refused: str | None) -> None:
        try:
            self._held = self._bearer.token(refused=refused)
        except GemauthError as error:
            raise exceptions.RefreshError(
                str(error), retryable=isinstance(error, UnreachableError)
            ) from error

    def _with(self, credentials: Credentials) -> GoogleAuthCredentials:
        return GoogleAuthCredentials(self._bearer.of(credentials))

    def __repr__(self) -> str:
        return f"GoogleAuthCredentials({self._bearer.credentials!r})"

    def __copy__(self) -> Self:
        """Credentials are immutable, but for the token that all their copies share."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        mine = self._bearer.credentials
        if mine.path is None:
            raise TypeError(
                f"Credentials of the kind {mine.kind} are not pickled: they come from no file. "
                "Find them again where they are needed: gemauth.sdk.for_google_auth()."
            )
        return _restore, (mine.path, mine.scopes or None, mine.quota_project, mine.endpoints)


def _restore(
    path: str, scopes: tuple[str, ...] | None, quota_project: str | None, endpoints: Endpoints
) -> GoogleAuthCredentials:
    """Return the credentials of a file again."""
    from gemauth.client.sources.chain import load

    found = load(path, scopes, quota_project=quota_project, endpoints=endpoints)
    # The variable for quota projects has no say over what was decided before.
    return GoogleAuthCredentials(Bearer(found.credentials.with_quota_project(quota_project)))
