"""How the classes that people call run a family's flows: synchronously or on an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from gemauth.flow import arun, run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

    from gemauth.client.calls.paging import Pages
    from gemauth.client.calls.streams import Stream
    from gemauth.client.world import AsyncNetwork, Network
    from gemauth.flow import Flow

__all__ = ["AsyncFamily", "SyncFamily"]

F = TypeVar("F")
T = TypeVar("T")


class SyncFamily(Generic[F]):
    """Runs one family's flows to their ends."""

    def __init__(self, flows: F, network: Network) -> None:
        self._do = flows
        self._network = network

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self._network)

    def _each(self, pages: Pages[T]) -> Iterator[T]:
        token = ""
        while True:
            page = self._run(pages(token))
            yield from page.items
            token = page.next_token
            if not token:
                return

    def _stream(self, stream: Stream[T]) -> Generator[T, None, None]:
        messages = self._run(stream.open())
        try:
            while (message := self._run(messages.next())) is not None:
                yield message
        finally:
            messages.close()


class AsyncFamily(Generic[F]):
    """The same on an event loop."""

    def __init__(self, flows: F, network: AsyncNetwork) -> None:
        self._do = flows
        self._network = network

    async def _run(self, flow: Flow[T]) -> T:
        return await arun(flow, self._network)

    async def _each(self, pages: Pages[T]) -> AsyncIterator[T]:
        token = ""
        while True:
            page = await self._run(pages(token))
            for item in page.items:
                yield item
            token = page.next_token
            if not token:
                return

    async def _stream(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        messages = await self._run(stream.open())
        try:
            while (message := await self._run(messages.next())) is not None:
                yield message
        finally:
            messages.close()
