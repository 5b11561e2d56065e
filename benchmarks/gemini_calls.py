"""What calls of the Gemini API cost the emulator: `python -m benchmarks.gemini_calls [CALLS]`.

In process and without a socket: a call goes into the emulator's ASGI app as a server hands it over.
Printed are medians of CPU microseconds for each call, and their multiple of a fixed piece of work,
since machines differ. A page of ten must cost a list of 1000 no more than the reading of its rows:
rows a hundred times as many, far below a hundred times the time.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from time import process_time
from typing import TYPE_CHECKING, Any

from gemauth.emulator.app import build, open_context
from gemauth.emulator.settings import Settings
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import TUNING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

CALLS = 500
ADA = "ada@example.com"
PROJECT = "benchmark"


async def call(
    app: ASGIApp, method: str, target: str, body: object = None, token: str | None = None
) -> Any:  # noqa: ANN401  # any JSON value
    """Send one request and return its answer's JSON."""
    path, _, query = target.partition("?")
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    return json.loads(b"".join(message.get("body", b"") for message in sent))


async def token_of_ada(app: ASGIApp) -> str:
    """Make a project with a client, and return a token that Ada gave to it."""
    seed = {
        "accounts": [{"email": ADA}],
        "projects": [
            {
                "projectId": PROJECT,
                "owner": ADA,
                "services": [GEMINI_SERVICE],
                "consentScreen": {"appName": "Benchmark", "supportEmail": ADA},
                "testUsers": [ADA],
                "clients": [{"kind": "desktop", "name": "benchmark"}],
            }
        ],
    }
    made = await call(app, "POST", "/_emulator/v1/seed", seed)
    client = made["clients"][0]["file"]["installed"]["client_id"]
    consent = {"account": ADA, "clientId": client, "scopes": [TUNING]}
    granted = await call(app, "POST", "/_emulator/v1/grants", consent)
    return str(granted["access_token"])


async def add_models(app: ASGIApp, first: int, count: int) -> None:
    """Make tuned models of Ada's."""
    for number in range(first, first + count):
        name = f"m{number}"
        model = {"id": name, "owner": ADA, "project": PROJECT, "resource": {"displayName": name}}
        await call(app, "POST", "/_emulator/v1/tuned-models", model)


def work() -> float:
    """Return the CPU seconds of a fixed piece of work: what the multiples are of."""
    start = process_time()
    json.dumps(list(range(2000)), indent=1)
    return process_time() - start


async def measure(app: ASGIApp, name: str, target: str, token: str, calls: int) -> str:
    """Return a line with what a call of one kind costs."""
    own, base = [], []
    for _ in range(calls):
        base.append(work())
        start = process_time()
        await call(app, "GET", target, token=token)
        own.append(process_time() - start)
    cost = statistics.median(own)
    return f"{name:36} {cost * 1e6:8.0f} µs {cost / statistics.median(base):7.2f}\n"


async def benchmark(calls: int) -> None:
    """Measure and print."""
    context = open_context(Settings())
    app = build(context)
    token = await token_of_ada(app)
    kinds = {
        "models.list": "/v1beta/models",
        "models.get": "/v1beta/models/gemini-2.5-flash",
    }
    for name, target in kinds.items():
        sys.stdout.write(await measure(app, name, target, token, calls))
    have = 0
    for number in (10, 100, 1000):
        await add_models(app, have, number - have)
        have = number
        name = f"tunedModels.list, ten of {number}"
        target = "/v1beta/tunedModels"
        sys.stdout.write(await measure(app, name, target, token, max(calls // 10, 1)))
    name, target = "tunedModels.list, all of 1000", "/v1beta/tunedModels?pageSize=1000"
    sys.stdout.write(await measure(app, name, target, token, max(calls // 100, 1)))
    context.store.close()


if __name__ == "__main__":
    asyncio.run(benchmark(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS))
