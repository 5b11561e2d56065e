"""Credentials ready for use: a token source, the quota project, and where they came from.

Made by `client/login.py` and `client/sources/chain.py`; used by `client/gemini` and by anybody
who needs a token or an authorized request. Nothing here refreshes by itself: it asks the source.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from gemauth.client.target import require_token_side
from gemauth.client.token import TokenCache
from gemauth.client.transport import AsyncTransport, lent
from gemauth.client.world import AsyncNetwork, Network
from gemauth.errors import UsageError
from gemauth.flow import Flow, arun, run
from gemauth.http import Request, without_query
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from gemauth.client.identity import IdentityToken
    from gemauth.client.token import AccessToken, TokenSource
    from gemauth.client.world import AsyncSender, Sender
    from gemauth.google.endpoints import Endpoints

__all__ = ["Credentials", "Kind"]

Kind = Literal[
    "authorized_user",
    "service_account",
    "impersonated_service_account",
    "external_account",
    "external_account_authorized_user",
    "metadata",
    "gcloud",
    "access_token",
]


@frozen
class Credentials(Value):
    """One identity toward one Google.

    Attributes:
        kind: what they are: the ADC file's `type`, `metadata`, `gcloud` for its own sign-in, or
            `access_token` for one that was given as it is.
        source: yields the tokens.
        endpoints: the Google that they are good for; their tokens are sent nowhere else.
        account: the e-mail address, where it is known.
        quota_project: the project billed for calls (`x-goog-user-project`), or None for the one
            that owns the OAuth client or service account.
        project: the project that owns the service account, where the file says so.
        path: the file that they were read from or written to; None where there is none, or where it
            alone does not lead to these (a service account impersonated with what is in it).
        scopes: those of the tokens; empty where nobody remembers what was granted.
        refresh_until: the end of the sign-in itself (epoch seconds), None where it has none or
            nobody remembers.
        where: the option that leads `gemauth login --add-scopes` to the sign-in, after a space;
            nothing for ADC's place, None where no scopes are added to these that way.
    """

    kind: Kind
    source: TokenSource
    endpoints: Endpoints
    account: str | None = None
    quota_project: str | None = None
    project: str | None = None
    path: str | None = None
    scopes: tuple[str, ...] = ()
    refresh_until: float | None = None
    where: str | None = None

    def with_quota_project(self, project: str | None) -> Credentials:
        """Return the same credentials with another quota project."""
        return replace(self, quota_project=project)

    def authorized(self, request: Request, *, fresh: bool = False) -> Flow[Request]:
        """Return the flow that adds Authorization and x-goog-user-project to a request.

        Args:
            request: a new one, or one that was refused.
            fresh: with another token than the one that the request has already; with one that
                nobody has had yet, where it has none.

        Raises:
            UsageError: the request does not go to the Google that the credentials are for.
            CredentialError: no token can be had, or it belongs to the other side (real, emulator).
        """
        gemini = f"{self.endpoints.gemini}/"  # most often, so asked before the others are joined
        if not request.url.startswith(gemini) and not request.url.startswith(
            _roots(self.endpoints)
        ):
            raise UsageError(
                f"{without_query(request.url)} is not an address of the Google that these "
                "credentials are for; no token is sent there.",
                next_step="Use a path such as /v1beta/models, or a URL below "
                f"{self.endpoints.gemini}/.",
            )
        scheme, _, refused = request.headers.get("authorization", "").partition(" ")
        instead_of = refused if fresh and scheme == "Bearer" else None
        token = yield from self._token(fresh=fresh, instead_of=instead_of)
        require_token_side(self.endpoints, token.value)
        headers = {"Authorization": f"Bearer {token.value}"}
        if self.quota_project is not None:
            headers["x-goog-user-project"] = self.quota_project
        return request.with_headers(headers)

    def _token(self, *, fresh: bool, instead_of: str | None) -> Flow[AccessToken]:
        if instead_of is not None:
            fresh = True
            if isinstance(self.source, TokenCache):
                self.source.reject(instead_of)
                fresh = False
        return (yield from self.source.token(fresh=fresh))

    def token(
        self,
        *,
        fresh: bool = False,
        instead_of: str | None = None,
        transport: Sender | None = None,
    ) -> AccessToken:
        """Return a usable access token.

        Args:
            fresh: ask the server for a new one, past every cache.
            instead_of: a token that a server has refused; everybody who was refused the same one
                shares one new token.
            transport: sends the request; None opens one for it.

        Raises:
            CredentialError: the server no longer accepts the credentials.
            UnreachableError: the server could not be asked.
        """
        with lent(transport) as sender:
            return run(self._token(fresh=fresh, instead_of=instead_of), Network(sender))

    async def token_async(
        self,
        *,
        fresh: bool = False,
        instead_of: str | None = None,
        transport: AsyncSender | None = None,
    ) -> AccessToken:
        """Return a usable access token, on an event loop; errors as `token`."""
        own: AsyncTransport | None = None
        if transport is None:
            transport = own = AsyncTransport()
        try:
            flow = self._token(fresh=fresh, instead_of=instead_of)
            return await arun(flow, AsyncNetwork(transport))
        finally:
            if own is not None:
                await own.close()

    def identity_token(
        self,
        audience: str | None = None,
        *,
        include_email: bool = False,
        transport: Sender | None = None,
    ) -> IdentityToken:
        """Return a new ID token: Google's signed word on who these credentials are.

        It is asked for each time, and its signature is for its audience to verify. A person's is
        for the OAuth client of the sign-in, and takes the scope `openid`; a service account's (by
        key, impersonation, machine or workload that acts as one) is for any audience.

        Args:
            audience: who is to accept it, such as a Cloud Run service's URL; None for a person's.
            include_email: have it tell the account's address; keys and machines always do.
            transport: sends the request; None opens one for it.

        Raises:
            UsageError: Google gives none for such credentials, none for this audience, or there has
                to be one.
            CredentialError: the sign-in was not granted `openid`, or the server no longer accepts
                the credentials.
            StatusError: IAM refused to let them act as the service account.
            UnreachableError: the server could not be asked, or answered without one.
        """
        with lent(transport) as sender:
            flow = self._identity(audience, include_email=include_email)
            return run(flow, Network(sender))

    async def identity_token_async(
        self,
        audience: str | None = None,
        *,
        include_email: bool = False,
        transport: AsyncSender | None = None,
    ) -> IdentityToken:
        """Return a new ID token, on an event loop; errors as `identity_token`."""
        own: AsyncTransport | None = None
        if transport is None:
            transport = own = AsyncTransport()
        try:
            flow = self._identity(audience, include_email=include_email)
            return await arun(flow, AsyncNetwork(transport))
        finally:
            if own is not None:
                await own.close()

    def _identity(self, audience: str | None, *, include_email: bool) -> Flow[IdentityToken]:
        from gemauth.client.identity import identity  # not for an access token

        return identity(self.source, audience, include_email=include_email)

    def authorize(
        self, request: Request, *, fresh: bool = False, transport: Sender | None = None
    ) -> Request:
        """Return a request with Authorization and x-goog-user-project; errors as `authorized`."""
        with lent(transport) as sender:
            return run(self.authorized(request, fresh=fresh), Network(sender))


def _roots(endpoints: Endpoints) -> tuple[str, ...]:
    """The API roots of one Google, each ending in a slash (an emulator's are all the same)."""
    urls = (
        endpoints.gemini,
        endpoints.iam,
        endpoints.iam_credentials,
        endpoints.service_usage,
        endpoints.resource_manager,
        endpoints.userinfo.rpartition("/")[0],
    )
    return tuple(f"{url}/" for url in urls)
