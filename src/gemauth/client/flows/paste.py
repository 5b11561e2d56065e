"""Sign in without a browser here: any browser signs in, and the address it ends at is pasted back.

The redirect goes to a loopback address where nothing listens, so the browser shows an error page
with the whole answer in its address bar. This replaces Google's withdrawn out-of-band flow
without a second gcloud (google-oauth.md sections 1.2 and 7.5).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gemauth.client.flows import dead_end
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

__all__ = ["answer_in", "cleaned", "nowhere", "paste"]

ATTEMPTS = 3
_DYNAMIC_PORTS = 49152  # RFC 6335 section 6: to 65535, where no service is expected to listen


def paste(sign_in: SignIn, *, entropy: Callable[[int], bytes] = os.urandom) -> Flow[Granted]:
    """Return the flow of a sign-in whose redirect the person pastes.

    Raises:
        UsageError: there is nobody to ask.
        CredentialError: the person declined, a page of the server's or nothing usable was pasted,
            or the code was refused.
        UnreachableError: the token endpoint could not be asked.
    """
    redirect_uri = nowhere(entropy)
    pending = begin(sign_in, redirect_uri, entropy)
    yield Show(
        f"Open this address in any browser and sign in:\n\n    {pending.url}\n\n"
        f"It ends at a page that cannot be shown, at {redirect_uri}?…\n"
        "That is right: copy its whole address from the address bar and paste it here."
    )
    for left in range(ATTEMPTS, 0, -1):
        line: str = yield Ask("Address (or code): ")
        end = dead_end.of_pasted(line, sign_in.endpoints.authorization, sign_in.advise)
        if end is not None:
            raise end
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


def nowhere(entropy: Callable[[int], bytes]) -> str:
    """Return a redirect URI on loopback where nothing is expected to listen."""
    port = _DYNAMIC_PORTS + int.from_bytes(entropy(2), "big") % (65536 - _DYNAMIC_PORTS)
    return f"http://127.0.0.1:{port}/"


def answer_in(line: str) -> AuthorizationResponse | None:
    """Return the answer in a pasted URL or its query, or None where there is none."""
    text = cleaned(line)
    if "code=" not in text and "error=" not in text:
        return None
    query = (text.partition("?")[2] or text).partition("#")[0]
    return AuthorizationResponse.from_url(f"?{query}")


def _code(pending: Pending, line: str) -> str | None:
    """Return the code in a pasted URL, query or bare code, or None where there is none.

    A bare code has no state to check. PKCE still holds it to this sign-in: a code that another
    one was given does not match our verifier (RFC 9700 section 2.1.1).
    """
    answer = answer_in(line)
    if answer is not None:
        return code_of(pending, answer)
    text = cleaned(line)
    if not text or "://" in text or any(c.isspace() for c in text):
        return None
    return unquote(text)


def cleaned(line: str) -> str:
    """Return what was copied, without quotes around it and bytes that no encoding explains."""
    return line.strip().strip("'\"").encode("utf-8", "replace").decode()
