"""LiteLLM: its `gemini/` models, with OAuth instead of the key that it knows alone.

    ours = gemauth.sdk.for_litellm()
    litellm.completion(model="gemini/gemini-2.5-flash", messages=[…], **ours)

That route takes a key only, from its argument or from the environment; but it sends through the
HTTP client that a call brings, and ours authorizes each request and drops the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, HTTPHandler

from gemauth.client.sdk.bearer import NO_KEY, Bearer
from gemauth.client.sdk.httpx_auth import auth_class
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["for_litellm", "for_litellm_async"]

_PATH = "/v1beta"


def for_litellm(
    credentials: Credentials | None = None, *, timeout: float | None = None
) -> dict[str, Any]:
    """Return arguments for `litellm.completion` and `litellm.embedding`, streams included.

    They hold a client with its connections: make them once, for many calls from any thread.
    Neither GEMINI_API_KEY, GOOGLE_API_KEY nor GEMINI_API_BASE changes who asks, or where.

    Args:
        credentials: who asks; None takes `gemauth.default()`'s.
        timeout: seconds; LiteLLM has no other for calls that bring a client. None takes its usual.
    """
    return _arguments(_Handler, credentials, timeout)


def for_litellm_async(
    credentials: Credentials | None = None, *, timeout: float | None = None
) -> dict[str, Any]:
    """Return the same for `litellm.acompletion`, for one event loop.

    LiteLLM passes no client on in `aembedding` (1.106), and so it is refused there, without a key;
    `openai/` models take `gemauth.sdk.for_openai_async()` as their client instead.
    """
    return _arguments(_AsyncHandler, credentials, timeout)


def _arguments(
    handler: type[Any], credentials: Credentials | None, timeout: float | None
) -> dict[str, Any]:
    bearer = Bearer(credentials)
    return {
        "api_key": NO_KEY,
        "api_base": f"{bearer.credentials.endpoints.gemini}{_PATH}",
        "client": handler(auth_class()(bearer), timeout),
    }


class _Uncopied:
    """Told where LiteLLM would leave it behind, instead of a call without credentials."""

    def __deepcopy__(self, _: object) -> NoReturn:
        raise UsageError(
            "LiteLLM's Router and proxy copy their arguments and pass no client on to their calls.",
            next_step="Use litellm.completion or litellm.acompletion with these arguments.",
        )


class _Handler(_Uncopied, HTTPHandler):  # type: ignore[misc]  # LiteLLM is not installed here
    """LiteLLM's client: every one of httpx that it makes, a second one too, authorizes."""

    def __init__(self, auth: object, timeout: float | None) -> None:
        self._auth = auth
        super().__init__(timeout=timeout)

    def create_client(self, *positional: Any, **named: Any) -> Any:  # noqa: ANN401  # httpx.Client
        made = super().create_client(*positional, **named)
        made.auth = self._auth
        return made


class _AsyncHandler(_Uncopied, AsyncHTTPHandler):  # type: ignore[misc]  # as above
    """The same on an event loop."""

    def __init__(self, auth: object, timeout: float | None) -> None:
        self._auth = auth
        super().__init__(timeout=timeout)

    def create_client(self, *positional: Any, **named: Any) -> Any:  # noqa: ANN401  # httpx.AsyncClient
        made = super().create_client(*positional, **named)
        made.auth = self._auth
        return made
