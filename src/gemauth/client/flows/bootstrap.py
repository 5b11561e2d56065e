"""Sign in with the browser of another machine, in gcloud's words (google-oauth.md 7.1), both sides.

`remote` is the machine without a browser: it prints an authorization URL without a redirect URI, as
`gcloud auth application-default login --no-browser` does, for `--remote-bootstrap` over there.
`helper` is that option: it adds the redirect URI at which it listens, opens the browser, and its
result is the line to carry back. Each side serves, and is served by, gcloud of version 372 on.

The redirect URI is `http://localhost:PORT/` on both sides, because gcloud redeems the code with
that and takes the port alone from the line; the listener holds the port on ::1 too.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from gemauth.client.flows import dead_end
from gemauth.client.flows.loopback import TIMEOUT
from gemauth.client.flows.pages import page
from gemauth.client.flows.paste import cleaned
from gemauth.client.flows.sign_in import WrongState, begin, code_of, redeem
from gemauth.client.target import is_emulated, require_side
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Ask, Bind, Now, OpenBrowser, Receive, Reply, Show
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import short
from gemauth.http import LOOPBACK
from gemauth.oauth.authorization import AuthorizationRequest, AuthorizationResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.flows.sign_in import Granted, Pending, SignIn
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["Bootstrap", "helper", "remote"]

ATTEMPTS = 3
PROMPT = "Enter the output of the above command: "  # what expect scripts wait for (7.1)
_PATHS = ("/o/oauth2/auth", "/o/oauth2/v2/auth")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # of S256 (RFC 7636 section 4.2)
# Both are read out to the person who decides: a line break in one would say what we did not.
_CLIENT = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3
_MARK = {"token_usage": "remote"}  # gcloud's; Google ignores it (google-oauth.md 1.1)
# What else an authorization URL of gcloud's may have in its query.
_MORE = frozenset({"token_usage", "hl", "authuser"})
_DONE = page("Go back to the terminal", "A line stands there to be copied to the other machine.")
_WAITING = page("Nothing to see here", "gemauth is waiting for the sign-in in another tab.")
_FOREIGN = page("Not this sign-in", "This answer belongs to another sign-in.")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What another machine asks this one's browser for.

    Attributes:
        request: without a redirect URI; it has a state and a PKCE challenge.
        endpoint: where it goes.
    """

    request: AuthorizationRequest
    endpoint: str

    @classmethod
    def from_url(cls, url: str, endpoints: Endpoints) -> Bootstrap:
        """Return what a `--remote-bootstrap` URL asks for.

        Args:
            url: as the other machine printed it.
            endpoints: Google's or an emulator's; the URL has to lead there, or to Google where
                an emulator stands in for it.

        Raises:
            UsageError: it leads elsewhere, or is no request for such a sign-in.
            CredentialError: its client is an emulator's, and would be sent to Google.
        """
        query = _query(cleaned(url), endpoints)
        request = AuthorizationRequest.from_query(query)
        faults = [
            (request.redirect_uri is not None, "it has a redirect_uri of its own"),
            (request.response_type != "code", "it asks for something else than a code"),
            (not _CLIENT.fullmatch(request.client_id or ""), "it names no client"),
            (not all(map(_SCOPE.fullmatch, request.scopes or ("",))), "it asks for no scopes"),
            ("none" in (request.prompt or "").split(), "it wants no page of Google's to be shown"),
            (not request.state, "it has no state"),
            (
                request.code_challenge_method != "S256"
                or not _CHALLENGE.fullmatch(request.code_challenge or ""),
                "it has no PKCE challenge, so that anybody could use the code",
            ),
            (request.response_mode is not None, "it wants its answer in another form"),
            (bool(more := set(request.more) - _MORE), f"it has {', '.join(sorted(more))}"),
        ]
        for wrong, why in faults:
            if wrong:
                raise _not_ours(why)
        if is_emulated(request.client_id or ""):
            require_side(endpoints, emulated=True, what="The OAuth client")
        return cls(request, endpoints.authorization)

    def to_url(self, redirect_uri: str) -> str:
        """Return the URL to open, with the place where its answer goes."""
        return replace(self.request, redirect_uri=redirect_uri).to_url(self.endpoint)

    def describe(self) -> str:
        """Return what a person has to know before they go on."""
        scopes = ", ".join(map(short, self.request.scopes))
        if self.request.include_granted_scopes not in {None, "false"}:
            scopes += ", and all that this client was granted before"
        return (
            "Another machine asks for a sign-in in this one's browser.\n"
            f"  client  {self.request.client_id}\n"
            f"  scopes  {scopes}\n"
            "Go on only if you yourself began it there, on a machine that you trust: whoever gets "
            "the line that this prints can act as you."
        )


