"""A new RSA key with its certificate: what signs id tokens, and what service accounts are given.

google-oauth.md 2.2 and 5.1: 2048 bits; a service account's certificate is valid to the end of 9999.
Made by `signing` and by `cloud/keys.py`, in a thread: it takes some 100 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["KeyPair", "make_key_pair"]

FOREVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key: its private half in PKCS#8 PEM and its self-signed certificate."""

    private_pem: str = field(repr=False)
    certificate_pem: str


def make_key_pair(common_name: str, now: float, *, days: int | None = None) -> KeyPair:
    """Make an RSA key of 2048 bits.

    Args:
        common_name: of the certificate's subject, which is its issuer too.
        now: seconds since the epoch; the certificate is valid from a day before.
        days: how long it is valid; None for ever.
    """
    from cryptography import x509  # slow imports, wanted with the first key
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    today = datetime.fromtimestamp(now, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(FOREVER if days is None else today + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return KeyPair(private.decode("ascii"), public.decode("ascii"))
