"""httpx and httpx2: `httpx.Client(auth=gemauth.sdk.for_httpx())`, synchronous or not.

The two are one API under two names, and each wants an `Auth` of its own: ours is of every one
that is installed.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gemauth.client.sdk.bearer import API_KEY, AUTHORIZATION, Bearer
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from gemauth.client.credentials import Credentials

__all__ = ["HttpxAuth", "auth_class", "for_httpx"]


def for_httpx(credentials: Credentials | None = None) -> Any:  # noqa: ANN401  # httpx.Auth
    """Return an `httpx.Auth`; None takes `gemauth.default()`'s credentials."""
    return auth_class()(Bearer(credentials))


def auth_class() -> type[HttpxAuth]:
    """Return `HttpxAuth` as a kind of `Auth` of each package that is installed.

    Raises:
        UsageError: neither is.
    """
    there = [name for name in ("httpx2", "httpx") if find_spec(name) is not None]
    if not there:
        raise UsageError(
            "Neither of the packages httpx2 and httpx is installed.",
            next_step="pip install httpx2",
        )
    bases = tuple(import_module(name).Auth for name in there)
    return type("HttpxAuth", (HttpxAuth, *bases), {"__module__": __name__})


class HttpxAuth:
    """Authorizes each request; one that is answered with 401 is sent once more with a new token.

    Not sent again is a body that cannot be read twice. Errors are raised as `Bearer.headers` says.
    """

    requires_request_body = False
    requires_response_body = False

    def __init__(self, bearer: Bearer) -> None:
        self._bearer = bearer

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:  # noqa: ANN401  # of either package
        """Authorize what a `Client` sends."""
        _write(request, self._bearer.headers(str(request.url)))
        response = yield request
        if response.status_code == 401 and _is_replayable(request):
            response.read()
            refused = request.headers[AUTHORIZATION]
            _write(request, self._bearer.headers(str(request.url), refused=refused))
            yield request

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:  # noqa: ANN401  # the same
        """Authorize what an `AsyncClient` sends."""
        _write(request, await self._bearer.headers_async(str(request.url)))
        response = yield request
        if response.status_code == 401 and _is_replayable(request):
            await response.aread()
            refused = request.headers[AUTHORIZATION]
            _write(request, await self._bearer.headers_async(str(request.url), refused=refused))
            yield request

    def __repr__(self) -> str:
        return f"HttpxAuth({self._bearer.credentials!r})"


def _write(request: Any, headers: dict[str, str]) -> None:  # noqa: ANN401  # of either package
    request.headers.pop(API_KEY, None)
    request.headers.update(headers)


def _is_replayable(request: Any) -> bool:  # noqa: ANN401  # of either package
    """Whether the body is in memory: of a stream, httpx raises RequestNotRead (a RuntimeError)."""
    try:
        _ = request.content
    except RuntimeError:
        return False
    return True
