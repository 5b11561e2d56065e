from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.authserver.redirect import Fault, check, fields, form_action, location
from gemauth.oauth.authorization import AuthorizationResponse

REGISTERED = ("https://app.example.com/callback", "http://localhost:3000/cb")


class TestDesktop:
    @pytest.mark.parametrize(
        "uri",
        [
            "http://127.0.0.1",
            "http://127.0.0.1:51234/",
            "http://[::1]:51234/oauth2callback",
            "http://localhost:8080/",
            "http://localhost",
            "http://localhost?a=b",
            "http://127.0.0.1:65535/any/path%20x?with=query",
        ],
    )
    def test_loopback_with_any_port_and_path(self, uri: str) -> None:
        """A desktop client is answered on loopback, nothing registered (google-oauth.md 1.2)."""
        assert check("desktop", (), uri) is None

    @pytest.mark.parametrize(
        ("uri", "fault"),
        [
            ("urn:ietf:wg:oauth:2.0:oob", Fault.OUT_OF_BAND),
            ("urn:ietf:wg:oauth:2.0:oob:auto", Fault.OUT_OF_BAND),
            ("oob", Fault.OUT_OF_BAND),
            ("http://192.168.1.10:8080/", Fault.PRIVATE_ADDRESS),
            ("http://10.0.0.1/", Fault.PRIVATE_ADDRESS),
            ("http://[fd00::1]:80/", Fault.PRIVATE_ADDRESS),
            ("http://me:secret@127.0.0.1/", Fault.CREDENTIALS),
            ("http://evil.example\\@127.0.0.1/", Fault.CREDENTIALS),
            ("https://127.0.0.1/", Fault.MISMATCH),
            ("http://127.0.0.2/", Fault.MISMATCH),
            ("http://127.0.0.1.evil.example/", Fault.MISMATCH),
            ("http://localhost.evil.example/", Fault.MISMATCH),
            ("http://127.0.0.1:65536/", Fault.MISMATCH),
            ("http://127.0.0.1:/", Fault.MISMATCH),
            ("http://127.0.0.1/#fragment", Fault.MISMATCH),
            ("http://127.0.0.1/\r\nLocation: x", Fault.MISMATCH),
            ("http://127.0.0.1\\evil.example/", Fault.MISMATCH),
            ("http://127.0.0.1/ñ", Fault.MISMATCH),
            ("http://8.8.8.8/", Fault.MISMATCH),
            ("http://[::1/", Fault.MISMATCH),
            ("com.example.app:/oauth", Fault.MISMATCH),
            ("javascript:alert(1)", Fault.MISMATCH),
            ("/relative", Fault.MISMATCH),
        ],
    )
    def test_nothing_else(self, uri: str, fault: Fault) -> None:
        """Everything that is no plain loopback URL is refused, each with its reason."""
        assert check("desktop", (), uri) is fault

    def test_registered_uris_of_another_kind_do_not_count(self) -> None:
        """What is registered makes no difference for a desktop client."""
        assert check("desktop", REGISTERED, REGISTERED[0]) is Fault.MISMATCH

    @given(st.text(max_size=30), st.text(max_size=30))
    def test_what_is_accepted_leads_to_loopback(self, host: str, rest: str) -> None:
        """No text makes an accepted URI whose host is another one, as urlsplit reads it."""
        for uri in (f"http://{host}{rest}", f"http://127.0.0.1{host}{rest}"):
            if check("desktop", (), uri) is None:
                assert urlsplit(uri).hostname in {"127.0.0.1", "localhost", "::1"}
                assert re.search(r"[\s\\#@]", urlsplit(uri).netloc) is None


class TestWeb:
    @pytest.mark.parametrize("uri", REGISTERED)
    def test_exactly_the_registered(self, uri: str) -> None:
        """A registered URI is accepted."""
        assert check("web", REGISTERED, uri) is None

    @pytest.mark.parametrize(
        "uri",
        [
            "https://app.example.com/callback/",
            "https://app.example.com/Callback",
            "https://app.example.com:443/callback",
            "https://app.example.com/callback?x=1",
            "http://app.example.com/callback",
            "https://APP.example.com/callback",
            "http://localhost:3001/cb",
            "http://127.0.0.1:3000/cb",
        ],
    )
    def test_compared_character_by_character(self, uri: str) -> None:
        """Scheme, host, port, path and trailing slash all count (RFC 9700 section 4.1)."""
        assert check("web", REGISTERED, uri) is Fault.MISMATCH

    def test_a_uri_that_no_header_can_carry(self) -> None:
        """Were a URI registered that is not printable ASCII, it would still not be answered."""
        uri = "https://app.example.com/ñ"
        assert check("web", (uri,), uri) is Fault.MISMATCH


class TestAnswer:
    def test_query_keeps_the_uri_s_own(self) -> None:
        """An answer is added to the query that the URI has (RFC 6749 section 3.1.2)."""
        response = AuthorizationResponse(code="4/0x", state="s")
        assert (
            location("http://localhost/?a=b", response, None)
            == "http://localhost/?a=b&code=4%2F0x&state=s"
        )

    def test_fragment(self) -> None:
        """response_mode=fragment puts the same parameters after the #."""
        response = AuthorizationResponse(error="access_denied", state="a b")
        assert (
            location("http://localhost/", response, "fragment")
            == "http://localhost/#state=a+b&error=access_denied"
        )

    def test_fields(self) -> None:
        """response_mode=form_post posts the parameters as they are, undecorated."""
        response = AuthorizationResponse(code="4/0x", state="", scopes=("a", "b"))
        assert fields(response) == {"code": "4/0x", "state": "", "scope": "a b"}


class TestFormAction:
    def test_own_origin_and_loopback(self) -> None:
        """The page may send its form to the app and on to any loopback port."""
        sources = form_action("https://app.example.com/callback").split()
        assert sources[0] == "https://app.example.com"
        assert "http://localhost:*" in sources

    def test_ipv6_is_named_by_its_scheme(self) -> None:
        """CSP has no way to write [::1]."""
        assert form_action("http://[::1]:80/").split()[0] == "http:"
