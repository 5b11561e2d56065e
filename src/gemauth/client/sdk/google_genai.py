"""google-genai: a `google.genai.Client` for the Gemini Developer API that signs in with OAuth.

    client = gemauth.sdk.for_genai()
    client.models.generate_content(model="gemini-2.5-flash", contents="How are you?")

The package has no way for credentials there: it drops them in silence where GEMINI_API_KEY is set,
and asks for a key where it is not (gemini-api.md section 12). It does take HTTP clients, and ours
authorize each request and drop its key; live sessions are `google_genai_live.py`'s.
"""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import google.genai as genai  # noqa: PLR0402  # `from google` fails otherwise where it is missing
from google.genai import types

from gemauth.client.sdk.bearer import NO_KEY, Bearer
from gemauth.client.sdk.google_genai_live import Live
from gemauth.client.sdk.httpx_auth import auth_class
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials

__all__ = ["for_genai"]


def for_genai(
    credentials: Credentials | None = None,
    *,
    http_options: types.HttpOptions | Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> genai.Client:
    """Return a client for the Gemini Developer API, with `aio`, streams, files, live sessions, ….

    Neither GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_GEMINI_BASE_URL nor GOOGLE_GENAI_USE_VERTEXAI
    changes where it goes or who asks. Close it as any other: `with`, `async with client.aio`.

    Args:
        credentials: who asks; None takes `gemauth.default()`'s.
        http_options: the package's own, such as `{"api_version": "v1beta"}`; without HTTP clients.
        environ: the environment variables.

    Raises:
        UsageError: `http_options` brings an HTTP client of its own.
    """
    options = (
        types.HttpOptions.model_validate(http_options or {})
        if http_options is None or not isinstance(http_options, types.HttpOptions)
        else http_options.model_copy()
    )
    for name in ("httpx_client", "httpx_async_client", "aiohttp_client"):
        if getattr(options, name, None) is not None:
            raise UsageError(
                f"http_options brings {name}, and the client needs one that authorizes.",
                next_step="Leave it out; client_args and async_client_args are passed on.",
            )
    bearer = Bearer(credentials, environ=environ)
    package = import_module(_package(environ))
    auth = auth_class()(bearer)
    # The package's own clients wait as long as each request says, and follow redirects.
    always: dict[str, Any] = {"auth": auth, "timeout": None, "follow_redirects": True}
    options.base_url = options.base_url or bearer.credentials.endpoints.gemini
    options.httpx_client = package.Client(**{**(options.client_args or {}), **always})
    options.httpx_async_client = _per_loop(
        package.AsyncClient, {**(options.async_client_args or {}), **always}
    )
    options.client_args = options.async_client_args = None
    return _client()(options, bearer)


def _package(environ: Mapping[str, str]) -> str:
    """Return which of the two the package would take (its variable, then httpx2 before httpx)."""
    if environ.get("GOOGLE_GENAI_HTTP_CLIENT", "").strip().lower() == "httpx":
        return "httpx"
    return "httpx2" if find_spec("httpx2") is not None else "httpx"


def _client() -> type[Any]:
    class Client(genai.Client):  # type: ignore[misc]  # google-genai is not installed here
        """A client that owns its HTTP clients, and closes them when it is closed."""

        def __init__(self, options: types.HttpOptions, bearer: Bearer) -> None:
            self._gemauth = options
            super().__init__(api_key=NO_KEY, vertexai=False, http_options=options)
            aio, end = self.aio, self.aio.aclose

            async def aclose() -> None:
                await end()
                await options.httpx_async_client.aclose()

            aio.aclose = aclose
            aio._live = Live(self._api_client, bearer)  # noqa: SLF001  # what `aio.live` returns

        def close(self) -> None:
            super().close()
            self._gemauth.httpx_client.close()

    return Client


def _per_loop(base: type[Any], arguments: dict[str, Any]) -> Any:  # noqa: ANN401  # an AsyncClient
    """Return an `AsyncClient` with connections for each event loop of their own.

    A connection belongs to the loop that opened it, and programs call `asyncio.run` several times.
    """

    class Client(base):  # type: ignore[misc]  # one of two packages'
        def __init__(self) -> None:
            super().__init__(**arguments)
            self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()

        async def send(self, request: Any, **how: Any) -> Any:  # noqa: ANN401  # httpx's own
            loop = asyncio.get_running_loop()
            client = self._clients.get(loop)
            if client is None:
                # One of a loop that ended would hold that loop, and its sockets, for ever.
                for held in self._clients.keyrefs():  # a list: other threads add theirs meanwhile
                    other = held()
                    if other is not None and other.is_closed():
                        self._clients.pop(other, None)
                client = self._clients[loop] = base(**arguments)
            return await client.send(request, **how)

        async def aclose(self) -> None:
            mine = self._clients.pop(asyncio.get_running_loop(), None)
            if mine is not None:
                await mine.aclose()

    return Client()
