"""The authorization endpoint and the sign-in pages, with every parameter out of form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import FORM, REDIRECT
from tests.fuzz.nasty import ACCOUNT, forms, query_of, some, texts

if TYPE_CHECKING:
    from tests.fuzz.conftest import Answer, Target

pytestmark = pytest.mark.fuzz

AUTHORIZE = "/o/oauth2/v2/auth"
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?([/?#].*)?|/o/oauth2/.*")


def good(target: Target) -> dict[str, list[str]]:
    """Parameters of which all are accepted together."""
    return {
        "client_id": [target.client_id],
        "redirect_uri": [REDIRECT, "http://localhost/", "http://[::1]:1?a=b"],
        "response_type": ["code"],
        "scope": ["openid", "openid email https://www.googleapis.com/auth/cloud-platform"],
        "state": ["s", "a&b=c\r\nd"],
        "access_type": ["offline", "online"],
        "prompt": ["consent", "none", "select_account consent"],
        "code_challenge": ["c" * 43],
        "code_challenge_method": ["S256", "plain"],
        "login_hint": [ACCOUNT],
        "response_mode": ["query", "fragment", "form_post"],
        "include_granted_scopes": ["true"],
        "hl": ["zh-TW"],
        "hd": ["*"],
    }


@some
@given(data=st.data())
def test_authorization_requests(target: Target, data: st.DataObject) -> None:
    """A page or a redirect comes, and no redirect leads off this machine."""
    pairs = data.draw(forms(good(target), more=["nonce", "device_id", "enable_granular_consent"]))
    cookie = data.draw(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=30))
    headers = [("Cookie", f"gemauth_emulator_{urlsplit(target.emulator.address).port}={cookie}")]
    headers.append(("Accept-Language", data.draw(st.sampled_from(["zh;q=nan,en", ",;q=;", "*"]))))
    if data.draw(st.booleans()):
        answer = target.send("GET", f"{AUTHORIZE}?{query_of(pairs)}", headers)
    else:
        headers.append(("Content-Type", FORM))
        answer = target.send("POST", AUTHORIZE, headers, query_of(pairs).encode())
    _stays_here(answer)


@some
@given(data=st.data())
def test_pages(target: Target, data: st.DataObject) -> None:
    """A browser in the middle of a sign-in may send any form to any page of it."""
    query = query_of([(name, values[-1]) for name, values in _plain(target).items()])
    begun = target.send("GET", f"{AUTHORIZE}?{query}")
    cookie = begun.headers["set-cookie"].partition(";")[0]
    page = begun.headers["location"]
    shown = target.send("GET", page, [("Cookie", cookie)])
    token = re.search(rb'name="csrf" value="([0-9a-f]+)"', shown.body)
    assert token is not None
    fields = {
        "request": [urlsplit(page).query.partition("=")[2]],
        "csrf": [token[1].decode()],
        "sub": re.findall(r'name="sub" value="(\d+)"', shown.body.decode()),
        "action": ["allow", "continue", "cancel", "back"],
        "scope": ["https://www.googleapis.com/auth/cloud-platform"],
    }
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(["account", "warning", "consent"]))
        body = query_of(data.draw(forms(fields))).encode()
        headers = [("Cookie", data.draw(st.sampled_from([cookie, "x=y"]))), ("Content-Type", FORM)]
        _stays_here(target.send("POST", f"/o/oauth2/signin/{name}", headers, body))
        handle = data.draw(st.sampled_from(fields["request"]) | texts)
        _stays_here(
            target.send(
                "GET", f"/o/oauth2/signin/{name}?{query_of([('request', handle)])}", headers[:1]
            )
        )


def _plain(target: Target) -> dict[str, list[str]]:
    kept = ("client_id", "redirect_uri", "response_type", "scope", "access_type")
    return {name: values for name, values in good(target).items() if name in kept}


def _stays_here(answer: Answer) -> None:
    assert answer.status in {200, 303, 400, 401, 403}
    location = answer.headers.get("location")
    assert location is None or LOCAL.fullmatch(location)
    assert "x-injected" not in answer.headers
    assert b"<script" not in answer.body
