"""openai: a client for Gemini's OpenAI-compatible endpoint, with tokens instead of a key.

    client = gemauth.sdk.for_openai()
    client.chat.completions.create(model="gemini-2.5-flash", messages=[…])

LiteLLM takes it too: `litellm.completion(model="openai/gemini-2.5-flash", client=client, …)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from gemauth.client.sdk.bearer import NO_KEY, Bearer
from gemauth.client.sdk.httpx_auth import auth_class
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["for_openai", "for_openai_async"]

_PATH = "/v1beta/openai/"


def for_openai(credentials: Credentials | None = None, **more: object) -> openai.OpenAI:
    """Return an `openai.OpenAI` for Gemini; None takes `gemauth.default()`'s credentials.

    Args:
        credentials: who asks.
        more: other arguments of its constructor, but for `api_key` and `http_client`.

    Raises:
        UsageError: there is one of these two among them.
    """
    return openai.OpenAI(**_arguments(credentials, openai.DefaultHttpxClient, more))


def for_openai_async(credentials: Credentials | None = None, **more: object) -> openai.AsyncOpenAI:
    """Return an `openai.AsyncOpenAI` for Gemini; arguments and errors as `for_openai`."""
    return openai.AsyncOpenAI(**_arguments(credentials, openai.DefaultAsyncHttpxClient, more))


def _arguments(
    credentials: Credentials | None, client: type[Any], more: dict[str, object]
) -> dict[str, object]:
    for name in ("api_key", "http_client"):
        if name in more:
            raise UsageError(
                f"{name} is gemauth's part of the client.",
                next_step="Leave it out, or make the client without gemauth.",
            )
    bearer = Bearer(credentials)
    base = more.get("base_url") or f"{bearer.credentials.endpoints.gemini}{_PATH}"
    http = client(auth=auth_class()(bearer))
    return {**more, "base_url": base, "api_key": NO_KEY, "http_client": http}
