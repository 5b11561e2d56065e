"""A command's argparse parser: errors are raised, not printed, and help is ours (`manual.py`)."""

from __future__ import annotations

from argparse import ArgumentParser, HelpFormatter
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from gemauth.cli import options
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from gemauth.cli.command import Command

__all__ = ["Parser", "build"]


class Parser(ArgumentParser):
    """An argparse parser that raises UsageError with the help page to read as the next step."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print before it exits."""
        from gemauth.cli.failure import redact  # where nothing is wrong, nobody needs it

        path = self.prog.removeprefix("gemauth ")
        raise UsageError(
            f"{self.prog}: {redact(message)}.", next_step=f"See what it takes: gemauth help {path}"
        )


def build(command: Command, path: tuple[str, ...]) -> Parser:
    """Return the parser of a command that people reach by `path`, such as ("models", "list")."""
    parser = Parser(
        prog=" ".join(("gemauth", *path)),
        description=command.summary,
        add_help=False,
        # Never shown, but made for every argument; without a width it loads shutil, 3 ms.
        formatter_class=partial(HelpFormatter, width=80),
        allow_abbrev=False,  # a script's `--acc` must not change meaning when options are added
    )
    command.arguments(parser)
    options.add(parser, command.options)
    return parser
