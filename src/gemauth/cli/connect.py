"""From a command's shared options to the library: which credentials, which Google, how long."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.transport import Transport
from gemauth.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from gemauth.cli.console import Console
    from gemauth.client.gemini import Gemini
    from gemauth.client.sources.chain import Found
    from gemauth.client.world import Sender

__all__ = ["find", "gemini", "transport"]


def transport(args: Namespace, console: Console) -> Transport:
    """Return a transport with the command's time-out; use it in a `with` statement."""
    return Transport(console.environ, timeout=args.timeout)


def find(
    args: Namespace, console: Console, sender: Sender, scopes: Iterable[str] | None = None
) -> Found:
    """Return the credentials that the options name, or else those that the machine has.

    Raises:
        GemauthError: there are none, or they cannot be used.
    """
    from gemauth.client.sources import chain

    place: dict[str, Any] = {
        "quota_project": args.quota_project,
        "emulator": args.emulator,
        "environ": console.environ,
    }
    how: dict[str, Any] = {
        "impersonate": getattr(args, "impersonate_service_account", None),
        "lifetime": getattr(args, "lifetime", None),
        "subject": getattr(args, "subject", None),
        "self_signed": getattr(args, "self_signed", False),
    }
    token_file = getattr(args, "access_token_file", None)
    if token_file is not None:
        if args.credentials or args.profile or how["subject"] or how["self_signed"]:
            raise UsageError(
                "An access token is what it is: no key, and none of a credential file's.",
                next_step="Drop it, or --credentials, --profile, --subject and --self-signed.",
            )
        acting = {name: how[name] for name in ("impersonate", "lifetime")}
        return chain.from_token(_token(token_file, console), scopes, **acting, **place)
    if args.credentials is not None:
        found = chain.load(args.credentials, scopes, **how, **place)
        if args.credentials == chain.GCLOUD:
            console.say(found.reason)  # with what its tokens do not open
        return found
    return chain.default(scopes, profile=args.profile, **how, **place, transport=sender)


def _token(file: str, console: Console) -> str:
    """Return the text of a file, or of standard input for `-`.

    Raises:
        NotFoundError: there is no such file.
        DataError: it cannot be read.
    """
    from gemauth.client.cache import files

    if file == "-":
        return console.stdin.read()
    raw = files.read(Path(file), named=True)
    if raw is None:
        raise NotFoundError(
            f"There is no file {file} to read an access token from.",
            next_step="Name one that holds the token alone, or pipe it in: --access-token-file -",
        )
    return raw.decode("utf-8", "replace")


@contextmanager
def gemini(args: Namespace, console: Console) -> Iterator[Gemini]:
    """Lend a Gemini API client with those credentials."""
    from gemauth.client.gemini import Gemini

    with (
        transport(args, console) as sender,
        Gemini(find(args, console, sender).credentials, transport=sender) as api,
    ):
        yield api
