from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from gemauth.emulator.authority import Authority
from gemauth.run.bundle import PLACES, bundle, system_bundle, trust_store
from gemauth.run.environment import TRUST_STORE_PASSWORD

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def certificate() -> str:
    """An authority's certificate."""
    return Authority().certificate_pem


def test_the_systems_bundle_is_found_where_systems_keep_it(tmp_path: Path) -> None:
    """The first place that has a file counts; where none has, there is none"""
    there = tmp_path / "ca.pem"
    there.touch()
    places = [str(tmp_path / "absent"), str(tmp_path), str(there)]
    assert system_bundle({}, places) == there
    assert system_bundle({}, places[:2]) is None
    assert all(place.startswith("/") for place in PLACES)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_parents_own_choice_comes_first(tmp_path: Path, name: str) -> None:
    """A company's authorities stay trusted; a choice that leads nowhere is passed over"""
    own, system = tmp_path / "corp.pem", tmp_path / "system.pem"
    own.touch()
    system.touch()
    assert system_bundle({name: str(own)}, [str(system)]) == own
    assert system_bundle({name: str(tmp_path / "gone")}, [str(system)]) == system


def test_ours_stands_alone_where_the_system_has_none() -> None:
    """A bundle is our certificate and then the system's"""
    assert bundle("ours\n", None) == "ours\n"
    assert bundle("ours\n", "theirs\n") == "ours\ntheirs\n"


def test_the_trust_store_holds_certificates_alone(certificate: str) -> None:
    """No key is in Java's trust store, and the authority is"""
    kept = pkcs12.load_pkcs12(trust_store(certificate), TRUST_STORE_PASSWORD.encode())
    assert kept.key is None
    assert [entry.certificate for entry in kept.additional_certs] == [
        x509.load_pem_x509_certificate(certificate.encode())
    ]


def test_java_reads_the_trust_store(certificate: str, tmp_path: Path) -> None:
    """Keytool lists each certificate as trusted; what is no certificate is left out"""
    if shutil.which("keytool") is None:
        pytest.skip("no Java")
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    store = tmp_path / "truststore.p12"
    store.write_bytes(trust_store(bundle(certificate, broken + "# a comment\n")))
    listed = subprocess.run(
        ["keytool", "-list", "-keystore", store, "-storepass", TRUST_STORE_PASSWORD],
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.count("trustedCertEntry") == 1
