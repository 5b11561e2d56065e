"""`gemauth revoke`: end the sign-in at the server and delete the file (`client/revoke.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.options import filled
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


class DeclinedError(GemauthError):
    """The person said no; nothing was changed."""


def arguments(parser: ArgumentParser) -> None:
    """Take the file, and the consent in advance."""
    parser.add_argument(
        "--credentials",
        type=filled,
        metavar="FILE",
        help="revoke this file instead of the well-known one",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(args: Namespace, console: Console) -> int:
    """Ask where somebody can answer, revoke, and say which half happened."""
    from gemauth.cli.connect import transport
    from gemauth.client.cache import adc
    from gemauth.client.revoke import revoke

    path = adc.well_known(console.environ) if args.credentials is None else Path(args.credentials)
    adc.read(path)  # what is not there needs no question
    if not args.yes and not console.confirm(f"Revoke the sign-in in {path} and delete the file?"):
        raise DeclinedError("Nothing was revoked: you said no.")
    with transport(args, console) as sender:
        revoked = revoke(path, emulator=args.emulator, environ=console.environ, transport=sender)
    if console.format == "json":
        console.json(
            {
                "credentials": revoked.path,
                "revokedAtServer": revoked.at_server,
                "deleted": revoked.deleted,
            }
        )
    console.say(
        "The server has ended the sign-in."
        if revoked.at_server
        else "The server has NOT ended the sign-in; tokens may still work."
    )
    console.say(
        f"{revoked.path} is deleted."
        if revoked.deleted
        else f"{revoked.path} is still there, with the credentials in it."
    )
    if revoked.problem is not None:
        raise revoked.problem
    return 0


COMMAND = Command(
    "revoke",
    "Revoke the credentials and delete their file.",
    run,
    arguments,
    options=CONNECTION,
    details="Ends the whole sign-in: every token of it stops working, in every program that has "
    "one. Asks first where a person can answer (not with --yes or --quiet).",
    examples=(
        Example("Sign out", "gemauth revoke"),
        Example("In a script", "gemauth revoke --yes --credentials adc.json"),
    ),
)
