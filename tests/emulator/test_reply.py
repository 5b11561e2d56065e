from __future__ import annotations

import pytest
from starlette.requests import Request

from gemauth.emulator.reply import base_url, html_reply, takes_errors


def request(scheme: str, host: str) -> Request:
    """Return a request for a host."""
    headers = [(b"host", host.encode())]
    return Request(
        {"type": "http", "scheme": scheme, "headers": headers, "path": "/", "query_string": b""}
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1:8085", "localhost:1", "localhost", "[::1]:8085"])
def test_on_loopback_addresses_are_plain_http(scheme: str, host: str) -> None:
    """What was called by TLS on loopback is named without it: the same port, and no trust needed"""
    assert base_url(request(scheme, host)) == f"http://{host}"


@pytest.mark.parametrize("host", ["iam.googleapis.com", "oauth2.googleapis.com:443"])
def test_googles_names_stay(host: str) -> None:
    """Behind the proxy the caller used a name of Google's, by TLS"""
    assert base_url(request("https", host)) == f"https://{host}"


def test_a_page_says_whose_it_is() -> None:
    """The short pages of a wrong path name the emulator"""
    page = html_reply("No.", 404, {"X-Kept": "1"})
    assert page.status_code == 404
    assert page.media_type == "text/html"
    assert page.headers["x-kept"] == "1"
    assert b"gemauth emulator" in page.body


@pytest.mark.parametrize(
    ("client", "error_format", "expected"),
    [
        ("gdcl/2.202.0 gl-python/3.11.7 cred-type/u", None, True),
        ("gl-python/3.11.7 gdcl/2.202.0", "", True),
        ("genai-py/0.8.6 gl-python/3.11.7", None, False),
        ("genai-py/0.8.6", "1", True),
        ("gdcl/2.202.0", "2", False),
        ("", None, False),
    ],
)
def test_who_gets_the_older_errors(client: str, error_format: str | None, expected: bool) -> None:  # noqa: FBT001
    """google-api-python-client does, and whoever asks with `$.xgafv=1`, which has the last word."""
    assert takes_errors({"x-goog-api-client": client}, error_format) is expected
