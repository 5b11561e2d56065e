"""The leak guard of google-oauth.md 9.3: `HTTPS_PROXY` pointed at the emulator.

A host that it emulates is answered by it, with a certificate that no client here trusts, and any
other of Google's is refused: either way nothing is sent to another machine, and nothing secret at
all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account

from gemauth.google.scopes import TUNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.local_google import Google, Proxy, Requests

pytestmark = pytest.mark.interop


def test_boundary_lookup(
    google: Google,
    tunnels: Callable[[], list[tuple[str, int]]],
    requests_seen: Requests,
) -> None:
    """google-auth sends a service account's token to the real Google unasked; it ends here, where
    google-auth does not trust the certificate, so the token is not even sent to the emulator.

    The call itself succeeds, and nobody notices.
    """
    key = google.service_account()
    robot = service_account.Credentials.from_service_account_info(key, scopes=[TUNING])
    answer = AuthorizedSession(robot).get(f"{google.address}/v1beta/models")
    assert answer.status_code == 200
    assert set(tunnels()) == {("CONNECT iamcredentials.googleapis.com:443", 200)}
    assert not [line for line in requests_seen.seen() if "allowedLocations" in line]


@pytest.mark.parametrize(
    "url",
    [
        "https://generativelanguage.googleapis.com/v1beta/models",
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://www.googleapis.com/oauth2/v1/certs",
    ],
)
def test_google_is_answered_here(
    url: str, tunnels: Callable[[], list[tuple[str, int]]], requests_seen: Requests
) -> None:
    """What is emulated ends at the emulator's own certificate, which a client that was not told
    to trust it refuses before it has sent its request.
    """
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        requests.get(url)
    host = url.split("/")[2]
    assert tunnels() == [(f"CONNECT {host}:443", 200)]
    assert requests_seen.seen() == []


@pytest.mark.parametrize("host", ["storage.googleapis.com", "aiplatform.googleapis.com"])
def test_the_rest_of_google_is_out_of_reach(
    host: str, tunnels: Callable[[], list[tuple[str, int]]]
) -> None:
    """No tunnel to any other of Google's hosts; the caller is told that it was the proxy."""
    with pytest.raises(requests.exceptions.ProxyError, match=r"502 .*is not emulated"):
        requests.get(f"https://{host}/")
    assert tunnels() == [(f"CONNECT {host}:443", 502)]


def test_plain_http_is_not_carried(google: Google, proxy: Proxy) -> None:
    """An http:// request for another host is refused like a tunnel to it."""
    answer = requests.get("http://www.google.com/", proxies={"http": google.address})
    assert answer.status_code == 502


def test_the_metadata_server_is_here(google: Google, proxy: Proxy) -> None:
    """An http:// request for the metadata server gets to the emulator's own, and never to that of
    the machine that the tests run on.
    """
    answer = requests.get(
        "http://metadata.google.internal/computeMetadata/v1/nowhere",
        proxies={"http": google.address},
    )
    assert answer.status_code in {403, 404}
    answer = requests.get("http://169.254.169.254/token", proxies={"http": google.address})
    assert answer.status_code == 404
    assert "gemauth emulator" in answer.text


def test_loopback_needs_no_proxy(
    google: Google, tunnels: Callable[[], list[tuple[str, int]]]
) -> None:
    """The emulator itself is reached directly."""
    answer = requests.get(f"{google.address}/.well-known/openid-configuration")
    assert answer.json()["issuer"] == "https://accounts.google.com"
    assert tunnels() == []
