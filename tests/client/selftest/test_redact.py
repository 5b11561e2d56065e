from __future__ import annotations

import pytest

from gemauth.client.selftest.redact import Redactor
from gemauth.http import Headers, Response

REDACTOR = Redactor(["demo", "demo-project", None, "12345-x.apps.googleusercontent.com"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("project demo-project", "project [yours]"),
        ("Ask ada.b+c@example.com.", "Ask [masked]."),
        ("project 123456789", "project [masked]"),
        ("token ya29.a0_x-y and 1//0x", "token [masked] and [masked]"),
        ("aud 12345-x.apps.googleusercontent.com", "aud [yours]"),
        ("tunedModels/my-model is gone", "[masked] is gone"),
        ("HTTP 403", "HTTP 403"),
    ],
)
def test_texts(text: str, masked: str) -> None:
    """Whatever is the person's, or looks like anybody's, is masked; Google's words stay."""
    assert REDACTOR.text(text) == masked


def test_shapes() -> None:
    """Keys stay; a value only where its key holds Google's words; long lists of things are cut."""
    value = {
        "access_token": "ya29.secret",
        "expires_in": 3599,
        "id": 123456789,
        "ratio": 0.5,
        "email_verified": True,
        "error": {"message": "No demo.", "details": [{"links": [{"description": "Help"}]}]},
        "description": "my own words",
        "permissions": [{"role": "OWNER", "emailAddress": "ada@example.com"}],
        "models": [{"name": "models/x", "version": "001"}] * 5,
        "scopes_supported": ["a", "b", "c", "d"],
        "ada@example.com": None,
    }
    assert REDACTOR.shape(value) == {
        "access_token": "<11 characters>",
        "expires_in": 3599,
        "id": "<number>",
        "ratio": "<number>",
        "email_verified": True,
        "error": {"message": "No [yours].", "details": [{"links": [{"description": "Help"}]}]},
        "description": "<12 characters>",
        "permissions": [{"role": "OWNER", "emailAddress": "<15 characters>"}],
        "models": [{"name": "<8 characters>", "version": "001"}] * 3 + ["<2 more>"],
        "scopes_supported": ["a", "b", "c", "d"],
        "[masked]": None,
    }


def test_headers() -> None:
    """Names stay, and the values of those that tell nothing of anybody."""
    answer = Response(200, Headers({"Server": "ESF", "Set-Cookie": "secret"}))
    assert REDACTOR.headers(answer) == {"server": "ESF", "set-cookie": "<6 characters>"}
