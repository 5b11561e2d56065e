from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.sources.metadata import Metadata, host, is_there
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.flow import Send
from gemauth.http import Headers, Response
from tests.client.test_identity import URL, id_token
from tests.client.transcript import NOON, Sender, answer, play, sent, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOGLES = Response(200, Headers({"Metadata-Flavor": "Google"}))


@pytest.mark.parametrize(
    ("environ", "probed", "seconds"),
    [
        ({}, "http://169.254.169.254/", 3.0),
        ({"GCE_METADATA_HOST": "127.0.0.1:1"}, "http://127.0.0.1:1/", 3.0),
        ({"GCE_METADATA_ROOT": "127.0.0.1:1"}, "http://127.0.0.1:1/", 3.0),
        ({"GCE_METADATA_HOST": "x", "GCE_METADATA_IP": "127.0.0.1:2"}, "http://127.0.0.1:2/", 3.0),
        ({"GCE_METADATA_TIMEOUT": "0.5"}, "http://169.254.169.254/", 0.5),
        ({"GCE_METADATA_TIMEOUT": "soon"}, "http://169.254.169.254/", 3.0),
    ],
)
def test_the_probe(environ: Mapping[str, str], probed: str, seconds: float) -> None:
    """One GET with the flavour header, at the address that the variables name."""
    sender = Sender(GOOGLES)
    assert is_there(environ, sender)
    assert sender.requests[0].url == probed
    assert sender.requests[0].headers["metadata-flavor"] == "Google"
    assert sender.timeouts == [seconds]


@pytest.mark.parametrize(
    "reply",
    [
        Response(200),
        Response(404, Headers({"Metadata-Flavor": "Google"})),
        Response(200, Headers({"Metadata-Flavor": "Other"})),
        UnreachableError("no route"),
    ],
)
def test_something_else_there(reply: Response | Exception) -> None:
    """Only 200 with Google's flavour is a metadata server; anything may answer on that address."""
    assert not is_there({}, Sender(reply))


def test_a_token() -> None:
    """Asked for with the scopes; its end is counted from the request."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert request.url == (
            "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/"
            "token?scopes=a%2Cb"
        )
        assert request.headers["Metadata-Flavor"] == "Google"
        return tokens(access_token="ya29.c.x", expires_in=3000)

    token = play(Metadata(host({}), ("a", "b")).token(), (Send, check))
    assert (token.value, token.expires_at) == ("ya29.c.x", NOON + 3000)


def test_a_machine_without_a_service_account() -> None:
    """The refusal says what to attach."""
    with pytest.raises(CredentialError, match="HTTP 404") as caught:
        play(Metadata("x", ("a",)).token(), (Send, answer(404)))
    assert "service account" in (caught.value.next_step or "")


def test_an_id_token() -> None:
    """A full one, as google-auth asks for; the answer is the token as plain text."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert request.url == (
            "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/"
            "identity?audience=https%3A%2F%2Ftool.example.com&format=full"
        )
        assert request.headers["Metadata-Flavor"] == "Google"
        return Response(200, Headers(), id_token(email="vm@x").encode())

    token = play(Metadata(host({}), ("a",)).identity(URL), (Send, check))
    assert (token.value, token.email) == (id_token(email="vm@x"), "vm@x")
    with pytest.raises(UsageError, match="audience is missing"):
        play(Metadata("x", ()).identity(None))


def test_a_machine_without_an_identity() -> None:
    """The refusal says what to attach, and an answer of something else is none."""
    with pytest.raises(CredentialError, match="HTTP 404") as caught:
        play(Metadata("x", ("a",)).identity(URL), (Send, answer(404)))
    assert "service account" in (caught.value.next_step or "")
    with pytest.raises(UnreachableError, match="without an ID token"):
        play(Metadata("x", ()).identity(URL), (Send, Response(200, Headers(), b"<html>")))
