"""A key of one's own: an RSA pair made here, and the certificate that IAM is given of it.

google-oauth.md sections 5.1 (`keys:upload` takes an X.509 certificate in PEM) and 8 (upload the own
public half, with an end). X.509: RFC 5280.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gemauth.errors import DataError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["DAYS", "KeyPair", "ends", "make", "public_half", "read_certificate"]

DAYS = 90  # the age at which Google's guidance has keys replaced (google-oauth.md section 8)
_SKEW = timedelta(minutes=10)  # a server's clock may be behind


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The private half (PKCS#8, PEM) and the self-signed certificate (PEM) of the public one."""

    private_key: str = field(repr=False)
    certificate: str


def make(name: str, now: float, days: int) -> KeyPair:
    """Make an RSA key of 2048 bits; it takes some 100 ms.

    Args:
        name: the certificate's subject, at most 64 characters (RFC 5280, ub-common-name).
        now: epoch seconds.
        days: how long the certificate is valid, and with it the key.
    """
    from cryptography import x509  # slow imports, wanted with the first key
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    today = datetime.fromtimestamp(int(now), UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - _SKEW)
        .not_valid_after(today + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return KeyPair(private.decode("ascii"), public.decode("ascii"))


def read_certificate(data: bytes, what: str) -> str:
    """Return the certificate in a file, alone: a private key beside it is left where it is.

    Args:
        data: the file's content.
        what: the file's name, for people.

    Raises:
        DataError: it holds no X.509 certificate in PEM, or one of another kind of key.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = _load(data)
    if certificate is None or not isinstance(certificate.public_key(), RSAPublicKey):
        raise DataError(
            f"{what} holds no X.509 certificate of an RSA key in PEM.",
            next_step="Make one with openssl req -x509, or leave --certificate out: then gemauth "
            "makes the key and its certificate.",
        )
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def public_half(certificate: str) -> bytes | None:
    """Return what is the same in every certificate of one key (SPKI, DER); None if unreadable."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    loaded = _load(certificate.encode("utf-8", "replace"))
    if loaded is None:
        return None
    return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def ends(certificate: str) -> float | None:
    """Return when a certificate ends (epoch seconds); None if it is unreadable."""
    loaded = _load(certificate.encode("utf-8", "replace"))
    return None if loaded is None else loaded.not_valid_after_utc.timestamp()


def _load(data: bytes) -> Certificate | None:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError:
        return None
