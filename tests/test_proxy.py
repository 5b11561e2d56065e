from __future__ import annotations

import pytest

from gemauth.proxy import https_proxy

HOST = ("oauth2.googleapis.com:443", "oauth2.googleapis.com")


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": "http://b:1"}, "http://b:1"),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "x, .GoogleAPIs.com"}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "oauth2.googleapis.com:443"}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "apis.com"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "*", "no_proxy": "x"}, "http://a:1"),
        ({"HTTP_PROXY": "http://a:1", "ALL_PROXY": "http://a:1"}, None),
    ],
)
def test_what_the_variables_say(environ: dict[str, str], proxy: str | None) -> None:
    """Lower case goes first; NO_PROXY names hosts, with a port or without, domains, or all."""
    assert https_proxy(environ, *HOST) == proxy
