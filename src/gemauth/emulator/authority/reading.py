"""What an authority's certificate says, read with the standard library alone.

Read by `authority.py`, by the control room and by `gemauth.run`, which has only the PEM.
"""

from __future__ import annotations

import base64
import hashlib
import ssl

__all__ = ["fingerprint", "spki_sha256", "validity"]

# A P-256 key's SubjectPublicKeyInfo up to the point's coordinates (RFC 5480 section 2), which
# are 64 bytes; the authority's key is always of this kind.
_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_COORDINATES = 64


def validity(certificate_pem: str) -> tuple[float, float]:
    """Return from when to when an authority's certificate is valid, in seconds since the epoch.

    Raises:
        ValueError: the text is not the certificate of one authority.
    """
    store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        store.load_verify_locations(cadata=certificate_pem)
    except ssl.SSLError as error:
        raise ValueError("it holds no certificate in PEM") from error
    found = store.get_ca_certs()
    if len(found) != 1:
        raise ValueError("it does not hold one authority's certificate")
    ends = found[0]
    return (
        ssl.cert_time_to_seconds(str(ends["notBefore"])),
        ssl.cert_time_to_seconds(str(ends["notAfter"])),
    )


def fingerprint(certificate_pem: str) -> str:
    """Return a certificate's SHA-256 as browsers and openssl show it: `AB:CD:…`."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate_pem)).digest().hex(":").upper()


def spki_sha256(certificate_pem: str) -> str:
    """Return the SHA-256 of the authority's public key, base64, as Chromium's flags take it."""
    der = ssl.PEM_cert_to_DER_cert(certificate_pem)
    start = der.index(_P256)
    key = der[start : start + len(_P256) + _COORDINATES]
    return base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")
