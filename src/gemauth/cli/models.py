"""`gemauth models list|get`: the models that the credentials may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example, Group

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]

COLUMNS = ("name", "displayName", "version", "inputTokenLimit", "outputTokenLimit")


def list_(args: Namespace, console: Console) -> int:
    """List every page of the models."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        rows = list(api.list_json("models"))
    console.records(rows, COLUMNS, nothing="There are no models.")
    return 0


def name(parser: ArgumentParser) -> None:
    """Take a model's name."""
    parser.add_argument("name", metavar="NAME", help="such as models/gemini-2.5-flash")


def get(args: Namespace, console: Console) -> int:
    """Show one model."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.models.get(args.name).to_json())
    return 0


COMMAND = Group(
    "models",
    "See the models you may use.",
    (
        Command(
            "list",
            "List the models.",
            list_,
            options=ACTING,
            examples=(
                Example("For people", "gemauth models list"),
                Example("For programs", "gemauth models list --format json | jq '.[].name'"),
            ),
        ),
        Command(
            "get",
            "Show one model.",
            get,
            name,
            options=ACTING,
            examples=(Example("One model", "gemauth models get models/gemini-2.5-flash"),),
        ),
    ),
)
