"""What a command is: the contract between its module and the dispatcher, help and completion.

A top-level command is one module (or package) under `gemauth.cli`, named in `commands.TABLE`,
that holds `COMMAND`: a `Command`, or a `Group` of them, nested as deep as needed. Importing such
a module must stay cheap: what it calls (the client, the emulator) is imported inside `run`.

    def arguments(parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the model, such as models/gemini-2.5-flash")

    def run(args: Namespace, console: Console) -> int:
        from gemauth.client.gemini import Gemini  # heavy, so here
        console.record(...)
        return 0

    COMMAND = Group(
        "models",
        "See the models you may use.",
        (Command("get", "Show one model.", run, arguments, options=API,
                 examples=(Example("One model", "gemauth models get models/gemini-2.5-flash"),)),),
    )

`run` gets the parsed arguments and the `Console`, and returns the exit code; for what fails it
raises `GemauthError`: the dispatcher prints it and exits with its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from gemauth.cli.console import Console

__all__ = ["ACTING", "API", "CONNECTION", "Command", "Example", "Group", "no_arguments"]

# Families of shared options (see options.py). `--format` and `--quiet` belong to every command.
CONNECTION = ("emulator", "timeout")  # args.emulator: str | None, args.timeout: float (seconds)
API = (
    "credentials",
    "profile",
    "quota_project",
    *CONNECTION,
)  # args.credentials, args.profile (never both), args.quota_project: str | None
ACTING = (
    *API,
    "impersonate_service_account",
    "subject",
    "access_token_file",
)  # for commands that call as whoever `connect.find` finds; each str | None


@frozen
class Example(Value):
    """One line of a command's help: what it does, and the command line."""

    title: str
    line: str


def no_arguments(parser: ArgumentParser) -> None:
    """Add nothing: for commands without arguments of their own."""


@frozen
class Command(Value):
    """One thing to do.

    Args:
        name: the word that people type.
        summary: one sentence, imperative, ending in a full stop; lists show it.
        run: does it; returns the exit code.
        arguments: adds the command's own arguments to its parser (`dest` names become `args.…`).
        options: names of shared options it takes, from options.SHARED.
        details: more paragraphs for its help page.
        examples: shown at the end of its help page.
    """

    name: str
    summary: str
    run: Callable[[Namespace, Console], int]
    arguments: Callable[[ArgumentParser], None] = no_arguments
    options: tuple[str, ...] = ()
    details: str = ""
    examples: tuple[Example, ...] = ()


@frozen
class Group(Value):
    """A word that only leads to other commands, such as `models` of `models list`."""

    name: str
    summary: str
    commands: tuple[Command | Group, ...]
    details: str = ""

    def find(self, name: str) -> Command | Group | None:
        """Return the member with that name."""
        return next((member for member in self.commands if member.name == name), None)
