from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gemauth.emulator.authority import minting
from tests.emulator.authority.handshake import shake, strict

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def key() -> str:
    """An authority's key."""
    return minting.new_key()


@pytest.fixture(scope="module")
def certificate(key: str) -> str:
    """Its certificate."""
    return minting.new_certificate(key, time.time())


def forged(key: str, certificate: str, name: str) -> str:
    """Return a leaf that the authority's own key has signed for any name at all."""
    authority = x509.load_pem_x509_certificate(certificate.encode())
    signer = serialization.load_pem_private_key(key.encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    own, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    private = own.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (private + leaf.public_bytes(serialization.Encoding.PEM)).decode()


class TestNameConstraints:
    """Whoever steals the key can vouch for nothing but Google's names and localhost."""

    OUTSIDE = ("bank.example.com", "googleapis.com.example.com", "notgoogle.com", "com")

    @pytest.mark.parametrize("name", OUTSIDE)
    def test_python_refuses(self, tmp_path: Path, key: str, certificate: str, name: str) -> None:
        """Python's TLS refuses another host's certificate that this authority has signed."""
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (tmp_path / "leaf.pem").write_text(forged(key, certificate, name))
        server.load_cert_chain(tmp_path / "leaf.pem")
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            shake(strict(certificate), server, name)

    def test_inside(self, tmp_path: Path, key: str, certificate: str) -> None:
        """The same forgery for a permitted name is believed: the refusals above are the names'."""
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (tmp_path / "leaf.pem").write_text(forged(key, certificate, "storage.googleapis.com"))
        server.load_cert_chain(tmp_path / "leaf.pem")
        shake(strict(certificate), server, "storage.googleapis.com")

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
    @pytest.mark.parametrize("name", OUTSIDE)
    def test_openssl_refuses(self, tmp_path: Path, key: str, certificate: str, name: str) -> None:
        """So does the openssl command."""
        (tmp_path / "leaf.pem").write_text(forged(key, certificate, name))
        (tmp_path / "ca.pem").write_text(certificate)
        done = subprocess.run(
            ["openssl", "verify", "-CAfile", tmp_path / "ca.pem", tmp_path / "leaf.pem"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "permitted subtree violation" in done.stderr

    def test_dns_only(self, certificate: str) -> None:
        """There is no subtree but of DNS names, which is all that BoringSSL reads."""
        parsed = x509.load_pem_x509_certificate(certificate.encode())
        found = parsed.extensions.get_extension_for_class(x509.NameConstraints)
        assert found.critical
        assert all(isinstance(name, x509.DNSName) for name in found.value.permitted_subtrees or ())
        assert found.value.excluded_subtrees is None

    def test_servers_only(self, certificate: str) -> None:
        """It may sign for TLS servers: no mail, no code, no authority below it."""
        extensions = x509.load_pem_x509_certificate(certificate.encode()).extensions
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        assert (basic.ca, basic.path_length) == (True, 0)


class TestKeys:
    def test_two_authorities(self) -> None:
        """Two authorities have different names, so that a store can hold both."""
        subjects = {
            x509.load_pem_x509_certificate(
                minting.new_certificate(minting.new_key(), time.time()).encode()
            ).subject
            for _ in range(2)
        }
        assert len(subjects) == 2

    def test_another_kind(self) -> None:
        """A key of another kind is refused."""
        rsa_key = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with pytest.raises(minting.KeyMismatchError, match="P-256"):
            minting.new_certificate(rsa_key.decode(), time.time())
