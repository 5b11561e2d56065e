"""`gemauth emulator clients|api-keys`: OAuth clients with their files, and API keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.projects import project
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.control import Answer

__all__ = ["API_KEYS", "CLIENTS"]

CLIENT_COLUMNS = ("clientId", "kind", "name", "state")
API_KEY_COLUMNS = ("uid", "displayName", "serviceAccount", "createTime")


def output(parser: ArgumentParser) -> None:
    """Take where the client file goes."""
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="write the client file there (default: client_secret_CLIENT_ID.json here); "
        "- prints it",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a file that is there already"
    )


def new_client(parser: ArgumentParser) -> None:
    """Take a new client."""
    project(parser)
    parser.add_argument("name", metavar="NAME", help="the name that the project's owners see")
    parser.add_argument(
        "--kind", choices=("desktop", "web"), default="desktop", help="(default: desktop)"
    )
    parser.add_argument(
        "--redirect-uri",
        action="append",
        default=[],
        metavar="URI",
        help="where a web client's answers go; may be repeated",
    )
    output(parser)


def create_client(args: Namespace, console: Console) -> int:
    """Create a client and write its file."""
    _refuse_existing(args)
    with control(args, console) as emulator:
        answer = emulator.create_client(
            args.project, args.name, kind=args.kind, redirect_uris=args.redirect_uri
        )
    return _deliver(answer, args, console)


def client(parser: ArgumentParser) -> None:
    """Take a client."""
    parser.add_argument("client", metavar="CLIENT_ID", help="the client's id")


def add_secret(args: Namespace, console: Console) -> int:
    """Add a secret and write a new file."""
    _refuse_existing(args)
    with control(args, console) as emulator:
        answer = emulator.add_secret(args.client)
    return _deliver(answer, args, console)


def new_secret(parser: ArgumentParser) -> None:
    """Take a client and where its new file goes."""
    client(parser)
    output(parser)


def list_clients(args: Namespace, console: Console) -> int:
    """List clients."""
    with control(args, console) as emulator:
        rows = emulator.clients(args.project)
    console.records(rows, CLIENT_COLUMNS, nothing="There are no OAuth clients.")
    return 0


def get_client(args: Namespace, console: Console) -> int:
    """Show a client."""
    with control(args, console) as emulator:
        console.record(emulator.client(args.client))
    return 0


def delete_client(args: Namespace, console: Console) -> int:
    """Delete a client."""
    with control(args, console) as emulator:
        emulator.delete_client(args.client)
    console.say(f"Deleted {args.client}.")
    return 0


def disable_client(args: Namespace, console: Console) -> int:
    """Disable a client."""
    with control(args, console) as emulator:
        emulator.disable_client(args.client)
    console.say(f"Disabled {args.client}.")
    return 0


def enable_client(args: Namespace, console: Console) -> int:
    """Enable a client again."""
    with control(args, console) as emulator:
        emulator.enable_client(args.client)
    console.say(f"Enabled {args.client}.")
    return 0


def new_api_key(parser: ArgumentParser) -> None:
    """Take a new API key."""
    project(parser)
    parser.add_argument("name", metavar="NAME", help="the name that the project's owners see")
    parser.add_argument(
        "--service-account",
        metavar="EMAIL",
        help="bind the key to this service account, so that it stands for a principal",
    )


def create_api_key(args: Namespace, console: Console) -> int:
    """Create an API key and print it, this once."""
    with control(args, console) as emulator:
        console.record(
            emulator.create_api_key(args.project, args.name, service_account=args.service_account)
        )
    return 0


def list_api_keys(args: Namespace, console: Console) -> int:
    """List API keys."""
    with control(args, console) as emulator:
        rows = emulator.api_keys(args.project)
    console.records(rows, API_KEY_COLUMNS, nothing="There are no API keys.")
    return 0


def api_key(parser: ArgumentParser) -> None:
    """Take an API key, not the key itself: that would stay in the shell's history."""
    parser.add_argument("uid", metavar="UID", help="the key's uid, as the list shows it")


def delete_api_key(args: Namespace, console: Console) -> int:
    """Delete an API key."""
    with control(args, console) as emulator:
        emulator.delete_api_key(args.uid)
    console.say(f"Deleted {args.uid}.")
    return 0


def _refuse_existing(args: Namespace) -> None:
    """Refuse before anything is created: a secret that nobody could write down would be lost."""
    if args.output not in {None, "-"} and not args.overwrite:
        from gemauth.cli.emulator.client_file import refuse_existing

        refuse_existing(Path(args.output))


def _deliver(answer: Answer, args: Namespace, console: Console) -> int:
    content = answer.pop("file")
    name = answer.pop("fileName")
    if args.output == "-":
        console.json(content)
        return 0
    from gemauth.cli.emulator.client_file import write

    path = Path(args.output or name)
    write(path, content, overwrite=args.overwrite)
    console.record({**answer, "path": str(path)})
    console.say(f"Wrote {path}: it holds the client's secret, which is not shown again.")
    return 0


CLIENTS = Group(
    "clients",
    "Create OAuth clients and get their files.",
    (
        Command(
            "create",
            "Create an OAuth client and write its client file.",
            create_client,
            new_client,
            options=CONNECTION,
            examples=(
                Example(
                    "A desktop client",
                    "gemauth emulator clients create my-project cli --output client_secret.json",
                ),
                Example(
                    "A web client",
                    "gemauth emulator clients create my-project site --kind web "
                    "--redirect-uri http://localhost:3000/callback",
                ),
            ),
        ),
        Command("list", "List a project's OAuth clients.", list_clients, project, CONNECTION),
        Command("get", "Show an OAuth client.", get_client, client, CONNECTION),
        Command(
            "add-secret",
            "Add a secret (two at most) and write a new client file.",
            add_secret,
            new_secret,
            CONNECTION,
        ),
        Command("disable", "Disable an OAuth client.", disable_client, client, CONNECTION),
        Command("enable", "Enable an OAuth client again.", enable_client, client, CONNECTION),
        Command("delete", "Delete an OAuth client.", delete_client, client, CONNECTION),
    ),
)
API_KEYS = Group(
    "api-keys",
    "Create API keys.",
    (
        Command(
            "create",
            "Create an API key and print it, this once.",
            create_api_key,
            new_api_key,
            CONNECTION,
            examples=(Example("A standard key", "gemauth emulator api-keys create my-project ci"),),
        ),
        Command("list", "List a project's API keys.", list_api_keys, project, CONNECTION),
        Command("delete", "Delete an API key.", delete_api_key, api_key, CONNECTION),
    ),
)
