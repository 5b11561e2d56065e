"""Keeping what a person granted: the credentials, what is known of them, the first access token."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client import quota_project
from gemauth.client.cache import adc, files, grants, tokens
from gemauth.client.cache.places import adc_path
from gemauth.client.families import FAMILIES
from gemauth.client.login import waiting
from gemauth.client.login.proof import PATIENCE, prove
from gemauth.client.profiles import store
from gemauth.client.quota_project import Check
from gemauth.client.sources import chain
from gemauth.client.token import AccessToken
from gemauth.errors import DataError, GemauthError
from gemauth.flow import Now
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.credentials import Credentials
    from gemauth.client.flows.sign_in import Granted
    from gemauth.client.login.destination import Destination
    from gemauth.client.login.proof import Proof
    from gemauth.client.login.wish import Wish
    from gemauth.flow import Flow

__all__ = ["SignedIn", "keep", "see_through"]


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
        earlier: the scopes that it had before it got more; None for a new one.
        replaced: whether it then had another refresh token, which nobody has revoked.
        unsure: whether it got more scopes, and nobody knows if it is the same person's as before.
        profile: the profile that `path` is, None where it is none.
        in_use: whether Google's libraries take it, as the well-known ADC file.
        store: `file`, or the keyring that has the secrets, to which the file only points.
        proof: how a first call of the API went; None where none was made.
        billing: whether the client's own project may be the quota project, which it is then; None
            where another was named, or nobody was asked.
    """

    credentials: Credentials
    path: str
    account: str | None
    granted: tuple[str, ...]
    missing: tuple[str, ...]
    refresh_until: float | None
    earlier: tuple[str, ...] | None = None
    replaced: bool = False
    unsure: bool = False
    profile: str | None = None
    in_use: bool = True
    store: str = "file"
    proof: Proof | None = None
    billing: Check | None = None

    @property
    def closed(self) -> tuple[str, ...]:
        """What will not work for want of what was not granted: names of the API's families."""
        asked = (*self.granted, *self.missing)
        return tuple(
            family.name
            for family in FAMILIES
            if family.opened_by(asked) and not family.opened_by(self.granted)
        )


def see_through(
    wish: Wish, granted: Granted, *, proof: bool, environ: Mapping[str, str]
) -> Flow[SignedIn]:
    """Return the flow that keeps what was granted, and proves it; arguments as `keep`'s.

    Args:
        wish: as there.
        granted: as there.
        proof: whether to ask if the client's own project may be the quota project, and to make a
            first call of the API. Whatever that brings, they are kept.
        environ: as there.

    Raises:
        DataError: the file cannot be written.
        KeyboardInterrupt: somebody stopped it; a note says so where they are kept by then.
    """
    now: float = yield Now()
    kept = keep(wish, granted, environ=environ, now=now)
    waiting.delete_old(environ, now)
    if not proof:
        return kept
    try:
        kept = yield from _billed(kept, wish, granted, environ)
        return replace(kept, proof=(yield from prove(kept.credentials, wish.sign_in.asked)))
    except KeyboardInterrupt as stopped:
        stopped.add_note(f"The credentials are kept: {kept.path}. They were not tried.")
        raise


def _billed(
    kept: SignedIn, wish: Wish, granted: Granted, environ: Mapping[str, str]
) -> Flow[SignedIn]:
    """Return the flow that makes the client's own project the quota project, if it may be billed.

    Without one it is billed too (gemini-api.md section 3); with one that may not be, every call is
    refused. So it is asked about first, and left out where nobody knows.
    """
    project = wish.sign_in.client.project_id
    if wish.quota_project is not None or not project:
        return kept
    found = yield from quota_project.check(kept.credentials, project, timeout=PATIENCE)
    if not found.allowed:
        return replace(kept, billing=found)
    try:
        file = adc.read(Path(kept.path))
        if getattr(file.credentials, "refresh_token", None) != granted.tokens.refresh_token:
            raise DataError(f"{file.path} holds another sign-in by now.")
        file = quota_project.put(file, project, environ)
        endpoints = kept.credentials.endpoints
        credentials = chain.of_file(file, endpoints=endpoints, environ=environ)
    except GemauthError as error:
        return replace(kept, billing=Check(project, None, error))
    return replace(kept, credentials=credentials, billing=found)


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
    replaced = wish.earlier is not None and _had_another(wish.destination, user)
    file = wish.destination.write(user, environ, same=wish.earlier is not None)
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
        earlier=wish.earlier,
        replaced=replaced,
        unsure=wish.doubt is not None,
        profile=store.name_of(environ, file.path),
        in_use=_is_in_use(environ, file),
        store="file" if file.pointer is None else file.pointer.backend,
    )


def _is_in_use(environ: Mapping[str, str], file: CredentialFile) -> bool:
    place = adc_path(environ)
    try:
        return place is not None and files.read(Path(place)) == file.raw
    except DataError:
        return False


def _had_another(destination: Destination, user: AuthorizedUser) -> bool:
    try:
        before = destination.read().credentials
    except GemauthError:  # deleted meanwhile, or no longer a credential file
        return False
    return isinstance(before, AuthorizedUser) and before.refresh_token != user.refresh_token
