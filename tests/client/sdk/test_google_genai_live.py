from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.google.endpoints import GOOGLE, emulator
from tests.client.sdk.fakes import Source, credentials, installed, module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gemauth.google.endpoints import Endpoints


class InvalidStatus(Exception):  # noqa: N818  # websockets' name
    """A handshake that was refused."""

    def __init__(self, status: int) -> None:
        self.response = SimpleNamespace(status_code=status)


class Options(SimpleNamespace):
    """The client's options."""

    def model_copy(self, update: dict[str, Any]) -> Options:
        """As pydantic's."""
        return Options(**{**vars(self), **update})


class Opening:
    """Opens sessions as the package does, and keeps what it opened them with."""

    seen: list[Any]
    refusals: list[int]

    def __init__(self, client: Any) -> None:
        self._api_client = client

    @asynccontextmanager
    async def connect(self, **more: Any) -> AsyncIterator[Any]:
        """Take the client's root, headers and TLS."""
        client = self._api_client
        how = (client._websocket_base_url(None), client._http_options.headers)
        Opening.seen.append((*how, client._websocket_ssl_ctx, client.api_key, more))
        if Opening.refusals:
            raise InvalidStatus(Opening.refusals.pop(0))
        yield "session"


class Music(Opening):
    """The other kind."""


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with google-genai installed."""
    Opening.seen, Opening.refusals = [], []
    live = module("google.genai.live", AsyncLive=Opening)
    music = module("google.genai.live_music", AsyncLiveMusic=Music)
    errors = module("websockets.exceptions", InvalidStatus=InvalidStatus)
    return installed(monkeypatch, "google_genai_live", live, music, errors)


def live(adapter: Any, *, endpoints: Endpoints = GOOGLE, stem: str = "ya29.a0-") -> Any:
    """Return `client.aio.live` of a client with the key that nobody has."""
    headers = {"x-goog-api-key": adapter.API_KEY, "user-agent": "genai", "authorization": "Old"}
    options = Options(base_url=f"{endpoints.gemini}/", headers=headers)
    tls = {"ssl": "a context", "open_timeout": 3}
    client = SimpleNamespace(_http_options=options, _websocket_ssl_ctx=tls, api_key="none")
    mine = credentials(Source(stem=stem), endpoints=endpoints)
    return adapter.Live(client, adapter_bearer(mine))


def adapter_bearer(mine: gemauth.Credentials) -> Any:
    """Return the headers' maker."""
    from gemauth.client.sdk.bearer import Bearer

    return Bearer(mine, environ={})


def opened(session: Any) -> str:
    """Open a session, and return it."""

    async def go() -> str:
        async with session as made:
            return str(made)

    return asyncio.run(go())


def test_the_handshake(adapter: Any) -> None:
    """It has the token, the project and the package's own headers, and no key; with TLS."""
    assert opened(live(adapter).connect(model="m", config={"a": 1})) == "session"
    headers = {"user-agent": "genai", "Authorization": "Bearer ya29.a0-0"}
    headers["x-goog-user-project"] = "paying"
    root, tls = "wss://generativelanguage.googleapis.com", {"ssl": "a context", "open_timeout": 3}
    assert Opening.seen == [(root, headers, tls, "none", {"model": "m", "config": {"a": 1}})]


def test_a_plain_address(adapter: Any) -> None:
    """An emulator's plain address has plain web sockets; music's too."""
    there = emulator("http://127.0.0.1:9")
    assert opened(live(adapter, endpoints=there, stem="ya29.emu-").music.connect(model="m"))
    ((root, _, tls, _, more),) = Opening.seen
    assert (root, tls, more) == ("ws://127.0.0.1:9", {"open_timeout": 3}, {"model": "m"})


@pytest.mark.parametrize(
    ("refusals", "tokens"),
    [([401], ["0", "1"]), ([401, 401], ["0", "1"]), ([403], ["0"])],
)
def test_a_refused_handshake(adapter: Any, refusals: list[int], tokens: list[str]) -> None:
    """After a 401 it is made once more with a new token; nothing else is tried again."""
    Opening.refusals = [*refusals]
    if refusals == [401]:
        assert opened(live(adapter).connect(model="m")) == "session"
    else:
        with pytest.raises(InvalidStatus):
            opened(live(adapter).connect(model="m"))
    used = [headers["Authorization"] for _, headers, *_ in Opening.seen]
    assert used == [f"Bearer ya29.a0-{number}" for number in tokens]


@pytest.mark.parametrize(
    "config",
    [
        {"http_options": {"base_url": "https://elsewhere.example"}},
        {"httpOptions": {"baseUrl": "https://elsewhere.example"}},
        SimpleNamespace(http_options=Options(base_url="https://elsewhere.example")),
    ],
)
def test_a_session_of_its_own_address(adapter: Any, config: Any) -> None:
    """An address that is not that Google gets nothing."""
    with pytest.raises(gemauth.UsageError, match="no token is sent"):
        opened(live(adapter).connect(model="m", config=config))
    assert Opening.seen == []
