"""`gemauth credential-helper ACTION`: tokens for git and Docker at Google's own hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import API, Command, Example
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take what git or Docker says."""
    parser.add_argument(
        "action",
        choices=("get", "store", "erase", "list"),
        metavar="ACTION",
        help="get; store, erase and list do nothing, since nothing is kept",
    )


def run(args: Namespace, console: Console) -> int:
    """Answer a question for a token."""
    from gemauth.cli.connect import find, transport
    from gemauth.client.sdk.bearer import leads_to
    from gemauth.client.sdk.credential_helper import NOT_FOUND, question

    if args.action == "list":
        console.print("{}")
    if args.action != "get":
        return 0
    asked = question(console.read().decode("utf-8", "replace"))
    if not asked.is_googles:
        if asked.docker:
            console.print(NOT_FOUND)
        return 1 if asked.docker else 0
    with transport(args, console) as sender:
        credentials = find(args, console, sender).credentials
        endpoints = credentials.endpoints
        if endpoints.is_emulator and not leads_to(endpoints, console.environ):
            raise UsageError(
                f"These credentials are an emulator's, and {asked.host} is Google's.",
                next_step="Unset GEMAUTH_EMULATOR, and sign in: "
                "gemauth login --client-id-file FILE",
            )
        console.write(asked.answer(credentials.token(transport=sender).value))
    return 0


COMMAND = Command(
    "credential-helper",
    "Give git and Docker tokens for Google's own hosts.",
    run,
    arguments,
    options=(*API, "impersonate_service_account", "subject"),
    details="git and Docker call it, with the host on its standard input. For hosts that are not "
    "Google's (git: source.developers.google.com, *.googlesource.com, *.sourcemanager.dev; Docker: "
    "gcr.io, *.gcr.io, *.pkg.dev), and without TLS, it has nothing. The credentials need the scope "
    "cloud-platform there.\n\n"
    "Docker wants a program docker-credential-gemauth on PATH: a file of two lines, #!/bin/sh and "
    'exec gemauth credential-helper "$@", named gemauth in credHelpers of its config.json.',
    examples=(
        Example("For git", "git config --global credential.helper '!gemauth credential-helper'"),
        Example("By hand", "echo us-docker.pkg.dev | gemauth credential-helper get"),
    ),
)
