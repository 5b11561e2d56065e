from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from gemauth.emulator.authority import minting, reading

NOW = 1_767_225_600.0


@pytest.fixture(scope="module")
def certificate() -> str:
    """An authority's certificate."""
    return minting.new_certificate(minting.new_key(), NOW)


def test_validity(certificate: str) -> None:
    """The dates are the certificate's own: from a day before, for 30 days."""
    assert reading.validity(certificate) == (NOW - 86400, NOW + 30 * 86400)


def test_hashes(certificate: str) -> None:
    """Fingerprint and public key's hash are what a full parser finds."""
    parsed = x509.load_pem_x509_certificate(certificate.encode())
    assert reading.fingerprint(certificate) == parsed.fingerprint(hashes.SHA256()).hex(":").upper()
    key = parsed.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    expected = base64.b64encode(hashlib.sha256(key).digest()).decode()
    assert reading.spki_sha256(certificate) == expected


@pytest.mark.parametrize("damage", ["", "text", "two", "leaf"])
def test_no_authority(certificate: str, damage: str) -> None:
    """Anything but one authority's certificate is refused."""
    key = minting.new_key()
    other = minting.new_certificate(key, NOW)
    leaf = minting.new_leaf(key, other).removesuffix(other).partition("-----BEGIN CERT")
    pem = {"": "", "text": "hello", "two": certificate + other, "leaf": "".join(leaf[1:])}[damage]
    with pytest.raises(ValueError, match="certificate"):
        reading.validity(pem)
