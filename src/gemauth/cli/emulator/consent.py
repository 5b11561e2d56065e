"""`gemauth emulator consent-screen|test-users`: what people see when they sign in, and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.projects import project
from gemauth.cli.emulator.where import control
from gemauth.errors import UsageError
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.control import Answer, Control

__all__ = ["CONSENT_SCREEN", "TEST_USERS"]


def settings(parser: ArgumentParser) -> None:
    """Take a consent screen's settings."""
    project(parser)
    parser.add_argument("--app-name", metavar="TEXT", help="what people are asked by")
    parser.add_argument("--support-email", metavar="EMAIL", help="whom people can ask")
    parser.add_argument(
        "--user-type",
        choices=("external", "internal"),
        help="any account (external, as at first), or only the project's own Workspace "
        "organization",
    )
    parser.add_argument(
        "--publishing-status",
        choices=("testing", "production"),
        help="only test users, for seven days at a time (testing, as at first), or everybody",
    )
    parser.add_argument(
        "--scopes", metavar="A,B", help="scopes to declare; short names are accepted"
    )


def set_(args: Namespace, console: Console) -> int:
    """Configure the consent screen; what is not named stays as it is."""
    with control(args, console) as emulator:
        present = _present(emulator, args.project)
        settings = {
            "app_name": args.app_name or present.get("appName"),
            "support_email": args.support_email or present.get("supportEmail"),
            "user_type": args.user_type or present.get("userType", "external"),
            "publishing_status": args.publishing_status
            or present.get("publishingStatus", "testing"),
            "scopes": present.get("scopes", [])
            if args.scopes is None
            else [scope for scope in args.scopes.split(",") if scope],
        }
        if None in settings.values():
            raise UsageError(
                f"Project {args.project} has no consent screen yet: its first settings are "
                "--app-name and --support-email.",
                next_step=f"gemauth emulator consent-screen set {args.project} --app-name TEXT "
                "--support-email EMAIL",
            )
        console.record(emulator.set_consent_screen(args.project, **settings))
    return 0


def _present(emulator: Control, project_id: str) -> Answer:
    """Return a project's consent screen, empty where it has none yet."""
    try:
        return emulator.consent_screen(project_id)
    except StatusError as error:
        if error.status.code is not Code.FAILED_PRECONDITION:
            raise
        return {}


def get(args: Namespace, console: Console) -> int:
    """Show the consent screen."""
    with control(args, console) as emulator:
        console.record(emulator.consent_screen(args.project))
    return 0


def tester(parser: ArgumentParser) -> None:
    """Take a project and an address."""
    project(parser)
    parser.add_argument("email", metavar="EMAIL", help="the tester's address")


def add(args: Namespace, console: Console) -> int:
    """Add a test user."""
    with control(args, console) as emulator:
        answer = emulator.add_test_user(args.project, args.email)
    console.say(
        f"{args.email} is a test user of {args.project} "
        f"({answer['used']} of {answer['limit']} over its life)."
    )
    return 0


def remove(args: Namespace, console: Console) -> int:
    """Remove a test user."""
    with control(args, console) as emulator:
        emulator.remove_test_user(args.project, args.email)
    console.say(f"{args.email} is no test user of {args.project} any more.")
    return 0


def list_(args: Namespace, console: Console) -> int:
    """List test users."""
    with control(args, console) as emulator:
        rows = emulator.test_users(args.project)
    console.records(rows, ("email", "addTime"), nothing="There are no test users.")
    return 0


CONSENT_SCREEN = Group(
    "consent-screen",
    "Configure a project's OAuth consent screen.",
    (
        Command(
            "set",
            "Configure the consent screen.",
            set_,
            settings,
            options=CONNECTION,
            details="Settings that are not named stay as they are. The first time, --app-name and "
            "--support-email are needed.",
            examples=(
                Example(
                    "An app in testing",
                    "gemauth emulator consent-screen set my-project --app-name Demo "
                    "--support-email ada@example.com",
                ),
                Example(
                    "Publish it",
                    "gemauth emulator consent-screen set my-project --publishing-status production",
                ),
            ),
        ),
        Command("get", "Show the consent screen.", get, project, options=CONNECTION),
    ),
)
TEST_USERS = Group(
    "test-users",
    "Say who may sign in to an app in testing.",
    (
        Command(
            "add",
            "Add a test user.",
            add,
            tester,
            options=CONNECTION,
            examples=(
                Example("Yourself", "gemauth emulator test-users add my-project ada@example.com"),
            ),
        ),
        Command("remove", "Remove a test user.", remove, tester, options=CONNECTION),
        Command("list", "List test users.", list_, project, options=CONNECTION),
    ),
)
