"""google-auth's asynchronous half: a `google.auth.aio.credentials.Credentials`.

    session = AsyncAuthorizedSession(gemauth.sdk.for_google_auth_async())

google-auth itself has only static tokens and anonymity there, and runs its other credentials in
threads. These ask for a token on the event loop, once for all tasks, threads and processes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from google.auth import exceptions
from google.auth.aio import credentials as interface

from gemauth.client.sdk.bearer import QUOTA_PROJECT, Bearer
from gemauth.errors import GemauthError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from gemauth.client.credentials import Credentials

__all__ = ["GoogleAuthAsyncCredentials", "for_google_auth_async"]


def for_google_auth_async(credentials: Credentials | None = None) -> GoogleAuthAsyncCredentials:
    """Return credentials for its asynchronous sessions; None takes `gemauth.default()`'s."""
    return GoogleAuthAsyncCredentials(Bearer(credentials))


class GoogleAuthAsyncCredentials(interface.Credentials):  # type: ignore[misc]  # google-auth has no types here
    """gemauth's credentials behind google-auth's asynchronous interface; tasks may share them.

    `refresh` gets a token that no request has carried yet. So a session that was answered with 401
    gets a new one, and of several tasks that were, only the first costs a request.
    """

    def __init__(self, bearer: Bearer) -> None:
        super().__init__()
        self._bearer = bearer
        self._end: float | None = None
        self._sent: str | None = None

    @property
    def quota_project_id(self) -> str | None:
        """The project that calls count against, where another than the credentials' own does."""
        return self._bearer.credentials.quota_project

    @property
    def expiry(self) -> datetime | None:
        """The token's end, in UTC and naive, as google-auth has it; None where it is unknown."""
        if self._end is None:
            return None
        return datetime.fromtimestamp(self._end, UTC).replace(tzinfo=None)

    def with_quota_project(self, quota_project_id: str | None) -> GoogleAuthAsyncCredentials:
        """Return the same credentials with another project for quota and billing."""
        mine = self._bearer.credentials.with_quota_project(quota_project_id)
        return GoogleAuthAsyncCredentials(self._bearer.of(mine))

    async def refresh(self, request: object) -> None:  # noqa: ARG002  # the tokens come from gemauth's transport
        """Get a token that no request has carried yet.

        Raises:
            google.auth.exceptions.RefreshError: no token can be had; it says whose fault that is.
        """
        held = self.token
        await self._renew(held if held == self._sent else None)

    async def apply(self, headers: MutableMapping[str, str], token: str | None = None) -> None:
        """Write the token that is held, and the quota project."""
        await super().apply(headers, token=token)
        if self.quota_project_id is not None:
            headers[QUOTA_PROJECT] = self.quota_project_id

    async def before_request(
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
        self._sent = await self._renew(None)
        await self.apply(headers, token=self._sent)

    async def _renew(self, refused: str | None) -> str:
        try:
            token = await self._bearer.token_async(refused=refused)
        except GemauthError as error:
            raise exceptions.RefreshError(
                str(error), retryable=isinstance(error, UnreachableError)
            ) from error
        self.token, self._end = token.value, token.expires_at
        return token.value

    def __repr__(self) -> str:
        return f"GoogleAuthAsyncCredentials({self._bearer.credentials!r})"
