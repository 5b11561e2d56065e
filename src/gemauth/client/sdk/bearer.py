"""Authorization for requests that another library sends: what all adapters here do alike.

A library sends where its caller says, so each request's address is looked at: tokens go to the
Google that the credentials are for, and nowhere else (design decision 8). After a 401 the refused
token is rejected, so that everybody who was refused it is led to one new one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.client.sources.chain import default
from gemauth.client.target import require_token_side
from gemauth.client.token import TokenCache
from gemauth.errors import UsageError
from gemauth.google.hosts import is_emulated
from gemauth.http import LOOPBACK, without_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.token import AccessToken
    from gemauth.google.endpoints import Endpoints

__all__ = ["API_KEY", "AUTHORIZATION", "NO_KEY", "QUOTA_PROJECT", "Bearer", "leads_to"]

AUTHORIZATION = "Authorization"
QUOTA_PROJECT = "x-goog-user-project"
API_KEY = "x-goog-api-key"
"""Dropped from what an SDK made: the API refuses a request with a key and a token (5.7)."""
NO_KEY = "gemauth-uses-oauth-and-no-key"
"""For SDKs that want a key, and would take the environment's; this one is never sent."""

_PREFIX = "Bearer "
_UNCLEAR = re.compile(r"[^A-Za-z0-9.:_\[\]-]")


class Bearer:
    """One identity's headers for requests.

    Args:
        credentials: who asks; None finds them (`gemauth.default()`).
        environ: the environment variables; read when a request goes to Google's own hosts with an
            emulator's credentials, which only an emulator's proxy may carry.
    """

    def __init__(
        self, credentials: Credentials | None = None, *, environ: Mapping[str, str] = os.environ
    ) -> None:
        if credentials is None:
            credentials = default(environ=environ).credentials
        self.credentials = credentials
        self.environ = environ

    def headers(self, url: str, *, refused: str | None = None) -> dict[str, str]:
        """Return Authorization and, where there is one, the quota project's header.

        Args:
            url: where the request goes.
            refused: the Authorization that was answered with 401, if one was.

        Raises:
            UsageError: the address is none of the Google that the credentials are for.
            CredentialError: no token can be had.
            UnreachableError: the token endpoint does not answer.
        """
        self.require_destination(url)
        return self._write(self.token(refused=refused))

    async def headers_async(self, url: str, *, refused: str | None = None) -> dict[str, str]:
        """Do the same while the event loop goes on."""
        self.require_destination(url)
        return self._write(await self.token_async(refused=refused))

    def token(self, *, refused: str | None = None) -> AccessToken:
        """Return a usable token; `refused` is one, or an Authorization, that a server refused."""
        return self.credentials.token(fresh=self._reject(refused))

    async def token_async(self, *, refused: str | None = None) -> AccessToken:
        """Do the same while the event loop goes on."""
        return await self.credentials.token_async(fresh=self._reject(refused))

    def of(self, credentials: Credentials) -> Bearer:
        """Return the same for other credentials."""
        return Bearer(credentials, environ=self.environ)

    def require_destination(self, url: str) -> None:
        """See that a token may go to an address.

        Raises:
            UsageError: it may not.
        """
        if not _is_destination(self.credentials.endpoints, url, self.environ):
            raise UsageError(
                f"{without_query(url)} is not an address of the Google that these credentials "
                "are for; no token is sent there.",
                next_step="Use other credentials, or none, for requests to other hosts.",
            )

    def _reject(self, refused: str | None) -> bool:
        """Reject a token; whether a new one has to be asked for expressly, past every cache."""
        if refused is None:
            return False
        source = self.credentials.source
        if not isinstance(source, TokenCache):
            return True
        source.reject(refused.removeprefix(_PREFIX))
        return False

    def _write(self, token: AccessToken) -> dict[str, str]:
        require_token_side(self.credentials.endpoints, token.value)
        headers = {AUTHORIZATION: f"{_PREFIX}{token.value}"}
        if self.credentials.quota_project is not None:
            headers[QUOTA_PROJECT] = self.credentials.quota_project
        return headers


def leads_to(endpoints: Endpoints, environ: Mapping[str, str]) -> bool:
    """Whether this environment's proxy is that emulator, so that calls of Google's end there."""
    named = environ.get("https_proxy") or environ.get("HTTPS_PROXY") or ""
    return endpoints.is_emulator and named.rstrip("/") == endpoints.gemini


def _is_destination(endpoints: Endpoints, url: str, environ: Mapping[str, str]) -> bool:
    try:
        there, emulator = urlsplit(url), urlsplit(endpoints.gemini)
        host, port = there.hostname or "", there.port
    except ValueError:
        return False
    # Libraries do not agree on the host of `https://a.com\@b.com`: for urllib3 it is a.com.
    if _UNCLEAR.search(there.netloc):
        return False
    if not endpoints.is_emulator:
        return there.scheme == "https" and host.endswith(".googleapis.com")
    if host in LOOPBACK:
        return port == emulator.port  # with TLS or without: its one port has both
    return there.scheme == "https" and is_emulated(host) and leads_to(endpoints, environ)
