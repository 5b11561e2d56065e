"""Signing in while one process sees it through: this machine's browser, or what is pasted."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from gemauth.client.browser import has_browser, open_browser
from gemauth.client.flows.loopback import TIMEOUT, loopback
from gemauth.client.flows.paste import paste
from gemauth.client.login.asked import asked
from gemauth.client.login.keeping import SignedIn, see_through
from gemauth.client.transport import lent
from gemauth.client.world import AsyncTerminal, Terminal
from gemauth.flow import Show, arun, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.flows.sign_in import Granted, SignIn
    from gemauth.client.login.wish import Wish
    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow

__all__ = ["login", "login_async", "signing_in"]


def login(
    client_id_file: str | os.PathLike[str] | None = None,
    *,
    add_scopes: Iterable[str] | None = None,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    browser: bool | None = None,
    remote: bool = False,
    port: int = 0,
    timeout: float = TIMEOUT,
    output: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    in_keyring: bool | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    proof: bool = True,
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
        add_scopes: full or short names to add to the sign-in that is kept already, by the client
            that it names and for the same account; instead of a client's file.
        scopes: full or short names; None takes `scopes.DEFAULT`.
        account: the e-mail address that has to sign in.
        browser: True waits for the browser's redirect, False has the person paste it, None takes
            what the machine can do.
        remote: have another machine's browser sign in, by gcloud or gemauth over there; the person
            carries a command there and a line back. It goes before `browser`.
        port: of the listener; 0 takes any free one.
        timeout: seconds to wait for the browser.
        output: where to write instead of the well-known ADC place.
        profile: the profile to sign in to, instead of that; None takes GEMAUTH_PROFILE.
        in_keyring: keep the refresh token and the client's secret in the system's keyring, which
            is tried before anybody is asked; None keeps them where the profile's are.
        replace: overwrite a file that the sign-in would otherwise spare.
        quota_project: written into the file; without one the client's own project is billed.
        proof: make a first call of the API with what was granted (`SignedIn.proof`); whatever
            comes of it, the credentials are kept.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the client file's own.
        environ: the environment variables.
        show: tells the person a line; None writes to stderr.
        ask: asks the person for a line; None asks on the terminal (in a notebook pass `input`).
        open_url: opens a URL in the person's browser and says whether it could.
        transport: sends the requests; None opens one for this sign-in.
        clock: tells the time.

    Raises:
        UsageError: the client is not a desktop client of one's own, a scope is unknown, the port
            is in use, nobody can be asked, or a file would be lost that is not replaced; there is
            nothing to add, or no sign-in to add to.
        NotFoundError: there is no such client file, or no credentials to add scopes to.
        DataError: the client file is none, or the credentials cannot be written.
        CredentialError: declined, timed out, refused, or signed in by another account; or the
            keyring does not work.
        UnreachableError: the token endpoint could not be asked.
    """
    flow = signing_in(
        asked(
            client_id_file,
            add_scopes=add_scopes,
            scopes=scopes,
            account=account,
            output=output,
            profile=profile,
            in_keyring=in_keyring,
            replace=replace,
            quota_project=quota_project,
            emulator=emulator,
            environ=environ,
        ),
        _way(browser, remote=remote, port=port, timeout=timeout, environ=environ),
        proof=proof,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        return run(flow, Terminal(sender, clock=clock, show=show, ask=ask, browser=open_url))


async def login_async(
    client_id_file: str | os.PathLike[str] | None = None,
    *,
    add_scopes: Iterable[str] | None = None,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    browser: bool | None = None,
    remote: bool = False,
    port: int = 0,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  # the person's, as in login
    output: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    in_keyring: bool | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    proof: bool = True,
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
    flow = signing_in(
        asked(
            client_id_file,
            add_scopes=add_scopes,
            scopes=scopes,
            account=account,
            output=output,
            profile=profile,
            in_keyring=in_keyring,
            replace=replace,
            quota_project=quota_project,
            emulator=emulator,
            environ=environ,
        ),
        _way(browser, remote=remote, port=port, timeout=timeout, environ=environ),
        proof=proof,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        world = Terminal(sender, clock=clock, show=show, ask=ask, browser=open_url)
        return await arun(flow, AsyncTerminal(world))


def signing_in(
    wish: Flow[Wish],
    way: Callable[[SignIn], Flow[Granted]],
    *,
    proof: bool,
    environ: Mapping[str, str],
) -> Flow[SignedIn]:
    """Return the flow of a whole sign-in, from the wish to the credentials and their proof.

    Args:
        wish: makes what is asked for.
        way: how the person is asked: the flow of a sign-in from `client/flows`.
        proof: whether to make a first call of the API.
        environ: the environment variables.
    """
    wished = yield from wish
    wished.require_free(environ)
    if wished.doubt is not None:
        yield Show(wished.doubt)
    granted = yield from way(wished.sign_in)
    wished.require_free(environ)  # that took minutes, and other programs write there too
    return (yield from see_through(wished, granted, proof=proof, environ=environ))


def _way(
    browser: bool | None,  # noqa: FBT001  # as `login` got it
    *,
    remote: bool,
    port: int,
    timeout: float,
    environ: Mapping[str, str],
) -> Callable[[SignIn], Flow[Granted]]:
    if remote:
        from gemauth.client.flows.bootstrap import remote as on_another_machine

        return on_another_machine
    if has_browser(environ) if browser is None else browser:
        return partial(loopback, port=port, timeout=timeout)
    return paste
