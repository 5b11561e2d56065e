from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import pytest
from cryptography.x509 import load_pem_x509_certificate

from gemauth.emulator.tokens import signing
from tests.emulator.desk import Desk

if TYPE_CHECKING:
    from gemauth.emulator.storage.records import SigningKey


def _keys(desk: Desk) -> list[SigningKey]:
    with desk.read() as tx:
        return signing.published(tx)


def _current(desk: Desk) -> str:
    with desk.read() as tx:
        return signing.current(tx, desk.clock.now()).key_id


def test_due_until_provided() -> None:
    """Without keys nothing signs; providing makes two, once."""
    desk = Desk(with_keys=False)
    with pytest.raises(signing.KeysDueError):
        _current(desk)
    anyio.run(signing.provide, desk.context)
    keys = _keys(desk)
    assert len(keys) == 2
    assert _current(desk) in {key.key_id for key in keys}
    anyio.run(signing.provide, desk.context)
    assert _keys(desk) == keys
    desk.context.store.close()


def test_callers_at_once_share_the_keys() -> None:
    """Several first callers at the same time end up with the same two keys."""
    desk = Desk(with_keys=False)

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(signing.provide, desk.context)

    anyio.run(crowd)
    assert len(_keys(desk)) == 2
    desk.context.store.close()


def test_rotation(desk: Desk) -> None:
    """After a week a new key comes, the oldest goes, and the new one signs when readers know it."""
    first, second = _keys(desk)
    desk.clock.advance(signing.ROTATION)
    with pytest.raises(signing.KeysDueError):
        _current(desk)
    anyio.run(signing.provide, desk.context)
    kept, new = _keys(desk)
    assert kept == second
    assert new not in {first, second}
    assert _current(desk) == kept.key_id
    desk.clock.advance(signing.MAX_AGE)
    assert _current(desk) == new.key_id


def test_tokens_outlive_a_rotation(desk: Desk) -> None:
    """An id token signed just before a rotation can be verified until it expires."""
    desk.clock.advance(signing.ROTATION - 1)
    token = desk.signed_in()["id_token"]
    desk.clock.advance(1)
    anyio.run(signing.provide, desk.context)
    assert desk.get("/tokeninfo", id_token=token).status == 200


def test_certificate(desk: Desk) -> None:
    """The certificate says whose it is, and is valid while the key is published."""
    key = _keys(desk)[0]
    certificate = load_pem_x509_certificate(key.certificate_pem.encode())
    assert "gemauth emulator" in certificate.subject.rfc4514_string()
    assert certificate.not_valid_before_utc.timestamp() < key.created_at
    lasts = certificate.not_valid_after_utc.timestamp() - key.created_at
    assert lasts > 2 * signing.ROTATION
    assert len(key.key_id) == 40
    assert "PRIVATE" not in repr(key)


def test_cryptography_is_imported_late() -> None:
    """Importing the token rooms does not load cryptography: start-up is a feature."""
    code = (
        "import sys; from gemauth.emulator.authserver import api_routes; "
        "sys.exit('cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
