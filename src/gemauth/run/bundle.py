"""Which certificates a run's program trusts: the emulator's authority, and what the parent trusted.

The variables that name a bundle replace the system's, so its certificates go into the file too;
where none are found, the emulator's authority stands alone. Source: interception.md section 5,
google-oauth.md section 9.4.
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.run.environment import TRUST_STORE_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PLACES", "bundle", "system_bundle", "trust_store"]

# A company's own authorities are in the files that these name, for programs behind its proxy.
_NAMED = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine, BSD
    "/usr/local/share/certs/ca-root-nss.crt",  # FreeBSD
)
"""Where systems keep their bundle, when Python's OpenSSL was built to look elsewhere."""


def system_bundle(environ: Mapping[str, str], places: Sequence[str] | None = None) -> Path | None:
    """Return the file of certificates that the parent trusts: its own choice, or the system's."""
    if places is None:
        built_in = ssl.get_default_verify_paths().cafile
        places = (built_in, *PLACES) if built_in else PLACES
    named = [environ[name] for name in _NAMED if environ.get(name)]
    return next((path for path in map(Path, (*named, *places)) if path.is_file()), None)


def bundle(authority: str, system: str | None) -> str:
    """Return one PEM file's text; ours stands first."""
    return authority if system is None else f"{authority.rstrip()}\n{system}"


def trust_store(pem: str) -> bytes:
    """Return a bundle as Java reads one: PKCS #12, every certificate marked as trusted.

    A certificate that cannot be read is left out: system bundles hold old ones.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import (
        PKCS12Certificate,
        serialize_java_truststore,
    )

    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    certificates = []
    with warnings.catch_warnings(action="ignore"):  # of serial numbers that were never allowed
        for number, part in enumerate(pem.split(begin)[1:]):
            one = f"{begin}{part.partition(end)[0]}{end}".encode()
            with contextlib.suppress(ValueError):
                loaded = x509.load_pem_x509_certificate(one)
                certificates.append(PKCS12Certificate(loaded, f"ca-{number}".encode()))
    encryption = BestAvailableEncryption(TRUST_STORE_PASSWORD.encode())
    return serialize_java_truststore(certificates, encryption)
