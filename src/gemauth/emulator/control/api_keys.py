"""API keys: standard ones, which name a project, and ones that are bound to a service account.

The key itself is shown once; only its digest is kept.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ApiKey, ServiceAccount
from gemauth.emulator.storage.store import Conflict
from gemauth.emulator.tokens import shape
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.records import Project
    from gemauth.emulator.storage.store import Transaction

__all__ = ["NewApiKey", "api_key_json", "create", "delete"]

_KEY = re.compile(r"(AIzaEmu[A-Za-z0-9_-]{32}|AQ\.emu-[A-Za-z0-9_-]{22,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key to be made; the key itself is fixed only by a seed."""

    display_name: str
    service_account: str | None
    key: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, body: Members, *, fixed: bool = False) -> NewApiKey:
        """Read `displayName` and `serviceAccount`; with `fixed`, `key` too."""
        account = body.email("serviceAccount", default=None)
        key = body.optional("key") if fixed else None
        if key is not None and _KEY.fullmatch(key) is None:
            body.wrong("key", "must be AIzaEmu and 32 letters or digits, or AQ.emu- and 22 to 64")
        elif key is not None and key.startswith("AQ.") != (account is not None):
            body.wrong("key", "must start with AQ.emu- if there is a serviceAccount, and only then")
        return cls(body.text("displayName", most=63), account, key)


def create(
    tx: Transaction, now: float, entropy: Entropy, project: Project, wanted: NewApiKey
) -> tuple[ApiKey, str]:
    """Make a key; return its record with the key itself.

    Raises:
        StatusError: INVALID_ARGUMENT for a service account that is not the project's,
            ALREADY_EXISTS for a fixed key that is taken.
    """
    account_id = None
    if wanted.service_account is not None:
        accounts = tx.find(
            ServiceAccount,
            email=wanted.service_account,
            project_id=project.project_id,
            deleted_at=None,
        )
        if not accounts:
            raise invalid(
                "serviceAccount",
                f"{wanted.service_account} is no service account of {project.project_id}",
            )
        account_id = accounts[0].unique_id
    made = shape.standard_api_key if account_id is None else shape.auth_api_key
    key = wanted.key or made(entropy)
    record = ApiKey(
        key_hash=digest(key),
        uid=str(uuid.UUID(bytes=entropy(16), version=4)),
        project_id=project.project_id,
        display_name=wanted.display_name,
        service_account_id=account_id,
        created_at=now,
    )
    try:
        tx.add(record)
    except Conflict as error:
        raise StatusError(Status(Code.ALREADY_EXISTS, "This API key exists already.")) from error
    return record, key


def delete(tx: Transaction, uid: str) -> Answer:
    """Delete a key; it stops working now.

    Raises:
        StatusError: NOT_FOUND.
    """
    for record in tx.find(ApiKey, uid=uid):
        tx.remove(ApiKey, record.key_hash)
        return {}
    raise not_found(f"There is no API key with the uid {uid}.")


def api_key_json(tx: Transaction, record: ApiKey) -> Answer:
    """Return a key's record as the control API shows one: never the key."""
    answer = {
        "uid": record.uid,
        "projectId": record.project_id,
        "displayName": record.display_name,
        "createTime": rfc3339(record.created_at),
    }
    if record.service_account_id is not None:
        account = tx.get(ServiceAccount, record.service_account_id)
        answer["serviceAccount"] = "" if account is None else account.email
    return answer
