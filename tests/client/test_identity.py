from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.identity import IdentitySource, IdentityToken, identity, required
from gemauth.client.sources.cached import Remembered
from gemauth.client.token import AccessToken
from gemauth.errors import UnreachableError, UsageError
from gemauth.flow import Flow, Now
from gemauth.oauth import base64url, jwt
from tests.client.transcript import NOON, play

if TYPE_CHECKING:
    from gemauth.client.token import TokenSource

URL = "https://tool.example.com"


def id_token(audience: object = URL, **claims: Any) -> str:
    """Return an ID token; nobody checks its signature."""
    told = {"aud": audience, "exp": int(NOON) + 3600, "sub": "117", **claims}
    return jwt.encode(told, lambda _: b"signature")


def test_what_it_says() -> None:
    """Audience, end, subject and address are read; the text of the token is in no repr."""
    text = id_token(email="robot@x")
    token = IdentityToken.read(text, URL)
    assert token == IdentityToken(text, URL, NOON + 3600, "117", "robot@x")
    assert text not in repr(token)
    bare = IdentityToken.read(id_token(sub=None, email=["robot@x"]), URL)
    assert (bare.subject, bare.email) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", 17, "ya29.a0", "a.b.c"),
        id_token(exp=None),
        id_token(exp="soon"),
        id_token(exp=10**400),
        f"{base64url.encode(json.dumps({'alg': 'RS256'}).encode())}.W10.AA",
    ],
)
def test_no_id_token(value: object) -> None:
    """What is none, or has no end, is no answer; it is not repeated."""
    with pytest.raises(UnreachableError, match="without an ID token") as caught:
        IdentityToken.read(value, URL)
    assert not value or str(value) not in str(caught.value)


@pytest.mark.parametrize("audience", ["https://evil.example", [URL], None])
def test_an_id_token_for_somebody_else(audience: object) -> None:
    """One that the audience would refuse is not handed out."""
    with pytest.raises(UnreachableError, match=f"not for {URL}"):
        IdentityToken.read(id_token(audience), URL)


class Plain:
    """Yields access tokens, and knows nothing else."""

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return one."""
        now: float = yield Now()
        return AccessToken("x", now)


class Identified(Plain):
    """Has ID tokens too."""

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return one for the audience."""
        now: float = yield Now()
        return IdentityToken("x", required(audience), now, email="a@x" if include_email else None)


@pytest.mark.parametrize("wrap", [lambda source: source, Remembered])
def test_a_source_is_asked(wrap: Any) -> None:
    """Through a cache too, which keeps none; a source without ID tokens says what has them."""
    source: TokenSource = wrap(Identified())
    assert isinstance(source, IdentitySource)
    asked = identity(source, URL, include_email=True)
    assert play(asked) == IdentityToken("x", URL, NOON, email="a@x")
    assert play(identity(source, URL)).email is None
    with pytest.raises(UsageError, match="no ID tokens") as caught:
        play(identity(wrap(Plain()), URL))
    assert "--impersonate-service-account" in (caught.value.next_step or "")


@pytest.mark.parametrize("audience", [None, ""])
def test_an_audience_is_needed(audience: str | None) -> None:
    """A service account's ID token is for somebody."""
    assert required(URL) == URL
    with pytest.raises(UsageError, match="audience is missing"):
        required(audience)
