"""`gemauth status`: which credentials are in use, what shadows them, what they open, for how long.

`client/status.py` reads it. The network is left alone unless `--online` is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.credentials import Credentials
    from gemauth.client.status import Status

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take whether the server is asked."""
    parser.add_argument(
        "--online",
        action="store_true",
        help="ask the server too: which scopes and account the token really has",
    )


def run(args: Namespace, console: Console) -> int:
    """Print what is known; raise what keeps the credentials from being used.

    Raises:
        GemauthError: there are no credentials, they cannot be used, or their sign-in is over.
    """
    from dataclasses import replace

    from gemauth.cli.connect import find, transport
    from gemauth.client import status as reader
    from gemauth.client.world import Network
    from gemauth.errors import CredentialError, GemauthError
    from gemauth.flow import run as drive

    with transport(args, console) as sender:
        status = reader.read(
            console.environ,
            credentials=args.credentials,
            profile=args.profile,
            token_file=args.access_token_file,
            transport=sender if args.online else None,
            find=lambda how: find(args, console, how),
        )
        if args.online and status.credentials is not None:
            try:
                status = drive(reader.ask(status), Network(sender, clock=console.clock))
            except GemauthError as error:  # told behind what is known all the same
                status = replace(status, problem=error)
    now = console.clock.now()
    if console.format == "json":
        console.json(_json(status, now, console))
    else:
        _tell(status, now, console)
    if status.problem is not None:
        raise status.problem
    credentials = status.credentials
    end = None if credentials is None else credentials.refresh_until
    if end is not None and end <= now:
        raise CredentialError(
            "The sign-in is over.",
            next_step="Sign in again: gemauth login --client-id-file FILE",
        )
    return 0


def _tell(status: Status, now: float, console: Console) -> None:
    """Write for people: the places, the credentials, what they open; warnings on stderr."""
    from gemauth.cli import table
    from gemauth.client.families import ask_for_more, missing

    for place in status.places:
        where = f"{place.name}: {place.path}" if place.path else place.name
        console.print(table.cell(f"{place.state:<8}  {where} ({place.holds})"))
    credentials = status.credentials
    if credentials is not None:
        console.write("\n" + table.members(_facts(status, credentials, now)) + "\n")
        console.records(_families(credentials), ("scopes", "methods", "needs"))
        lacks = missing(credentials.scopes) if credentials.scopes else ()
        if lacks and credentials.kind == "authorized_user":
            used = next((place.path for place in status.places if place.state == "used"), None)
            more = ask_for_more(console.environ, used, credentials.scopes)
            console.say(f"Not everything is open. To ask for what is missing: {more}")
        if not status.asked and status.problem is None:
            console.say("Nothing was asked of the server (--online does): revoked is not seen.")
    for warning in _warnings(status, console):
        console.warn(f"warning: {warning['message']}\n  next: {warning['next']}")


def _json(status: Status, now: float, console: Console) -> dict[str, Any]:
    from gemauth.client.families import missing
    from gemauth.clock import rfc3339

    credentials = status.credentials
    answer: dict[str, Any] = {
        "places": [_place(place) for place in status.places],
        "usable": status.problem is None,
        "online": status.asked,
        "warnings": _warnings(status, console),
        "credentials": None,
    }
    if credentials is not None:
        endpoints = credentials.endpoints
        until, end = status.token_until, credentials.refresh_until
        answer["credentials"] = {
            "type": credentials.kind,
            "path": credentials.path,
            "profile": status.profile,
            "keyring": status.keyring,
            "account": credentials.account,
            "emulator": endpoints.gemini if endpoints.is_emulator else None,
            "project": credentials.project,
            "quotaProject": credentials.quota_project,
            "scopes": list(credentials.scopes) or None,
            "missingScopes": list(missing(credentials.scopes)) if credentials.scopes else None,
            "tokenExpiry": None if until is None else rfc3339(float(int(until))),
            "tokenUsable": until is not None and until > now,
            "refreshUntil": None if end is None else rfc3339(float(int(end))),
            "families": [
                {"methods": row["methods"], "open": _OPEN[row["scopes"]]}
                for row in _families(credentials)
            ],
        }
    return answer


