from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from gemauth.client.connections.trust import BUNDLES, Trust, bundle

if TYPE_CHECKING:
    from pathlib import Path

Calls = list[str | None]


@pytest.fixture
def contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The folders that contexts were made with; None stands for the whole of the defaults."""
    calls: Calls = []
    real = ssl.create_default_context

    def made(*, capath: str | None = None, cafile: str | None = None) -> ssl.SSLContext:
        calls.append(capath or cafile)
        return real(cafile=None, capath=str(tmp_path))

    paths = ssl.get_default_verify_paths()._replace(capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(ssl, "create_default_context", made)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", *BUNDLES):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_a_folder_first(contexts: Calls, tmp_path: Path) -> None:
    """A folder of hashed names is looked in first; after a failure the defaults, once."""
    (tmp_path / "0a1b2c3d.0").touch()
    trust = Trust()
    first = trust.context
    assert trust.context is first
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname
    refused = ssl.SSLCertVerificationError()
    assert trust.widen(refused, first)
    assert trust.widen(refused, first)  # another thread's failure with the old one
    assert not trust.widen(refused, trust.context)
    assert contexts == [str(tmp_path), None]


def test_other_failures(contexts: Calls, tmp_path: Path) -> None:
    """A handshake that fails for another reason fails with more certificates too."""
    (tmp_path / "0a1b2c3d.0").touch()
    trust = Trust()
    assert not trust.widen(ssl.SSLEOFError(), trust.context)
    assert contexts == [str(tmp_path)]


@pytest.mark.parametrize("name", ["ca-certificates.crt", "0a1b2c3d.r0", "0a1b2c3d"])
def test_a_folder_without_hashed_names(name: str, contexts: Calls, tmp_path: Path) -> None:
    """What OpenSSL cannot look up by name is no folder to begin with."""
    (tmp_path / name).touch()
    assert isinstance(Trust().context, ssl.SSLContext)
    assert contexts == [None]


def test_no_folder(contexts: Calls, tmp_path: Path) -> None:
    """Nor is one that is not there."""
    tmp_path.rmdir()
    trust = Trust()
    assert isinstance(trust.context, ssl.SSLContext)
    assert contexts == [None]


def test_a_bundle_that_is_named(
    contexts: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE is meant: it is read at once."""
    (tmp_path / "0a1b2c3d.0").touch()
    monkeypatch.setenv("SSL_CERT_FILE", "bundle.pem")
    assert isinstance(Trust().context, ssl.SSLContext)
    assert contexts == [None]


def test_the_bundle_of_requests(
    contexts: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE goes before CURL_CA_BUNDLE, and both before the defaults' folder."""
    (tmp_path / "0a1b2c3d.0").touch()
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path))
    assert isinstance(Trust().context, ssl.SSLContext)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "bundle.pem")
    trust = Trust()
    assert not trust.widen(ssl.SSLCertVerificationError(), trust.context)
    assert contexts == [str(tmp_path), "bundle.pem"]


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_openssls_own_variables_go_first(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets them for gemauth means them."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "bundle.pem")
    assert bundle() == ("REQUESTS_CA_BUNDLE", "bundle.pem")
    monkeypatch.setenv(variable, "/certificates")
    assert bundle() is None
