"""`gemauth emulator metadata`: which machine the emulated metadata server stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example, Group
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["METADATA"]


def new_machine(parser: ArgumentParser) -> None:
    """Take what the machine is."""
    parser.add_argument(
        "service_account",
        metavar="SERVICE-ACCOUNT",
        nargs="?",
        help="the e-mail address of the account that is attached (default: none, with --project)",
    )
    parser.add_argument(
        "--scopes",
        metavar="A,B",
        default="",
        help="what its tokens cover; short names are accepted (default: the platform's own, which "
        "on Compute Engine lack the Gemini API)",
    )
    parser.add_argument(
        "--project", metavar="PROJECT", help="where it runs (default: the account's project)"
    )
    parser.add_argument(
        "--platform",
        choices=("compute-engine", "cloud-run"),
        default="compute-engine",
        help="cloud-run: programs may ask for other scopes (default: compute-engine)",
    )
    parser.add_argument(
        "--attribute",
        metavar="NAME=TEXT",
        action="append",
        default=[],
        help="metadata of the machine's own; may be given again",
    )


def set_machine(args: Namespace, console: Console) -> int:
    """Say which machine it is."""
    from gemauth.errors import UsageError
    from gemauth.google import scopes

    attributes = {}
    for given in args.attribute:
        name, equals, text = given.partition("=")
        if not (name and equals):
            raise UsageError(f"--attribute {given} is not of the form NAME=TEXT.")
        attributes[name] = text
    with control(args, console) as emulator:
        machine = emulator.set_metadata(
            args.service_account,
            scopes=scopes.expand(args.scopes),
            project=args.project,
            platform=args.platform,
            attributes=attributes,
        )
    console.record(machine)
    console.say("Programs find it with GCE_METADATA_HOST and GCE_METADATA_IP, both HOST:PORT.")
    return 0


def show(args: Namespace, console: Console) -> int:
    """Show which machine it is."""
    with control(args, console) as emulator:
        console.record(emulator.metadata())
    return 0


def clear(args: Namespace, console: Console) -> int:
    """Take the machine away."""
    with control(args, console) as emulator:
        emulator.clear_metadata()
    console.say("The metadata server stands for no machine: programs find none.")
    return 0


METADATA = Group(
    "metadata",
    "Say what the metadata server of a virtual machine answers.",
    (
        Command(
            "set",
            "Attach a service account to the machine.",
            set_machine,
            new_machine,
            options=CONNECTION,
            details=(
                "Programs that run on Google Cloud ask the metadata server for their credentials. "
                "Point one here with GCE_METADATA_HOST and GCE_METADATA_IP, which gemauth emulator "
                "run sets. A machine without a service account gives no tokens."
            ),
            examples=(
                Example(
                    "A machine that may call the Gemini API",
                    "gemauth emulator metadata set robot@my-project.iam.gserviceaccount.com "
                    "--scopes cloud-platform,generative-language",
                ),
            ),
        ),
        Command("show", "Show the machine.", show, options=CONNECTION),
        Command("clear", "Take the machine away.", clear, options=CONNECTION),
    ),
)
