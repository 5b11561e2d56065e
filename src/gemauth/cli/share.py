"""`gemauth share MODEL`: grant a role in one step, or change the one that the grantee has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli import permissions
from gemauth.cli.command import ACTING, Command, Example

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the model, the grantee and the role."""
    parser.add_argument("model", metavar="MODEL", help="such as tunedModels/my-model")
    permissions.grantee(parser)
    permissions.role(parser, default="reader")


def run(args: Namespace, console: Console) -> int:
    """Share, and show the permission that results."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        made = api.share(
            args.model, args.role, user=args.user, group=args.group, everyone=args.everyone
        )
    console.record(made.to_json())
    who = args.user or args.group or "everyone"
    console.say(f"{args.model} is shared with {who} as {args.role}.")
    return 0


COMMAND = Command(
    "share",
    "Share a tuned model with a person, a group or everyone.",
    run,
    arguments,
    options=ACTING,
    details="Grants the role, or changes the role that the grantee already has.",
    examples=(
        Example("With a person", "gemauth share tunedModels/my-model --user ada@example.com"),
        Example(
            "With a group that may change it",
            "gemauth share tunedModels/my-model --group team@example.com --role writer",
        ),
        Example("With the whole world", "gemauth share tunedModels/my-model --everyone"),
    ),
)
