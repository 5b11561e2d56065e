from __future__ import annotations

import pytest

from gemauth.client.flows.revocation import end_grant
from gemauth.errors import CredentialError, RefusedError, UnreachableError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Response
from tests.client.transcript import EMULATOR, answer, form_of, play, sent


def test_the_token_is_in_the_body() -> None:
    """Never in the URL, though Google would take it there (RFC 7009 section 2.1)."""

    def check(step: Send) -> Response:
        assert sent(step).url == GOOGLE.revocation
        assert form_of(step) == {"token": "1//0real"}
        return Response(200, body=b"{}")

    assert play(end_grant("1//0real", GOOGLE), (Send, check)) is True


def test_a_dead_token_is_no_failure() -> None:
    """Google answers 400 invalid_token for a grant that was over before."""
    assert play(end_grant("1//0", GOOGLE), (Send, answer(400, error="invalid_token"))) is False


@pytest.mark.parametrize("body", [b"", b'{"error": "server_error"}', b"<html>"])
def test_another_answer_is_a_refusal(body: bytes) -> None:
    """The token is not in the error."""
    with pytest.raises(RefusedError, match="HTTP 503") as caught:
        play(end_grant("1//0secret", GOOGLE), (Send, Response(503, body=body)))
    assert "1//0secret" not in str(caught.value)


def test_an_unreachable_server() -> None:
    """The transport's error comes through."""
    with pytest.raises(UnreachableError):
        play(end_grant("1//0", GOOGLE), (Send, UnreachableError("down")))


def test_nothing_crosses_the_wall() -> None:
    """A token goes to the side that made it, or nowhere."""
    with pytest.raises(CredentialError):
        play(end_grant("1//emu-x", GOOGLE))
    with pytest.raises(CredentialError):
        play(end_grant("1//0real", EMULATOR))