_OPEN = {"ok": True, "missing": False, "unknown": None}


def _place(place: Any) -> dict[str, Any]:  # noqa: ANN401  # client.status.Place, imported late
    return {"state": place.state, "place": place.name, "path": place.path, "holds": place.holds}


def _facts(status: Status, credentials: Credentials, now: float) -> dict[str, Any]:
    from gemauth.client.lifetime import duration, moment, sign_in_life
    from gemauth.google.scopes import short

    endpoints, until = credentials.endpoints, status.token_until
    token = "none is cached: the next call asks for one"  # noqa: S105  # words
    if credentials.kind == "access_token":
        token = "as it was given: nothing renews it"  # noqa: S105  # words
    elif until is not None and until > now:
        token = f"{duration(until - now)} left, until {moment(until)}"
    elif until is not None:
        token = f"over since {moment(until)}; the next call asks for a new one"
    which = "above" if credentials.project else "of the OAuth client or account"
    facts = {
        "type": credentials.kind,
        "account": credentials.account or "unknown",
        "kept in": _kept(status, credentials),
        "calls go to": f"the emulator at {endpoints.gemini}" if endpoints.is_emulator else "Google",
        "access token": token,
        "sign-in": sign_in_life(credentials, now),
        "project": credentials.project or "unknown",
        "quota project": credentials.quota_project or f"none: the project {which} is billed",
        "scopes": [short(scope) for scope in credentials.scopes] or "unknown (--online asks)",
    }
    if credentials.kind != "authorized_user":
        del facts["sign-in"]
    return {name: value for name, value in facts.items() if value}


def _kept(status: Status, credentials: Credentials) -> str:
    """Return where the secrets are, and as which profile; nothing where they are in no file."""
    used = next((place for place in status.places if place.state == "used"), None)
    path = credentials.path or (None if used is None else used.path)
    if path is None or credentials.kind == "access_token":
        return ""
    whose = "" if status.profile is None else f", the profile {status.profile}"
    if status.keyring is not None:
        return f"the keyring {status.keyring}{whose}"
    return f"{path}{whose}"


def _families(credentials: Credentials) -> list[dict[str, Any]]:
    from gemauth.client.families import FAMILIES
    from gemauth.google.scopes import short

    held = credentials.scopes
    return [
        {
            "scopes": ("ok" if family.opened_by(held) else "missing") if held else "unknown",
            "methods": family.name,
            "needs": "any Gemini scope"
            if len(family.scopes) > 2
            else " or ".join(short(s).removeprefix("generative-language.") for s in family.scopes),
        }
        for family in FAMILIES
    ]


def _warnings(status: Status, console: Console) -> list[dict[str, str]]:
    from gemauth.client import shadows

    found = [
        {"message": shadow.message, "next": shadow.next_step}
        for shadow in (shadows.keys(console.environ), shadows.routes(console.environ))
        if shadow is not None
    ]
    used = next((place for place in status.places if place.state == "used"), None)
    found += [
        {
            "message": f"{place.path} ({place.holds}) is not used: {used.name} goes before it.",
            "next": "unset GOOGLE_APPLICATION_CREDENTIALS",
        }
        for place in status.places
        if used is not None
        and used.name == "GOOGLE_APPLICATION_CREDENTIALS"
        and place.state == "shadowed"
        and place.path is not None
    ]
    return found


COMMAND = Command(
    "status",
    "Show which credentials are in use, and what they open.",
    run,
    arguments,
    options=ACTING,
    details="Reads files and environment variables only: which credential wins and what it "
    "shadows, the account, the scopes and what is missing for each family of the Gemini API, how "
    "long the token and the sign-in last, the project and the quota project. What nobody wrote "
    "down is shown as unknown; --online asks the server. Exits with 3 where there are no "
    "credentials or their sign-in is over. gemauth doctor tries everything for real.",
    examples=(
        Example("What would be used", "gemauth status"),
        Example("For a script", "gemauth status --format json --quiet"),
        Example("What the server says", "gemauth status --online"),
    ),
)
