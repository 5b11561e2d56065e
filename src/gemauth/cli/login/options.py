"""The options of `gemauth login`: the client, what to ask for, the way to a browser, and the place.

Read by `command.py`, which says what they do together.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from gemauth.cli.options import filled, seconds

if TYPE_CHECKING:
    from argparse import ArgumentParser

__all__ = ["arguments", "port"]


def port(text: str) -> int:
    """Return a TCP port, for `add_argument(type=…)`; 0 is any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def arguments(parser: ArgumentParser) -> None:
    """Take the client, what to ask for, and how to reach the browser."""
    parser.add_argument(
        "--client-id-file",
        metavar="FILE",
        type=filled,
        help="the client_secret_….json of your own desktop OAuth client",
    )
    parser.add_argument(
        "--scopes",
        metavar="LIST",
        type=filled,
        help="what to ask for, separated by commas: full scopes or short names (default: "
        "cloud-platform,tuning,retriever)",
    )
    parser.add_argument(
        "--add-scopes",
        metavar="LIST",
        type=filled,
        help="ask for these too, for the sign-in that there is: the same client and account, no "
        "client file",
    )
    step = parser.add_mutually_exclusive_group()
    step.add_argument(
        "--start",
        action="store_true",
        help="only print the address to open, as JSON, and leave the rest to --finish",
    )
    step.add_argument(
        "--finish",
        metavar="URL",
        type=filled,
        help="finish what --start began, with the address that the browser ended at; - reads it "
        "from standard input, where no process list shows it",
    )
    step.add_argument(
        "--remote-bootstrap",
        metavar="URL",
        type=filled,
        help="lend this machine's browser to a sign-in of another one, where gcloud --no-browser "
        "or gemauth login --remote printed this URL; prints the line to carry back",
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="with --remote-bootstrap: do not ask"
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address to open, in a browser anywhere, and take the pasted answer",
    )
    way.add_argument(
        "--remote",
        action="store_true",
        help="print the command to run on a machine with a browser, for gcloud or gemauth there, "
        "and take the line that it prints",
    )
    parser.add_argument("--account", metavar="EMAIL", help="the account that has to sign in")
    parser.add_argument(
        "--port",
        type=port,
        default=0,
        metavar="N",
        help="the loopback port that the browser comes back to (default: any free one)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help="give up waiting for the browser after this long (default: 300); with --start, how "
        "long --finish may take (default: 1800, at most 3600)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--output",
        metavar="FILE",
        type=filled,
        help="write the credentials there instead of the well-known place of ADC",
    )
    place.add_argument(
        "--profile",
        metavar="NAME",
        type=filled,
        help="sign in to this profile (gemauth profiles list); overrides GEMAUTH_PROFILE",
    )
    parser.add_argument(
        "--store",
        choices=("file", "keyring"),
        help="where a profile's secrets are kept: in a file that you alone can read (the default), "
        "or in the system's keyring, which takes gemauth[keyring] and is tried first",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="overwrite credentials that a sign-in would otherwise spare",
    )
    parser.add_argument(
        "--no-proof",
        action="store_true",
        help="do not try the credentials by a first call (listing one model)",
    )
