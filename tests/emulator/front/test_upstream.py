from __future__ import annotations

import pytest

from gemauth.emulator.front.connect import Target
from gemauth.emulator.front.upstream import Upstream, UpstreamUnusableError, upstream_of

TARGET = Target("db.example.com", 443)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("value", ["http://proxy:3128", "proxy:3128", "http://proxy:3128/"])
def test_found(name: str, value: str) -> None:
    """HTTPS_PROXY in either case, with a scheme or in curl's form without"""
    assert upstream_of({name: value}, TARGET) == Upstream("proxy", 3128)


def test_none() -> None:
    """Without the variable there is none; the port of a URL without one is 80"""
    assert upstream_of({}, TARGET) is None
    assert upstream_of({"HTTPS_PROXY": ""}, TARGET) is None
    assert upstream_of({"HTTPS_PROXY": "http://proxy"}, TARGET) == Upstream("proxy", 80)


@pytest.mark.parametrize(
    ("no_proxy", "bypassed"),
    [
        ("*", True),
        ("example.com", True),
        (".example.com", True),
        ("a, DB.example.com ,b", True),
        ("db.example.com:443", True),
        ("db.example.com:444", False),
        ("ample.com", False),
        ("", False),
    ],
)
def test_no_proxy(no_proxy: str, *, bypassed: bool) -> None:
    """NO_PROXY names hosts, with or without a port, and domains above them"""
    environ = {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": no_proxy}
    assert (upstream_of(environ, TARGET) is None) is bypassed


@pytest.mark.parametrize(
    "value",
    ["https://proxy:1", "socks5://proxy:1", "http://:1", "http://proxy:99999", "http://[::"],
)
def test_unusable(value: str) -> None:
    """Only http proxies are gone through; the value is not repeated: it may hold a password"""
    with pytest.raises(UpstreamUnusableError) as raised:
        upstream_of({"HTTPS_PROXY": value}, TARGET)
    assert str(raised.value) == ""


def test_a_password_is_sent_and_not_shown() -> None:
    """User and password of the URL, percent-decoded, become Basic authorization"""
    upstream = upstream_of({"HTTPS_PROXY": "http://ada:s%40crt@proxy:1"}, TARGET)
    assert upstream is not None
    assert upstream.request(TARGET) == (
        b"CONNECT db.example.com:443 HTTP/1.1\r\nHost: db.example.com:443\r\n"
        b"Proxy-Authorization: Basic YWRhOnNAY3J0\r\n\r\n"
    )
    assert "YWRh" not in repr(upstream)


def test_an_ipv6_target_has_brackets() -> None:
    """The request names it as a URL would"""
    asked = Upstream("proxy", 1).request(Target("2001:db8::1", 443))
    assert asked.startswith(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n")
