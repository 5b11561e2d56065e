"""`gemauth emulator projects|services|iam`: projects, their APIs, and who holds which role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["IAM", "PROJECTS", "SERVICES", "project"]

PROJECT_COLUMNS = ("projectId", "projectNumber", "name", "state")


def project(parser: ArgumentParser) -> None:
    """Take a project."""
    parser.add_argument("project", metavar="PROJECT", help="the project's id or number")


def new_project(parser: ArgumentParser) -> None:
    """Take a new project."""
    parser.add_argument(
        "project",
        metavar="PROJECT",
        help="its id: 6 to 30 lower-case letters, digits and hyphens, starting with a letter",
    )
    parser.add_argument("--name", metavar="TEXT", help="the name that people see")
    parser.add_argument("--owner", metavar="EMAIL", help="the account that gets roles/owner")
    parser.add_argument(
        "--organization", metavar="DOMAIN", help="the Google Workspace domain it belongs to"
    )


def create_project(args: Namespace, console: Console) -> int:
    """Create a project."""
    with control(args, console) as emulator:
        console.record(
            emulator.create_project(
                args.project, name=args.name, owner=args.owner, organization=args.organization
            )
        )
    return 0


def list_projects(args: Namespace, console: Console) -> int:
    """List projects."""
    with control(args, console) as emulator:
        console.records(emulator.projects(), PROJECT_COLUMNS, nothing="There are no projects.")
    return 0


def get_project(args: Namespace, console: Console) -> int:
    """Show a project."""
    with control(args, console) as emulator:
        console.record(emulator.project(args.project))
    return 0


def delete_project(args: Namespace, console: Console) -> int:
    """Delete a project."""
    with control(args, console) as emulator:
        emulator.delete_project(args.project)
    console.say(f"Deleted {args.project}; its id is never given again.")
    return 0


def service(parser: ArgumentParser) -> None:
    """Take a project and one of its APIs."""
    project(parser)
    parser.add_argument(
        "service",
        metavar="SERVICE",
        help="such as generativelanguage.googleapis.com, or its first part alone",
    )


def enable_service(args: Namespace, console: Console) -> int:
    """Switch an API on."""
    with control(args, console) as emulator:
        emulator.enable_service(args.project, args.service)
    console.say(f"Enabled {args.service} in {args.project}.")
    return 0


def disable_service(args: Namespace, console: Console) -> int:
    """Switch an API off."""
    with control(args, console) as emulator:
        emulator.disable_service(args.project, args.service)
    console.say(f"Disabled {args.service} in {args.project}.")
    return 0


def list_services(args: Namespace, console: Console) -> int:
    """List the APIs that are on."""
    with control(args, console) as emulator:
        console.records(
            emulator.services(args.project), ("service", "state"), nothing="No API is enabled."
        )
    return 0


def binding(parser: ArgumentParser) -> None:
    """Take a project, a role and a member."""
    project(parser)
    parser.add_argument("role", metavar="ROLE", help="such as roles/owner")
    parser.add_argument(
        "member",
        metavar="MEMBER",
        help="such as user:ada@example.com, group:…, serviceAccount:… or domain:…",
    )


def add_binding(args: Namespace, console: Console) -> int:
    """Give a role to a member."""
    with control(args, console) as emulator:
        emulator.add_binding(args.project, args.role, args.member)
    console.say(f"{args.member} now holds {args.role} on {args.project}.")
    return 0


def remove_binding(args: Namespace, console: Console) -> int:
    """Take a role from a member."""
    with control(args, console) as emulator:
        emulator.remove_binding(args.project, args.role, args.member)
    console.say(f"{args.member} no longer holds {args.role} on {args.project}.")
    return 0


def list_bindings(args: Namespace, console: Console) -> int:
    """Show who holds which role."""
    with control(args, console) as emulator:
        console.records(
            emulator.bindings(args.project), ("role", "members"), nothing="Nobody holds a role."
        )
    return 0


PROJECTS = Group(
    "projects",
    "Create projects.",
    (
        Command(
            "create",
            "Create a project.",
            create_project,
            new_project,
            options=CONNECTION,
            examples=(
                Example(
                    "Your own",
                    "gemauth emulator projects create my-project --owner ada@example.com",
                ),
            ),
        ),
        Command("list", "List projects.", list_projects, options=CONNECTION),
        Command("get", "Show a project.", get_project, project, options=CONNECTION),
        Command("delete", "Delete a project.", delete_project, project, options=CONNECTION),
    ),
)
SERVICES = Group(
    "services",
    "Switch a project's APIs on and off.",
    (
        Command(
            "enable",
            "Switch an API on.",
            enable_service,
            service,
            options=CONNECTION,
            examples=(
                Example(
                    "The Gemini API",
                    "gemauth emulator services enable my-project generativelanguage",
                ),
            ),
        ),
        Command("disable", "Switch an API off.", disable_service, service, options=CONNECTION),
        Command("list", "List the APIs that are on.", list_services, project, options=CONNECTION),
    ),
)
IAM = Group(
    "iam",
    "Give and take roles on a project.",
    (
        Command(
            "add",
            "Give a role to a member.",
            add_binding,
            binding,
            options=CONNECTION,
            examples=(
                Example(
                    "Let somebody use the project for quota",
                    "gemauth emulator iam add my-project roles/serviceusage.serviceUsageConsumer "
                    "user:bob@example.com",
                ),
            ),
        ),
        Command(
            "remove", "Take a role from a member.", remove_binding, binding, options=CONNECTION
        ),
        Command("list", "Show who holds which role.", list_bindings, project, options=CONNECTION),
    ),
)
