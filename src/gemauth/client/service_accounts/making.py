"""Keys into files: one that Google makes, or one made here whose public half alone is uploaded.

google-oauth.md sections 5.1 and 8. The flows write the files themselves: a few kilobytes on the
local disk, at moments that matter (`pending.py`).
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from gemauth.client.cache import adc, files
from gemauth.client.service_accounts import key_pair, pending
from gemauth.client.service_accounts.operations import Keys, ServiceAccounts
from gemauth.client.service_accounts.pending import Pending
from gemauth.errors import DataError, Fault, GemauthError, UnreachableError, UsageError
from gemauth.flow import Now
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.iam import key_file
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow
    from gemauth.google.iam import AccountKey

__all__ = ["Made", "create", "create_file", "require_free", "upload_certificate", "upload_file"]


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was made.

    Attributes:
        key: as IAM shows it, without its private half.
        account: the e-mail address (or the name that was given) of its account.
        path: the file with the private half; None where gemauth has none.
        resumed: whether an earlier run had begun it.
    """

    key: AccountKey
    account: str
    path: str | None = None
    resumed: bool = False


def require_free(path: Path, *, overwrite: bool) -> None:
    """See that a key may be written to a path, before there is one that could not be.

    Raises:
        UsageError: something is there.
        DataError: nothing can be written there.
    """
    if not overwrite and os.path.lexists(path):
        raise UsageError(
            f"{path} exists and is not overwritten.",
            next_step="Name another --output, or pass --overwrite; to replace the key in it, "
            f"gemauth service-accounts keys rotate {path}",
        )
    files.require_writable(path)


def create(credentials: Credentials, account: str) -> Flow[tuple[AccountKey, bytes]]:
    """Have Google make a key; return it, and the content of its file.

    Raises:
        UnreachableError: the answer holds no key file; and what `calls.call` raises.
        KeyboardInterrupt: somebody stopped it, with a note.
    """
    try:
        made = yield from Keys(credentials).create(account)
    except KeyboardInterrupt as stopped:
        stopped.add_note(
            "Whether IAM has made a key is not known; nobody has it. See: gemauth service-accounts "
            f"keys list {account.rpartition('/')[2]} --managed-by user"
        )
        raise
    try:
        raw = base64.b64decode(made.private_key_data, validate=True)
        ServiceAccountKey.from_json(json.loads(raw))
    except (ValueError, TypeError, AttributeError, DataError):
        raise UnreachableError(
            f"IAM made the key {made.id}, and its answer holds no key file.",
            fault=Fault.SERVER,
            next_step="Delete it, and try again: gemauth service-accounts keys delete "
            f"{account.rpartition('/')[2]} {made.id}",
        ) from None
    return msgspec.structs.replace(made, private_key_data=""), raw


def create_file(
    credentials: Credentials, account: str, path: Path, *, overwrite: bool = False
) -> Flow[Made]:
    """Have Google make a key and write it to a file, for its owner only.

    A key whose file cannot be written is deleted again: nobody could ever use it.

    Raises:
        UsageError: something is there; and what `create` raises.
        DataError: the file cannot be written.
    """
    require_free(path, overwrite=overwrite)
    made, raw = yield from create(credentials, account)
    try:
        files.write_private(path, raw, replace=overwrite)
    except DataError as error:
        try:
            yield from Keys(credentials).delete(account, made.id)
        except GemauthError:
            error.next_step = (
                f"Delete the key, which nobody has: gemauth service-accounts keys delete "
                f"{account.rpartition('/')[2]} {made.id}"
            )
        raise
    return Made(made, account.rpartition("/")[2], str(path))


def upload_certificate(credentials: Credentials, account: str, certificate: str) -> Flow[Made]:
    """Upload one's own certificate (PEM); its private half is none of gemauth's business."""
    key = yield from Keys(credentials).upload(account, certificate)
    return Made(key, account.rpartition("/")[2])


def upload_file(
    credentials: Credentials,
    account: str,
    path: Path,
    *,
    days: int = key_pair.DAYS,
    overwrite: bool = False,
) -> Flow[Made]:
    """Make a key here, upload its public half, and write the key's file; it ends after `days`.

    Stopped anywhere, it goes on when it is run again.

    Raises:
        UsageError: something is there, or another run or an unfinished rotation is in the way.
        DataError: the file cannot be written; and what `calls.call` raises.
    """
    with pending.alone(path):
        shown = yield from ServiceAccounts(credentials).get(account)
        now: float = yield Now()
        kept = pending.recall(path)
        if kept is not None and (kept.account != shown.email or kept.replaces is not None):
            raise UsageError(
                f"An unfinished {'upload' if kept.replaces is None else 'rotation'} of a key of "
                f"{kept.account} stands in the way: {pending.place(path)}.",
                next_step="Finish that first, or name another --output."
                if kept.replaces is None
                else f"Finish it: gemauth service-accounts keys rotate {path}",
            )
        if kept is None or not _arrived(path, kept):
            require_free(path, overwrite=overwrite)
        begun = begin(kept, path, shown.email, now, days)
        key = yield from arrive(credentials, account, path, begun, resumed=kept is begun)
        file = key_file(shown, key.id, begun.private_key, credentials.endpoints)
        files.write_private(path, json.dumps(file.to_json(), indent=2).encode())
        pending.forget(path)
    return Made(key, shown.email, str(path), resumed=kept is begun)


def begin(
    kept: Pending | None,
    path: Path,
    email: str,
    now: float,
    days: int,
    replaces: str | None = None,
) -> Pending:
    """Return the key that an earlier run began, if it has not ended since, or begin one."""
    if kept is not None and (key_pair.ends(kept.certificate) or 0.0) > now:
        return kept
    pair = key_pair.make(email.partition("@")[0], now, days)
    begun = Pending(email, pair.private_key, pair.certificate, replaces=replaces)
    pending.keep(path, begun)
    return begun


def arrive(
    credentials: Credentials, account: str, path: Path, begun: Pending, *, resumed: bool
) -> Flow[AccountKey]:
    """Return the key as IAM has it: the one of an earlier run, or else it is uploaded now.

    An upload that IAM refuses leaves nothing behind; one whose answer did not come may have been
    heard, so the next run looks for it first. What that run does not find may still appear in IAM's
    list, and is what a refusal then may be about: it keeps the key.
    """
    key = None
    if resumed:
        key = yield from _uploaded(credentials, account, begun.certificate)
    if key is None:
        try:
            key = yield from Keys(credentials).upload(account, begun.certificate)
        except StatusError as error:
            if resumed:
                left = f"The key is kept for the next try: {pending.place(path)}."
                error.next_step = f"{error.next_step or 'Run it again.'} {left}"
            elif error.status.code.http < 500:
                pending.forget(path)
            raise
    pending.keep(path, replace(begun, key_id=key.id))
    return key


def _uploaded(credentials: Credentials, account: str, certificate: str) -> Flow[AccountKey | None]:
    """Return the account's key with the certificate's public half, or None."""
    keys, ours = Keys(credentials), key_pair.public_half(certificate)
    for key in (yield from keys.list(account, "USER_MANAGED")):
        theirs = yield from keys.certificate(account, key.id)
        if key_pair.public_half(theirs) == ours:
            return key
    return None


def _arrived(path: Path, kept: Pending) -> bool:
    """Whether the file has the key already: only the note of it was left."""
    file = adc.find(path)
    if file is None or not isinstance(file.credentials, ServiceAccountKey):
        return False
    return kept.key_id is not None and file.credentials.private_key_id == kept.key_id
