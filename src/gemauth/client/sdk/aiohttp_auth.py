"""aiohttp 3.12 and later: `ClientSession(middlewares=[gemauth.sdk.for_aiohttp()])`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from gemauth.client.sdk.bearer import API_KEY, AUTHORIZATION, Bearer
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gemauth.client.credentials import Credentials

__all__ = ["AiohttpMiddleware", "for_aiohttp"]


def for_aiohttp(credentials: Credentials | None = None) -> AiohttpMiddleware:
    """Return a client middleware; None takes `gemauth.default()`'s credentials.

    Raises:
        UsageError: this aiohttp has no client middlewares.
    """
    if not hasattr(aiohttp, "ClientHandlerType"):
        raise UsageError(
            "This aiohttp has no client middlewares.",
            next_step="pip install --upgrade 'aiohttp>=3.12'",
        )
    return AiohttpMiddleware(Bearer(credentials))


class AiohttpMiddleware:
    """Authorizes each request; one that is answered with 401 is sent once more with a new token.

    Not sent again is a body that cannot be read twice. Errors are raised as `Bearer.headers` says.
    """

    def __init__(self, bearer: Bearer) -> None:
        self._bearer = bearer

    async def __call__(
        self,
        request: Any,  # noqa: ANN401  # an aiohttp.ClientRequest
        handler: Callable[[Any], Awaitable[Any]],
    ) -> Any:  # noqa: ANN401  # an aiohttp.ClientResponse
        """Authorize a request that is about to be sent."""
        url = str(request.url)
        request.headers.pop(API_KEY, None)
        request.headers.update(await self._bearer.headers_async(url))
        response = await handler(request)
        if response.status == 401 and _is_replayable(request.body):
            refused = request.headers[AUTHORIZATION]
            headers = await self._bearer.headers_async(url, refused=refused)
            response.release()
            request.headers.update(headers)
            response = await handler(request)
        return response

    def __repr__(self) -> str:
        return f"AiohttpMiddleware({self._bearer.credentials!r})"


def _is_replayable(body: object) -> bool:
    """Whether the body is in memory; other payloads are files and generators."""
    return not body or isinstance(body, bytes | aiohttp.BytesPayload)
