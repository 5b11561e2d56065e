"""An emulator that writes down every request as it came: `python recording.py LOG WORDS…`.

The words are `gemauth`'s own (`emulator start …`). Each request to a path of Google's is one line
of JSON in LOG: verb, host, path, query, headers and body. It stays on this machine, and what it
records are the emulator's secrets, which open nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.emulator import app
from gemauth.emulator.server import serve

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gemauth.emulator.context import Context

_OWN = "/_emulator/"


def recorded(inner: ASGIApp, log: Path) -> ASGIApp:
    """Return the app with a recorder in front."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_OWN):
            await inner(scope, receive, send)
            return
        parts: list[bytes] = []

        async def reading() -> Message:
            message = await receive()
            parts.append(message.get("body", b""))
            return message

        await inner(scope, reading, send)
        seen = {
            "verb": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in scope["headers"]],
            "body": b"".join(parts).decode("latin-1"),
        }
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{json.dumps(seen)}\n")

    return application


def main() -> int:
    """Run the command, and record what its emulator is asked."""
    from gemauth.cli.main import main as gemauth

    log = Path(sys.argv[1])

    def build(context: Context) -> ASGIApp:
        return recorded(app.build(context), log)

    serve.build = build  # type: ignore[attr-defined]  # it has no other door
    sys.argv = ["gemauth", *sys.argv[2:]]
    return gemauth()


if __name__ == "__main__":
    sys.exit(main())
