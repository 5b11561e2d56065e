"""`gemauth login`: sign in with one's own OAuth client, keep the credentials.

`client/login.py` does it. The talk goes to stderr; `--format json` writes a summary without
secrets to stdout.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import Command, Example
from gemauth.cli.options import filled, seconds

if TYPE_CHECKING:
    from gemauth.cli.console import Console
    from gemauth.client.login import SignedIn

__all__ = ["COMMAND"]

_DAY = 86_400.0
# Google ends sign-ins to apps in Testing this long after consent (google-oauth.md section 3).
_TESTING = 7 * _DAY


def port(text: str) -> int:
    """Return a TCP port, for `add_argument(type=…)`; 0 is any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take the client, what to ask for, and how to reach the browser."""
    parser.add_argument(
        "--client-id-file",
        metavar="FILE",
        type=filled,
        required=True,
        help="the client_secret_….json of your own desktop OAuth client",
    )
    parser.add_argument(
        "--scopes",
        metavar="LIST",
        type=filled,
        help="what to ask for, separated by commas: full scopes or short names (default: "
        "cloud-platform,tuning,retriever)",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address to open, in a browser anywhere, and take the pasted answer",
    )
    parser.add_argument("--account", metavar="EMAIL", help="the account that has to sign in")
    parser.add_argument(
        "--port",
        type=port,
        default=0,
        metavar="N",
        help="the loopback port that the browser comes back to (default: any free one)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="give up waiting for the browser after this long (default: 300)",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=filled,
        help="write the credentials there instead of the well-known place of ADC",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="overwrite credentials that a sign-in would otherwise spare",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Sign in, and tell what came of it."""
    from gemauth.client.login import login
    from gemauth.client.transport import Transport

    with Transport(console.environ) as sender:
        signed_in = login(
            args.client_id_file,
            scopes=args.scopes,
            account=args.account,
            browser=False if args.no_browser else None,
            port=args.port,
            timeout=args.timeout,
            output=args.output,
            replace=args.replace,
            quota_project=args.quota_project,
            emulator=args.emulator,
            environ=console.environ,
            show=console.warn,  # the address to open is needed, --quiet or not
            ask=console.ask,
            transport=sender,
            clock=console.clock,
        )
    if console.format == "json":
        console.json(summary(signed_in))
    for line in story(signed_in, console.clock.now(), elsewhere=args.output is not None):
        console.say(line)
    shadow = console.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if shadow and shadow != signed_in.path:
        console.warn(
            f"warning: GOOGLE_APPLICATION_CREDENTIALS names {shadow}: programs use that file and "
            "not this sign-in until you unset it."
        )
    return 0


def summary(signed_in: SignedIn) -> dict[str, Any]:
    """Return what a program may want to know of a sign-in, without secrets."""
    from gemauth.clock import rfc3339

    until = signed_in.refresh_until
    return {
        "account": signed_in.account,
        "credentials": signed_in.path,
        "granted": list(signed_in.granted),
        "missing": list(signed_in.missing),
        "refreshUntil": None if until is None else rfc3339(until),
    }


def story(signed_in: SignedIn, now: float, *, elsewhere: bool) -> list[str]:
    """Return what a person should know of a sign-in, line by line.

    Args:
        signed_in: what it brought.
        now: epoch seconds.
        elsewhere: whether it is kept elsewhere than in ADC's own place.
    """
    from gemauth.google.scopes import DESCRIPTIONS, short

    lines = [f"Signed in as {signed_in.account}." if signed_in.account else "Signed in."]
    lines += [f"  granted      {short(scope)}" for scope in signed_in.granted]
    for scope in signed_in.missing:
        what = DESCRIPTIONS.get(scope)
        lines.append(f"  NOT granted  {short(scope)}" + (f" – {what}" if what else ""))
    if signed_in.missing:
        lines.append(
            "Calls that need what was not granted will be refused with 403. To grant it, sign in "
            "again and tick its box."
        )
    lines.append(_until(signed_in, now))
    lines.append(f"Credentials saved to {signed_in.path}, readable by you alone.")
    lines.append(_use(signed_in, elsewhere=elsewhere))
    return lines


def _until(signed_in: SignedIn, now: float) -> str:
    from gemauth.client.advice import PUBLISH
    from gemauth.clock import rfc3339

    end = signed_in.refresh_until
    if end is None:
        return "They last until you revoke them (gemauth revoke) or Google ends them."
    day = rfc3339(float(int(end))).replace("T", " ").replace("Z", " UTC")
    if end - now > _TESTING:
        return f"They last until {day}; then sign in again."
    more = PUBLISH.on(
        emulated=signed_in.credentials.endpoints.is_emulator, project=signed_in.credentials.project
    )
    return f"They last until {day}: an app in Testing gets 7 days. {more}"


def _use(signed_in: SignedIn, *, elsewhere: bool) -> str:
    """Return how programs come to use a sign-in."""
    endpoints = signed_in.credentials.endpoints
    if endpoints.is_emulator:
        # google-auth takes any saved sign-in to Google, whatever the file says (section 0, 3).
        which = f"--credentials {signed_in.path} and " if elsewhere else ""
        return f"To use them: {which}GEMAUTH_EMULATOR={endpoints.gemini}"
    if elsewhere:
        return f"To use them: --credentials {signed_in.path}, or GOOGLE_APPLICATION_CREDENTIALS."
    return "Every library that looks for Application Default Credentials there uses them."


COMMAND = Command(
    "login",
    "Sign in with your own OAuth client and keep the credentials.",
    run,
    arguments,
    options=("quota_project", "emulator"),
    details="""\
Opens your browser at Google's consent page and keeps what you grant as Application Default
Credentials (ADC), which every Google library finds by itself. The file can only be read by you.

Short names of scopes: cloud-platform, tuning, tuning.readonly, retriever, retriever.readonly,
generative-language, openid, email, profile.

On a machine without a browser, use --no-browser: open the printed address in a browser anywhere,
and paste the address that the browser ends on (the page there fails to load; that is expected).
A program may write that line to standard input.""",
    examples=(
        Example("The usual way", "gemauth login --client-id-file client_secret.json"),
        Example(
            "Over SSH or in a container",
            "gemauth login --client-id-file client_secret.json --no-browser",
        ),
        Example(
            "Only what sharing tuned models needs",
            "gemauth login --client-id-file client_secret.json --scopes tuning,email",
        ),
    ),
)
