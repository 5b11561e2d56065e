"""What the doctor examines: a machine's environment, and what the checks have found out so far."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.flow import Flow  # noqa: TC001  # the type of a public function's result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.credentials import Credentials
    from gemauth.client.flows.tokeninfo import TokenInfo
    from gemauth.client.sources.chain import Found
    from gemauth.client.token import AccessToken
    from gemauth.client.world import Sender
    from gemauth.errors import GemauthError
    from gemauth.google.endpoints import Endpoints
    from gemauth.http import Response

__all__ = ["Case", "Fixed"]


def _resolve(host: str) -> None:
    socket.getaddrinfo(host, 443)


@dataclass(slots=True)
class Case:
    """One examination.

    Attributes:
        environ: the environment variables.
        credentials: the file named by hand, or None for the one that is found.
        profile: the profile named by hand.
        token_file: the file of an access token that is given.
        quota_project: named by hand.
        emulator: its address, named by hand.
        transport: looks for a metadata server.
        find: finds the credentials instead, with whatever else was asked of them (whom to act as,
            a token that was given); None looks as `sources.chain` does.
        resolve: resolves a host's name, or raises OSError.
        user: the number of the user that runs this, None where there are no such numbers.
        platform: `sys.platform`.
        endpoints: the Google that is examined, once that is known.
        found: the credentials in use.
        file: their file, where they have one.
        unresolved: hosts whose names nobody knows.
        unreached: the servers, by their names, that did not answer.
        answers: by the name of the server, its answer to a request without credentials.
        refused: what the token endpoint answered instead of a token.
        token: a new access token.
        info: what the server says of it.
        listed: whether models.list was answered; the refusal where it was not.
    """

    environ: Mapping[str, str]
    credentials: str | None = None
    profile: str | None = None
    token_file: str | None = None
    quota_project: str | None = None
    emulator: str | None = None
    transport: Sender | None = None
    find: Callable[[], Found] | None = None
    resolve: Callable[[str], object] = _resolve
    user: int | None = field(default_factory=getattr(os, "geteuid", lambda: None))
    platform: str = sys.platform
    endpoints: Endpoints | None = None
    found: Credentials | None = None
    file: CredentialFile | None = None
    unresolved: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    answers: dict[str, tuple[float, Response]] = field(default_factory=dict)
    refused: GemauthError | None = None
    token: AccessToken | None = None
    info: TokenInfo | None = None
    listed: bool | GemauthError = False

    @property
    def emulated(self) -> bool:
        """Whether it is an emulator that is examined."""
        return self.endpoints is not None and self.endpoints.is_emulator

    @property
    def scopes(self) -> tuple[str, ...]:
        """The token's scopes, by the server's word or else by what was remembered."""
        if self.info is not None:
            return self.info.scopes
        return () if self.found is None else self.found.scopes


class Fixed:
    """A source of the one token that the doctor has; nothing is cached and nothing renewed."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # there is but one
        """Return the token."""
        yield from ()
        return self._token
