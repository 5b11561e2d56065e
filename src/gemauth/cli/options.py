"""The shared options: one meaning and one help text wherever a command takes them."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

__all__ = ["EVERYWHERE", "SHARED", "add", "filled", "seconds"]


def seconds(text: str) -> float:
    """Return a positive number of seconds, for `add_argument(type=…)`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:  # 11 days: also keeps nan and inf out
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def filled(text: str) -> str:
    """Return text that is not empty, for `add_argument(type=…)`.

    `--emulator "$ADDRESS"` without an address must not mean Google.
    """
    if not text.strip():
        message = "is empty; leave the option out or name something"
        raise ArgumentTypeError(message)
    return text


SHARED: dict[str, dict[str, Any]] = {
    "credentials": {
        "metavar": "FILE",
        "type": filled,
        "help": "use this credential file (a service account's key, or any ADC file) "
        "instead of looking for one; gcloud is the sign-in of an installed gcloud",
    },
    "profile": {
        "metavar": "NAME",
        "type": filled,
        "help": "use this profile (gemauth profiles list); overrides GEMAUTH_PROFILE, and every "
        "place where Google's libraries look",
    },
    "quota_project": {
        "metavar": "PROJECT",
        "type": filled,
        "help": "the project that quota and billing count against; overrides "
        "GOOGLE_CLOUD_QUOTA_PROJECT and the credential file",
    },
    "impersonate_service_account": {
        "metavar": "EMAIL",
        "type": filled,
        "help": "act as this service account, by roles/iam.serviceAccountTokenCreator on it; "
        "delegates stand before it, separated by commas",
    },
    "subject": {
        "metavar": "EMAIL",
        "type": filled,
        "help": "act as this person, with the key of a service account that has domain-wide "
        "delegation",
    },
    "access_token_file": {
        "metavar": "FILE",
        "type": filled,
        "help": "use the access token in this file, or on standard input (-), instead of looking "
        "for credentials",
    },
    "emulator": {
        "metavar": "URL",
        "type": filled,
        "help": "talk to the gemauth emulator there instead of Google; overrides GEMAUTH_EMULATOR",
    },
    "timeout": {
        "metavar": "SECONDS",
        "type": seconds,
        "default": 60.0,
        "help": "give up on an answer after this long (default: 60)",
    },
}

EVERYWHERE: dict[str, dict[str, Any]] = {
    "format": {
        "choices": ("table", "json"),
        "default": "table",
        "help": "table for people (the default) or json for programs; errors follow it",
    },
    "quiet": {
        "action": "store_true",
        "help": "say nothing but results and errors, and ask nothing",
    },
}


_ONE_OF = frozenset({"credentials", "profile"})  # two answers to one question


def add(parser: ArgumentParser, names: tuple[str, ...]) -> None:
    """Add shared options, by their names in SHARED, and the ones that every command takes.

    A command that has defined an option of the same name keeps its own (login's --timeout).
    """
    taken = {action.dest for action in parser._actions}  # noqa: SLF001  # argparse offers no reader
    one = parser.add_mutually_exclusive_group() if _ONE_OF.issubset(names) else parser
    for name in names:
        if name not in taken:
            place = one if name in _ONE_OF else parser
            place.add_argument(f"--{name.replace('_', '-')}", **SHARED[name])
    for name, how in EVERYWHERE.items():
        parser.add_argument(*(["-q"] if name == "quiet" else []), f"--{name}", **how)
