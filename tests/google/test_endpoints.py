from __future__ import annotations

from dataclasses import fields

import pytest

from gemauth.errors import UsageError
from gemauth.google.endpoints import GOOGLE, at, emulator, loopback_base


def test_google_is_https_throughout() -> None:
    """Every address of Google's is TLS, on Google's own domains."""
    for field in fields(GOOGLE):
        url = getattr(GOOGLE, field.name)
        if field.name != "control":
            assert url.startswith("https://")
            host = url.split("/")[2]
            assert host.endswith((".googleapis.com", ".google.com"))
    assert not GOOGLE.is_emulator


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:8085",
        "http://127.0.0.1:8085/",
        "http://127.0.0.1:8085/anything?x",
        "http://localhost:1",
        "http://[::1]:8085",
    ],
)
def test_an_emulator(base: str) -> None:
    """All of it is below one address; its issuer is Google's, which verifiers insist on."""
    found = emulator(base)
    root = "/".join(base.split("/")[:3])
    assert found.is_emulator
    assert found.issuer == GOOGLE.issuer
    for field in fields(found):
        if field.name != "issuer":
            assert f"{getattr(found, field.name)}/".startswith(f"{root}/")
    assert not found.gemini.endswith("/")


@pytest.mark.parametrize(
    "base",
    [
        "",
        "127.0.0.1:8085",
        "https://127.0.0.1:8085",
        "http://emulator.example:8085",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://user:pw@127.0.0.1:8085",
        "http://0.0.0.0:8085",
        "http://192.168.1.2:8085",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://[::1",
    ],
)
def test_what_is_no_emulator(base: str) -> None:
    """Only plain http on this machine: tokens would travel in the clear."""
    with pytest.raises(UsageError, match="not an emulator"):
        emulator(base)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8085/token", "http://127.0.0.1:8085"),
        ("http://localhost:1/x", "http://localhost:1"),
        ("http://[::1]:8085/token", "http://[::1]:8085"),
        ("https://127.0.0.1:8085/token", None),
        ("http://127.0.0.1:8085@evil.example/token", None),
        ("http://user@127.0.0.1/", None),
        ("http://127.0.0.2/", None),
        ("token", None),
    ],
)
def test_an_emulators_base(url: str, base: str | None) -> None:
    """Plain http on a loopback name, and nothing that only looks like it."""
    assert loopback_base(url) == base


def test_whom_a_base_calls() -> None:
    """A loopback base is an emulator's; one of Google's names, behind a proxy, is Google."""
    assert at("http://localhost:8085") == emulator("http://localhost:8085")
    assert at("https://iam.googleapis.com") == GOOGLE
    assert at("https://accounts.google.com:443") == GOOGLE
