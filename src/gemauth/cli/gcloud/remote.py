"""gcloud's sign-ins whose answer does not come to a listener of this process (google-oauth.md 7.1).

`other_machine` is `--no-browser`: another gcloud opens the browser and prints the redirect, which
is pasted here. `helper` is that other gcloud (`--remote-bootstrap`): the client's flow of it.
`shown_code` is `--no-launch-browser`: a page shows the code. Each is a flow, as those of
`client/flows/`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from gemauth.cli.gcloud.errors import GcloudError
from gemauth.client.flows import bootstrap
from gemauth.client.flows.sign_in import begin, code_of, redeem
from gemauth.errors import UsageError
from gemauth.flow import Ask, Show
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.run.consent import GCLOUD_REDIRECT

if TYPE_CHECKING:
    from gemauth.client.flows.sign_in import Granted, Pending, SignIn
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["Respond", "at_once", "helper", "other_machine", "shown_code"]

Respond = Callable[[str], str]
"""Signs in at an authorization URL and returns the redirect: a person's part, played."""

# What expect scripts wait for (7.1).
PASTE_PROMPT = "Enter the output of the above command: "
CODE_PROMPT = "Once finished, enter the verification code provided in your browser: "
_OLDEST_HELPER = "372.0.0"


def at_once(
    sign_in: SignIn, respond: Respond, *, entropy: Callable[[int], bytes] = os.urandom
) -> Flow[Granted]:
    """Return the flow of a sign-in that nobody has to be asked for.

    Raises:
        CredentialError: it was declined, or its code refused.
        UnreachableError: the emulator could not be asked.
    """
    pending = begin(sign_in, GCLOUD_REDIRECT, entropy)
    yield Show("Signing in without a browser: GEMAUTH_AUTO_CONSENT says who consents.")
    answer = AuthorizationResponse.from_url(respond(pending.url))
    return (yield from redeem(pending, code_of(pending, answer)))


def other_machine(
    sign_in: SignIn,
    command: str,
    respond: Respond | None = None,
    *,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Flow[Granted]:
    """Return the flow of a sign-in in another machine's browser.

    Args:
        sign_in: what to ask for.
        command: the one to run there, such as `gcloud auth login`.
        respond: answers in the person's place.
        entropy: returns so many random bytes.

    Raises:
        GcloudError: nobody answers, or not with a redirect.
        CredentialError: declined, another sign-in's answer, or the code was refused.
        UnreachableError: the emulator could not be asked.
    """
    pending = begin(sign_in, GCLOUD_REDIRECT, entropy)
    url = _bootstrap(pending)
    yield Show(
        "This sign-in needs a web browser on another machine. Run there, with gcloud "
        f"{_OLDEST_HELPER} or newer, and paste here what it prints (or answer it with: gemauth "
        f'emulator authorize):\n\n{command} --remote-bootstrap="{url}"\n'
    )
    line: str = respond(url) if respond else (yield Ask(PASTE_PROMPT))
    text = line.strip().strip("\"'")
    answer = AuthorizationResponse.from_url(text)
    if answer.state is None or not (answer.code or answer.error):
        raise GcloudError(
            "The authorization response is not valid: it takes a URL with the query parameters "
            "[state, code].",
            next_step="Paste the whole last line that the other command prints.",
        )
    # Which port the helper found free, only its answer tells; the name is always this one.
    here = replace(pending, redirect_uri=f"http://localhost:{_port(text)}/")
    return (yield from redeem(here, code_of(here, answer)))


def shown_code(
    sign_in: SignIn,
    code_page: str,
    respond: Respond | None = None,
    *,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Flow[Granted]:
    """Return the flow of a sign-in that ends on a page with a code to copy.

    Args:
        sign_in: what to ask for, with one of gcloud's own clients.
        code_page: the page's address at Google, for which the emulator has one of its own.
        respond: answers in the person's place.
        entropy: returns so many random bytes.

    Raises:
        GcloudError: nobody answers.
        CredentialError: declined, or the code was refused.
        UnreachableError: the emulator could not be asked.
    """
    pending = begin(sign_in, code_page, entropy)
    url = f"{pending.url}&token_usage=remote"
    yield Show(f"Open this link in a browser and sign in:\n\n    {url}\n")
    if respond:
        code = code_of(pending, AuthorizationResponse.from_url(respond(url)))
    else:
        code = yield Ask(CODE_PROMPT)
    return (yield from redeem(pending, code))


def helper(url: str, endpoints: Endpoints, respond: Respond | None = None) -> Flow[str]:
    """Return the flow that signs in for another gcloud; its result is the line to paste there.

    Args:
        url: what the other gcloud printed.
        endpoints: the emulator's.
        respond: answers in the person's place.

    Raises:
        UsageError: the URL is no such sign-in's, or leads to no page of the emulator's.
        CredentialError: nobody came back in time.
    """
    if respond is None:
        try:
            wanted = bootstrap.Bootstrap.from_url(url, endpoints)
        except UsageError as error:
            step = "Copy the whole command that the other gcloud printed."
            raise UsageError(error.message, next_step=step) from None
        return (yield from bootstrap.helper(wanted))
    # https, as gcloud writes it: oauthlib at the other end takes nothing else.
    return f"https:{respond(url).partition(':')[2]}"


def _bootstrap(pending: Pending) -> str:
    """Return the authorization URL as gcloud prints it: Google's, without a redirect URI."""
    query = [pair for pair in parse_qsl(urlsplit(pending.url).query) if pair[0] != "redirect_uri"]
    google = urlsplit(GOOGLE.authorization)
    more = urlencode([*query, ("token_usage", "remote")])
    return f"{google.scheme}://{google.netloc}/o/oauth2/auth?{more}"


def _port(url: str) -> int:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None
    if port is None:
        raise GcloudError("The authorization response names no port.")
    return port
