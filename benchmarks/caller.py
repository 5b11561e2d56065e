"""The program that `benchmarks/calls.py` starts for each client: it calls as often as it is told.

    python benchmarks/caller.py KIND URL TOKEN      KIND: a name in KINDS; URL: of the API's root

Each line on standard input is a number of calls; each line that is answered is the CPU seconds, of
all threads, that they took. It runs in the peers' environment too, so it imports what it measures
and nothing else.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MODELS = 50
IN_FLIGHT = 32


def gemauth_credentials(url: str, token: str) -> Any:  # noqa: ANN401  # any client's own
    """Return credentials of a token; plain http is an emulator's."""
    import gemauth

    emulator = url if url.startswith("http:") else None
    return gemauth.from_token(token, emulator=emulator).credentials


def gemauth_sync(url: str, token: str) -> Callable[[], int]:
    """Call with gemauth's typed client."""
    from gemauth import Gemini

    gemini = Gemini(gemauth_credentials(url, token))
    return lambda: len(list(gemini.models.list()))


def gemauth_async(url: str, token: str) -> Callable[[], Awaitable[int]]:
    """Call with gemauth's typed client on an event loop."""
    from gemauth import AsyncGemini

    gemini = AsyncGemini(gemauth_credentials(url, token))

    async def call() -> int:
        return len([model async for model in gemini.models.list()])

    return call


def authorized_session(url: str, token: str) -> Callable[[], int]:
    """Call with google-auth and requests; the answer is taken as JSON."""
    from google.auth.transport.requests import AuthorizedSession
    from google.oauth2.credentials import Credentials

    session = AuthorizedSession(Credentials(token))
    return lambda: len(session.get(f"{url}/v1beta/models").json()["models"])


def genai_client(url: str) -> Any:  # noqa: ANN401  # as above
    """Return Google's SDK; it knows API keys only (Developer API)."""
    from google import genai

    options = {"api_version": "v1beta", "base_url": url}
    return genai.Client(api_key="AIza-benchmark", http_options=options)


def genai_sync(url: str, _token: str) -> Callable[[], int]:
    """Call with google-genai."""
    client = genai_client(url)
    return lambda: len(list(client.models.list()))


def genai_async(url: str, _token: str) -> Callable[[], Awaitable[int]]:
    """Call with google-genai on an event loop."""
    client = genai_client(url)

    async def call() -> int:
        return len([model async for model in await client.aio.models.list()])

    return call


KINDS: dict[str, Callable[[str, str], Callable[[], Any]]] = {
    "gemauth": gemauth_sync,
    "gemauth-async": gemauth_async,
    "AuthorizedSession": authorized_session,
    "google-genai": genai_sync,
    "google-genai-async": genai_async,
}


def _seconds(call: Callable[[], int], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        assert call() == MODELS
    return time.process_time() - start


async def _seconds_async(call: Callable[[], Awaitable[int]], count: int) -> float:
    left = iter(range(count))

    async def several() -> None:
        for _ in left:
            assert await call() == MODELS

    start = time.process_time()
    await asyncio.gather(*(several() for _ in range(IN_FLIGHT)))
    return time.process_time() - start


def main(kind: str, url: str, token: str) -> None:
    """Answer line after line."""
    made = KINDS[kind](url, token)
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            count = int(line)
            asynchronous = kind.endswith("-async")
            spent = (
                runner.run(_seconds_async(made, count)) if asynchronous else _seconds(made, count)
            )
            sys.stdout.write(f"{spent}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
