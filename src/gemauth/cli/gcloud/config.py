"""`gcloud config`, `version` and `info`: what other programs ask gcloud for.

google-auth asks `gcloud config get project` for the project (`google.auth._cloud_sdk`), and older
tools ask `gcloud config config-helper --format=json` for a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.grammar import Command, Flag
from gemauth.cli.gcloud.output import write
from gemauth.cli.gcloud.properties import full_name
from gemauth.version import __version__

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call

__all__ = ["COMMANDS", "STANDS_FOR"]

STANDS_FOR = "578.0.0"
"""The gcloud whose contract this one keeps (google-oauth.md section 7)."""


def get_value(call: Call) -> int:
    """Print a property's value; `(unset)` is said on stderr."""
    value = call.value(*full_name(call.words[0]))
    if value is None:
        call.say("(unset)")
    else:
        call.console.print(value)
    return 0


def set_value(call: Call) -> int:
    """Keep a property's value."""
    section, name = full_name(call.words[0])
    call.properties.put(section, name, call.words[1])
    call.say(f"Updated property [{section}/{name}].")
    return 0


def unset(call: Call) -> int:
    """Take a property's value out."""
    section, name = full_name(call.words[0])
    call.properties.put(section, name, None)
    call.say(f"Unset property [{section}/{name}].")
    return 0


def list_values(call: Call) -> int:
    """Print the properties that are set."""
    found = call.properties.everything()

    def ini() -> str | None:
        lines = [
            line
            for section, names in found.items()
            for line in (f"[{section}]", *(f"{name} = {value}" for name, value in names.items()))
        ]
        call.say(f"Your active configuration is: [{call.properties.configuration}]")
        return "\n".join(lines) or None

    write(call, found, ini)
    return 0


def config_helper(call: Call) -> int:
    """Print the configuration with a token of the active account."""
    from gemauth.cli.gcloud.account import access_token, identity_token
    from gemauth.clock import rfc3339

    if call.text("format") is None:
        raise GcloudError("The output is for programs.", next_step="Pass --format=json.")
    token = access_token(call)
    credential: dict[str, Any] = {
        "access_token": token.value,
        "id_token": identity_token(call),
        "token_expiry": None if token.expires_at is None else rfc3339(int(token.expires_at)),
    }
    configuration = {
        "active_configuration": call.properties.configuration,
        "properties": call.properties.everything(),
    }
    sentinel = {"config_sentinel": str(call.properties.folder / "config_sentinel")}
    members = {"configuration": configuration, "credential": credential, "sentinels": sentinel}
    write(call, members, lambda: None)
    return 0


def version(call: Call) -> int:
    """Print which gcloud this one stands for, and that it is gemauth's."""
    members = {"Google Cloud SDK": STANDS_FOR, "gemauth": __version__}

    def lines() -> str:
        return f"Google Cloud SDK {STANDS_FOR}\ngemauth {__version__} (its stand-in for gcloud)"

    write(call, members, lines)
    return 0


def info(call: Call) -> int:
    """Print where this gcloud keeps what, and whom it talks to."""
    properties = call.properties
    members = {
        "basic": {"version": STANDS_FOR, "stand_in": f"gemauth {__version__}"},
        "config": {
            "account": call.value("core", "account"),
            "active_config_name": properties.configuration,
            "paths": {"global_config_dir": str(properties.folder)},
            "project": call.value("core", "project"),
        },
        "emulator": call.endpoints.gemini,
    }

    def lines() -> str:
        return (
            f"Google Cloud SDK [{STANDS_FOR}], stood in for by gemauth {__version__}\n"
            f"Emulator: [{call.endpoints.gemini}]\n\n"
            f"User Config Directory: [{properties.folder}]\n"
            f"Active Configuration Name: [{properties.configuration}]\n"
            f"Account: [{properties.get('core', 'account')}]\n"
            f"Project: [{properties.get('core', 'project')}]"
        )

    write(call, members, lines)
    return 0


COMMANDS = (
    Command(("config", "get"), get_value, "print a property", words=("SECTION/PROPERTY",)),
    Command(("config", "get-value"), get_value, "print a property", words=("SECTION/PROPERTY",)),
    Command(("config", "set"), set_value, "keep a property", words=("SECTION/PROPERTY", "VALUE")),
    Command(("config", "unset"), unset, "forget a property", words=("SECTION/PROPERTY",)),
    Command(("config", "list"), list_values, "print the properties", (Flag("all", "switch"),)),
    Command(
        ("config", "config-helper"),
        config_helper,
        "print the configuration and a token, for programs",
        (Flag("force-auth-refresh", "switch"), Flag("min-expiry")),
    ),
    Command(("version",), version, "print the version"),
    Command(("info",), info, "print where this gcloud keeps what"),
)
