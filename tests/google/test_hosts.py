from __future__ import annotations

import pytest

from gemauth.google.endpoints import GOOGLE
from gemauth.google.hosts import EMULATED, GOOGLES, METADATA, is_emulated, is_googles, serves


@pytest.mark.parametrize("host", [*EMULATED, *GOOGLES, "a.goog", "GOOGLE.com.", "x.y.gstatic.com"])
def test_googles(host: str) -> None:
    """Every emulated host and every domain, in any case, with a root's dot"""
    assert is_googles(host)


@pytest.mark.parametrize(
    "host", ["notgoogle.com", "google.com.example", "localhost", "127.0.0.1", "com", "", "."]
)
def test_others(host: str) -> None:
    """What only looks like it"""
    assert not is_googles(host)


def test_emulated() -> None:
    """A host is emulated or it is not; of Google's others it is known whose they are"""
    assert is_emulated("OAuth2.googleapis.com.")
    assert not is_emulated("us-central1-aiplatform.googleapis.com")
    assert set(EMULATED) >= METADATA


@pytest.mark.parametrize(
    ("host", "path", "served"),
    [
        ("oauth2.googleapis.com", "/token", True),
        ("oauth2.googleapis.com", "/v1/models", False),
        ("OAUTH2.googleapis.com", "/tokeninfo", True),
        ("oauth2.googleapis.com", "/token/more", False),
        ("generativelanguage.googleapis.com", "/v1beta/models", True),
        ("generativelanguage.googleapis.com", "/token", False),
        ("www.googleapis.com", "/userinfo/v2/me", True),
        ("www.googleapis.com", "/userinfo/v2/me/more", False),
        ("metadata.google.internal", "/", True),
        ("metadata.google.internal", "/token", False),
    ],
)
def test_the_right_path_on_the_wrong_host_is_not_served(
    host: str,
    path: str,
    served: bool,  # noqa: FBT001
) -> None:
    """One port has all paths, each host only its own"""
    assert serves(host, path) is served


def test_googles_own_addresses_are_served() -> None:
    """What our client calls at Google, it can call in a run"""
    for url in (GOOGLE.token, GOOGLE.revocation, GOOGLE.tokeninfo, GOOGLE.userinfo, GOOGLE.jwks):
        host, _, path = url.removeprefix("https://").partition("/")
        assert serves(host, f"/{path}"), url
