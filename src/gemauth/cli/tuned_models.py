"""`gemauth tuned-models list|get`: the tuned models that the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example, Group

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]

COLUMNS = ("name", "displayName", "baseModel", "state", "updateTime")


def filter_(parser: ArgumentParser) -> None:
    """Take the filter of the list."""
    parser.add_argument(
        "--filter",
        metavar="TEXT",
        help="only those: owner:me, writers:me, readers:me, readers:everyone, or words to find",
    )


def list_(args: Namespace, console: Console) -> int:
    """List every page of the tuned models."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        rows = list(api.list_json("tunedModels", filter=args.filter))
    console.records(rows, COLUMNS, nothing="There are no tuned models that you may see.")
    return 0


def name(parser: ArgumentParser) -> None:
    """Take a tuned model's name."""
    parser.add_argument("name", metavar="NAME", help="such as tunedModels/my-model")


def get(args: Namespace, console: Console) -> int:
    """Show one tuned model."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.tuned_models.get(args.name).to_json())
    return 0


COMMAND = Group(
    "tuned-models",
    "See the tuned models you may use.",
    (
        Command(
            "list",
            "List the tuned models.",
            list_,
            filter_,
            options=ACTING,
            examples=(
                Example("All that you may see", "gemauth tuned-models list"),
                Example("Your own", "gemauth tuned-models list --filter owner:me"),
            ),
        ),
        Command(
            "get",
            "Show one tuned model.",
            get,
            name,
            options=ACTING,
            examples=(Example("One tuned model", "gemauth tuned-models get tunedModels/my-model"),),
        ),
    ),
)
