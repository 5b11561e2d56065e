"""What `print-access-token` does in either group: tokens alone, or as `--format` asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.gcloud.errors import invalid
from gemauth.cli.gcloud.output import write
from gemauth.clock import rfc3339

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call
    from gemauth.client.token import AccessToken

__all__ = ["refuse_impersonation", "write_token"]


def refuse_impersonation(call: Call) -> None:
    """Refuse the flags and the property that ask for another account's token.

    Raises:
        GcloudError: one of them is there.
    """
    if call.properties.get("auth", "impersonate_service_account"):
        raise invalid(
            "--impersonate-service-account",
            "this gcloud prints no other account's tokens.",
            next_step="Use google-auth's impersonated_credentials, or the real gcloud: gemauth "
            "emulator run --gcloud=system",
        )
    if call.text("lifetime") is not None:
        raise invalid("--lifetime", "it is for service account impersonation only.")


def write_token(call: Call, token: AccessToken) -> int:
    """Write an access token and return the exit code."""
    members = {
        "expiry": None if token.expires_at is None else rfc3339(token.expires_at),
        "scopes": list(token.scopes),
        "token": token.value,
    }
    write(call, members, lambda: token.value)
    return 0
