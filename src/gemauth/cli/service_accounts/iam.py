"""What the commands on service accounts share: whose calls, which project, which account."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gemauth.cli.options import filled
from gemauth.errors import GemauthError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from gemauth.cli.console import Console
    from gemauth.client.credentials import Credentials
    from gemauth.client.world import Network
    from gemauth.flow import Flow

__all__ = ["DeclinedError", "Iam", "account", "consent", "iam", "project", "yes"]

T = TypeVar("T")
_VARIABLE = "GOOGLE_CLOUD_PROJECT"


class DeclinedError(GemauthError):
    """The person said no; nothing was changed."""


def project(parser: ArgumentParser) -> None:
    """Take the project."""
    parser.add_argument(
        "--project",
        metavar="PROJECT",
        type=filled,
        help="the project to look in (default: that of the account's address or of the "
        f"credentials, else {_VARIABLE})",
    )


def account(parser: ArgumentParser) -> None:
    """Take the account, and the project."""
    parser.add_argument(
        "account",
        metavar="ACCOUNT",
        help="its e-mail address, its unique id, or the part before the @",
    )
    project(parser)


def yes(parser: ArgumentParser) -> None:
    """Take the consent in advance."""
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def consent(args: Namespace, console: Console, question: str) -> None:
    """Have a person agree to what cannot be undone; without a terminal only `--yes` does.

    Raises:
        UsageError: nobody can be asked.
        DeclinedError: the person said no.
    """
    if args.yes:
        return
    if not console.interactive:
        raise UsageError(
            "Nobody can be asked here whether to delete it.",
            next_step="Run it on a terminal, or agree beforehand: --yes",
        )
    if not console.confirm(question):
        raise DeclinedError("Nothing was deleted: you said no.")


@dataclass(frozen=True, slots=True)
class Iam:
    """IAM, as the command's credentials may use it."""

    credentials: Credentials
    network: Network
    named: str | None
    variable: str | None

    def run(self, flow: Flow[T]) -> T:
        """Run one operation."""
        from gemauth.flow import run

        return run(flow, self.network)

    @property
    def project(self) -> str:
        """The project: the one that was named, the credentials' own, the environment's.

        Raises:
            UsageError: there is none.
        """
        found = self.named or self.credentials.project or self.variable
        if not found:
            raise UsageError(
                "In which project? None was named, the credentials belong to none that is known, "
                f"and {_VARIABLE} is not set.",
                next_step=f"Name it: --project PROJECT, or set {_VARIABLE}.",
            )
        return found

    def name(self, account: str) -> str:
        """Return an account's resource name.

        Raises:
            UsageError: it is none, or there is no project to look in.
        """
        from gemauth.client.service_accounts.operations import resource_name

        home = self.credentials.project or self.variable
        return resource_name(account, project=self.named, home=home)


@contextmanager
def iam(args: Namespace, console: Console) -> Iterator[Iam]:
    """Lend IAM with the command's credentials.

    Raises:
        GemauthError: there are none, or they cannot be used.
    """
    from gemauth.cli.connect import find, transport
    from gemauth.client.world import Network

    with transport(args, console) as sender:
        found = find(args, console, sender)
        yield Iam(
            found.credentials,
            Network(sender, clock=console.clock),
            getattr(args, "project", None),
            console.environ.get(_VARIABLE) or None,
        )
