"""`gemauth service-accounts …`: service accounts and their keys, at IAM."""

from __future__ import annotations

from gemauth.cli.command import Group
from gemauth.cli.service_accounts.accounts import COMMANDS
from gemauth.cli.service_accounts.keys import KEYS

__all__ = ["COMMAND"]

COMMAND = Group(
    "service-accounts",
    "Make and manage service accounts and their keys.",
    (*COMMANDS, KEYS),
    details=(
        "Talks to IAM (iam.googleapis.com), which has to be enabled in the project, with the "
        "credentials that every command uses; they need the scope cloud-platform, and a role in "
        "the project. An account is named by its e-mail address, its unique id, or the part "
        "before the @."
    ),
)
