"""`gemauth print-access-token`: a usable token alone on stdout, from the cache or the server.

A valid cached token never gets here: `cached.py` has printed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example
from gemauth.cli.options import filled

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]

_LONGEST = 43_200  # seconds: IAM's, whatever a policy says (google-oauth.md 5.2)


def arguments(parser: ArgumentParser) -> None:
    """Take the scopes, and whether the cache may answer."""
    parser.add_argument(
        "--scopes",
        metavar="LIST",
        type=filled,
        help="the scopes the token shall have, separated by commas; short names will do",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="ask the server for a new token, past every cache"
    )
    parser.add_argument(
        "--self-signed",
        action="store_true",
        help="have the service account's key sign the token itself: no server is asked, and it is "
        "good for the Gemini API, or for --scopes",
    )

    parser.add_argument(
        "--lifetime",
        metavar="SECONDS",
        type=_lifetime,
        help="how long the token of an impersonated service account is to live (default: 3600; up "
        "to 43200 where a policy of its organization allows that)",
    )


def _lifetime(text: str) -> int:
    """Return whole seconds, for `add_argument(type=…)`."""
    if not text.isdecimal() or not 0 < int(text) <= _LONGEST:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r} is no lifetime: 1 to {_LONGEST} seconds")
    return int(text)


def run(args: Namespace, console: Console) -> int:
    """Print the token."""
    from gemauth.cli.connect import find, transport
    from gemauth.client.short_way import handing_on
    from gemauth.clock import rfc3339

    with transport(args, console) as network:
        sender = handing_on(network)
        credentials = find(args, console, network, args.scopes).credentials
        token = credentials.token(fresh=args.fresh, transport=sender)
    if console.format == "json":
        expiry = None if token.expires_at is None else rfc3339(token.expires_at)
        console.json({"accessToken": token.value, "expiry": expiry})
    else:
        console.print(token.value)
    return 0


COMMAND = Command(
    "print-access-token",
    "Print an access token, alone.",
    run,
    arguments,
    options=ACTING,
    details="The token goes to stdout and nothing else does. It is a secret for about an hour: "
    "whoever has it can act as you within its scopes.",
    examples=(
        Example(
            "Call the API with curl",
            'curl -H "Authorization: Bearer $(gemauth print-access-token)" \\\n'
            "    https://generativelanguage.googleapis.com/v1beta/models",
        ),
        Example("As a service account", "gemauth print-access-token --credentials key.json"),
        Example(
            "As a service account without its key",
            "gemauth print-access-token --impersonate-service-account "
            "ci@my-project.iam.gserviceaccount.com",
        ),
        Example(
            "The same, asked for by gcloud's own sign-in",
            "gcloud auth print-access-token | gemauth print-access-token \\\n"
            "    --access-token-file - \\\n"
            "    --impersonate-service-account ci@my-project.iam.gserviceaccount.com",
        ),
    ),
)
