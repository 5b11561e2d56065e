"""`gemauth emulator credentials`: a file that official clients spend at a plain emulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.emulator.where import address, control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.control import Answer, Control

__all__ = ["CREDENTIALS"]

_ROBOT = ".gserviceaccount.com"


def new_credentials(parser: ArgumentParser) -> None:
    """Take whose credentials, what they cover, and where they go."""
    parser.add_argument(
        "--as",
        dest="principal",
        metavar="EMAIL|SERVICE-ACCOUNT",
        required=True,
        help="whose: a person's or a service account's e-mail address",
    )
    parser.add_argument("--output", metavar="FILE", required=True, help="write the file there")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a file that is there already"
    )
    parser.add_argument(
        "--scopes",
        metavar="A,B",
        help="what the person consents to; short names are accepted (default: "
        "cloud-platform,tuning,retriever)",
    )
    parser.add_argument(
        "--client-id-file",
        metavar="FILE",
        help="to which OAuth client (default: a new desktop client)",
    )
    parser.add_argument(
        "--quota-project",
        metavar="PROJECT",
        help="the project that calls count against; it has the new client too (default: the only "
        "one with a consent screen)",
    )


def create(args: Namespace, console: Console) -> int:
    """Make the credentials, write them, and tell what to set with them."""
    from gemauth.cli.emulator.client_file import refuse_existing
    from gemauth.client.cache import files
    from gemauth.run.guard import exports, guard

    path = Path(args.output)
    if not args.overwrite:
        refuse_existing(path)  # before there is a token that nobody could write down
    files.require_writable(path)
    is_robot = args.principal.lower().endswith(_ROBOT)
    with control(args, console) as emulator:
        made = (_key if is_robot else _consent)(args, emulator)
    raw = (json.dumps(made["file"], indent=2) + "\n").encode()
    files.write_private(path, raw, replace=args.overwrite)
    quota = args.quota_project if is_robot else None
    environment = guard(address(args, console), path, made["projectId"], quota)
    shown = {name: value for name, value in made.items() if name != "file"}
    shown |= {"type": made["file"]["type"], "path": str(path)}
    if console.format == "json":
        console.json({**shown, "environment": environment})
        return 0
    console.say(
        f"Wrote {path} ({shown['type']}) for {shown['account']}. Set these with it, so that a "
        "program that also asks another host of Google's does not reach it:"
    )
    console.print(exports(environment))
    return 0


def _consent(args: Namespace, emulator: Control) -> Answer:
    from gemauth.client.login import read_client
    from gemauth.google import scopes

    client = None
    if args.client_id_file is not None:
        client = read_client(Path(args.client_id_file), emulated=True)
    return emulator.create_credentials(
        args.principal,
        scopes=scopes.expand(args.scopes or ()),
        quota_project=args.quota_project,
        client=None if client is None else (client.client_id, client.client_secret),
    )


def _key(args: Namespace, emulator: Control) -> Answer:
    from gemauth.errors import UsageError

    for option, value in (("--scopes", args.scopes), ("--client-id-file", args.client_id_file)):
        if value is not None:
            raise UsageError(
                f"{option} is for people: a service account's key has no consent.",
                next_step="Leave it out; the program says which scopes it wants.",
            )
    return emulator.create_service_account_key(args.principal)


CREDENTIALS = Command(
    "credentials",
    "Write credentials that official clients use with no proxy and no certificate.",
    create,
    new_credentials,
    options=CONNECTION,
    details=(
        "For a person the consent is recorded as if it had been given on the page (a person who "
        "is no test user is refused), and the file is of the type "
        "external_account_authorized_user, since google-auth takes the token endpoint only from "
        "that one. For a service account it is a new key. Either is good at this emulator alone, "
        "and is never sent to Google.\n\n"
        "The variables that it prints, as lines for a shell, are a leak guard: programs that have "
        "Google's other hosts built in (google-auth asks one for every service account) meet the "
        "emulator's proxy, and nothing else. Programs that must reach Google's own names, gRPC and "
        "files of the type authorized_user need gemauth emulator run."
    ),
    examples=(
        Example(
            "A person for google.auth.default()",
            "gemauth emulator credentials --as ada@example.com --output adc.json",
        ),
        Example(
            "The same, for the rest of a shell's session",
            'eval "$(gemauth emulator credentials --as ada@example.com --output adc.json)"',
        ),
        Example(
            "A service account",
            "gemauth emulator credentials --as ci@my-project.iam.gserviceaccount.com "
            "--output key.json",
        ),
    ),
)
