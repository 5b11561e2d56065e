"""The `client_secret_….json` that Google's console hands out for a client (google-oauth.md 6.2).

Read by `client/flows`, written by the emulator's control room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gemauth.errors import DataError, UsageError

__all__ = [
    "FIRST_PARTY",
    "GCLOUD_CLIENT_ID",
    "GCLOUD_CODE_PAGES",
    "GCLOUD_LOGIN_CLIENT_ID",
    "GCLOUD_LOGIN_PROJECT_NUMBER",
    "GCLOUD_PROJECT_NUMBER",
    "ClientSecret",
    "refuse_first_party",
]

# The client that `gcloud auth application-default login` signs in with, and its project.
GCLOUD_PROJECT_NUMBER = "764086051850"
GCLOUD_CLIENT_ID = (
    f"{GCLOUD_PROJECT_NUMBER}-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"
)
# The client of `gcloud auth login`, and its project.
GCLOUD_LOGIN_PROJECT_NUMBER = "32555940559"
GCLOUD_LOGIN_CLIENT_ID = f"{GCLOUD_LOGIN_PROJECT_NUMBER}.apps.googleusercontent.com"
# Where `--no-launch-browser` has Google show the code: only these two clients may (7.1).
GCLOUD_CODE_PAGES = (
    "https://sdk.cloud.google.com/applicationdefaultauthcode.html",
    "https://sdk.cloud.google.com/authcode.html",
)
_SUFFIX = ".apps.googleusercontent.com"

# Google's own clients, whose ids gemauth must never use as anybody's own: gcloud's two
# (google-oauth.md section 7) and the Gemini CLI's (field.md fact 3).
FIRST_PARTY = {
    GCLOUD_CLIENT_ID.removesuffix(_SUFFIX): "gcloud auth application-default",
    GCLOUD_LOGIN_CLIENT_ID.removesuffix(_SUFFIX): "gcloud",
    "681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j": "Gemini CLI",
}


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """An OAuth client as downloaded: `kind` is the file's one top-level key."""

    kind: Literal["installed", "web"]
    client_id: str
    client_secret: str = field(repr=False)
    project_id: str | None
    auth_uri: str
    token_uri: str
    redirect_uris: tuple[str, ...] = ()
    certs_uri: str = "https://www.googleapis.com/oauth2/v1/certs"

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        return {
            self.kind: {
                "client_id": self.client_id,
                "project_id": self.project_id,
                "auth_uri": self.auth_uri,
                "token_uri": self.token_uri,
                "auth_provider_x509_cert_url": self.certs_uri,
                "client_secret": self.client_secret,
                "redirect_uris": list(self.redirect_uris),
            }
        }

    @classmethod
    def from_json(cls, body: Any) -> ClientSecret:  # noqa: ANN401  # what a file may hold
        """Return the client that a file's object describes.

        Raises:
            DataError: it is no client file, or lacks a member.
        """
        kinds = [k for k in ("installed", "web") if isinstance(body, dict) and k in body]
        if len(kinds) != 1 or not isinstance(body[kinds[0]], Mapping):
            raise DataError(
                "This is not an OAuth client file: it needs one top-level key, installed or web.",
                next_step="Download the desktop client's JSON at "
                "https://console.cloud.google.com/auth/clients (only offered when it is created).",
            )
        members = body[kinds[0]]
        required = ("client_id", "client_secret", "auth_uri", "token_uri")
        missing = [name for name in required if not isinstance(members.get(name), str)]
        if missing:
            raise DataError(
                f"The OAuth client file lacks {', '.join(missing)}.",
                next_step="Download it again, or add a new client secret in the console.",
            )
        project, uris = members.get("project_id"), members.get("redirect_uris")
        return cls(
            kind="installed" if kinds[0] == "installed" else "web",
            project_id=project if isinstance(project, str) else None,
            redirect_uris=tuple(map(str, uris)) if isinstance(uris, list) else (),
            certs_uri=str(members.get("auth_provider_x509_cert_url", "")),
            **{name: members[name] for name in required},
        )


def refuse_first_party(client_id: str) -> None:
    """Refuse Google's own client ids.

    Raises:
        UsageError: the id is Google's. Using it breaks Google's terms, and Google has banned
            accounts for it in 2026 (field.md fact 3).
    """
    owner = FIRST_PARTY.get(client_id.removesuffix(_SUFFIX))
    if owner is not None:
        raise UsageError(
            f"The OAuth client id belongs to Google's own {owner}, which only Google may use.",
            next_step="Create a desktop client of your own at "
            "https://console.cloud.google.com/auth/clients and pass its file.",
        )
