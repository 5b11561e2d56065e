"""Signing in while one process sees it through: a browser on this machine, or a pasted address."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gemauth.client.browser import has_browser, open_browser
from gemauth.client.flows.loopback import TIMEOUT, loopback
from gemauth.client.flows.paste import paste
from gemauth.client.login.destination import Destination
from gemauth.client.login.keeping import SignedIn, keep
from gemauth.client.login.wish import Wish, with_client_file
from gemauth.client.transport import lent
from gemauth.client.world import AsyncTerminal, Terminal
from gemauth.flow import Now, arun, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow

__all__ = ["login", "login_async"]


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
        with_client_file(
            client_id_file,
            Destination.of(output, environ, replace=replace),
            scopes=scopes,
            account=account,
            quota_project=quota_project,
            emulator=emulator,
            environ=environ,
        ),
        browser=has_browser(environ) if browser is None else browser,
        port=port,
        timeout=timeout,
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
        with_client_file(
            client_id_file,
            Destination.of(output, environ, replace=replace),
            scopes=scopes,
            account=account,
            quota_project=quota_project,
            emulator=emulator,
            environ=environ,
        ),
        browser=has_browser(environ) if browser is None else browser,
        port=port,
        timeout=timeout,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        world = Terminal(sender, clock=clock, show=show, ask=ask, browser=open_url)
        return await arun(flow, AsyncTerminal(world))


def _signing_in(
    wish: Wish, *, browser: bool, port: int, timeout: float, environ: Mapping[str, str]
) -> Flow[SignedIn]:
    """Return the flow of a whole sign-in, from the wish to the credentials."""
    wish.require_free()
    granted = yield from (
        loopback(wish.sign_in, port=port, timeout=timeout) if browser else paste(wish.sign_in)
    )
    now: float = yield Now()
    return keep(wish, granted, environ=environ, now=now)
