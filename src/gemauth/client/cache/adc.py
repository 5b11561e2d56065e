"""Credential files as ADC keeps them: read whole, written so that nothing of worth is lost.

Written by `client/login.py`, read by `client/sources/chain.py` and `client/revoke.py`; the format
is google/credentials.py.
"""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.client.cache import files
from gemauth.client.cache.places import adc_path
from gemauth.client.target import of_user
from gemauth.errors import DataError, NotFoundError, UsageError
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey, from_json
from gemauth.google.endpoints import loopback_base
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.cache.keyring import Pointer
    from gemauth.google.credentials import Credentials

__all__ = [
    "CredentialFile",
    "find",
    "form",
    "load",
    "parse",
    "read",
    "require_free",
    "well_known",
    "write",
]

T = TypeVar("T")


@frozen
class CredentialFile(Value):
    """A credential file: where it is, what it says, and its bytes (the token cache's key).

    With a `pointer` the secrets are in a keyring, and the file is of use to gemauth alone.
    """

    path: Path
    credentials: Credentials
    raw: bytes = field(repr=False)
    pointer: Pointer | None = None


def well_known(environ: Mapping[str, str]) -> Path:
    """Return the well-known ADC file's path.

    Raises:
        UsageError: the environment names no home.
    """
    path = adc_path(environ)
    if path is None:
        raise UsageError(
            "There is no home folder to keep credentials in: HOME is not set.",
            next_step="Set HOME or CLOUDSDK_CONFIG, or name a file (--output, --credentials).",
        )
    return Path(path)


def read(path: Path) -> CredentialFile:
    """Return a credential file's content.

    Raises:
        NotFoundError: there is no such file.
        DataError: it cannot be read, or is no credential file; it is left as it was.
    """
    file = find(path)
    if file is None:
        raise NotFoundError(
            f"There is no credential file at {path}.",
            next_step="Sign in: gemauth login --client-id-file FILE",
        )
    return file


def find(path: Path, *, named: bool = False) -> CredentialFile | None:
    """Return a credential file's content, or None where there is no such file.

    Args:
        path: where.
        named: whether a person has named this very path: it may be a pipe then (`files.read`).

    Raises:
        DataError: it cannot be read, or is no credential file; it is left as it was.
        KeyringError: it points to a keyring that does not hand out the sign-in.
    """
    raw = files.read(path, named=named)
    return None if raw is None else parse(path, raw)


def parse(path: Path, raw: bytes) -> CredentialFile:
    """Return the file of these bytes; errors are those of `find`."""
    body = load(path, raw)
    if isinstance(body, dict) and body.get("type") == "gemauth_keyring":
        from gemauth.client.cache import keyring  # rare

        pointer = _told(path, keyring.Pointer.from_json, body)
        return CredentialFile(path, keyring.read(pointer), raw, pointer)
    return CredentialFile(path, _told(path, from_json, body), raw)


def require_free(path: Path, *, emulated: bool, replace: bool) -> None:
    """See that new credentials may be written to a place, before a person signs in for them.

    A person's credentials give way to newer ones, as in gcloud. Kept are: Google's before an
    emulator's, a service account's key or anything else that a sign-in does not bring back, and
    a file that cannot be read.

    Args:
        path: where they would go.
        emulated: whether an emulator makes them.
        replace: overwrite whatever is there.

    Raises:
        UsageError: something is there that is kept.
        DataError: the file there cannot be read as credentials, or none can be written there.
    """
    files.require_writable(path)
    if replace:
        return
    raw = files.read(path)
    if raw is None:
        return
    elsewhere = (
        "Set CLOUDSDK_CONFIG to another folder, choose another file (--output FILE), "
        "or overwrite it (--replace)."
    )
    try:
        present = parse(path, raw).credentials
    except DataError as error:
        raise DataError(error.message, next_step=elsewhere) from None
    if isinstance(present, AuthorizedUser):
        if not emulated or of_user(present):
            return
        whose = f"{present.account or 'a person'}'s sign-in at Google"
    elif isinstance(present, ServiceAccountKey):
        if loopback_base(present.token_uri) is not None:
            return
        whose = f"the key of {present.client_email}"
    else:
        whose = f"{present.type} credentials"
    raise UsageError(f"{path} holds {whose}, which would be lost.", next_step=elsewhere)


def write(path: Path, credentials: Credentials) -> CredentialFile:
    """Write credentials in gcloud's form: sorted, two spaces, for the owner only.

    A profile, and an ADC file that may be one, is written by `client/profiles/using.py`, which
    calls this.

    Raises:
        DataError: it cannot be written; what was there is as it was.
    """
    raw = form(credentials.to_json())
    files.write_private(path, raw)
    return CredentialFile(path, credentials, raw)


def form(body: dict[str, Any]) -> bytes:
    """Return a file's bytes, in gcloud's form."""
    return (json.dumps(body, indent=2, sort_keys=True) + "\n").encode()


def load(path: Path, raw: bytes) -> Any:  # noqa: ANN401  # what a file may hold
    """Return the JSON value of a file's bytes.

    Raises:
        DataError: they are none.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise DataError(
            f"{path} is no JSON file; it was left as it is.",
            next_step="Restore it, or delete it and sign in again: "
            "gemauth login --client-id-file FILE",
        ) from None


def _told(path: Path, read: Callable[[Any], T], body: Any) -> T:  # noqa: ANN401  # as `load`
    """Return what `read` makes of a file's object; its errors name the file."""
    try:
        return read(body)
    except DataError as error:
        raise DataError(f"{path}: {error.message}", next_step=error.next_step) from None
