"""`gemauth token-info`: what the server says of an access token.

It travels in a body, never in a URL, and is read from the credentials or from standard input, never
from the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.flows.tokeninfo import TokenInfo
    from gemauth.flow import Flow

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take where the token comes from."""
    parser.add_argument(
        "--token-from-stdin",
        action="store_true",
        help="ask about the token on standard input instead of the credentials' own",
    )


def run(args: Namespace, console: Console) -> int:
    """Ask, and print the facts."""
    from gemauth.cli.connect import transport
    from gemauth.client.world import Network
    from gemauth.flow import run as drive

    with transport(args, console) as sender:
        info = drive(_asking(args, console, sender), Network(sender, clock=console.clock))
    _tell(info, console)
    return 0


def _asking(args: Namespace, console: Console, sender: Any) -> Flow[TokenInfo]:  # noqa: ANN401  # a Transport, imported late
    from gemauth.cli.connect import find
    from gemauth.client.flows.tokeninfo import tokeninfo
    from gemauth.client.target import target

    if not args.token_from_stdin:
        credentials = find(args, console, sender).credentials
        token = yield from credentials.source.token()
        return (yield from tokeninfo(credentials.endpoints, token.value))
    others = ("credentials", "impersonate_service_account", "subject", "access_token_file")
    named = [name for name in others if getattr(args, name) is not None]
    if named:
        option = f"--{named[0].replace('_', '-')}"
        raise UsageError(
            f"The token is either the one on standard input or that of {option}.",
            next_step=f"Drop {option} or --token-from-stdin.",
        )
    value = console.ask("Access token: " if console.interactive else "", secret=True)
    if not value:
        raise UsageError(
            "There is no token on standard input.",
            next_step="gemauth print-access-token | gemauth token-info --token-from-stdin",
        )
    return (yield from tokeninfo(target(console.environ, args.emulator), value))


def _tell(info: TokenInfo, console: Console) -> None:
    from gemauth.cli import table
    from gemauth.client.families import FAMILIES
    from gemauth.client.lifetime import duration, moment
    from gemauth.clock import rfc3339
    from gemauth.google.scopes import DESCRIPTIONS, short

    now, end = console.clock.now(), info.expires_at
    if console.format == "json":
        console.json(
            {
                "account": info.account,
                "subject": info.subject,
                "audience": info.audience,
                "accessType": info.access_type,
                "expiry": None if end is None else rfc3339(end),
                "scopes": list(info.scopes),
                "families": [
                    {"methods": family.name, "open": family.opened_by(info.scopes)}
                    for family in FAMILIES
                ],
            }
        )
        return
    left = "unknown"
    if end is not None:
        left = f"{duration(max(end - now, 0))} left, until {moment(end)}"
    facts = {
        "account": info.account or "not told: it has no userinfo.email scope",
        "subject": info.subject,
        "audience": info.audience,
        "access type": info.access_type,
        "expiry": left,
        "opens": "; ".join(f.name for f in FAMILIES if f.opened_by(info.scopes))
        or "nothing of the Gemini API",
    }
    console.write(table.members({name: value for name, value in facts.items() if value}) + "\n")
    console.records(
        [
            {"scope": short(scope), "meaning": DESCRIPTIONS.get(scope, "another of Google's")}
            for scope in info.scopes
        ],
        ("scope", "meaning"),
        nothing="It has no scopes.",
    )


COMMAND = Command(
    "token-info",
    "Show what the server says of an access token.",
    run,
    arguments,
    options=ACTING,
    details="Account, audience (the OAuth client), scopes and end of the token in use. The token "
    "is sent in the body of a request, so that no log of addresses holds it; it is never taken "
    "from the command line, which every program of the machine can read.",
    examples=(
        Example("The token in use", "gemauth token-info"),
        Example("One in a file", "gemauth token-info --access-token-file token"),
        Example("Another one", "pass show token | gemauth token-info --token-from-stdin"),
    ),
)
