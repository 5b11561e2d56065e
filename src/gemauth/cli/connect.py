"""From a command's shared options to the library: which credentials, which Google, how long."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gemauth.client.transport import Transport

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from gemauth.cli.console import Console
    from gemauth.client.gemini import Gemini
    from gemauth.client.sources.chain import Found

__all__ = ["find", "gemini", "transport"]


def transport(args: Namespace, console: Console) -> Transport:
    """Return a transport with the command's time-out; use it in a `with` statement."""
    return Transport(console.environ, timeout=args.timeout)


def find(
    args: Namespace, console: Console, sender: Transport, scopes: Iterable[str] | None = None
) -> Found:
    """Return the credentials that `--credentials` names, or else that the machine has.

    Raises:
        GemauthError: there are none, or they cannot be used.
    """
    from gemauth.client.sources import chain

    if args.credentials is not None:
        return chain.load(
            args.credentials,
            scopes,
            quota_project=args.quota_project,
            emulator=args.emulator,
            environ=console.environ,
        )
    return chain.default(
        scopes,
        quota_project=args.quota_project,
        emulator=args.emulator,
        environ=console.environ,
        transport=sender,
    )


@contextmanager
def gemini(args: Namespace, console: Console) -> Iterator[Gemini]:
    """Lend a Gemini API client with those credentials."""
    from gemauth.client.gemini import Gemini

    with (
        transport(args, console) as sender,
        Gemini(find(args, console, sender).credentials, transport=sender) as api,
    ):
        yield api
