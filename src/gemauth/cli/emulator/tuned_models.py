"""`gemauth emulator tuned-models|seed`: what is simply there, without having been made by use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.where import control
from gemauth.errors import DataError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["SEED", "TUNED_MODELS", "document"]

COLUMNS = ("name", "owners", "projectNumber", "createTime")


def new_model(parser: ArgumentParser) -> None:
    """Take a new tuned model."""
    model(parser)
    parser.add_argument("--owner", required=True, metavar="EMAIL", help="who owns it")
    parser.add_argument("--project", required=True, metavar="PROJECT", help="where it counts")
    parser.add_argument("--display-name", metavar="TEXT", help="up to 40 characters")
    parser.add_argument("--description", metavar="TEXT", help="what it is for")
    parser.add_argument("--base-model", metavar="MODEL", help="such as models/gemini-…-tuning")
    parser.add_argument(
        "--resource", metavar="FILE", help="more members of the API's TunedModel, as JSON"
    )


def model(parser: ArgumentParser) -> None:
    """Take a tuned model's id."""
    parser.add_argument("id", metavar="ID", help="such as my-model: up to 40 of a-z, 0-9 and -")


def create(args: Namespace, console: Console) -> int:
    """Create a tuned model."""
    resource = {} if args.resource is None else document(args.resource, console)
    named = {
        "displayName": args.display_name,
        "description": args.description,
        "baseModel": args.base_model,
    }
    resource |= {name: value for name, value in named.items() if value is not None}
    with control(args, console) as emulator:
        console.record(
            emulator.create_tuned_model(
                args.id, owner=args.owner, project=args.project, resource=resource
            )
        )
    return 0


def list_(args: Namespace, console: Console) -> int:
    """List tuned models."""
    with control(args, console) as emulator:
        console.records(emulator.tuned_models(), COLUMNS, nothing="There are no tuned models.")
    return 0


def delete(args: Namespace, console: Console) -> int:
    """Delete a tuned model."""
    with control(args, console) as emulator:
        emulator.delete_tuned_model(args.id)
    console.say(f"Deleted {args.id}.")
    return 0


def file(parser: ArgumentParser) -> None:
    """Take a seed file."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="JSON, or TOML if its name ends in .toml; - reads JSON from standard input",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="write the files of new OAuth clients there, as client_secret_CLIENT_ID.json",
    )


def seed(args: Namespace, console: Console) -> int:
    """Apply a seed file."""
    declared = document(args.file, console)
    folder = None if args.output is None else Path(args.output)
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder} is no folder.")  # before secrets are made that need it
    with control(args, console) as emulator:
        answer = emulator.seed(declared)
    if folder is not None:
        from gemauth.cli.emulator.client_file import write

        for client in answer["clients"]:
            path = folder / client.pop("fileName")
            write(path, client.pop("file"), overwrite=False)
            console.say(f"Wrote {path}.")
    if console.format == "json":
        console.json(answer)
    elif not answer["created"]:
        console.say("Everything was there already.")
    for name in answer["created"] if console.format == "table" else ():
        console.print(name)
    if console.format == "table" and folder is None and answer["clients"]:
        console.warn(
            "The secrets of the new OAuth clients were not written down: pass --output DIR, or "
            "add new ones with gemauth emulator clients add-secret."
        )
    for key in answer["apiKeys"] if console.format == "table" else ():
        console.print(f"{key['displayName']}  {key['key']}")
    return 0


def document(path: str, console: Console) -> dict[str, Any]:
    """Return a JSON or TOML file's object; - reads JSON from standard input.

    Raises:
        UsageError: the file cannot be read.
        DataError: it holds something else.
    """
    try:
        text = console.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(
            f"{path} cannot be read: {why}.", next_step="Name a JSON or TOML file, or - for a pipe."
        ) from None
    try:
        if path.endswith(".toml"):
            import tomllib

            return tomllib.loads(text)
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        kind = "TOML" if path.endswith(".toml") else "JSON"
        raise DataError(
            f"{path} is no {kind}: {error}.", next_step="docs/control-api.md shows a whole seed."
        ) from None
    if not isinstance(value, dict):
        raise DataError(f"{path} holds no JSON object.")
    return value


TUNED_MODELS = Group(
    "tuned-models",
    "Create tuned models without tuning.",
    (
        Command(
            "create",
            "Create a tuned model that is ready for use.",
            create,
            new_model,
            CONNECTION,
            examples=(
                Example(
                    "A model of your own",
                    "gemauth emulator tuned-models create my-model --owner ada@example.com "
                    "--project my-project",
                ),
            ),
        ),
        Command("list", "List tuned models, whoever owns them.", list_, options=CONNECTION),
        Command("delete", "Delete a tuned model.", delete, model, CONNECTION),
    ),
)
SEED = Command(
    "seed",
    "Make everything that a file declares, or nothing of it.",
    seed,
    file,
    CONNECTION,
    details=(
        "The file names accounts, groups, projects with their APIs, consent screen, test users, "
        "OAuth clients, roles and API keys, and tuned models; docs/control-api.md shows one. "
        "Applied twice, it changes nothing the second time."
    ),
    examples=(
        Example(
            "Set up, and keep the clients' files", "gemauth emulator seed seed.json --output ."
        ),
    ),
)
