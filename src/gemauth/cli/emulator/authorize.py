"""`gemauth emulator authorize URL`: the browser's part of a sign-in, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.emulator.where import address

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["AUTHORIZE"]

_WAIT = 300.0  # seconds for a person to walk the pages
# Google's page that shows a code to be typed in; programs wait for the code alone (7.1).
_CODE_PAGE = "sdk.cloud.google.com"
_DONE = "<!doctype html><title>gemauth emulator</title><p>Done: go back to the terminal.</p>"


def arguments(parser: ArgumentParser) -> None:
    """Take the address that a program shows, and who signs in."""
    parser.add_argument(
        "url",
        metavar="URL",
        help="the accounts.google.com address that the program asks you to visit, or the whole "
        "gcloud … --remote-bootstrap=… command that it prints",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="sign in as this account, without a browser (default: open the page in yours)",
    )
    parser.add_argument(
        "--untick", metavar="A,B", default="", help="scopes to leave out; needs --as"
    )
    parser.add_argument(
        "--decline", action="store_true", help="press Cancel on the consent page; needs --as"
    )


def run(args: Namespace, console: Console) -> int:
    """Sign in, and bring the answer to the program or to the person who pastes it."""
    from gemauth.errors import UsageError
    from gemauth.google import scopes
    from gemauth.run import consent

    url, emulator = consent.unwrap(args.url), address(args, console)
    if args.email is None:
        if args.untick or args.decline:
            raise UsageError("--untick and --decline say what --as EMAIL does: name the account.")
        return _by_hand(url, emulator, console)
    redirect = consent.answer(
        url, args.email, emulator, untick=scopes.expand(args.untick), decline=args.decline
    )
    # Whoever listens at an address that we have made up did not ask for this answer.
    asked = consent.redirect_uri_of(url) is not None
    if asked and consent.is_loopback(redirect) and consent.deliver(redirect):
        _delivered(redirect, console)
    else:
        _paste(redirect, console)
    return 0


def _by_hand(url: str, emulator: str, console: Console) -> int:
    """Open the page in the person's browser; for gcloud's `--no-browser`, take the answer too."""
    from gemauth.client.browser import has_browser, open_browser
    from gemauth.client.listener import Listener
    from gemauth.errors import UnreachableError
    from gemauth.run import consent

    def show(page: str) -> None:
        opened = has_browser(console.environ) and open_browser(page, environ=console.environ)
        console.say(f"{'Opened' if opened else 'Open this page'}: {page}")

    if not consent.at_emulator(url, emulator) or consent.redirect_uri_of(url) is not None:
        show(consent.page_of(url, emulator))
        return 0
    listener = Listener()
    try:
        show(consent.page_of(url, emulator, listener.url))
        redirect = listener.receive(_WAIT)
        if redirect is None:
            raise UnreachableError(
                f"No answer came from the browser within {_WAIT:.0f} seconds.",
                next_step="Run the same again, or name who signs in with --as EMAIL.",
            )
        listener.reply(200, _DONE)
    finally:
        listener.close()
    _paste(redirect, console)
    return 0


def _delivered(redirect: str, console: Console) -> None:
    from gemauth.run.consent import without_query

    app = without_query(redirect)
    if console.format == "json":
        console.json({"delivered": True, "redirectUri": app})
    console.say(f"The program at {app} has its answer.")


def _paste(redirect: str, console: Console) -> None:
    """Print what the program waits for: it lets in whoever has it first."""
    from gemauth.oauth.authorization import AuthorizationResponse

    code = AuthorizationResponse.from_url(redirect).code
    if console.format == "json":
        console.json({"delivered": False, "redirectUrl": redirect, "code": code})
    elif code is not None and urlsplit(redirect).hostname == _CODE_PAGE:
        console.print(code)
    else:
        console.print(redirect)
    console.say(
        "Nothing listens for this answer: paste the line above into the program that waits for it."
        "\nIt holds the authorization code: show it to nobody else."
    )


AUTHORIZE = Command(
    "authorize",
    "Sign in for a program that shows an address to visit.",
    run,
    arguments,
    options=CONNECTION,
    details=(
        "Programs show Google's own address; this opens the emulator's page for it, or signs in by "
        "itself with --as. The answer goes to the program, if it listens on this machine, and is "
        "printed for pasting otherwise, as for gcloud's --no-browser. In gemauth emulator run, "
        "--auto-consent does this for every sign-in."
    ),
    examples=(
        Example(
            "Sign in as ada@example.com without a browser",
            "gemauth emulator authorize 'https://accounts.google.com/o/oauth2/auth?…' "
            "--as ada@example.com",
        ),
    ),
)
