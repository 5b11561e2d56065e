"""Keeping what a person granted: the credentials, what is known of them, the first access token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.client.cache import grants, tokens
from gemauth.client.sources import chain
from gemauth.client.token import AccessToken
from gemauth.errors import DataError
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.flows.sign_in import Granted
    from gemauth.client.login.wish import Wish

__all__ = ["SignedIn", "keep"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in brought.

    Attributes:
        credentials: ready for use.
        path: the ADC file that was written.
        account: the e-mail address, where it was granted.
        granted: the scopes granted (full URLs).
        missing: the scopes asked for and not granted: boxes left unticked.
        refresh_until: the end of the sign-in itself (epoch seconds), None where it has none.
    """

    credentials: Credentials
    path: str
    account: str | None
    granted: tuple[str, ...]
    missing: tuple[str, ...]
    refresh_until: float | None


def keep(
    wish: Wish,
    granted: Granted,
    *,
    environ: Mapping[str, str],
    now: float,
    account: str | None = None,
) -> SignedIn:
    """Write the credentials, what is known of the grant, and the first access token.

    Args:
        wish: what was asked for, and where it goes.
        granted: what came of it.
        environ: the environment variables.
        now: epoch seconds.
        account: the e-mail address that the file names; None takes that of the grant.

    Raises:
        DataError: the file cannot be written.
    """
    sign_in, answer = wish.sign_in, granted.tokens
    client, endpoints = sign_in.client, sign_in.endpoints
    assert answer.refresh_token is not None  # redeem() saw to it
    assert answer.access_token is not None
    user = AuthorizedUser(
        client_id=client.client_id,
        client_secret=client.client_secret,
        refresh_token=answer.refresh_token,
        quota_project_id=wish.quota_project,
        account=(granted.account if account is None else account) or "",
    )
    file = wish.destination.write(user)
    until = answer.refresh_token_expires_in
    address = endpoints.gemini if endpoints.is_emulator else None
    known = grants.Grant(
        scopes=granted.scopes,
        account=granted.account,
        refresh_until=None if until is None else now + until,
        project=client.project_id,
        emulator=address,
    )
    grants.remember(environ, user.refresh_token, known)
    place = tokens.entry(environ, file.raw, (), address or "")
    if place is not None and answer.expires_in is not None:
        first = AccessToken(answer.access_token, now + answer.expires_in, granted.scopes, now)
        try:
            tokens.store(place, first)
        except DataError:  # a cache: the next process asks for a token of its own
            place = None
    return SignedIn(
        credentials=chain.of_file(file, endpoints=endpoints, environ=environ),
        path=str(file.path),
        account=granted.account,
        granted=granted.scopes,
        missing=granted.missing,
        refresh_until=known.refresh_until,
    )
