"""`gemauth service-accounts create|list|show|enable|disable|delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example
from gemauth.cli.service_accounts.iam import account, consent, iam, project, yes

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMANDS"]

COLUMNS = ("email", "displayName", "uniqueId", "disabled")
_ROBOT = "ci@my-project.iam.gserviceaccount.com"


def _new(parser: ArgumentParser) -> None:
    parser.add_argument(
        "id",
        metavar="ID",
        help="6 to 30 lowercase letters, digits and hyphens; the e-mail address begins with it",
    )
    parser.add_argument("--display-name", metavar="NAME", help="what people call it")
    parser.add_argument("--description", metavar="TEXT", help="what it is for")
    project(parser)


def create(args: Namespace, console: Console) -> int:
    """Create one, and show it."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        made = api.run(
            ServiceAccounts(api.credentials).create(
                api.project, args.id, display_name=args.display_name, description=args.description
            )
        )
    console.record(made.to_json())
    console.say(
        f"{made.email} is there, and has no role yet: it may do nothing until it is granted one."
    )
    return 0


def list_(args: Namespace, console: Console) -> int:
    """List every page of a project's."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        inside = api.project
        found = api.run(ServiceAccounts(api.credentials).list(inside))
    rows = [one.to_json() for one in found]
    if console.format != "json":
        rows = [{**row, "disabled": row.get("disabled", False)} for row in rows]
    console.records(rows, COLUMNS, nothing=f"There are no service accounts in {inside}.")
    return 0


def show(args: Namespace, console: Console) -> int:
    """Show one."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        console.record(
            api.run(ServiceAccounts(api.credentials).get(api.name(args.account))).to_json()
        )
    return 0


def enable(args: Namespace, console: Console) -> int:
    """Let it be used again."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        api.run(ServiceAccounts(api.credentials).enable(api.name(args.account)))
    return _told(args, console, "enabled")


def disable(args: Namespace, console: Console) -> int:
    """Stop it, with a way back."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        api.run(ServiceAccounts(api.credentials).disable(api.name(args.account)))
    return _told(args, console, "disabled")


def delete(args: Namespace, console: Console) -> int:
    """Ask, delete it, and say how it comes back."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    with iam(args, console) as api:
        accounts = ServiceAccounts(api.credentials)
        found = api.run(accounts.get(api.name(args.account)))  # also: what is not there
        consent(
            args, console, f"Delete {found.email}? Whatever runs as it stops working, keys and all."
        )
        api.run(accounts.delete(found.name))
        back = f"{api.credentials.endpoints.iam}/v1/projects/-/serviceAccounts/{found.unique_id}"
    if console.format == "json":
        console.json({"deleted": found.email, "uniqueId": found.unique_id})
    console.say(
        f"{found.email} is deleted. For 30 days it can come back: "
        f"gemauth request POST {back}:undelete"
    )
    return 0


def _told(args: Namespace, console: Console, outcome: str) -> int:
    if console.format == "json":
        console.json({outcome: args.account})
    console.say(f"{args.account} is {outcome}.")
    return 0


def _deleted(parser: ArgumentParser) -> None:
    account(parser)
    yes(parser)


COMMANDS = (
    Command(
        "create",
        "Create a service account.",
        create,
        _new,
        options=ACTING,
        examples=(
            Example("One for CI", "gemauth service-accounts create ci-robot --project my-project"),
        ),
    ),
    Command(
        "list",
        "List a project's service accounts.",
        list_,
        project,
        options=ACTING,
        examples=(Example("A project's", "gemauth service-accounts list --project my-project"),),
    ),
    Command(
        "show",
        "Show one service account.",
        show,
        account,
        options=ACTING,
        examples=(Example("One", f"gemauth service-accounts show {_ROBOT}"),),
    ),
    Command(
        "enable",
        "Let a disabled service account be used again.",
        enable,
        account,
        options=ACTING,
        examples=(Example("Go on", f"gemauth service-accounts enable {_ROBOT}"),),
    ),
    Command(
        "disable",
        "Stop a service account, with a way back.",
        disable,
        account,
        options=ACTING,
        details="What it may do and its keys are kept: gemauth service-accounts enable undoes it. "
        "It shows what stops working, before you delete.",
        examples=(Example("Stop it", f"gemauth service-accounts disable {_ROBOT}"),),
    ),
    Command(
        "delete",
        "Delete a service account.",
        delete,
        _deleted,
        options=ACTING,
        details="Asks first; where nobody can be asked, --yes is needed. A deleted account can be "
        "restored for 30 days, by its unique id.",
        examples=(
            Example("Delete it", f"gemauth service-accounts delete {_ROBOT}"),
            Example("In a script", f"gemauth service-accounts delete {_ROBOT} --yes"),
        ),
    ),
)
