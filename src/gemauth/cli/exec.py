"""`gemauth exec -- COMMAND…`: a command that finds the credentials in its environment."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example
from gemauth.cli.options import filled
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.credentials import Credentials
    from gemauth.client.token import AccessToken

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the command, and what else its environment shall have."""
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="COMMAND…",
        help="the program and its arguments, after --",
    )
    parser.add_argument(
        "--access-token",
        action="store_true",
        help="put an access token there too, as GOOGLE_OAUTH_ACCESS_TOKEN and "
        "CLOUDSDK_AUTH_ACCESS_TOKEN, for tools that read no credential file; it ends within the "
        "hour",
    )
    parser.add_argument(
        "--project",
        metavar="ID",
        type=filled,
        help="the program's project, GOOGLE_CLOUD_PROJECT (default: the one that is set there, or "
        "the credentials' own)",
    )
    parser.add_argument(
        "--keep-api-keys",
        action="store_true",
        help="leave GOOGLE_API_KEY and GEMINI_API_KEY in the program's environment",
    )


def run(args: Namespace, console: Console) -> int:
    """Run the command; return its exit code."""
    from gemauth.cli.connect import find, transport
    from gemauth.client.sdk.environment import KEYS, environment
    from gemauth.run import child

    words: list[str] = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not words:
        raise UsageError("There is no command to run.", next_step="gemauth exec -- python app.py")
    found = child.locate(words[0], console.environ.get("PATH") or os.defpath)
    with transport(args, console) as sender:
        credentials = find(args, console, sender).credentials
        token = credentials.token(transport=sender) if args.access_token else None
        environ = environment(
            credentials,
            console.environ,
            token=token,
            project=args.project,
            keep_api_keys=args.keep_api_keys,
        )
    gone = [name for name in KEYS if name in console.environ and name not in environ]
    if gone:
        console.say(
            f"note: {' and '.join(gone)} not handed on: SDKs would prefer the key to the "
            "credentials (--keep-api-keys)."
        )
    if token is not None and credentials.path is None and credentials.kind != "metadata":
        console.say(_note(credentials, token))
    console.flush()
    return child.run([found, *words[1:]], environ)


def _note(credentials: Credentials, token: AccessToken) -> str:
    """Return what a command has to do with that gets a token and no file."""
    from gemauth.client.lifetime import moment

    until = "" if token.expires_at is None else f" until {moment(token.expires_at)}"
    return (
        f"note: it gets an access token of {credentials.account or 'the credentials'}{until}, "
        "which nothing renews, and no file: a library that reads no such variable takes what it "
        "finds elsewhere, such as the well-known ADC file."
    )


COMMAND = Command(
    "exec",
    "Run a command that finds the credentials in its environment.",
    run,
    arguments,
    options=ACTING,
    details="GOOGLE_APPLICATION_CREDENTIALS names the file of the credentials in use, "
    "GOOGLE_CLOUD_QUOTA_PROJECT and GOOGLE_CLOUD_PROJECT the projects, and API keys are taken out, "
    "since SDKs prefer them in silence. Of a machine's own credentials, which have no file, "
    "programs find the metadata server by themselves; of others without a file (an impersonated "
    "service account, a token that was given) they take an access token.\n\n"
    "The exit code is the program's, 128 + n where signal n ended it; 127 where there is no such "
    "command, 126 where it cannot be run.\n\n"
    "With an emulator's credentials it works inside gemauth emulator run, and nowhere else: "
    "elsewhere the program would send them to Google.",
    examples=(
        Example("With the credentials in use", "gemauth exec -- python app.py"),
        Example("As a service account", "gemauth exec --credentials key.json -- ./deploy"),
        Example("A tool that wants a token", "gemauth exec --access-token -- terraform plan"),
        Example(
            "As a service account without its key",
            "gemauth exec --impersonate-service-account robot@my-project.iam.gserviceaccount.com "
            "--access-token -- terraform plan",
        ),
    ),
)
