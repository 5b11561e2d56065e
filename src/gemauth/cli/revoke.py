"""`gemauth revoke`: `gemauth logout` by the name that gcloud's users know."""

from __future__ import annotations

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.logout import arguments, run

__all__ = ["COMMAND"]

COMMAND = Command(
    "revoke",
    "The same as gemauth logout, by gcloud's name for it.",
    run,
    arguments,
    options=("credentials", "profile", *CONNECTION),
    details="See gemauth help logout.",
    examples=(Example("Sign out", "gemauth revoke"),),
)
