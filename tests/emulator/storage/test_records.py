from __future__ import annotations

from dataclasses import fields

from gemauth.emulator.storage.records import RECORDS, ServiceAccountKey, SigningKey
from gemauth.testing.store_contract import sample


def test_secrets_are_kept_as_digests() -> None:
    """No field keeps a token, code or secret in clear: such fields end in _hash"""
    secret = ("token", "secret", "code", "handle", "session", "key_hash")
    for kind in RECORDS:
        for field in fields(kind):  # type: ignore[arg-type]  # every kind is a dataclass
            challenge = "code_challenge"  # itself a digest, or what the client chose to send
            if field.name.startswith(secret) and not field.name.startswith(challenge):
                assert field.name.endswith("_hash"), f"{kind.TABLE}.{field.name}"


def test_private_keys_are_not_shown() -> None:
    """The repr of a record shows no private key"""
    for kind in (SigningKey, ServiceAccountKey):
        assert "private_pem" not in repr(sample(kind))
