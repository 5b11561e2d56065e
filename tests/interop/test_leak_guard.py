"""The leak guard of google-oauth.md 9.3: `HTTPS_PROXY` pointed at the emulator, which refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account

from gemauth.google.scopes import TUNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.local_google import Google, Proxy

pytestmark = pytest.mark.interop


def test_boundary_lookup(google: Google, tunnels: Callable[[], list[tuple[str, int]]]) -> None:
    """google-auth sends a service account's token to the real Google unasked; it is refused here.

    The call itself succeeds, and nobody notices.
    """
    key = google.service_account()
    robot = service_account.Credentials.from_service_account_info(key, scopes=[TUNING])
    answer = AuthorizedSession(robot).get(f"{google.address}/v1beta/models")
    assert answer.status_code == 200
    assert set(tunnels()) == {("CONNECT iamcredentials.googleapis.com:443", 502)}


@pytest.mark.parametrize(
    "url",
    [
        "https://generativelanguage.googleapis.com/v1beta/models",
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://www.googleapis.com/oauth2/v1/certs",
    ],
)
def test_google_is_out_of_reach(url: str, tunnels: Callable[[], list[tuple[str, int]]]) -> None:
    """No tunnel to any of Google's hosts; the caller is told that it was the proxy."""
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        requests.get(url)
    host = url.split("/")[2]
    assert tunnels() == [(f"CONNECT {host}:443", 502)]


def test_plain_http_is_not_carried(google: Google, proxy: Proxy) -> None:
    """An http:// request for another host is refused like a tunnel to it."""
    answer = requests.get(
        "http://metadata.google.internal/computeMetadata/v1/", proxies={"http": google.address}
    )
    assert answer.status_code == 502


def test_loopback_needs_no_proxy(
    google: Google, tunnels: Callable[[], list[tuple[str, int]]]
) -> None:
    """The emulator itself is reached directly."""
    answer = requests.get(f"{google.address}/.well-known/openid-configuration")
    assert answer.json()["issuer"] == "https://accounts.google.com"
    assert tunnels() == []
