"""The `client_secret_….json` that Google's console hands out for a client (google-oauth.md 6.2).

Read by `client/flows`, written by the emulator's control room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gemauth.errors import DataError, UsageError
from gemauth.google.credentials.members import is_text

__all__ = [
    "FIRST_PARTY",
    "GCLOUD_CLIENT_ID",
    "GCLOUD_CODE_PAGES",
    "GCLOUD_LOGIN_CLIENT_ID",
    "GCLOUD_LOGIN_PROJECT_NUMBER",
    "GCLOUD_PROJECT_NUMBER",
    "ClientSecret",
    "WrongFile",
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

# Google's own clients, by the number of their project, which every client id begins with: gcloud's
# two (google-oauth.md section 7), the Gemini CLI's and Code Assist's (field.md fact 3), and those
# that stand in Antigravity's and the Firebase CLI's programs. gemauth uses none as anybody's own.
FIRST_PARTY = {
    GCLOUD_PROJECT_NUMBER: "gcloud auth application-default",
    GCLOUD_LOGIN_PROJECT_NUMBER: "gcloud",
    "681255809395": "Gemini CLI and Code Assist",
    "1071006060591": "Antigravity",
    "884354919052": "Antigravity",
    "563584335869": "Firebase CLI",
}
# What else a program may be given in the place of a client's file, by its `type` (6.3).
_CREDENTIALS = {
    "service_account": "a service account's key",
    "authorized_user": "the credentials of a sign-in (ADC)",
    "external_account": "the configuration of a federated identity",
    "external_account_authorized_user": "the credentials of a federated sign-in",
    "impersonated_service_account": "the credentials of an impersonated service account",
    "gdch_service_account": "a service account's key for Google Distributed Cloud",
}


class WrongFile(DataError):  # noqa: N818  # it names what happened
    """A file of Google's that is no OAuth client's; its next step says what it is good for."""


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
            WrongFile: it is another file of Google's, such as a service account's key.
            DataError: it is no client file, or lacks a member.
        """
        _refuse_credentials(body)
        kinds = [k for k in ("installed", "web") if isinstance(body, dict) and k in body]
        if len(kinds) != 1 or not isinstance(body[kinds[0]], Mapping):
            raise DataError(
                "This is not an OAuth client file: it needs one top-level key, installed or web.",
                next_step="Download the desktop client's JSON at "
                "https://console.cloud.google.com/auth/clients (only offered when it is created).",
            )
        members = body[kinds[0]]
        required = ("client_id", "client_secret", "auth_uri", "token_uri")
        missing = [name for name in required if not is_text(members.get(name))]
        if missing == ["client_secret"]:
            # Google shows a secret once, and gives mobile apps and web pages none (section 0, 7).
            raise WrongFile(
                "The OAuth client file lacks client_secret: it was downloaded when the client was "
                "no longer new, or it is a client for Android, iOS or Chrome.",
                next_step="Add a secret to the client at "
                "https://console.cloud.google.com/auth/clients and download the file then and "
                "there; if it is of another type, create one of type Desktop app.",
            )
        if missing:
            raise DataError(
                f"The OAuth client file lacks {', '.join(missing)}.",
                next_step="Download it again, or add a new client secret in the console.",
            )
        project, uris = members.get("project_id"), members.get("redirect_uris")
        return cls(
            kind="installed" if kinds[0] == "installed" else "web",
            project_id=project if is_text(project) else None,
            redirect_uris=tuple(map(str, uris)) if isinstance(uris, list) else (),
            certs_uri=str(members.get("auth_provider_x509_cert_url", "")),
            **{name: members[name] for name in required},
        )


def _refuse_credentials(body: object) -> None:
    """Refuse what is a credential already.

    Raises:
        WrongFile: it is one.
    """
    kind = body.get("type") if isinstance(body, Mapping) else None
    what = _CREDENTIALS.get(kind) if isinstance(kind, str) else None
    if what is not None:
        raise WrongFile(
            f"This is no OAuth client's file but {what}, with which nobody has to sign in.",
            next_step="Use it as it is: --credentials FILE with any command, or "
            "GOOGLE_APPLICATION_CREDENTIALS=FILE.",
        )


def refuse_first_party(client_id: str) -> None:
    """Refuse Google's own client ids.

    Raises:
        UsageError: the id is Google's. Using it breaks Google's terms, and Google has banned
            accounts for it in 2026 (field.md fact 3).
    """
    owner = FIRST_PARTY.get(client_id.removesuffix(_SUFFIX).partition("-")[0])
    if owner is not None:
        raise UsageError(
            f"The OAuth client id belongs to Google's own {owner}, which only Google may use: "
            "anywhere else its use breaks Google's terms.",
            next_step="Create a desktop client of your own at "
            "https://console.cloud.google.com/auth/clients and pass its file.",
        )
