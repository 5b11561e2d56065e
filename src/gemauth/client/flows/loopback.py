"""Sign in with a browser on this machine: the code comes to a listener on 127.0.0.1 (RFC 8252).

The steps: listen, send the person to the authorization endpoint, wait for the one request that
carries our state, exchange its code, and only then tell the browser how it went.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.client.advice import ADD_TESTER
from gemauth.client.flows.pages import page
from gemauth.client.flows.sign_in import (
    Granted,
    SignIn,
    WrongState,
    begin,
    code_of,
    redeem,
)
from gemauth.errors import CredentialError, GemauthError
from gemauth.flow import Bind, Flow, Now, OpenBrowser, Receive, Reply, Show
from gemauth.oauth.authorization import AuthorizationResponse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TIMEOUT", "loopback"]

TIMEOUT = 300.0  # seconds; long enough for a password and a second factor

_WAITING = page("Nothing to see here", "gemauth is waiting for the sign-in in another tab.")
_FOREIGN = page(
    "Not this sign-in", "This answer belongs to another sign-in. Use the page opened last."
)
_DONE = page("Signed in", "You can close this tab and go back to the terminal.")


def loopback(
    sign_in: SignIn,
    *,
    port: int = 0,
    timeout: float = TIMEOUT,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Flow[Granted]:
    """Return the flow of a sign-in in this machine's browser.

    Args:
        sign_in: what to ask for.
        port: to listen on; 0 takes any free one.
        timeout: seconds to wait for the person.
        entropy: returns so many random bytes.

    Raises:
        UsageError: the port is in use.
        CredentialError: the person declined, nobody came back in time, or the code was refused.
        UnreachableError: the token endpoint could not be asked.
    """
    redirect_uri: str = yield Bind(port)
    pending = begin(sign_in, redirect_uri, entropy)
    opened: bool = yield OpenBrowser(pending.url)
    lead = (
        "Your browser was opened at" if opened else "Open this address in a browser on this machine"
    )
    yield Show(f"{lead}:\n\n    {pending.url}\n")
    started: float = yield Now()
    while (left := started + timeout - (yield Now())) > 0:
        received: str | None = yield Receive(left)
        if received is None:
            break
        answer = AuthorizationResponse.from_url(received)
        # A favicon, a prefetch, a port scanner: only the redirect's own path with an answer in
        # its query is looked at, and none of the others ends the wait.
        if urlsplit(received).path != urlsplit(redirect_uri).path or not (
            answer.code or answer.error
        ):
            yield Reply(404, _WAITING)
            continue
        try:
            code = code_of(pending, answer)
            granted = yield from redeem(pending, code)
        except WrongState:
            # Anybody can send one; ending here would let any web page stop a sign-in.
            yield Reply(400, _FOREIGN)
            continue
        except GemauthError as error:
            yield Reply(400, page("Not signed in", error.message))
            raise
        yield Reply(200, _DONE)
        return granted
    raise CredentialError(
        f"No sign-in came back within {timeout:g} seconds.",
        next_step="If it ran on another machine, use --no-browser and paste the address it ended "
        "at. If it ended on a page with an error, that page's address or words given to "
        f"gemauth login --finish - tell the reason. {sign_in.advise(ADD_TESTER)}",
    )
