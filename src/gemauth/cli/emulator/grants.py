"""`gemauth emulator grants`: credentials of a consent that somebody gave earlier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["GRANTS"]


def new_grant(parser: ArgumentParser) -> None:
    """Take whose consent it is, for what, to which client, and where its credentials go."""
    parser.add_argument("email", metavar="EMAIL", help="who consented")
    parser.add_argument(
        "--scopes", metavar="A,B", required=True, help="to what; short names are accepted"
    )
    parser.add_argument(
        "--client-id-file",
        metavar="FILE",
        help="to which OAuth client (default: gcloud's own, which is Google's)",
    )
    parser.add_argument(
        "--output", metavar="FILE", required=True, help="write the credentials (ADC) there"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a file that is there already"
    )


def create(args: Namespace, console: Console) -> int:
    """Record the consent and write its credentials."""
    from gemauth.cli.emulator.client_file import refuse_existing
    from gemauth.client.cache import adc
    from gemauth.client.login import read_client
    from gemauth.google.client_secret import GCLOUD_CLIENT_ID
    from gemauth.google.credentials import AuthorizedUser

    path = Path(args.output)
    if not args.overwrite:
        refuse_existing(path)  # before there is a token that nobody could write down
    client_id, secret = GCLOUD_CLIENT_ID, "public"  # nobody checks that client's secret
    if args.client_id_file is not None:
        client = read_client(Path(args.client_id_file), emulated=True)
        client_id, secret = client.client_id, client.client_secret
    with control(args, console) as emulator:
        answer = emulator.create_grant(
            args.email, client_id=client_id, scopes=args.scopes.split(",")
        )
    user = AuthorizedUser(client_id, secret, answer["refresh_token"], account=args.email)
    adc.write(path, user)
    console.record(
        {
            "account": args.email,
            "clientId": client_id,
            "scopes": answer["scope"].split(),
            "path": str(path),
        }
    )
    console.say(f"Wrote {path}: credentials as of a sign-in by {args.email}.")
    return 0


GRANTS = Group(
    "grants",
    "Make credentials of a consent given earlier, without a sign-in.",
    (
        Command(
            "create",
            "Record a consent and write its credentials.",
            create,
            new_grant,
            options=CONNECTION,
            details=(
                "For what a sign-in cannot bring about any more: Google's own gcloud client was "
                "granted Gemini scopes until June 2025, and such credentials are still around."
            ),
            examples=(
                Example(
                    "Credentials that gcloud may have left",
                    "gemauth emulator grants create ada@example.com "
                    "--scopes cloud-platform,tuning --output old.json",
                ),
            ),
        ),
    ),
)
