from __future__ import annotations

import subprocess
import sys

import msgspec.json
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import Fault, UnreachableError
from gemauth.http import (
    FORM,
    JSON,
    Headers,
    Request,
    Response,
    form,
    https_proxy,
    media_type,
    parse_form,
    without_query,
)

NAMES = st.text("abcdefXYZ-", min_size=1)


class TestHeaders:
    @given(st.dictionaries(NAMES.map(str.lower), st.text()))
    def test_names_ignore_case(self, fields: dict[str, str]) -> None:
        """RFC 9110 section 5.1: any spelling of a name finds its value."""
        headers = Headers(fields)
        assert dict(headers) == fields
        assert len(headers) == len(fields)
        for name, value in fields.items():
            assert headers[name.upper()] == value
            assert name.upper() in headers

    def test_a_repeated_name_keeps_its_last_value(self) -> None:
        """Also when it is spelled differently."""
        assert Headers([("A", "1"), ("a", "2")])["A"] == "2"

    def test_absent(self) -> None:
        """As in any mapping."""
        assert Headers().get("x") is None
        with pytest.raises(KeyError):
            Headers()["x"]

    def test_values_are_not_shown(self) -> None:
        """Authorization is among them."""
        assert repr(Headers({"Authorization": "Bearer ya29.x"})) == "Headers(authorization)"


class TestRequest:
    def test_headers_are_added(self) -> None:
        """The rest stays; a header of the same name is replaced."""
        first = Request("GET", "https://x/", Headers({"a": "1", "b": "1"}), b"body")
        second = first.with_headers({"B": "2", "c": "3"})
        assert dict(second.headers) == {"a": "1", "b": "2", "c": "3"}
        assert (second.method, second.url, second.body) == ("GET", "https://x/", b"body")

    def test_secrets_are_not_shown(self) -> None:
        """Neither query nor userinfo nor body is in repr."""
        request = Request("POST", "https://u:pw@x/token?code=4/0A#f", body=b"secret")
        assert repr(request) == "Request(POST https://x/token, 6 bytes)"

    @given(st.text())
    def test_any_url_can_be_shown(self, url: str) -> None:
        """An address that is none does not break an error's text."""
        assert "?" not in without_query(f"{url}?secret").removesuffix("?")

    def test_an_address_that_is_none(self) -> None:
        """Said instead of shown."""
        assert without_query("http://[::1") == "(no URL)"


class TestResponse:
    @pytest.mark.parametrize(
        ("status", "ok"), [(199, False), (200, True), (204, True), (299, True), (300, False)]
    )
    def test_ok(self, status: int, *, ok: bool) -> None:
        """2xx is a success."""
        assert Response(status).ok is ok

    def test_json(self) -> None:
        """The body's object."""
        assert Response(200, body=b'{"a": [1]}').json() == {"a": [1]}

    @pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000])
    def test_a_body_that_is_no_object(self, body: bytes) -> None:
        """Evidence only of a failure: a success may hold a token."""
        with pytest.raises(UnreachableError) as caught:
            Response(500, body=body).json()
        assert caught.value.fault is Fault.SERVER
        assert caught.value.evidence == body[:200].decode("utf-8", "replace")
        with pytest.raises(UnreachableError) as caught:
            Response(200, body=body).json()
        assert caught.value.evidence is None

    def test_the_body_is_not_shown(self) -> None:
        """Tokens are in it."""
        assert repr(Response(200, body=b"secret")) == "Response(200, 6 bytes)"


class TestForm:
    @given(st.dictionaries(st.text(min_size=1), st.text()))
    def test_both_directions(self, fields: dict[str, str]) -> None:
        """Whatever is written is read back, as bytes and as text (RFC 6749 appendix B)."""
        body = form(fields)
        assert parse_form(body) == fields
        assert parse_form(body.decode()) == fields

    def test_the_first_of_a_repeated_name(self) -> None:
        """A second value never takes the place of the first."""
        assert parse_form("a=1&a=2&b=") == {"a": "1", "b": ""}

    @given(st.binary())
    def test_any_body_is_a_form(self, body: bytes) -> None:
        """Garbage gives some fields or none, never an exception."""
        parse_form(body)


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "upper"}, "upper"),
        ({"HTTPS_PROXY": "upper", "https_proxy": "lower"}, "lower"),
        ({"HTTPS_PROXY": "upper", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "upper", "NO_PROXY": "a, .Example.com"}, None),
        ({"HTTPS_PROXY": "upper", "NO_PROXY": "db.example.com:443"}, None),
        ({"HTTPS_PROXY": "upper", "NO_PROXY": "db.example.com:444,ample.com"}, "upper"),
        ({"HTTPS_PROXY": "upper", "NO_PROXY": "*", "no_proxy": "other"}, "upper"),
    ],
)
def test_https_proxy(environ: dict[str, str], proxy: str | None) -> None:
    """The lower case comes first; NO_PROXY names a host, a domain above it, or everything"""
    assert https_proxy(environ, "db.example.com", "db.example.com:443") == proxy


@pytest.mark.parametrize(
    ("value", "expected"),
    [("Application/JSON; charset=utf-8", JSON), (" text/plain ", "text/plain"), ("", "")],
)
def test_media_type(value: str, expected: str) -> None:
    """Letters and parameters of a media type make no difference"""
    assert media_type(Headers({"Content-Type": value}), FORM) == expected


def test_no_media_type() -> None:
    """Where a message names none, the caller says what that means"""
    assert (media_type(Headers()), media_type(Headers(), FORM)) == ("", FORM)


LONG = b'{"a": [1, "\xc3\xa9", 1.5, null, "\\ud83d\\ude00"]}'


@pytest.mark.parametrize("parser", [msgspec.json, None])
def test_a_faster_parser(parser: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where msgspec is loaded it parses; what it refuses, the standard library decides."""
    monkeypatch.setitem(sys.modules, "msgspec.json", parser)
    assert Response(200, body=LONG).json() == {"a": [1, "é", 1.5, None, "\U0001f600"]}
    for lenient in (b'{"a": [NaN, 1e999]}', b'\xef\xbb\xbf{"a": ["\\ud800"]}'):
        assert Response(200, body=lenient).json()["a"]
    for wrong in (b"{", b"[]", b"[" * 100_000, b"\xff", b""):
        with pytest.raises(UnreachableError):
            Response(200, body=wrong).json()


def test_an_object_or_nothing() -> None:
    """An empty body is an empty object; everything else is read as ever."""
    assert Response(200).object() == {}
    assert Response(200, body=b'{"a": 1}').object() == {"a": 1}
    with pytest.raises(UnreachableError):
        Response(200, body=b" ").object()


def test_printing_a_token_loads_no_parser() -> None:
    """What is not loaded is not loaded for this."""
    program = "import sys, gemauth.http; gemauth.http.Response(200, body=b'{}').json(); "
    program += "sys.exit('msgspec' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
