"""A new key in the place of an old one: made here, proved, put into the file, the old one ended.

    begin       the new pair, written down beside the file
    upload      its certificate; IAM names the key
    prove       a token is exchanged with it, however long Google takes to know it
    replace     the file, atomically
    retire      the old key: disabled, deleted if asked for

At every moment the file holds a key that works, and a run that is stopped anywhere is finished by
the next one. google-oauth.md sections 5.1 and 8.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc, files
from gemauth.client.flows.assertion import exchange_assertion
from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.service_accounts import key_pair, pending
from gemauth.client.service_accounts.making import arrive, begin
from gemauth.client.service_accounts.operations import Keys, resource_name
from gemauth.client.sources.cached import Remembered
from gemauth.client.sources.service_account import Exchanged
from gemauth.client.target import of_key, require_side
from gemauth.errors import CredentialError, Fault, UsageError
from gemauth.flow import Now, Wait
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.scopes import CLOUD_PLATFORM
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.credentials import Credentials
    from gemauth.client.service_accounts.pending import Pending
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["Rotated", "rotate"]

# A new key may take a minute until Google's token endpoint knows it: seconds between the attempts.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 15.0)
_UNKNOWN_KEY = "Invalid JWT Signature"  # what the endpoint says until then (2.1)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Attributes:
        account: whose key it is.
        path: the file.
        key_id: the key that is in the file now.
        ends: when that key ends (epoch seconds).
        old_key_id: the key that was in the file.
        old_key: what became of it: `disabled`, `deleted`, or `gone` where it was deleted before.
        resumed: whether an earlier run had begun it.
    """

    account: str
    path: str
    key_id: str
    ends: float | None
    old_key_id: str
    old_key: str
    resumed: bool


def rotate(
    credentials: Credentials,
    path: Path,
    *,
    days: int = key_pair.DAYS,
    delete_old: bool = False,
) -> Flow[Rotated]:
    """Replace the key in a file.

    Args:
        credentials: who may manage the account's keys; may be those of the file itself.
        path: the key's file.
        days: how long the new key is valid.
        delete_old: delete the old key in the end; otherwise it is disabled only.

    Raises:
        UsageError: the file holds no service account's key, or another rotation is in the way.
        CredentialError: the key belongs to the other side (real, emulator), or the new one is
            not accepted; the file is as it was.
        StatusError: IAM refused.
        DataError: the file cannot be read or written.
        UnreachableError: no answer came.
    """
    with pending.alone(path):
        old, file = _read(path)
        require_side(credentials.endpoints, emulated=of_key(old), what=f"The key in {path}")
        files.require_writable(path)
        account = resource_name(old.client_email, project=old.project_id)
        now: float = yield Now()
        kept = pending.recall(path)
        if kept is not None and old.private_key_id == kept.key_id and kept.replaces is not None:
            begun, key_id = kept, kept.key_id  # the file was replaced, the old key is left
        else:
            _require_same(kept, old, path)
            begun = begin(kept, path, old.client_email, now, days, old.private_key_id)
            key = yield from arrive(credentials, account, path, begun, resumed=kept is begun)
            key_id = key.id
            new = replace(old, private_key=begun.private_key, private_key_id=key_id)
            yield from _proved(new, credentials.endpoints, path)
            _replace(file, new)
            credentials = _own(credentials, path, new)
        assert begun.replaces is not None
        assert key_id is not None
        outcome = yield from _retired(credentials, account, begun.replaces, delete=delete_old)
        pending.forget(path)
    return Rotated(
        account=old.client_email,
        path=str(path),
        key_id=key_id,
        ends=key_pair.ends(begun.certificate),
        old_key_id=begun.replaces,
        old_key=outcome,
        resumed=kept is begun,
    )


def _read(path: Path) -> tuple[ServiceAccountKey, CredentialFile]:
    file = adc.read(path)
    key = file.credentials
    if not isinstance(key, ServiceAccountKey) or key.private_key_id is None:
        what = "a key without its id" if isinstance(key, ServiceAccountKey) else f"{key.type} "
        raise UsageError(
            f"{path} holds {what.strip()}, which cannot be rotated.",
            next_step="Name the file of a service account's key.",
        )
    return key, file


def _require_same(kept: Pending | None, old: ServiceAccountKey, path: Path) -> None:
    if kept is None or (kept.replaces, kept.account) == (old.private_key_id, old.client_email):
        return
    raise UsageError(
        f"{pending.place(path)} is what is left of bringing another key of {kept.account} here.",
        next_step="Delete it if nobody needs it any more, and run this again."
        + (f" Its key at IAM is {kept.key_id}." if kept.key_id else ""),
    )


def _proved(key: ServiceAccountKey, endpoints: Endpoints, path: Path) -> Flow[None]:
    """Exchange a token with a key; one that is not known yet is tried for a minute and more."""
    for pause in (*PAUSES, None):
        try:
            yield from exchange_assertion(key, endpoints, (CLOUD_PLATFORM,))
        except TokenRefused as error:
            if _UNKNOWN_KEY not in (error.body.description or ""):
                raise
            if pause is None:
                raise CredentialError(
                    f"The new key {key.private_key_id} is still not accepted after "
                    f"{sum(PAUSES):.0f} seconds; {path} is as it was.",
                    next_step="Run it again, it goes on from here: "
                    f"gemauth service-accounts keys rotate {path}",
                    fault=Fault.SERVER,
                    evidence=error.evidence,
                ) from None
            yield Wait(pause)
        else:
            return


def _replace(file: CredentialFile, new: ServiceAccountKey) -> None:
    """Write the new key; what else the file says is kept, also what gemauth does not know."""
    body = json.loads(file.raw)
    body |= {"private_key": new.private_key, "private_key_id": new.private_key_id}
    files.write_private(file.path, (json.dumps(body, indent=2) + "\n").encode())


def _own(credentials: Credentials, path: Path, new: ServiceAccountKey) -> Credentials:
    """Return the credentials to go on with: those of the file itself are those of the new key."""
    if credentials.path is None or not path.samefile(Path(credentials.path)):
        return credentials
    source = Remembered(Exchanged(new, credentials.endpoints, credentials.scopes))
    return replace(credentials, source=source)


def _retired(credentials: Credentials, account: str, old: str, *, delete: bool) -> Flow[str]:
    keys = Keys(credentials)
    try:
        yield from keys.disable(account, old)
        if delete:
            yield from keys.delete(account, old)
    except StatusError as error:
        if error.status.code is not Code.NOT_FOUND:
            raise
        return "gone"
    return "deleted" if delete else "disabled"
