"""`gemauth logout`: end the sign-in at the server, and all there is of it on this machine.

`client/revoke.py` does it. `gemauth revoke` is the same command by gcloud's name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from gemauth.cli.console import Console
    from gemauth.client.revoke import Revoked

__all__ = ["COMMAND", "arguments", "run"]

_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
# Variables that hold a token itself, for other tools (cli/exec.py sets both).
_TOKENS = ("GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN")


class DeclinedError(GemauthError):
    """The person said no; nothing was changed."""


def arguments(parser: ArgumentParser) -> None:
    """Take how far it goes, and the consent in advance."""
    parser.add_argument(
        "--local",
        action="store_true",
        help="delete it on this machine only; it goes on wherever else it is in use",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(args: Namespace, console: Console) -> int:
    """Ask where somebody can answer, end it, and say which half happened.

    Raises:
        GemauthError: a half did not happen; the other one did, as far as it could.
    """
    from gemauth.cli.connect import transport
    from gemauth.client.cache import files
    from gemauth.client.profiles import store
    from gemauth.client.revoke import revoke

    place = store.locate(console.environ, args.credentials, args.profile)
    if files.read(place) is None:  # what is not there needs no question
        from gemauth.client.cache import adc

        adc.read(place)
    how = "Forget the sign-in in {} here" if args.local else "Revoke the sign-in in {}"
    if not args.yes and not console.confirm(f"{how.format(place)} and delete the file?"):
        raise DeclinedError("Nothing was changed: you said no.")
    with transport(args, console) as sender:
        done = revoke(
            place,
            local=args.local,
            emulator=args.emulator,
            environ=console.environ,
            transport=sender,
        )
    left = list(_left(done, console))
    if console.format == "json":
        console.json(_json(done, left))
    for line in _story(done, local=args.local):
        console.say(line)
    for warning in left:
        console.warn(f"warning: {warning['message']}\n  next: {warning['next']}")
    if done.problem is not None:
        raise done.problem
    return 0


def _json(done: Revoked, left: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "credentials": done.path,
        "revokedAtServer": done.at_server,
        "deleted": done.deleted,
        "files": list(done.files),
        "warnings": left,
    }


def _story(done: Revoked, *, local: bool) -> Iterator[str]:
    """Yield what happened: the server's half, then this machine's."""
    if done.at_server:
        yield "The server has ended the sign-in."
    elif done.at_server is False:
        yield "The server has NOT ended the sign-in; tokens may still work."
    elif local:
        yield "The server was not asked: the sign-in goes on wherever else it is in use."
    else:
        yield (
            "The server was not asked: Google documents no way to end a sign-in of this type. What "
            "it gave tokens for ends with them."
        )
    if not done.deleted:
        yield f"{done.path} is still there, with the credentials in it."
        return
    yield f"{done.path} is deleted."
    for file in done.files:
        if file != done.path:
            yield f"{file} is deleted too: it held the same sign-in."


def _left(done: Revoked, console: Console) -> Iterator[dict[str, str]]:
    """Yield what programs go on with, or fail on, now (google-oauth.md 6.4, 6.5)."""
    from gemauth.client import shadows
    from gemauth.client.cache.places import PROFILE_VARIABLE, profile_path

    environ = console.environ
    for name in done.with_it:
        yield {
            "message": f"The profile {name} was a sign-in to the same OAuth client: if by the same "
            "account, it has ended too.",
            "next": f"gemauth login --client-id-file FILE --profile {name}",
        }
    profile = environ.get(PROFILE_VARIABLE)
    if profile and profile_path(environ, profile) in done.files:
        yield {
            "message": f"{PROFILE_VARIABLE} names {profile}, which is gone: every command of "
            "gemauth fails on it.",
            "next": f"unset {PROFILE_VARIABLE}",
        }
    named = environ.get(_VARIABLE)
    if named and not os.path.exists(named):  # noqa: PTH110  # a text, as every library takes it
        yield {
            "message": f"{_VARIABLE} names {named}, which is not there: every Google library "
            "fails on it.",
            "next": f"unset {_VARIABLE}",
        }
    elif named and named != done.path:
        yield {
            "message": f"{_VARIABLE} names {named}: programs go on with the credentials in it.",
            "next": f"unset {_VARIABLE}",
        }
    for name in _TOKENS:
        if environ.get(name):
            yield {
                "message": f"{name} is set: tools that read it go on with that token until it "
                "ends.",
                "next": f"unset {name}",
            }
    keys = shadows.keys(environ)
    if keys is not None:
        names = " and ".join(keys.names)
        yield {"message": f"SDKs go on with the API key in {names}.", "next": keys.next_step}


DETAILS = (
    "Ends the whole sign-in at the server: every token of it stops working, in every program that "
    "has one, and so do other sign-ins of the same account to the same OAuth client. On this "
    "machine go its file, the profile or well-known ADC file that is a copy of it, or acts as a "
    "service account with it, its entry in the keyring, the access tokens made with it, and "
    "sign-ins begun with --start for its place. Asks first where a person can answer (not with "
    "--yes or --quiet).\n\n"
    "The two halves are independent: without a network this machine forgets the sign-in all the "
    "same, and the exit code is the server's half (5: not reached, 4: refused); then end it at "
    "https://myaccount.google.com/connections. A service account's key is no sign-in, and its file "
    "is kept: the refusal says how the key ends."
)
COMMAND = Command(
    "logout",
    "End the sign-in, at the server and on this machine.",
    run,
    arguments,
    options=("credentials", "profile", *CONNECTION),
    details=DETAILS,
    examples=(
        Example("Sign out", "gemauth logout"),
        Example("Here only", "gemauth logout --local"),
        Example("In a script", "gemauth logout --yes --credentials adc.json"),
    ),
)