def remote(sign_in: SignIn, *, entropy: Callable[[int], bytes] = os.urandom) -> Flow[Granted]:
    """Return the flow of a sign-in in another machine's browser, by gcloud or gemauth over there.

    Raises:
        UsageError: there is nobody to ask.
        CredentialError: the person declined, nothing usable was pasted, or the code was refused.
        UnreachableError: the token endpoint could not be asked.
    """
    pending = begin(sign_in, "", entropy)
    yield Show(_instruction(sign_in, pending))
    for left in range(ATTEMPTS, 0, -1):
        line: str = yield Ask(PROMPT)
        ended = dead_end.of_pasted(line, sign_in.endpoints.authorization, sign_in.advise)
        if ended is not None:
            raise ended
        text = cleaned(line)
        port = _port(text)
        answer = AuthorizationResponse.from_url("" if port is None else text)
        if port is None or not (answer.code or answer.error):
            yield Show("That is not the line: it begins with https://localhost: and has a code.")
            continue
        here = replace(pending, redirect_uri=_redirect_uri(port))
        try:
            code = code_of(here, answer)
        except WrongState as error:
            if left == 1:
                raise
            yield Show(str(error))
            continue
        return (yield from redeem(here, code))
    raise CredentialError(
        "Nothing that was pasted is the other machine's answer.",
        next_step="Start over, and copy the last line that the command over there prints.",
    )


def helper(wanted: Bootstrap, *, port: int = 0, timeout: float = TIMEOUT) -> Flow[str]:
    """Return the flow that signs in for another machine; its result is a secret, the line for it.

    Args:
        wanted: what it asks for. Whether the person agrees was asked before.
        port: to listen on; 0 takes any free one.
        timeout: seconds to wait for the person.

    Raises:
        UsageError: the port is in use.
        CredentialError: nobody came back in time.
    """
    own: str = yield Bind(port)
    redirect_uri = _redirect_uri(urlsplit(own).port)
    target = wanted.to_url(redirect_uri)
    opened: bool = yield OpenBrowser(target)
    lead = "Your browser was opened at" if opened else "Open this address in a browser here"
    yield Show(f"{lead}:\n\n    {target}\n")
    state = (wanted.request.state or "").encode()
    started: float = yield Now()
    while (left := started + timeout - (yield Now())) > 0:
        received: str | None = yield Receive(left)
        if received is None:
            break
        parts = urlsplit(received)
        answer = AuthorizationResponse.from_url(received)
        if parts.path != "/" or not (answer.code or answer.error):
            yield Reply(404, _WAITING)
            continue
        if not hmac.compare_digest((answer.state or "").encode(), state):
            yield Reply(400, _FOREIGN)
            continue
        yield Reply(200, _DONE)
        # https, as gcloud writes it: oauthlib over there takes nothing else.
        return f"https://localhost:{parts.port}/?{parts.query}"
    raise CredentialError(
        f"No sign-in came back within {timeout:g} seconds.",
        next_step="Start over on the other machine, and run the command that it prints again.",
    )


def _instruction(sign_in: SignIn, pending: Pending) -> str:
    query = dict(parse_qsl(urlsplit(pending.url).query))  # an empty redirect_uri is left out
    url = AuthorizationRequest.from_query(query | _MARK).to_url(sign_in.endpoints.authorization)
    there = ""
    if sign_in.endpoints.is_emulator:
        there = f" --emulator {sign_in.endpoints.gemini}"
    return (
        "On a machine with a browser, run one of these two, and paste here what it prints:\n\n"
        f'gcloud auth application-default login --remote-bootstrap="{url}"\n\n'
        f'gemauth login{there} --remote-bootstrap="{url}"\n'
    )


def _query(url: str, endpoints: Endpoints) -> dict[str, str]:
    """Return the parameters of an authorization URL that leads to one of the two places.

    Raises:
        UsageError: it is none.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise _not_ours("it is no whole address") from None
    home = urlsplit(endpoints.authorization)
    google = parts[:2] == urlsplit(GOOGLE.authorization)[:2]
    emulator = (
        endpoints.is_emulator
        and (parts.scheme, port) == (home.scheme, home.port)
        and host in LOOPBACK
        and "@" not in parts.netloc
    )
    if not (google or emulator) or parts.path not in _PATHS or parts.fragment:
        raise _not_ours(f"it leads to {host or 'nowhere'}, or to a page that is no sign-in's")
    query = dict(pairs)
    if len(query) != len(pairs):
        raise _not_ours("it has a parameter twice")
    return query


def _not_ours(why: str) -> UsageError:
    return UsageError(
        f"This is no --remote-bootstrap address of a sign-in: {why}.",
        next_step="Copy the whole command that the other machine printed; for an emulator's "
        "sign-in, add --emulator ADDRESS.",
    )


def _redirect_uri(port: int | None) -> str:
    return f"http://localhost:{port}/"


def _port(url: str) -> int | None:
    """Return the port in the other machine's answer, whose host says nothing (7.1)."""
    try:
        return urlsplit(url).port
    except ValueError:
        return None
