"""`gemauth permissions list|get|create|update|delete`: who may use a tuned model or a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example, Group

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COLUMNS", "COMMAND", "grantee", "role"]

COLUMNS = ("name", "role", "granteeType", "emailAddress")
ROLES = ("reader", "writer")


def grantee(parser: ArgumentParser) -> Any:  # noqa: ANN401  # argparse keeps its type private
    """Take exactly one of a person, a group and everyone; return the choice, for more of them."""
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--user", metavar="EMAIL", type=_address, help="a person or a service account")
    one.add_argument("--group", metavar="EMAIL", type=_address, help="a Google group")
    one.add_argument("--everyone", action="store_true", help="everybody, signed in or not")
    return one


def _address(text: str) -> str:
    """Return an e-mail address, for `add_argument(type=…)`."""
    from argparse import ArgumentTypeError

    from gemauth.client.bulk_share.grantees import is_address

    if not is_address(text):
        raise ArgumentTypeError(f"{text!r} is no e-mail address")
    return text


def role(parser: ArgumentParser, default: str | None = None) -> None:
    """Take the role; required where it has no default."""
    chosen = f" (default: {default})" if default else ""
    parser.add_argument(
        "--role",
        choices=ROLES,
        default=default,
        required=default is None,
        help=f"reader may use the model, writer may also change and share it{chosen}",
    )


def _parent(parser: ArgumentParser) -> None:
    parser.add_argument(
        "parent", metavar="PARENT", help="such as tunedModels/my-model, corpora/my-corpus"
    )


def _name(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="such as tunedModels/my-model/permissions/123, from the list"
    )


def _create_arguments(parser: ArgumentParser) -> None:
    _parent(parser)
    grantee(parser)
    role(parser)


def _update_arguments(parser: ArgumentParser) -> None:
    _name(parser)
    role(parser)


def list_(args: Namespace, console: Console) -> int:
    """List every page of a model's permissions."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        rows = [permission.to_json() for permission in api.permissions.list(args.parent)]
    console.records(rows, COLUMNS, nothing="There are no permissions that you may see.")
    return 0


def get(args: Namespace, console: Console) -> int:
    """Show one permission."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.permissions.get(args.name).to_json())
    return 0


def create(args: Namespace, console: Console) -> int:
    """Grant a role, and show the permission."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        made = api.permissions.create(
            args.parent, args.role, user=args.user, group=args.group, everyone=args.everyone
        )
    console.record(made.to_json())
    return 0


def update(args: Namespace, console: Console) -> int:
    """Change a permission's role, and show the permission."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.permissions.update(args.name, args.role).to_json())
    return 0


def delete(args: Namespace, console: Console) -> int:
    """Take a permission away."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        api.permissions.delete(args.name)
    console.say(f"{args.name} is deleted.")
    return 0


COMMAND = Group(
    "permissions",
    "See and change who may use a tuned model or a corpus.",
    (
        Command(
            "list",
            "List who may use a tuned model.",
            list_,
            _parent,
            options=ACTING,
            examples=(Example("One model's", "gemauth permissions list tunedModels/my-model"),),
        ),
        Command(
            "get",
            "Show one permission.",
            get,
            _name,
            options=ACTING,
            examples=(
                Example(
                    "One permission", "gemauth permissions get tunedModels/my-model/permissions/123"
                ),
            ),
        ),
        Command(
            "create",
            "Let somebody use a tuned model.",
            create,
            _create_arguments,
            options=ACTING,
            details="Refused when the grantee already has a permission there: gemauth share "
            "changes that one's role instead.",
            examples=(
                Example(
                    "A person may use it",
                    "gemauth permissions create tunedModels/my-model \\\n"
                    "    --user ada@example.com --role reader",
                ),
            ),
        ),
        Command(
            "update",
            "Change a permission's role.",
            update,
            _update_arguments,
            options=ACTING,
            examples=(
                Example(
                    "From reader to writer",
                    "gemauth permissions update tunedModels/my-model/permissions/123 \\\n"
                    "    --role writer",
                ),
            ),
        ),
        Command(
            "delete",
            "Take a permission away.",
            delete,
            _name,
            options=ACTING,
            examples=(
                Example(
                    "Stop sharing with one grantee",
                    "gemauth permissions delete tunedModels/my-model/permissions/123",
                ),
            ),
        ),
    ),
)
