"""Making the authority's key and certificates, in the profile of RFC 5280.

X509_V_FLAG_X509_STRICT, which Python 3.13 sets by default, holds certificates to that profile: key
identifiers, key usage, critical constraints. The only module here that imports cryptography, so an
emulator that finds its files imports it for TLS not at all.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gemauth.emulator.authority.names import LEAF_ADDRESSES, LEAF_NAMES, PERMITTED

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = ["DAYS", "KeyMismatchError", "new_certificate", "new_key", "new_leaf"]

DAYS = 30
"""How long a certificate of the authority is valid."""
_SKEW = timedelta(days=1)  # a client's clock may be behind this one


class KeyMismatchError(ValueError):
    """A key that is not the one of its certificate, or no key of the authority's kind."""


def new_key() -> str:
    """Return a new EC P-256 key, PKCS#8 PEM without a password."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def new_certificate(key_pem: str, now: float) -> str:
    """Return a certificate, PEM, that lets a key sign for the permitted names from now on.

    Its subject is the key's own, so that a later certificate of the same key takes its place: a
    leaf below either verifies with both.

    Raises:
        KeyMismatchError: the key is none that `new_key` made.
    """
    key = _key(key_pem)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"gemauth local CA {identifier.digest[:4].hex()}")
    permitted = [x509.DNSName(name) for name in PERMITTED]
    start = _moment(now)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _SKEW)
        .not_valid_after(start + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        # DNS subtrees only: BoringSSL refuses a chain with an IP subtree (pitfall 1).
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def new_leaf(key_pem: str, certificate_pem: str) -> str:
    """Return a new key and its certificate for all of the emulator's names, then the authority's.

    It is valid exactly as long as the authority's certificate is. That one is sent along so that
    a fingerprint of it can be pinned, as Chromium's `--ignore-certificate-errors-spki-list` does.

    Raises:
        KeyMismatchError: the key is not the certificate's.
    """
    key = _key(key_pem)
    authority = x509.load_pem_x509_certificate(certificate_pem.encode("ascii"))
    if authority.public_key() != key.public_key():
        raise KeyMismatchError("it is not the key of the certificate beside it")
    leaf = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in LEAF_NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in LEAF_ADDRESSES]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("gemauth emulator"))
        .issuer_name(authority.subject)
        .public_key(leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(authority.not_valid_before_utc)
        .not_valid_after(authority.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_identifier(leaf.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                _identifier(key.public_key())
            ),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    return _pem(leaf) + public + certificate_pem


def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode("utf-8"), password=None)
    except (ValueError, TypeError) as error:  # TypeError: it wants a password
        raise KeyMismatchError("it holds no private key in PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeyMismatchError("its key is not one of the curve P-256")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _identifier(key: CertificatePublicKeyTypes) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key)


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(int(now), UTC)


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
