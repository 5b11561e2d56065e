from __future__ import annotations

import json

import pytest

import gemauth
from gemauth.client.sdk.credential_helper import question


@pytest.mark.parametrize(
    ("text", "docker", "googles"),
    [
        ("protocol=https\nhost=source.developers.google.com\n\n", False, True),
        ("capability[]=authtype\nprotocol=https\nhost=a.googlesource.com:443\n", False, True),
        ("protocol=http\nhost=a.googlesource.com\n", False, False),
        ("protocol=https\nhost=github.com\n", False, False),
        ("protocol=https\nhost=evilgooglesource.com\n", False, False),
        ("protocol=https\nhost=us-docker.pkg.dev\n", False, False),
        # https://ada%20host=a.googlesource.com@evil.example/, as git hands it on
        ("protocol=https\nhost=evil.example\nusername=ada host=a.googlesource.com\n", False, False),
        ("protocol=https\nhost=evil.example\npath=\x0bhost=a.googlesource.com\n", False, False),
        ('protocol=https\nhost=a.googlesource.com\nwwwauth[]=Basic realm="a b"\n', False, True),
        ("us-docker.pkg.dev", True, True),
        ("https://gcr.io\n", True, True),
        ("https://eu.gcr.io/v2/", True, True),
        ("http://gcr.io", True, False),
        ("https://gcr.io@evil.example", True, False),
        ("https://evil.example\\@gcr.io", True, False),
        ("https://[::1", True, False),
        ("registry.example", True, False),
    ],
)
def test_whose_host(text: str, docker: bool, googles: bool) -> None:  # noqa: FBT001  # a table
    """Tokens are for Google's hosts, over TLS, and for no other."""
    asked = question(text)
    assert (asked.docker, asked.is_googles) == (docker, googles)


def test_answers() -> None:
    """Each in its own form."""
    assert question("protocol=https\nhost=a.googlesource.com").answer("ya29.x") == (
        "username=oauth2accesstoken\npassword=ya29.x\n"
    )
    assert json.loads(question("gcr.io").answer("ya29.x")) == {
        "ServerURL": "gcr.io",
        "Username": "oauth2accesstoken",
        "Secret": "ya29.x",
    }


@pytest.mark.parametrize("text", ["", "two words", "a=b\nc"])
def test_neither(text: str) -> None:
    """Anything else is told, and answered with nothing."""
    with pytest.raises(gemauth.GemauthError, match="neither"):
        question(text)
