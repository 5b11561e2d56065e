"""openai: a client for Gemini's OpenAI-compatible endpoint, with a token instead of a key.

The package takes a function for `api_key` and calls it at every request, so that no key exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from gemauth.client.sdk.bearer import QUOTA_PROJECT, Bearer

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["for_openai", "for_openai_async"]

_PATH = "/v1beta/openai/"


def for_openai(credentials: Credentials | None = None, **more: object) -> openai.OpenAI:
    """Return an `openai.OpenAI` for Gemini; `more` are other arguments of its constructor."""
    bearer = Bearer(credentials)
    return openai.OpenAI(**_arguments(bearer, more), api_key=lambda: bearer.token().value)


def for_openai_async(credentials: Credentials | None = None, **more: object) -> openai.AsyncOpenAI:
    """Return an `openai.AsyncOpenAI` for Gemini; `more` are other arguments of its constructor."""
    bearer = Bearer(credentials)

    async def key() -> str:
        return (await bearer.credentials.token_async()).value

    return openai.AsyncOpenAI(**_arguments(bearer, more), api_key=key)


def _arguments(bearer: Bearer, more: dict[str, object]) -> dict[str, Any]:
    mine = bearer.credentials
    base = more.pop("base_url", None) or f"{mine.endpoints.gemini}{_PATH}"
    bearer.require_destination(str(base))
    quota = {QUOTA_PROJECT: mine.quota_project} if mine.quota_project is not None else {}
    given: Any = more.pop("default_headers", None) or {}
    headers = {**quota, **given}
    return {**more, "base_url": base, "default_headers": headers}
