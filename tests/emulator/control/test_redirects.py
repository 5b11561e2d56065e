from __future__ import annotations

import pytest

from gemauth.emulator.control.redirects import problem_of


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback",
        "https://app.example.com:8443/",
        "https://example.com?x=1",
        "http://localhost",
        "http://localhost:3000/cb",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/",
        "https://localhost/",
    ],
)
def test_what_may_be_registered(uri: str) -> None:
    """Https on public domains, and http on this machine"""
    assert problem_of(uri) is None


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("http://app.example.com/", "https"),
        ("https://app.example.com/#x", "fragment"),
        ("https://app.example.com/#", "fragment"),
        ("https://*.example.com/", "wildcard"),
        ("https://u:p@example.com/", "user name"),
        ("https://203.0.113.7/", "IP address"),
        ("https://[2001:db8::1]/", "IP address"),
        ("https://intranet/", "public domain"),
        ("https://printer.local/", "public domain"),
        ("https://app.test/", "public domain"),
        ("https://0x7f.1/", "public domain"),
        (f"https://{'a' * 300_000}-/", "public domain"),
        ("https://example.com;script-src/", "public domain"),
        ("https://'self'.com/", "public domain"),
        ("https://example.com./", "public domain"),
        ("https://example.com/../x", "go up"),
        ("https://example.com/\\x", "go up"),
        ("https://exämple.com/", "ASCII"),
        ("https://example.com/a b", "ASCII"),
        ("com.example.app:/cb", "absolute"),
        ("urn:ietf:wg:oauth:2.0:oob", "absolute"),
        ("/callback", "absolute"),
        ("https://", "absolute"),
        ("https://example.com:99999/", "no URL"),
        ("https://[::1/", "no URL"),
    ],
)
def test_what_may_not(uri: str, problem: str) -> None:
    """Each rule of google-oauth.md section 1.2 has its own words"""
    assert problem in (problem_of(uri) or "")
