"""Tokens on stdout: alone, or as the members that `--format` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.gcloud.output import write
from gemauth.clock import rfc3339

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call
    from gemauth.client.token import AccessToken

__all__ = ["write_token"]


def write_token(call: Call, token: AccessToken) -> int:
    """Write an access token and return the exit code."""
    members = {
        "expiry": None if token.expires_at is None else rfc3339(token.expires_at),
        "scopes": list(token.scopes),
        "token": token.value,
    }
    write(call, members, lambda: token.value)
    return 0
