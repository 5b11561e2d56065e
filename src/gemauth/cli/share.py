"""`gemauth share MODEL`: grant a role in one step, to one grantee or to a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli import permissions
from gemauth.cli.command import ACTING, Command, Example

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the model, the grantee or the list, and the role."""
    parser.add_argument(
        "model", metavar="MODEL", help="such as tunedModels/my-model, or corpora/my-corpus"
    )
    one = permissions.grantee(parser)
    one.add_argument(
        "--from",
        dest="from_",
        metavar="FILE",
        help="everybody in a CSV file (- for standard input): email,role,type",
    )
    permissions.role(parser, default="reader")
    of_list = parser.add_argument_group("with --from")
    of_list.add_argument("--dry-run", action="store_true", help="tell what would be done, no more")
    of_list.add_argument(
        "--add-only", action="store_true", help="whoever has a role keeps it, whichever it is"
    )
    of_list.add_argument(
        "--report", metavar="FILE", help="write what became of each row, as it is done (JSON Lines)"
    )
    of_list.add_argument(
        "--parallel", type=int, default=4, metavar="N", help="rows at a time (default: 4)"
    )
    of_list.add_argument(
        "--patience",
        type=float,
        default=3600.0,
        metavar="SECONDS",
        help="how long the whole run may take (default: 3600)",
    )


def run(args: Namespace, console: Console) -> int:
    """Share, and show the permission that results."""
    if args.from_ is not None:
        from gemauth.cli.share_list import share_list

        return share_list(args, console)
    from gemauth.cli.connect import gemini

    _only_with_a_list(args)
    with gemini(args, console) as api:
        made = api.share(
            args.model, args.role, user=args.user, group=args.group, everyone=args.everyone
        )
    console.record(made.to_json())
    who = args.user or args.group or "everyone"
    console.say(f"{args.model} is shared with {who} as {args.role}.")
    return 0


def _only_with_a_list(args: Namespace) -> None:
    from gemauth.errors import UsageError

    given = {"--dry-run": args.dry_run, "--add-only": args.add_only, "--report": args.report}
    for option, value in given.items():
        if value:
            raise UsageError(
                f"{option} goes with --from FILE.", next_step=f"Drop {option}, or name a list."
            )


COMMAND = Command(
    "share",
    "Share a model or a corpus with a person, a group, everyone or a list.",
    run,
    arguments,
    options=ACTING,
    details="Grants the role, or changes the role that the grantee already has.\n\n"
    "A list (--from) has a line for each grantee: email,role,type. Role and type may be left out: "
    "the role is --role's then, the type user (group for addresses at googlegroups.com). A header "
    "line may name the columns in another order. The whole list is checked before anything is "
    "sent. Whoever has the role already is left alone, so running it again goes on where it was "
    "stopped. Where the API's rate limit is reached, it waits. Exit code 8: some rows failed, or "
    "were not tried.",
    examples=(
        Example("With a person", "gemauth share tunedModels/my-model --user ada@example.com"),
        Example(
            "With a group that may change it",
            "gemauth share tunedModels/my-model --group team@example.com --role writer",
        ),
        Example("With the whole world", "gemauth share tunedModels/my-model --everyone"),
        Example(
            "With a list, and what became of each row",
            "gemauth share tunedModels/my-model --from users.csv --report shared.jsonl",
        ),
    ),
)
