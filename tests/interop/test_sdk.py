"""gemauth's hand-over to SDKs, with the real packages: judged by what the emulator saw of them."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import google.generativeai
import httpx
import httpx2
import pytest
import requests
from google.auth.aio.transport.sessions import AsyncAuthorizedSession
from google.auth.transport.requests import AuthorizedSession, Request
from google.auth.transport.urllib3 import AuthorizedHttp
from google.genai import errors

import gemauth
from gemauth.client.cache import tokens
from gemauth.client.token import AccessToken
from gemauth.google.scopes import DEFAULT
from tests.cli.google import ACCESS_TOKEN
from tests.cli.google import Google as StandIn
from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.interop.local_google import Google


class World:
    """Ada's credential file, the credentials in it, and what the emulator sees of their use."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        granted = google.tokens(ADA, *DEFAULT)
        self.path = folder / "adc.json"
        self.path.write_text(
            json.dumps(
                {
                    "type": "authorized_user",
                    "client_id": google.client_id,
                    "client_secret": google.client_secret,
                    "refresh_token": granted["refresh_token"],
                    "quota_project_id": PROJECT,
                    "account": ADA,
                }
            )
        )
        self._before = max((e["number"] for e in google.control.requests()), default=0)

    def credentials(self) -> gemauth.Credentials:
        """Find them, as any program does."""
        return gemauth.default().credentials

    def spoil(self) -> None:
        """Have the machine's cache hold a token that the server does not know."""
        source: Any = self.credentials().source
        now = time.time()
        tokens.store(source._place, AccessToken("ya29.emu-forgotten", now + 3000, (), now))

    def seen(self) -> list[dict[str, Any]]:
        """What was asked since the last look."""
        entries: list[dict[str, Any]] = self.google.control.requests(after=self._before)
        self._before = max((e["number"] for e in entries), default=self._before)
        return entries

    def api(self) -> list[dict[str, Any]]:
        """Of it, calls of the Gemini API: all by Ada's token, in her project, with no key."""
        calls = [e for e in self.seen() if not e["path"].startswith(("/token", "/revoke"))]
        for call in calls:
            who = (call["credential"], call["principal"], call["consumerProject"])
            assert who == ("user", ADA, PROJECT), call
        return calls


@pytest.fixture
def world(google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine with Ada's sign-in, and with API keys lying about in its environment."""
    world = World(google, tmp_path)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(world.path))
    monkeypatch.setenv("GEMAUTH_EMULATOR", google.address)
    monkeypatch.setenv("GEMINI_API_KEY", google.api_key)
    monkeypatch.setenv("GOOGLE_API_KEY", google.api_key)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    return world


def paths(calls: list[dict[str, Any]]) -> list[str]:
    """The paths of calls, without what precedes them."""
    return [call["path"] for call in calls]


def test_genai(world: World) -> None:
    """google-genai lists and gets models, with OAuth, whatever keys the environment has."""
    with gemauth.sdk.for_genai() as client:
        assert [model.name for model in client.models.list()]
        client.models.get(model="gemini-2.5-flash")
    assert paths(world.api()) == ["/v1/models", "/v1/models/gemini-2.5-flash"]


def test_genai_options(world: World) -> None:
    """Its options are its own: another version of the API, headers."""
    with gemauth.sdk.for_genai(http_options={"api_version": "v1beta"}) as client:
        client.models.get(model="gemini-2.5-flash")
    assert paths(world.api()) == ["/v1beta/models/gemini-2.5-flash"]


