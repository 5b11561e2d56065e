"""`gemauth print-identity-token`: an ID token alone on stdout, new each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import API, Command, Example
from gemauth.cli.options import filled

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take whom the token is for, and what it tells."""
    parser.add_argument(
        "--audience",
        metavar="URL",
        type=filled,
        help="who is to accept the token; a service account's has to have one, and a person's is "
        "for the OAuth client of the sign-in",
    )
    parser.add_argument(
        "--include-email",
        action="store_true",
        help="have the token tell the account's address too; a key's and a machine's always does",
    )


def run(args: Namespace, console: Console) -> int:
    """Print the token."""
    from gemauth.cli.connect import find, transport
    from gemauth.clock import rfc3339

    with transport(args, console) as sender:
        credentials = find(args, console, sender).credentials
        token = credentials.identity_token(
            args.audience, include_email=args.include_email, transport=sender
        )
    if console.format == "json":
        console.json(
            {
                "identityToken": token.value,
                "expiry": rfc3339(token.expires_at),
                "audience": token.audience,
                "subject": token.subject,
                "email": token.email,
                "signatureVerified": False,
            }
        )
    else:
        console.print(token.value)
    return 0


COMMAND = Command(
    "print-identity-token",
    "Print an ID token, alone: who you are, for one audience.",
    run,
    arguments,
    options=(*API, "impersonate_service_account", "access_token_file"),
    details="An ID token proves to its audience, such as a Cloud Run service, who calls; Google's "
    "APIs take access tokens instead. Service accounts get them for any audience: by key, by "
    "impersonation, on a machine of Google's, or as a workload that acts as one. A person's is for "
    "the OAuth client of the sign-in, and takes a scope more: gemauth login --add-scopes openid\n\n"
    "The token goes to stdout and nothing else does. None is kept: each is a request. --format "
    "json adds what it says; its signature is for the audience to verify, and is not verified "
    "here.",
    examples=(
        Example(
            "Call a Cloud Run service",
            'curl -H "Authorization: Bearer $(gemauth print-identity-token \\\n'
            '    --audience https://tool-abc.a.run.app)" https://tool-abc.a.run.app/',
        ),
        Example(
            "As a service account without its key",
            "gemauth print-identity-token --audience https://tool.example.com --include-email "
            "--impersonate-service-account ci@my-project.iam.gserviceaccount.com",
        ),
        Example("Who a sign-in is", "gemauth print-identity-token --format json"),
    ),
)
