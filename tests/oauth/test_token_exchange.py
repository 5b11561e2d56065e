from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.http import form, parse_form
from gemauth.oauth.token_exchange import (
    ACCESS_TOKEN,
    JWT,
    TokenExchange,
    TokenExchangeResponse,
)
from tests.oauth.strategies import MAYBE, SCOPES, SECONDS, TEXT

REQUESTS = st.builds(
    TokenExchange,
    subject_token=MAYBE,
    subject_token_type=MAYBE,
    audience=MAYBE,
    requested_token_type=MAYBE,
    scopes=SCOPES,
    actor_token=MAYBE,
    actor_token_type=MAYBE,
    options=MAYBE,
)


@given(REQUESTS)
def test_a_request_reads_back(request: TokenExchange) -> None:
    """Whatever a client sends, as a form or as JSON, the server reads"""
    assert TokenExchange.from_form(parse_form(form(request.to_form()))) == request
    assert TokenExchange.from_json(request.to_json()) == request
    assert TokenExchange.from_json(request.to_form()) == request


@given(st.builds(TokenExchangeResponse, TEXT, SECONDS, TEXT, TEXT))
def test_an_answer_reads_back(answer: TokenExchangeResponse) -> None:
    """Whatever the server answers, the client reads"""
    assert TokenExchangeResponse.from_json(answer.to_json()) == answer


def test_names() -> None:
    """A form has RFC 8693's names, JSON has them in camelCase"""
    request = TokenExchange("t", JWT, "a", ACCESS_TOKEN, ("s1", "s2"))
    grant_type = "urn:ietf:params:oauth:grant-type:token-exchange"
    assert request.to_form() == {
        "grant_type": grant_type,
        "subject_token": "t",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "audience": "a",
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "s1 s2",
    }
    assert set(request.to_json()) == {
        "grantType",
        "subjectToken",
        "subjectTokenType",
        "audience",
        "requestedTokenType",
        "scope",
    }


def test_json_members_are_texts() -> None:
    """A member of another type is named"""
    with pytest.raises(ValueError, match="subject_token"):
        TokenExchange.from_json({"subjectToken": {"a": 1}})


@pytest.mark.parametrize(
    "body",
    [{}, {"access_token": ""}, {"access_token": 1}, {"access_token": "t", "expires_in": "soon"}],
)
def test_answers_out_of_form(body: dict[str, Any]) -> None:
    """An answer has an access token, and seconds that are a number"""
    with pytest.raises(ValueError):
        TokenExchangeResponse.from_json(body)


def test_secrets_are_not_shown() -> None:
    """Neither message shows a token"""
    assert "geheim" not in repr(TokenExchange("geheim", JWT, actor_token="geheim"))
    assert "geheim" not in repr(TokenExchangeResponse("geheim", 1))
