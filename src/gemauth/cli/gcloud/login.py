"""The sign-in that `gcloud auth application-default login` and `gcloud auth login` share.

Which way it goes is gcloud's choice (google-oauth.md 7.1): what a flag says; else this machine's
browser; else, with gcloud's own client, a code that a page shows, and with another one another
machine's browser.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gemauth.cli.gcloud.errors import GcloudError, invalid
from gemauth.cli.gcloud.grammar import Flag
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import (
    GCLOUD_CLIENT_ID,
    GCLOUD_CODE_PAGES,
    GCLOUD_LOGIN_CLIENT_ID,
    ClientSecret,
)
from gemauth.google.endpoints import GOOGLE

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call
    from gemauth.cli.gcloud.remote import Respond
    from gemauth.client.flows.sign_in import Granted, SignIn
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

T = TypeVar("T")

__all__ = ["FLAGS", "help_another", "project_to_bill", "request", "sign_in"]

# Both logins have these.
FLAGS = (
    Flag("browser", "switch"),
    Flag("launch-browser", "switch"),
    Flag("remote-bootstrap", excludes=("browser",)),
    Flag("login-config"),
)
# In the place of gcloud's own, which is public and which the emulator does not check.
_SECRET = "GOCSPX-emu-gcloud"  # noqa: S105
_COMMANDS = {
    GCLOUD_CLIENT_ID: "gcloud auth application-default login",
    GCLOUD_LOGIN_CLIENT_ID: "gcloud auth login",
}


def request(
    call: Call, client_id: str, scopes: tuple[str, ...], client_id_file: str | None = None
) -> SignIn:
    """Return what a person is asked for.

    Args:
        call: of a login.
        client_id: gcloud's own client for it.
        scopes: to ask for.
        client_id_file: names a client of one's own.

    Raises:
        GcloudError: a flag's value makes no sense here, or the file holds no desktop client.
        GemauthError: the file cannot be read, or its client belongs to Google.
    """
    from gemauth.client.flows.sign_in import SignIn

    if call.text("login-config"):
        raise invalid(
            "--login-config", "the emulator has no workforce pools to sign in with.", next_step=None
        )
    if google_scopes.CLOUD_PLATFORM not in scopes:
        raise invalid(
            "--scopes",
            f"{google_scopes.CLOUD_PLATFORM} scope is required but not requested. Include it.",
        )
    endpoints = call.endpoints
    if client_id_file is None:
        client = ClientSecret(
            "installed", client_id, _SECRET, None, GOOGLE.authorization, GOOGLE.token
        )
    else:
        client = _own_client(client_id_file, endpoints)
    return SignIn(client, endpoints, scopes, call.word)


def _own_client(path: str, endpoints: Endpoints) -> ClientSecret:
    from gemauth.client.login import read_client
    from gemauth.client.target import of_client

    client = read_client(Path(path), emulated=True)
    if client.kind != "installed":
        raise GcloudError(
            f"Only client IDs of type 'installed' are allowed, but encountered type "
            f"'{client.kind}'.",
            next_step="Make a desktop client: gemauth emulator clients create PROJECT NAME",
        )
    of_client(client, endpoints)
    return client


def sign_in(call: Call, wanted: SignIn) -> Granted:
    """Sign a person in and return what was granted.

    Raises:
        GcloudError: nobody answers, or cloud-platform was not granted.
        GemauthError: the sign-in was declined, refused, timed out or ended on a page.
    """
    granted = _run(call, _flow(call, wanted))
    if google_scopes.CLOUD_PLATFORM in granted.missing:
        raise GcloudError(
            f"{google_scopes.CLOUD_PLATFORM} scope is required but not consented.",
            next_step="Run the login again and tick its box.",
        )
    if granted.missing:
        call.say(
            "Not every requested scope was consented to, so some features may not work. Missing "
            f"scopes: {', '.join(granted.missing)}."
        )
    return granted


def help_another(call: Call, url: str) -> None:
    """Sign in for the gcloud of another machine, and print what is to be pasted there.

    Raises:
        GemauthError: the URL is no sign-in page of the emulator's, or nobody signed in.
    """
    from gemauth.cli.gcloud.remote import helper

    command = _COMMANDS[
        GCLOUD_LOGIN_CLIENT_ID if GCLOUD_LOGIN_CLIENT_ID in url else GCLOUD_CLIENT_ID
    ]
    warning = (
        "Go on only if you yourself started a sign-in on another machine, which you trust, and "
        f"`{command} --no-browser` printed this command there."
    )
    if not call.proceed(
        warning, question="Proceed", default=False, needs_answer=False, signing_in=True
    ):
        return
    line = _run(call, helper(url, call.endpoints, _respond(call)))
    call.say(
        "Copy the following line back to the gcloud that waits for it. WARNING: it enables access "
        f"to your resources; only the machine that ran `{command} --no-browser` may see it.\n\n"
        f"{line}"
    )


def project_to_bill(call: Call) -> str | None:
    """Return the quota project of gcloud's context: billing/quota_project, else core/project."""
    named = call.properties.get("billing", "quota_project")
    if named is None or named in {"CURRENT_PROJECT", "CURRENT_PROJECT_WITH_FALLBACK", "LEGACY"}:
        return call.value("core", "project")
    return named


def _flow(call: Call, wanted: SignIn) -> Flow[Granted]:
    from gemauth.cli.gcloud.remote import at_once, other_machine, shown_code
    from gemauth.client.browser import has_browser
    from gemauth.client.flows.loopback import loopback

    own = wanted.client.client_id not in _COMMANDS
    login = wanted.client.client_id == GCLOUD_LOGIN_CLIENT_ID
    respond = _respond(call)
    has_one = respond is not None or has_browser(call.environ)
    if not call.switch("browser", default=True):
        way = "other machine"
    elif not call.switch("launch-browser", default=True):
        way = "code"
    elif not has_one:
        way = "other machine" if own else "code"
    else:
        way = "browser"
    if way == "other machine":
        command = _COMMANDS[GCLOUD_LOGIN_CLIENT_ID if login else GCLOUD_CLIENT_ID]
        return other_machine(wanted, command, respond)
    if way == "code":
        return shown_code(wanted, GCLOUD_CODE_PAGES[login], respond)
    return loopback(wanted) if respond is None else at_once(wanted, respond)


def _respond(call: Call) -> Respond | None:
    """Return what answers in the person's place, if `--auto-consent` named one."""
    email = call.auto_consent
    if email is None:
        return None
    from gemauth.run.consent import answer

    return lambda url: answer(url, email, call.endpoints.gemini)


def _run(call: Call, flow: Flow[T]) -> T:
    from gemauth.client.transport import Transport
    from gemauth.client.world import Terminal
    from gemauth.flow import run

    with Transport(call.environ) as sender:
        return run(
            flow,
            Terminal(sender, clock=call.console.clock, show=call.console.warn, ask=call.ask),
        )
