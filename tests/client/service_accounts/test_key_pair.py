from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gemauth.client.service_accounts import key_pair
from gemauth.client.service_accounts.key_pair import KeyPair, ends, make, public_half
from gemauth.errors import DataError
from tests.client.transcript import NOON


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    """A key of 30 days."""
    return make("ci", NOON + 0.7, 30)


def test_the_two_halves(pair: KeyPair) -> None:
    """RSA of 2048 bits, PKCS#8; the certificate is its own issuer, in force now, for so long."""
    private = load_pem_private_key(pair.private_key.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    assert pair.private_key.startswith("-----BEGIN PRIVATE KEY-----\n")
    certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
    certificate.verify_directly_issued_by(certificate)
    assert certificate.public_key() == private.public_key()
    assert certificate.subject.rfc4514_string() == "CN=ci"
    noon = datetime.fromtimestamp(NOON, UTC)
    assert certificate.not_valid_before_utc == noon - timedelta(minutes=10)
    assert certificate.not_valid_after_utc == noon + timedelta(days=30)
    assert ends(pair.certificate) == NOON + 30 * 86_400


def openssl(*words: str, text: str) -> str:
    """Return what openssl makes of a text."""
    return subprocess.run(
        ["openssl", *words], input=text, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is another judge's tool")
def test_openssl_reads_it(pair: KeyPair) -> None:
    """An outside judge: openssl verifies the certificate and finds the same public key in both."""
    certificate = openssl("x509", "-noout", "-subject", "-pubkey", text=pair.certificate)
    assert openssl("pkey", "-pubout", text=pair.private_key) in certificate
    assert "CN" in certificate.splitlines()[0]


def test_a_long_name_is_cut() -> None:
    """X.509 allows 64 characters (RFC 5280)."""
    certificate = x509.load_pem_x509_certificate(make("n" * 90, NOON, 1).certificate.encode())
    assert certificate.subject.rfc4514_string() == f"CN={'n' * 64}"


def test_no_secret_in_its_repr(pair: KeyPair) -> None:
    """The private half does not show."""
    assert "PRIVATE" not in repr(pair)


def test_the_same_key_in_another_certificate(pair: KeyPair) -> None:
    """A key is known by its public half, not by the certificate around it."""
    private = load_pem_private_key(pair.private_key.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other")])
    other = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        .sign(private, hashes.SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )
    assert public_half(other) == public_half(pair.certificate)
    assert public_half(make("ci", NOON, 30).certificate) != public_half(pair.certificate)


def test_what_is_no_certificate() -> None:
    """An answer that makes no sense has no public half and no end."""
    for text in ("", "PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        assert public_half(text) is None
        assert ends(text) is None


def test_only_the_certificate_is_read(pair: KeyPair) -> None:
    """A private key in the same file is not taken along."""
    both = (pair.private_key + pair.certificate).encode()
    assert key_pair.read_certificate(both, "both.pem") == pair.certificate


def test_other_keys_are_refused() -> None:
    """IAM's keys are RSA."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    for data in (certificate.public_bytes(Encoding.PEM), b"", b"\xff"):
        with pytest.raises(DataError, match=r"ec\.pem holds no X\.509 certificate of an RSA key"):
            key_pair.read_certificate(data, "ec.pem")
