from __future__ import annotations

import pytest

from gemauth.errors import UsageError
from gemauth.google import scopes


def test_the_default_is_the_quickstarts() -> None:
    """cloud-platform alone is refused by the Gemini API (gemini-api.md section 0, fact 1)."""
    assert scopes.DEFAULT == (scopes.CLOUD_PLATFORM, scopes.TUNING, scopes.RETRIEVER)
    assert scopes.CLOUD_PLATFORM not in scopes.ANY_GEMINI


def test_short_names() -> None:
    """Short and full names, each scope once, in their first order."""
    assert scopes.expand(["tuning", "cloud-platform", scopes.TUNING, "openid", "email"]) == (
        scopes.TUNING,
        scopes.CLOUD_PLATFORM,
        scopes.OPENID,
        scopes.EMAIL,
    )


@pytest.mark.parametrize("scope", sorted(scopes.KNOWN))
def test_every_scope_has_a_name_and_a_description(scope: str) -> None:
    """Its short form leads back to it."""
    assert scopes.expand([scopes.short(scope)]) == (scope,)
    assert scopes.DESCRIPTIONS[scope]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "everything",
        "http://x",
        "Tuning",
        "tuning ",
        "https://",
        "https://a b",
        "https://a\n",
        "https://\ud800",
    ],
)
def test_unknown_names(name: str) -> None:
    """Named, with those there are."""
    with pytest.raises(UsageError, match="no scope") as caught:
        scopes.expand([name])
    assert "cloud-platform" in (caught.value.next_step or "")


def test_other_services_scopes_pass() -> None:
    """A full URL is taken as it is."""
    url = "https://www.googleapis.com/auth/drive"
    assert scopes.expand([url]) == (url,)
    assert scopes.short(url) == "drive"
    assert scopes.short("https://mail.google.com/") == "https://mail.google.com/"


def test_canonical_names() -> None:
    """Google answers the OpenID names as URLs (google-oauth.md section 0.5)."""
    assert scopes.canonical(["openid", "email", "profile", scopes.EMAIL]) == (
        scopes.OPENID,
        scopes.EMAIL,
        scopes.PROFILE,
    )


@pytest.mark.parametrize(
    "names", ["tuning,email", "tuning, email", "tuning email", ",tuning,,email"]
)
def test_one_string(names: str) -> None:
    """A string is a list of names, as on a command line and on the wire, never of its letters."""
    assert scopes.expand(names) == (scopes.TUNING, scopes.EMAIL)


@pytest.mark.parametrize(
    "scope", [*sorted(scopes.KNOWN), "https://mail.google.com/", f"{scopes.PREFIX}drive"]
)
def test_what_is_typed_is_understood(scope: str) -> None:
    """What a command that we print names is that very scope to whoever runs it."""
    assert scopes.expand([scopes.typed(scope)]) == (scope,)