def test_genai_stream(world: World) -> None:
    """A stream reaches the API as Ada; this emulator refuses it by itself, and not her."""
    with (
        gemauth.sdk.for_genai() as client,
        pytest.raises(errors.APIError) as refused,
    ):
        list(client.models.generate_content_stream(model="gemini-2.5-flash", contents="Hi"))
    assert refused.value.code == 501
    assert paths(world.api()) == ["/v1/models/gemini-2.5-flash:streamGenerateContent"]


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_genai_everything_else(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, on_a_loop: bool
) -> None:
    """Interactions, uploads and caches, which the emulator has not got, carry no key either."""
    with StandIn(home) as server:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", server.credentials())
        monkeypatch.setenv("GEMAUTH_EMULATOR", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", "AIza-of-the-environment")

        async def go() -> None:
            async with gemauth.sdk.for_genai().aio as client:
                with pytest.raises(Exception, match="404"):
                    await client.interactions.create(model="gemini-2.5-flash", input="Hi")
                with pytest.raises(errors.APIError):
                    await client.files.upload(file=server.credentials())
                with pytest.raises(errors.APIError):
                    await client.caches.get(name="cachedContents/x")

        if on_a_loop:
            asyncio.run(go())
        else:
            with gemauth.sdk.for_genai() as client:
                with pytest.raises(Exception, match="404"):
                    client.interactions.create(model="gemini-2.5-flash", input="Hi")
                with pytest.raises(errors.APIError):
                    client.files.upload(file=server.credentials())
                with pytest.raises(errors.APIError):
                    client.caches.get(name="cachedContents/x")
        calls = [(line, headers) for line, headers, _ in server.asked if "/token" not in line]
    assert {line.split()[1].partition("?")[0] for line, _ in calls} >= {
        "/upload/v1/files",
        "/v1/cachedContents/x",
    }
    assert any("interactions" in line for line, _ in calls)
    for line, headers in calls:
        assert headers["authorization"] == f"Bearer {ACCESS_TOKEN}", line
        assert "x-goog-api-key" not in headers, line
        assert "AIza" not in line


@pytest.mark.parametrize("has_aiohttp", [True, False])
def test_genai_async(world: World, monkeypatch: pytest.MonkeyPatch, *, has_aiohttp: bool) -> None:
    """On one event loop after another, with aiohttp installed or without; streams too."""
    monkeypatch.setattr("google.genai._api_client.has_aiohttp", has_aiohttp)
    client = gemauth.sdk.for_genai()

    async def go() -> None:
        models = await client.aio.models.list()
        assert [model.name async for model in models]
        with pytest.raises(errors.APIError):
            async for _ in await client.aio.models.generate_content_stream(
                model="gemini-2.5-flash", contents="Hi"
            ):
                pass
        await client.aio.aclose()

    asyncio.run(go())
    asyncio.run(go())
    client.close()
    seen = paths(world.api())
    assert seen == ["/v1/models", "/v1/models/gemini-2.5-flash:streamGenerateContent"] * 2


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_genai_closes(world: World) -> None:
    """Closed as its makers say, it leaves no connection open."""

    async def go() -> None:
        async with gemauth.sdk.for_genai().aio as client:
            await client.models.get(model="gemini-2.5-flash")

    asyncio.run(go())
    with gemauth.sdk.for_genai() as client:
        client.models.get(model="gemini-2.5-flash")
    del client
    gc.collect()
    assert len(world.api()) == 2


def test_genai_key_in_the_environment_alone(world: World) -> None:
    """Without gemauth the package takes the key, and drops the credentials in silence."""
    import google.genai

    with google.genai.Client(
        vertexai=False,
        credentials=gemauth.sdk.for_google_auth(),
        http_options={"base_url": world.google.address},
    ) as client:
        list(client.models.list())
    assert {e["credential"] for e in world.seen() if e["path"] == "/v1/models"} == {"api_key"}


def test_generativeai(world: World) -> None:
    """google-generativeai lists models and shares a tuned one, though a key is set."""
    model = world.google.tuned_model()
    gemauth.sdk.for_generativeai()
    world.seen()
    assert [model.name for model in google.generativeai.list_models()]
    google.generativeai.get_tuned_model(model)
    assert paths(world.api()) == ["/v1beta/models", f"/v1beta/{model}"]


def authorized_session(world: World) -> int:
    """google-auth over requests."""
    with AuthorizedSession(gemauth.sdk.for_google_auth()) as session:
        return int(session.get(f"{world.google.address}/v1beta/models").status_code)


def authorized_http(world: World) -> int:
    """google-auth over urllib3."""
    http = AuthorizedHttp(gemauth.sdk.for_google_auth())
    return int(http.request("GET", f"{world.google.address}/v1beta/models").status)


def requests_auth(world: World) -> int:
    """requests, with a key that somebody put there."""
    auth, headers = gemauth.sdk.for_requests(), {"x-goog-api-key": world.google.api_key}
    url = f"{world.google.address}/v1beta/models"
    return requests.get(url, auth=auth, headers=headers).status_code


def httpx_sync(world: World) -> int:
    """The same with httpx."""
    auth, headers = gemauth.sdk.for_httpx(), {"x-goog-api-key": world.google.api_key}
    with httpx.Client(auth=auth, headers=headers) as client:
        return int(client.get(f"{world.google.address}/v1beta/models").status_code)


def httpx2_sync(world: World) -> int:
    """The same with httpx2."""
    auth, headers = gemauth.sdk.for_httpx(), {"x-goog-api-key": world.google.api_key}
    with httpx2.Client(auth=auth, headers=headers) as client:
        return int(client.get(f"{world.google.address}/v1beta/models").status_code)


def httpx_async(world: World) -> int:
    """The same on an event loop."""

    async def go() -> int:
        async with httpx.AsyncClient(auth=gemauth.sdk.for_httpx()) as client:
            return int((await client.get(f"{world.google.address}/v1beta/models")).status_code)

    return asyncio.run(go())


def httpx2_async(world: World) -> int:
    """The same with httpx2."""

    async def go() -> int:
        async with httpx2.AsyncClient(auth=gemauth.sdk.for_httpx()) as client:
            return int((await client.get(f"{world.google.address}/v1beta/models")).status_code)

    return asyncio.run(go())


def aiohttp_middleware(world: World) -> int:
    """aiohttp, with a key that somebody put there."""

    async def go() -> int:
        headers = {"x-goog-api-key": world.google.api_key}
        async with (
            aiohttp.ClientSession(
                middlewares=[gemauth.sdk.for_aiohttp()], headers=headers
            ) as session,
            session.get(f"{world.google.address}/v1beta/models") as answer,
        ):
            return int(answer.status)

    return asyncio.run(go())


@asynccontextmanager
async def closed_after(session: Any) -> AsyncIterator[Any]:
    """Close a session that has no `async with` of its own."""
    try:
        yield session
    finally:
        await session.close()


def _by_aio(world: World, credentials: Any) -> int:
    async def go() -> int:
        async with closed_after(AsyncAuthorizedSession(credentials)) as session:
            answer = await session.get(f"{world.google.address}/v1beta/models")
            await answer.read()
            return int(answer.status_code)

    return asyncio.run(go())


def aio_session(world: World) -> int:
    """google-auth's asynchronous session, with credentials of its asynchronous kind."""
    return _by_aio(world, gemauth.sdk.for_google_auth_async())


def aio_session_in_threads(world: World) -> int:
    """The same session with the synchronous ones, which it runs in threads."""
    return _by_aio(world, gemauth.sdk.for_google_auth())


WAYS = [
    authorized_session,
    aio_session,
    aio_session_in_threads,
    authorized_http,
    requests_auth,
    httpx_sync,
    httpx2_sync,
    httpx_async,
    httpx2_async,
    aiohttp_middleware,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_authorized(world: World, way: Callable[[World], int]) -> None:
    """Each library calls as Ada, in the quota project, with no key."""
    assert way(world) == 200
    assert paths(world.api()) == ["/v1beta/models"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_refused_once(world: World, way: Callable[[World], int]) -> None:
    """A token that the server ended early costs one 401 and one refresh, and nobody sees it."""
    world.spoil()
    world.seen()
    assert way(world) == 200
    calls = [(e["path"], e["status"]) for e in world.seen()]
    assert calls == [("/v1beta/models", 401), ("/token", 200), ("/v1beta/models", 200)]


@pytest.mark.parametrize("body", ["bytes", "file", "generator"])
@pytest.mark.parametrize("library", ["requests", "httpx2", "aiohttp"])
def test_refused_with_a_body(world: World, tmp_path: Path, library: str, body: str) -> None:
    """What can be read twice is sent twice, whole; the 401 of what cannot is the caller's."""
    file = tmp_path / "body"
    file.write_bytes(b'{"contents": []}')
    world.spoil()
    url = f"{world.google.address}/v1beta/models/gemini-2.5-flash:countTokens"

    def pieces() -> Any:
        yield b'{"contents": []}'

    async def go() -> int:
        async with (
            aiohttp.ClientSession(middlewares=[gemauth.sdk.for_aiohttp()]) as session,
            session.post(url, data=content) as answer,
        ):
            return int(answer.status)

    async def apieces() -> Any:
        yield b'{"contents": []}'

    with file.open("rb") as opened:
        content: Any = {"bytes": b'{"contents": []}', "file": opened, "generator": pieces()}[body]
        if library == "requests":
            status = requests.post(url, data=content, auth=gemauth.sdk.for_requests()).status_code
        elif library == "httpx2":
            status = httpx2.post(url, content=content, auth=gemauth.sdk.for_httpx()).status_code
        else:
            content = apieces() if body == "generator" else content
            status = asyncio.run(go())
    replayed = body == "bytes" or (body == "file" and library == "requests")
    assert (status != 401) == replayed
    assert sum(e["path"].endswith(":countTokens") for e in world.seen()) == 1 + replayed


def test_refused_in_other_threads(world: World) -> None:
    """Who refreshes need not be who has sent: google-auth's asynchronous session takes any."""
    world.spoil()
    credentials = gemauth.sdk.for_google_auth()
    headers: dict[str, str] = {}
    credentials.before_request(None, "GET", f"{world.google.address}/v1beta/models", headers)
    world.seen()
    for _ in range(3):
        thread = threading.Thread(target=credentials.refresh, args=(None,))
        thread.start()
        thread.join()
    assert headers["authorization"] != f"Bearer {credentials.token}"
    assert paths(world.seen()) == ["/token"]


def test_one_refresh_for_many_threads(world: World) -> None:
    """32 threads that hold the same refused token are led to one new one."""
    world.spoil()
    credentials = gemauth.sdk.for_google_auth()
    barrier, statuses = threading.Barrier(32), []

    def call() -> None:
        with AuthorizedSession(credentials) as session:
            barrier.wait()
            url = f"{world.google.address}/v1beta/models"
            statuses.append(session.get(url).status_code)

    threads = [threading.Thread(target=call) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 32
    assert [e["path"] for e in world.seen()].count("/token") == 1


@pytest.mark.parametrize("sessions", [1, 32])
def test_one_refresh_for_many_tasks(world: World, sessions: int) -> None:
    """32 tasks, of one session or of 32, that were refused are led to one new token."""
    world.spoil()
    url = f"{world.google.address}/v1beta/models"
    credentials = gemauth.sdk.for_google_auth_async()

    async def one(session: Any) -> int:
        answer = await session.get(url)
        await answer.read()
        return int(answer.status_code)

    async def alone() -> int:
        async with closed_after(AsyncAuthorizedSession(credentials)) as session:
            return await one(session)

    async def together() -> list[int]:
        async with closed_after(AsyncAuthorizedSession(credentials)) as session:
            return await asyncio.gather(*(one(session) for _ in range(32)))

    async def apart() -> list[int]:
        return await asyncio.gather(*(alone() for _ in range(32)))

    world.seen()
    assert asyncio.run(together() if sessions == 1 else apart()) == [200] * 32
    assert [e["path"] for e in world.seen()].count("/token") == 1


def test_google_auth_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that has ended is google-auth's own error, with gemauth's words."""
    from google.auth.exceptions import RefreshError

    credentials = gemauth.sdk.for_google_auth()
    refresh_token = json.loads(world.path.read_text())["refresh_token"]
    httpx2.post(f"{world.google.address}/revoke", data={"token": refresh_token})
    with pytest.raises(RefreshError, match="gemauth login"):
        credentials.refresh(Request())


def test_other_hosts_get_no_token(world: World) -> None:
    """No adapter sends a token to a host that is not the credentials' own Google."""
    elsewhere = "http://127.0.0.1:9/v1beta/models"
    with pytest.raises(gemauth.UsageError, match="no token is sent"):
        requests.get(elsewhere, auth=gemauth.sdk.for_requests())
    with pytest.raises(gemauth.UsageError, match="no token is sent"):
        httpx2.get(elsewhere, auth=gemauth.sdk.for_httpx())
    with pytest.raises(gemauth.UsageError, match="no token is sent"):
        AuthorizedSession(gemauth.sdk.for_google_auth()).get(elsewhere)
