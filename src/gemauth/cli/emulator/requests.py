"""`gemauth emulator requests`: what the emulator was asked, and who was let in with what."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["REQUESTS"]

COLUMNS = ("number", "verb", "host", "path", "status", "credential", "principal", "consumerProject")


def number(text: str) -> int:
    """Return a request's number, 0 or more."""
    if not (text.isascii() and text.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is no number of a request")
    return int(text)


def after(parser: ArgumentParser) -> None:
    """Take where to begin."""
    parser.add_argument(
        "--after",
        metavar="N",
        type=number,
        default=0,
        help="leave out the requests up to number N (default: 0)",
    )


def show(args: Namespace, console: Console) -> int:
    """List the last requests."""
    with control(args, console) as emulator:
        found = emulator.requests(after=args.after)
    console.records(found, COLUMNS, nothing="There are no such requests.")
    return 0


REQUESTS = Command(
    "requests",
    "List the last requests, and whose credential each carried.",
    show,
    after,
    options=CONNECTION,
    details=(
        "The last 1000 are kept, in memory; what these commands ask themselves is not among them. "
        "No query, header, body or token is shown. --format json has more: scopes, the OAuth "
        "client, the grant type, HTTP or gRPC and whether TLS ended here."
    ),
    examples=(Example("What came since", "gemauth emulator requests --after 41"),),
)
