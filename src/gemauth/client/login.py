"""Sign in: read the client file, run the flow that fits the machine, keep the credentials.

`gemauth login`, `gemauth.login()` and `gemauth.login_async()` are this module; google-oauth.md
sections 1 and 7.5.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.advice import NEW_CLIENT
from gemauth.client.browser import has_browser, open_browser
from gemauth.client.cache import adc, files, grants, tokens
from gemauth.client.flows.loopback import TIMEOUT, loopback
from gemauth.client.flows.paste import paste
from gemauth.client.flows.sign_in import SignIn
from gemauth.client.sources import chain
from gemauth.client.target import EMULATOR_VARIABLE, of_client, target
from gemauth.client.token import AccessToken
from gemauth.client.transport import lent
from gemauth.client.world import AsyncTerminal, Terminal
from gemauth.errors import DataError, NotFoundError
from gemauth.flow import Now, arun, run
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import ClientSecret
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.flows.sign_in import Granted
    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow

__all__ = ["SignedIn", "keep", "login", "login_async", "read_client"]


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


def login(
    client_id_file: str | os.PathLike[str],
    *,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    browser: bool | None = None,
    port: int = 0,
    timeout: float = TIMEOUT,
    output: str | os.PathLike[str] | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    show: Callable[[str], None] | None = None,
    ask: Callable[[str], str] | None = None,
    open_url: Callable[[str], bool] = open_browser,
    transport: Sender | None = None,
    clock: Clock | None = None,
) -> SignedIn:
    """Sign a person in with their own desktop OAuth client, and keep the credentials as ADC.

    Args:
        client_id_file: the client_secret_….json of a desktop client.
        scopes: full or short names; None takes `scopes.DEFAULT`.
        account: the e-mail address that has to sign in.
        browser: True waits for the browser's redirect, False has the person paste it, None takes
            what the machine can do.
        port: of the listener; 0 takes any free one.
        timeout: seconds to wait for the browser.
        output: where to write instead of the well-known ADC place.
        replace: overwrite a file that the sign-in would otherwise spare.
        quota_project: written into the file; without one the client's own project is billed.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the client file's own.
        environ: the environment variables.
        show: tells the person a line; None writes to stderr.
        ask: asks the person for a line; None asks on the terminal (in a notebook pass `input`).
        open_url: opens a URL in the person's browser and says whether it could.
        transport: sends the requests; None opens one for this sign-in.
        clock: tells the time.

    Raises:
        UsageError: the client is not a desktop client of one's own, a scope is unknown, the port
            is in use, nobody can be asked, or a file would be lost that is not replaced.
        NotFoundError: there is no such client file.
        DataError: the client file is none, or the credentials cannot be written.
        CredentialError: declined, timed out, refused, or signed in by another account.
        UnreachableError: the token endpoint could not be asked.
    """
    flow = _signing_in(
        Path(client_id_file),
        scopes=scopes,
        account=account,
        browser=browser,
        port=port,
        timeout=timeout,
        output=output,
        replace=replace,
        quota_project=quota_project,
        emulator=emulator,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        return run(flow, Terminal(sender, clock=clock, show=show, ask=ask, browser=open_url))


async def login_async(
    client_id_file: str | os.PathLike[str],
    *,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    browser: bool | None = None,
    port: int = 0,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  # the person's, as in login
    output: str | os.PathLike[str] | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    show: Callable[[str], None] | None = None,
    ask: Callable[[str], str] | None = None,
    open_url: Callable[[str], bool] = open_browser,
    transport: Sender | None = None,
    clock: Clock | None = None,
) -> SignedIn:
    """Sign a person in, as `login` does, while an event loop runs.

    The same flow; what it waits for is waited for on worker threads, where `show`, `ask` and
    `open_url` are called too. A task that is cancelled closes the listener.
    """
    flow = _signing_in(
        Path(client_id_file),
        scopes=scopes,
        account=account,
        browser=browser,
        port=port,
        timeout=timeout,
        output=output,
        replace=replace,
        quota_project=quota_project,
        emulator=emulator,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        world = Terminal(sender, clock=clock, show=show, ask=ask, browser=open_url)
        return await arun(flow, AsyncTerminal(world))


def _signing_in(
    client_id_file: Path,
    *,
    scopes: Iterable[str] | None,
    account: str | None,
    browser: bool | None,
    port: int,
    timeout: float,
    output: str | os.PathLike[str] | None,
    replace: bool,
    quota_project: str | None,
    emulator: str | None,
    environ: Mapping[str, str],
) -> Flow[SignedIn]:
    """Return the flow of a whole sign-in, from the client file to the ADC file."""
    asked_for = target(environ, emulator) if emulator or environ.get(EMULATOR_VARIABLE) else None
    client = read_client(client_id_file, emulated=asked_for is not None)
    endpoints = of_client(client, asked_for)
    names = google_scopes.DEFAULT if scopes is None else google_scopes.expand(scopes)
    sign_in = SignIn(client, endpoints, names or google_scopes.DEFAULT, account)
    path = adc.well_known(environ) if output is None else Path(output)
    adc.require_free(path, emulated=endpoints.is_emulator, replace=replace)
    with_browser = has_browser(environ) if browser is None else browser
    granted = yield from (
        loopback(sign_in, port=port, timeout=timeout) if with_browser else paste(sign_in)
    )
    now: float = yield Now()
    return keep(
        sign_in,
        granted,
        path,
        account=granted.account,
        quota_project=quota_project,
        environ=environ,
        now=now,
    )


def read_client(path: Path, *, emulated: bool = False) -> ClientSecret:
    """Return the OAuth client of a client_secret_….json; `emulated` says who makes such files.

    Raises:
        NotFoundError: there is no such file.
        DataError: it is no client file.
    """
    new = NEW_CLIENT.on(emulated=emulated)
    raw = files.read(path)
    if raw is None:
        raise NotFoundError(
            f"There is no OAuth client file at {path}.",
            next_step=new,
        )
    try:
        return ClientSecret.from_json(json.loads(raw))
    except (ValueError, RecursionError):
        raise DataError(f"{path} is no JSON file.", next_step=new) from None
    except DataError as error:
        raise DataError(f"{path}: {error.message}", next_step=new) from None


def keep(
    sign_in: SignIn,
    granted: Granted,
    path: Path,
    *,
    account: str | None,
    quota_project: str | None,
    environ: Mapping[str, str],
    now: float,
) -> SignedIn:
    """Write the ADC file, what is known of the grant, and the first access token.

    Args:
        sign_in: what was asked for.
        granted: what came of it.
        path: the ADC file's.
        account: the e-mail address that the file names.
        quota_project: the project that the file names to be billed.
        environ: the environment variables.
        now: epoch seconds.

    Raises:
        DataError: the file cannot be written.
    """
    answer, client, endpoints = granted.tokens, sign_in.client, sign_in.endpoints
    assert answer.refresh_token is not None  # redeem() saw to it
    assert answer.access_token is not None
    user = AuthorizedUser(
        client_id=client.client_id,
        client_secret=client.client_secret,
        refresh_token=answer.refresh_token,
        quota_project_id=quota_project,
        account=account or "",
    )
    file = adc.write(path, user)
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
        path=str(path),
        account=granted.account,
        granted=granted.scopes,
        missing=granted.missing,
        refresh_until=known.refresh_until,
    )
