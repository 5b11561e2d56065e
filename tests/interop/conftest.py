"""The judges' surroundings: the emulator, the leak guard, and nothing that outlives a test."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.gemini import Gemini
from gemauth.google.endpoints import emulator as emulated
from gemauth.google.hosts import is_emulated
from tests.interop.local_google import Emulator, Google, Proxy, Requests, until
from tests.interop.recorder import Recorder, Token, recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The emulator's process; that it stops with exit code 0 is checked at the end."""
    with Emulator(os.environ) as emulator:
        yield emulator
        assert not [line for line in emulator.log if line.startswith("defect")]


@pytest.fixture(scope="session")
def google(emulator: Emulator) -> Iterator[Google]:
    """The local Google, with a project and people in it."""
    google = Google(emulator)
    yield google
    google.close()


@pytest.fixture(scope="session")
def proxy(emulator: Emulator) -> Iterator[Proxy]:
    """The emulator as everybody's HTTPS proxy."""
    proxy = Proxy(emulator.port)
    yield proxy
    proxy.close()


@pytest.fixture(autouse=True)
def leak_guard(proxy: Proxy, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of google-oauth.md 9.3 around every test; nothing it refuses is forgotten.

    google-auth looks up a service account's boundary in a thread: it must end before the
    environment does, or it would ask the real Google.
    """
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http, on loopback
    yield
    until(lambda: not _boundary_lookups(), "the end of google-auth's look-ups", 30.0)
    for asked, status in proxy.tunnels:
        host, _, port = asked.removeprefix("CONNECT ").rpartition(":")
        # 200 ends in the emulator: a client that does not trust its certificate goes no further.
        assert status == (200 if is_emulated(host) and port == "443" else 502), proxy.tunnels


@pytest.fixture
def tunnels(proxy: Proxy) -> Callable[[], list[tuple[str, int]]]:
    """What has been asked of the proxy since the test began, google-auth's threads included."""
    before = len(proxy.tunnels)

    def asked() -> list[tuple[str, int]]:
        until(lambda: not _boundary_lookups(), "the end of google-auth's look-ups", 30.0)
        return proxy.tunnels[before:]

    return asked


@pytest.fixture
def requests_seen(emulator: Emulator) -> Iterator[Requests]:
    """What the emulator is asked during the test."""
    requests = Requests(emulator)
    yield requests
    requests.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    """One recording server for our client and for theirs; a module may have it answer more."""
    with recorder() as running:
        yield running


@pytest.fixture(scope="module")
def credentials(server: Recorder) -> Credentials:
    """Whoever asks the recording server."""
    return Credentials("authorized_user", Token(), emulated(server.address))


@pytest.fixture(scope="module")
def api(credentials: Credentials) -> Iterator[Gemini]:
    """Our client of the recording server."""
    with Gemini(credentials) as client:
        yield client


def _boundary_lookups() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if type(t).__name__.endswith("RefreshThread")]
