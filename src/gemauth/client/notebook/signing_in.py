"""`gemauth.notebook.login`: credentials for the rest of a notebook, signed in for where needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc
from gemauth.client.flows.paste import paste
from gemauth.client.flows.sign_in import SignIn
from gemauth.client.lifetime import sign_in_life
from gemauth.client.login.destination import Destination
from gemauth.client.login.keeping import see_through
from gemauth.client.login.wish import Wish
from gemauth.client.notebook import frontend
from gemauth.client.notebook.client_file import SECRET, client_of
from gemauth.client.sources import chain
from gemauth.client.target import EMULATOR_VARIABLE, of_client, target
from gemauth.client.transport import lent
from gemauth.client.world import Terminal, show_on_stderr
from gemauth.clock import SystemClock
from gemauth.errors import CredentialError, DataError
from gemauth.flow import run
from gemauth.google import scopes as google_scopes
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.login.keeping import SignedIn
    from gemauth.client.notebook.client_file import Client
    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow

__all__ = ["login"]


def login(
    client: Client | None = None,
    *,
    secret: str = SECRET,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    again: bool = False,
    output: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    proof: bool = True,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    show: Callable[[str], None] | None = None,
    ask: Callable[[str], str] | None = None,
    transport: Sender | None = None,
    clock: Clock | None = None,
) -> Credentials:
    """Return a person's credentials, asking them to sign in where that is needed.

    A cell that is run again asks nobody: credentials that are kept already are taken, where they
    are of the same client, have every scope that is asked for, and hold a token that lasts or get
    one from the server. In a terminal's Python this asks there.

    Args:
        client: the desktop OAuth client: its client_secret_….json, or that file's content. None
            takes Colab's secret, or `client_secret.json` in the notebook's folder.
        secret: the name of the secret in Colab that holds the file's text.
        scopes: full or short names; None takes `scopes.DEFAULT`.
        account: the e-mail address that has to sign in.
        again: sign in whatever is kept already.
        output: where to keep the credentials instead of the well-known ADC place.
        profile: the profile to keep them in, instead of that; None takes GEMAUTH_PROFILE.
        replace: overwrite a file that the sign-in would otherwise spare.
        quota_project: the project that is billed, instead of the client's own.
        proof: make a first call of the API after a sign-in.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the client's own.
        environ: the environment variables.
        show: tells the person something; None shows it below the cell.
        ask: asks the person for a line; None has the notebook show a box.
        transport: sends the requests; None opens one.
        clock: tells the time.

    Raises:
        UsageError: there is no client, or none of one's own for desktop apps; a scope is unknown;
            nobody can be asked; or a file would be lost that is not replaced.
        NotFoundError: there is no such client file.
        DataError: the client file is none, or the credentials cannot be written.
        CredentialError: declined, refused, or signed in by another account.
        StatusError: the API refuses the first call; the credentials are kept.
        UnreachableError: the token endpoint could not be asked.
    """
    asked_for = target(environ, emulator) if emulator or environ.get(EMULATOR_VARIABLE) else None
    found = client_of(client, secret, emulated=asked_for is not None)
    endpoints = of_client(found, asked_for)
    names = google_scopes.DEFAULT if scopes is None else google_scopes.expand(scopes)
    sign_in = SignIn(found, endpoints, names or google_scopes.DEFAULT, account)
    destination = Destination.of(output, environ, profile=profile, replace=replace)
    wish = Wish(sign_in, destination, quota_project)
    in_notebook = frontend.is_notebook()
    tell = show or (frontend.show if in_notebook else show_on_stderr)
    with lent(transport, environ) as sender:
        kept = None if again else _kept(wish, environ, sender)
        if kept is not None:
            tell(f"Signed in already{_as(kept)}: {kept.path}")
            return kept
        if ask is None and in_notebook:
            ask = frontend.ask
        world = Terminal(sender, clock=clock, show=tell, ask=ask)
        signed_in = run(_signing_in(wish, proof=proof, environ=environ), world)
    tell("\n".join(_story(signed_in, (clock or SystemClock()).now())))
    made = signed_in.proof
    if made is not None and made.error is not None:
        if made.refused:
            raise made.error
        tell(f"Whether the API takes them could not be seen: {made.error}")
    return signed_in.credentials


def _signing_in(wish: Wish, *, proof: bool, environ: Mapping[str, str]) -> Flow[SignedIn]:
    wish.require_free(environ)
    granted = yield from paste(wish.sign_in)
    wish.require_free(environ)  # that took minutes, and other programs write there too
    return (yield from see_through(wish, granted, proof=proof, environ=environ))


def _kept(wish: Wish, environ: Mapping[str, str], sender: Sender) -> Credentials | None:
    """Return the credentials at the destination, where they will do; else None.

    Raises:
        UnreachableError: nobody knows, because the token endpoint could not be asked.
    """
    sign_in = wish.sign_in
    try:
        file = adc.find(Path(wish.destination.path))
    except (DataError, CredentialError):  # `require_free` says what is to be done about it
        return None
    if (
        file is None
        or not isinstance(file.credentials, AuthorizedUser)
        or file.credentials.client_id != sign_in.client.client_id
    ):
        return None
    kept = chain.of_file(file, endpoints=sign_in.endpoints, environ=environ)
    wanted = sign_in.account or kept.account or ""
    if (kept.account or "").lower() != wanted.lower() or not (
        set(sign_in.asked) <= set(google_scopes.canonical(kept.scopes))
    ):
        return None
    try:
        kept.token(transport=sender)
    except CredentialError:  # over, or of the other side
        return None
    return kept if wish.quota_project is None else kept.with_quota_project(wish.quota_project)


def _story(signed_in: SignedIn, now: float) -> list[str]:
    lines = [f"Signed in{_as(signed_in.credentials)}."]
    if signed_in.missing:
        missing = ", ".join(map(google_scopes.short, signed_in.missing))
        lines.append(
            f"Not granted: {missing}. Calls that need it will be refused; to grant it, run this "
            "again and tick its box."
        )
    lines.append(sign_in_life(signed_in.credentials, now))
    lines.append(f"Credentials are kept in {signed_in.path}, readable by you alone.")
    return lines


def _as(credentials: Credentials) -> str:
    return f" as {credentials.account}" if credentials.account else ""
