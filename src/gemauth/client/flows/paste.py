"""Sign in without a browser here: any browser signs in, and the address it ends at is pasted back.

The redirect goes to a loopback address where nothing listens, so the browser shows an error page
with the whole answer in its address bar. This replaces Google's withdrawn out-of-band flow
without a second gcloud (google-oauth.md sections 1.2 and 7.5).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gemauth.client.advice import ADD_TESTER
from gemauth.client.flows.sign_in import (
    Granted,
    SignIn,
    WrongState,
    begin,
    code_of,
    redeem,
)
from gemauth.errors import CredentialError
from gemauth.flow import Ask, Flow, Show
from gemauth.oauth.authorization import AuthorizationResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.flows.sign_in import Pending

__all__ = ["paste"]

ATTEMPTS = 3
_DYNAMIC_PORTS = 49152  # RFC 6335 section 6: to 65535, where no service is expected to listen


def paste(sign_in: SignIn, *, entropy: Callable[[int], bytes] = os.urandom) -> Flow[Granted]:
    """Return the flow of a sign-in whose redirect the person pastes.

    Raises:
        UsageError: there is nobody to ask.
        CredentialError: the person declined, nothing usable was pasted, or the code was refused.
        UnreachableError: the token endpoint could not be asked.
    """
    port = _DYNAMIC_PORTS + int.from_bytes(entropy(2), "big") % (65536 - _DYNAMIC_PORTS)
    redirect_uri = f"http://127.0.0.1:{port}/"
    pending = begin(sign_in, redirect_uri, entropy)
    yield Show(
        f"Open this address in any browser and sign in:\n\n    {pending.url}\n\n"
        f"It ends at a page that cannot be shown, at {redirect_uri}?…\n"
        "That is right: copy its whole address from the address bar and paste it here."
    )
    for left in range(ATTEMPTS, 0, -1):
        line: str = yield Ask("Address (or code): ")
        if _is_dead_end(sign_in, line):
            raise CredentialError(
                "The sign-in ended on a page of the sign-in itself, and nothing was granted.",
                next_step=sign_in.advise(ADD_TESTER),
            )
        try:
            code = _code(pending, line)
        except WrongState as error:
            if left == 1:
                raise
            yield Show(str(error))
            continue
        if code is not None:
            return (yield from redeem(pending, code))
        yield Show("That is neither an address with a code in it nor a code.")
    raise CredentialError(
        "Nothing that was pasted holds a code.",
        next_step="Start over, and copy the whole address that begins with http://127.0.0.1",
    )


def _is_dead_end(sign_in: SignIn, line: str) -> bool:
    """Whether a pasted address is a page of the authorization server's, where some sign-ins end.

    Google shows a page and never redirects where it refuses an app or an account (1.3).
    """
    asked = urlsplit(sign_in.endpoints.authorization)
    try:
        page = urlsplit(line.strip().strip("'\""))
    except ValueError:  # no URL at all
        return False
    return page[:2] == asked[:2] and page.path != asked.path


def _code(pending: Pending, line: str) -> str | None:
    """Return the code in a pasted URL, query or bare code, or None where there is none.

    A bare code has no state to check. PKCE still holds it to this sign-in: a code that another
    one was given does not match our verifier (RFC 9700 section 2.1.1).
    """
    text = line.strip().strip("'\"")
    if "code=" in text or "error=" in text:
        query = text.partition("?")[2] or text
        return code_of(pending, AuthorizationResponse.from_url(f"{pending.redirect_uri}?{query}"))
    if not text or "://" in text or any(c.isspace() for c in text):
        return None
    return unquote(text)
