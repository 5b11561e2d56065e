"""IAM's messages: a service account and its keys, as `iam.googleapis.com/v1` shows them.

Source: google-oauth.md section 5.1. `client/service_accounts/` reads them; the emulator answers the
same members from its records (`emulator/cloud/service_accounts.py`, `keys.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.google.credentials import ServiceAccountKey as KeyFile
from gemauth.google.gemini.resources.resource import Resource

if TYPE_CHECKING:
    from gemauth.google.endpoints import Endpoints

__all__ = ["AccountKey", "ServiceAccount", "key_file"]


class ServiceAccount(Resource, frozen=True, kw_only=True):
    """A service account; `name` is `projects/{project}/serviceAccounts/{email}`."""

    name: str = ""
    project_id: str = ""
    unique_id: str = ""
    email: str = ""
    display_name: str = ""
    description: str = ""
    etag: str = ""
    oauth2_client_id: str = ""
    disabled: bool = False


class AccountKey(Resource, frozen=True, kw_only=True):
    """A service account's key; `name` is the account's, `/keys/` and 40 hexadecimal digits.

    Times are RFC 3339; a key without an end has `9999-12-31T23:59:59Z`. `private_key_data` is
    answered once, when Google makes the key: the key file's JSON in base64.
    """

    name: str = ""
    key_algorithm: str = ""
    private_key_type: str = ""
    private_key_data: str = ""
    public_key_data: str = ""
    valid_after_time: str = ""
    valid_before_time: str = ""
    key_origin: str = ""
    key_type: str = ""
    disabled: bool = False
    disable_reason: str = ""

    @property
    def id(self) -> str:
        """The last part of the name: the `private_key_id` of the key's file."""
        return self.name.rpartition("/")[2]

    def __repr__(self) -> str:
        return f"AccountKey({dict(self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return what may be shown; rich asks for this, and a Struct's own tells all there is."""
        hidden = {"privateKeyData": "…"} if self.private_key_data else {}
        return list({**self.to_json(), **hidden}.items())


def key_file(account: ServiceAccount, key_id: str, private_key: str, urls: Endpoints) -> KeyFile:
    """Return the file of a key whose private half was made here, as IAM writes its own (6.3).

    Args:
        account: whose key it is.
        key_id: what IAM calls the key.
        private_key: the private half, PKCS#8 in PEM.
        urls: the Google that knows the public half.
    """
    return KeyFile(
        client_email=account.email,
        token_uri=urls.token,
        private_key=private_key,
        private_key_id=key_id,
        project_id=account.project_id,
        client_id=account.unique_id,
    ).at(urls)
