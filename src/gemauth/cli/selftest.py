"""`gemauth selftest --live`: does Google answer as our references expect?

`client/selftest/` asks. Nobody who makes gemauth can reach Google while doing so: this is how its
users tell where it is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.command import API, Command, Example
from gemauth.cli.options import filled
from gemauth.errors import Fault, GemauthError, UnreachableError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.credentials import Credentials
    from gemauth.client.selftest.transcript import Outcome
    from gemauth.client.selftest.walk import Walk
    from gemauth.client.sources.chain import Found

__all__ = ["COMMAND"]


class UnexpectedError(GemauthError):
    """Answers were not as our references expect."""


def arguments(parser: ArgumentParser) -> None:
    """Take the consent to ask Google, and where the transcript goes."""
    parser.add_argument(
        "--live",
        action="store_true",
        required=True,
        help="really ask the server, with your own credentials",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=filled,
        help="write the transcript there, as JSON; a file that is there is kept",
    )


def run(args: Namespace, console: Console) -> int:
    """Walk, tell each outcome, and write the transcript.

    Raises:
        UsageError: the transcript's place is taken.
        DataError: nothing can be written there; nothing was asked then.
        UnexpectedError: something was not as expected.
        UnreachableError: nothing could be asked; no transcript is written then.
    """
    from gemauth.cli.connect import find, transport
    from gemauth.client.selftest.transcript import walk_through
    from gemauth.client.world import Network
    from gemauth.flow import run as drive

    if args.output is not None:
        _require_free(args.output)

    def tell(outcome: Outcome) -> None:
        if console.format == "table":
            for line in _lines(outcome):
                console.print(line)
            console.flush()

    with transport(args, console) as sender:
        found = find(args, console, sender)
        credentials = found.credentials
        walk = _walk(found)
        outcomes = drive(walk_through(walk, tell), Network(sender, clock=console.clock))
    if all(outcome.problem is not None for outcome in outcomes):
        # Nobody learns from such a transcript, and it would be in the next one's place.
        raise UnreachableError("Nothing could be asked.", next_step="gemauth doctor")
    document = _document(outcomes, credentials, console)
    if console.format == "json":
        console.json(document)
    if args.output is not None:
        _write(args.output, document)
        console.say(f"The transcript is in {args.output}. It holds no token, address or project.")
    differing = [outcome.step for outcome in outcomes if outcome.differs]
    if differing:
        raise UnexpectedError(
            f"{len(differing)} of {len(outcomes)} answers are not as expected: "
            f"{', '.join(differing)}.",
            next_step="This is an emulator: without --emulator and GEMAUTH_EMULATOR it is Google."
            if credentials.endpoints.is_emulator
            else "Send the transcript (--output FILE) to the authors of gemauth.",
            fault=Fault.SERVER,
        )
    console.say(f"{len(outcomes)} steps: every answer that came is as expected.")
    return 0


def _require_free(output: str) -> None:
    """Refuse a place where the transcript could not be written, before anybody is asked."""
    from pathlib import Path

    from gemauth.client.cache.files import require_writable

    path = Path(output)
    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{output} exists and is not overwritten.",
            next_step="Name another --output, or delete it.",
        )
    require_writable(path)


def _walk(found: Found) -> Walk:
    from pathlib import Path

    from gemauth.client.cache import adc
    from gemauth.client.selftest.walk import Walk
    from gemauth.google.credentials import AuthorizedUser

    credentials = found.credentials
    person = credentials.kind == AuthorizedUser.type
    file = adc.find(Path(found.source)) if person else None  # it may point into a keyring
    if file is None or not isinstance(file.credentials, AuthorizedUser):
        raise UsageError(
            "The self-test walks the way of a person who signed in, and these credentials are "
            f"of the kind {credentials.kind}.",
            next_step="Sign in: gemauth login --client-id-file FILE",
        )
    return Walk(credentials, file.credentials)


def _lines(outcome: Outcome) -> list[str]:
    from gemauth.cli import table

    word = "differs" if outcome.differs else "skipped" if outcome.problem else "expected"
    lines = [f"{word:<10}{outcome.step}" + (f": {outcome.problem}" if outcome.problem else "")]
    lines += [
        f"          not so: {fact.fact} ({fact.sure}, {outcome.source}); HTTP {outcome.status}"
        for fact in outcome.facts
        if not fact.holds
    ]
    return [table.cell(line) for line in lines]


def _document(
    outcomes: tuple[Outcome, ...], credentials: Credentials, console: Console
) -> dict[str, Any]:
    from gemauth.clock import rfc3339
    from gemauth.google.scopes import short
    from gemauth.version import __version__

    return {
        "gemauth": __version__,
        "time": rfc3339(float(int(console.clock.now()))),
        "against": "an emulator" if credentials.endpoints.is_emulator else "Google",
        "scopes": [short(scope) for scope in credentials.scopes],
        "differences": sum(outcome.differs for outcome in outcomes),
        "steps": [outcome.to_json() for outcome in outcomes],
    }


def _write(path: str, document: dict[str, Any]) -> None:
    import json
    from pathlib import Path

    from gemauth.client.cache.files import write_private

    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_private(Path(path), text.encode(), replace=False)


COMMAND = Command(
    "selftest",
    "Compare the server's answers with what gemauth expects.",
    run,
    arguments,
    options=API,
    details="Nobody who makes gemauth can reach Google while doing so. This asks Google, with your "
    "sign-in and by requests that only read, what gemauth and its emulator believe of it: "
    "discovery, refresh, tokeninfo, refusals, models, tuned models and their permissions, files, "
    "corpora, the quota project. The transcript has the answers' shape, and no token, e-mail "
    "address, project, client or model of yours: read it, and send it to us.\n\n"
    "Exits with 1 where an answer is not as expected.",
    examples=(
        Example("Tell us where we are wrong", "gemauth selftest --live --output selftest.json"),
        Example("Look only", "gemauth selftest --live"),
    ),
)
