from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini_async import AsyncGemini
from gemauth.errors import CredentialError
from tests.client.test_gemini import CALLS, LISTS, MINE, lines, pages
from tests.client.transcript import AsyncSender, answer

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(("act", "expected"), CALLS)
def test_each_method_makes_its_request(act: Callable[[Any], Any], expected: list[str]) -> None:
    """The asynchronous client runs the same flow as its twin."""
    transport = AsyncSender(answer())

    async def go() -> None:
        async with AsyncGemini(MINE, transport=transport) as api:
            await act(api)

    asyncio.run(go())
    assert lines(transport.sender) == expected


@pytest.mark.parametrize(("act", "items", "path"), LISTS)
def test_lists_ask_for_page_after_page(act: Callable[[Any], Any], items: str, path: str) -> None:
    """`async for` over every page."""
    transport = AsyncSender(*pages(items))

    async def go() -> list[str]:
        return [item.name async for item in act(AsyncGemini(MINE, transport=transport))]

    assert asyncio.run(go()) == ["a", "b", "c"]
    assert lines(transport.sender) == [f"GET {path}", f"GET {path}&pageToken=t"]


def test_without_credentials_it_finds_them() -> None:
    """As its twin; here there are none."""
    import os

    os.environ["NO_GCE_CHECK"] = "true"
    with pytest.raises(CredentialError, match="No credentials"):
        AsyncGemini()


def test_it_closes_its_own_transport() -> None:
    """In an `async with` statement."""

    async def go() -> None:
        async with AsyncGemini(MINE) as api:
            assert api.credentials is MINE

    asyncio.run(go())
