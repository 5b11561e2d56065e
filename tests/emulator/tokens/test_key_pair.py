from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gemauth.emulator.tokens.key_pair import make_key_pair

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_both_halves_are_one_key() -> None:
    """An RSA key of 2048 bits; the certificate holds its public half and is signed by itself."""
    pair = make_key_pair("somebody", NOON.timestamp())
    private = load_pem_private_key(pair.private_pem.encode(), None)
    certificate = x509.load_pem_x509_certificate(pair.certificate_pem.encode())
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    assert certificate.public_key() == private.public_key()
    assert certificate.issuer == certificate.subject
    certificate.verify_directly_issued_by(certificate)
    assert pair.private_pem not in repr(pair)


def test_it_is_valid_from_the_day_before() -> None:
    """A reader whose clock is behind believes it; the end is as asked, or never."""
    short, long = (make_key_pair("x", NOON.timestamp(), days=days) for days in (365, None))
    ends = [x509.load_pem_x509_certificate(p.certificate_pem.encode()) for p in (short, long)]
    assert ends[0].not_valid_before_utc == NOON - timedelta(days=1)
    assert ends[0].not_valid_after_utc == NOON + timedelta(days=365)
    assert ends[1].not_valid_after_utc.year == 9999
