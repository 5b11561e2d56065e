"""Credential files: the JSON of Application Default Credentials (google-oauth.md 6.3).

Read by `client/cache/adc.py`, which writes people's; the emulator writes service-account keys and
people of the external type. A file of a type that gemauth does not take apart is kept whole in
`OtherCredentials`. One module for each kind, loaded when it is first met: a command has one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.errors import DataError

if TYPE_CHECKING:
    from gemauth.google.credentials.authorized_user import AuthorizedUser
    from gemauth.google.credentials.external_account import (
        ExternalAccount,
        ExternalAccountAuthorizedUser,
    )
    from gemauth.google.credentials.impersonated import ImpersonatedServiceAccount, impersonated
    from gemauth.google.credentials.other import OtherCredentials
    from gemauth.google.credentials.service_account_key import ServiceAccountKey

    Credentials = (
        AuthorizedUser
        | ServiceAccountKey
        | ImpersonatedServiceAccount
        | ExternalAccount
        | ExternalAccountAuthorizedUser
        | OtherCredentials
    )

__all__ = [
    "EMULATED_KEY_ID",
    "AuthorizedUser",
    "Credentials",
    "ExternalAccount",
    "ExternalAccountAuthorizedUser",
    "ImpersonatedServiceAccount",
    "OtherCredentials",
    "ServiceAccountKey",
    "from_json",
    "impersonated",
]

EMULATED_KEY_ID = "656d75"
"""How the ids of an emulator's keys begin: `emu` in hexadecimal, where Google's are random.

A key file that was written through a proxy names Google's addresses; this tells it all the same.
"""

# The class of each type that is taken apart.
_CLASSES = {
    "authorized_user": "AuthorizedUser",
    "service_account": "ServiceAccountKey",
    "impersonated_service_account": "ImpersonatedServiceAccount",
    "external_account": "ExternalAccount",
    "external_account_authorized_user": "ExternalAccountAuthorizedUser",
}
_UNTYPED = {"client_id", "client_secret", "refresh_token"}
KNOWN_TYPES = (*_CLASSES, "gdch_service_account")
_HOMES = {
    "AuthorizedUser": "authorized_user",
    "ExternalAccount": "external_account",
    "ExternalAccountAuthorizedUser": "external_account",
    "ImpersonatedServiceAccount": "impersonated",
    "OtherCredentials": "other",
    "ServiceAccountKey": "service_account_key",
    "impersonated": "impersonated",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a class, or impersonated
    """Load a kind's module and return the name (PEP 562)."""
    if name == "Credentials":
        from functools import reduce
        from operator import or_

        return reduce(or_, map(__getattr__, (*_CLASSES.values(), "OtherCredentials")))
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def from_json(body: Any) -> Credentials:  # noqa: ANN401  # what a file may hold
    """Return the credentials that a file's object holds, by its `type`.

    Without one it may be a person's all the same: google-auth's `Credentials.to_json()` leaves the
    type out, and `from_authorized_user_file()` asks for none (token.json of Google's quickstarts).

    Raises:
        DataError: it is no credential file, or lacks a required member.
    """
    kind = body.get("type") if isinstance(body, dict) else None
    if isinstance(body, dict) and "type" not in body and body.keys() >= _UNTYPED:
        kind = "authorized_user"
    if isinstance(kind, str) and kind in _CLASSES:
        found: Credentials = __getattr__(_CLASSES[kind]).from_json(body)
        return found
    if kind in KNOWN_TYPES:
        from gemauth.google.credentials.other import OtherCredentials

        return OtherCredentials(kind, body)
    if isinstance(body, dict) and ("installed" in body or "web" in body):
        raise DataError(
            "This is an OAuth client file, not credentials.",
            next_step="Sign in with it: gemauth login --client-id-file FILE",
        )
    raise DataError(
        f"The credential file's type is {kind!r}, expected one of {', '.join(KNOWN_TYPES)}.",
        next_step="Sign in again, or download the service account's key again.",
    )
