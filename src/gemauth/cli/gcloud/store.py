"""gcloud's own accounts: one credential file each, and which one is active.

In `$CLOUDSDK_CONFIG/legacy_credentials/ACCOUNT/adc.json`, where gcloud itself puts a copy of each
account's credentials for other tools; its database (`credentials.db`) is left alone. The active
account is the property core/account.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.gcloud.errors import GcloudError
from gemauth.client.cache import adc, files
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call

__all__ = ["Kept", "accounts", "activate", "active", "find", "forget", "keep"]

Kept = AuthorizedUser | ServiceAccountKey


def keep(call: Call, account: str, credentials: Kept) -> None:
    """Keep an account's credentials, for their owner only.

    Raises:
        DataError: they cannot be written.
    """
    text = json.dumps(credentials.to_json(), indent=2, sort_keys=True)
    files.write_private(_path(call, account), text.encode())


def accounts(call: Call) -> list[str]:
    """Return the accounts that there are credentials of, the machine's own among them."""
    folder = call.properties.folder / "legacy_credentials"
    kept = {path.parent.name for path in folder.glob("*/adc.json")}
    return sorted(kept | ({call.machine.email} if call.machine else set()))


def active(call: Call) -> str | None:
    """Return the active account, whether or not there are credentials of it."""
    return call.value("core", "account")


def activate(call: Call, account: str | None) -> None:
    """Make an account the active one; None leaves none."""
    call.properties.put("core", "account", account)


def find(call: Call, account: str | None) -> tuple[str, Path, Kept]:
    """Return an account's address, file and credentials; None takes the active one.

    Raises:
        GcloudError: there is no active account, or it has no credentials here.
        DataError: they cannot be read.
    """
    account = account or active(call)
    if account is None:
        raise GcloudError(
            "You do not currently have an active account selected.",
            next_step="Run: $ gcloud auth login. Or, with an account that is signed in: "
            "$ gcloud config set account ACCOUNT",
        )
    path = _path(call, account)
    file = adc.find(path)
    if file is None or not isinstance(file.credentials, AuthorizedUser | ServiceAccountKey):
        raise GcloudError(
            f"Your current active account [{account}] does not have any valid credentials.",
            next_step="Run: $ gcloud auth login",
        )
    return account, path, file.credentials


def forget(call: Call, account: str) -> None:
    """Delete an account's credentials; the active account is none then, if it was this one."""
    shutil.rmtree(_path(call, account).parent, ignore_errors=True)
    if active(call) == account:
        activate(call, None)


def _path(call: Call, account: str) -> Path:
    if account == ".." or Path(account).name != account:  # it becomes a folder's name
        raise GcloudError(f"{account!r} is no account.")
    return call.properties.folder / "legacy_credentials" / account / "adc.json"
