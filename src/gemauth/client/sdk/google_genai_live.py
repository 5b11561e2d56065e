"""google-genai's live sessions: a web socket whose handshake carries the token instead of a key.

The package has no public place for that: it opens the socket itself, with its client's headers and
`x-goog-api-key` among them. So each session sees the client through `_Authorized`. Proved with the
package and a server on loopback; no document says that Google's side takes tokens there.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from google.genai.live import AsyncLive
from google.genai.live_music import AsyncLiveMusic
from websockets.exceptions import InvalidStatus

from gemauth.client.sdk.bearer import API_KEY, AUTHORIZATION, QUOTA_PROJECT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gemauth.client.sdk.bearer import Bearer

__all__ = ["Live"]

_OURS = {API_KEY, AUTHORIZATION.lower(), QUOTA_PROJECT}


class Live(AsyncLive):  # type: ignore[misc]  # google-genai is not installed here
    """`client.aio.live` with OAuth; a handshake that is answered with 401 is made once more."""

    def __init__(self, client: Any, bearer: Bearer) -> None:  # noqa: ANN401  # the package's
        super().__init__(client)
        self._bearer = bearer

    @asynccontextmanager
    async def connect(
        self,
        *,
        model: str,
        config: Any = None,  # noqa: ANN401  # types.LiveConnectConfigOrDict
    ) -> AsyncIterator[Any]:
        """Open a session; arguments and errors are the package's, and `Bearer.headers`'."""
        more = {"model": model, "config": config}
        async with _session(AsyncLive, self._api_client, self._bearer, more) as session:
            yield session

    @property
    def music(self) -> Any:  # noqa: ANN401  # an AsyncLiveMusic
        """Live music, with OAuth too."""
        return _Music(self._api_client, self._bearer)


class _Music(AsyncLiveMusic):  # type: ignore[misc]  # as above
    def __init__(self, client: Any, bearer: Bearer) -> None:  # noqa: ANN401  # the package's
        super().__init__(client)
        self._bearer = bearer

    @asynccontextmanager
    async def connect(self, *, model: str) -> AsyncIterator[Any]:
        """Open a session; as `Live.connect`."""
        more = {"model": model}
        async with _session(AsyncLiveMusic, self._api_client, self._bearer, more) as session:
            yield session


class _Authorized:
    """The package's client as one session sees it: with a token's headers, and without a key's.

    To a plain address, such as an emulator's, it goes without TLS, which the package always wants.
    """

    def __init__(self, client: Any, base: str, headers: dict[str, str]) -> None:  # noqa: ANN401  # as above
        self._client = client
        self._root = f"ws{base.removeprefix('http')}".removesuffix("/")
        how = client._websocket_ssl_ctx  # noqa: SLF001  # as below
        plain = self._root.startswith("ws:")
        self._websocket_ssl_ctx = {n: v for n, v in how.items() if not (plain and n == "ssl")}
        options = client._http_options  # noqa: SLF001  # it has no public one
        kept = {n: v for n, v in (options.headers or {}).items() if n.lower() not in _OURS}
        self._http_options = options.model_copy(update={"headers": kept | headers})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the package's has
        return getattr(self._client, name)

    def _websocket_base_url(self, *_: object) -> str:
        return self._root


@asynccontextmanager
async def _session(
    kind: type[Any],
    client: Any,  # noqa: ANN401  # the package's
    bearer: Bearer,
    more: dict[str, Any],
) -> AsyncIterator[Any]:
    refused: str | None = None
    base = _base(client, more.get("config"))
    async with AsyncExitStack() as stack:
        while True:
            headers = await bearer.headers_async(base, refused=refused)
            opening = kind(_Authorized(client, base, headers)).connect(**more)
            try:
                session = await stack.enter_async_context(opening)
                break
            except InvalidStatus as error:
                if error.response.status_code != 401 or refused is not None:
                    raise
                refused = headers[AUTHORIZATION]
        yield session


def _base(client: Any, config: Any) -> str:  # noqa: ANN401  # the package's
    """Return where the session goes: its own address goes before its client's."""
    fields = config if isinstance(config, dict) else vars(config) if config else {}
    options = fields.get("http_options") or fields.get("httpOptions") or {}
    own = options if isinstance(options, dict) else vars(options)
    named = own.get("base_url") or own.get("baseUrl")
    return str(named or client._http_options.base_url)  # noqa: SLF001  # as above
