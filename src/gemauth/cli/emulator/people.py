"""`gemauth emulator accounts|groups`: who exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["ACCOUNTS", "GROUPS"]

ACCOUNT_COLUMNS = ("email", "name", "domain", "sub")
GROUP_COLUMNS = ("email", "name", "members")


def email(parser: ArgumentParser) -> None:
    """Take one address."""
    parser.add_argument("email", metavar="EMAIL", help="such as ada@example.com")


def new_account(parser: ArgumentParser) -> None:
    """Take a new person."""
    email(parser)
    parser.add_argument("--name", metavar="TEXT", help="the full name")
    parser.add_argument(
        "--workspace",
        action="store_true",
        help="the address' domain is a Google Workspace, so tokens carry it as hd",
    )


def create_account(args: Namespace, console: Console) -> int:
    """Create a person."""
    with control(args, console) as emulator:
        console.record(
            emulator.create_account(args.email, name=args.name, workspace=args.workspace)
        )
    return 0


def list_accounts(args: Namespace, console: Console) -> int:
    """List people."""
    with control(args, console) as emulator:
        console.records(emulator.accounts(), ACCOUNT_COLUMNS, nothing="There are no accounts.")
    return 0


def delete_account(args: Namespace, console: Console) -> int:
    """Delete a person."""
    with control(args, console) as emulator:
        emulator.delete_account(args.email)
    console.say(f"Deleted {args.email}; their tokens no longer work.")
    return 0


def new_group(parser: ArgumentParser) -> None:
    """Take a new group."""
    parser.add_argument("email", metavar="EMAIL", help="such as team@example.com")
    parser.add_argument("--name", metavar="TEXT", help="the name")
    parser.add_argument(
        "--member",
        action="append",
        default=[],
        metavar="EMAIL",
        help="a first member; may be repeated",
    )


def create_group(args: Namespace, console: Console) -> int:
    """Create a group."""
    with control(args, console) as emulator:
        console.record(emulator.create_group(args.email, name=args.name, members=args.member))
    return 0


def list_groups(args: Namespace, console: Console) -> int:
    """List groups."""
    with control(args, console) as emulator:
        console.records(emulator.groups(), GROUP_COLUMNS, nothing="There are no groups.")
    return 0


def delete_group(args: Namespace, console: Console) -> int:
    """Delete a group."""
    with control(args, console) as emulator:
        emulator.delete_group(args.email)
    console.say(f"Deleted {args.email}.")
    return 0


def membership(parser: ArgumentParser) -> None:
    """Take a group and a member."""
    parser.add_argument("group", metavar="GROUP", help="the group's address")
    parser.add_argument(
        "member", metavar="MEMBER", help="a person's, a service account's or a group's address"
    )


def add_member(args: Namespace, console: Console) -> int:
    """Put an address into a group."""
    with control(args, console) as emulator:
        console.record(emulator.add_member(args.group, args.member))
    return 0


def remove_member(args: Namespace, console: Console) -> int:
    """Take an address from a group."""
    with control(args, console) as emulator:
        console.record(emulator.remove_member(args.group, args.member))
    return 0


ACCOUNTS = Group(
    "accounts",
    "Create people who can sign in; there are no passwords.",
    (
        Command(
            "create",
            "Create a person.",
            create_account,
            new_account,
            options=CONNECTION,
            examples=(
                Example(
                    "A person", "gemauth emulator accounts create ada@example.com --name 'Ada L'"
                ),
            ),
        ),
        Command("list", "List people.", list_accounts, options=CONNECTION),
        Command("delete", "Delete a person.", delete_account, email, options=CONNECTION),
    ),
)
GROUPS = Group(
    "groups",
    "Create groups, and say who is in them.",
    (
        Command(
            "create",
            "Create a group.",
            create_group,
            new_group,
            options=CONNECTION,
            examples=(
                Example(
                    "A group of one",
                    "gemauth emulator groups create team@example.com --member ada@example.com",
                ),
            ),
        ),
        Command("list", "List groups with their members.", list_groups, options=CONNECTION),
        Command("delete", "Delete a group.", delete_group, email, options=CONNECTION),
        Command("add", "Put an address into a group.", add_member, membership, options=CONNECTION),
        Command(
            "remove", "Take an address from a group.", remove_member, membership, options=CONNECTION
        ),
    ),
)
