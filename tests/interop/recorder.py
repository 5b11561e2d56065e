"""A loopback server that writes down what it is asked, and answers what it is told to."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from gemauth.client.token import AccessToken
from gemauth.flow import Flow, Now

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Asked", "Recorder", "Token", "recorder"]


@dataclass(frozen=True)
class Asked:
    """One request: query pairs sorted, without the system parameters (`$alt`)."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str = field(compare=False)
    headers: dict[str, str] = field(compare=False, default_factory=dict)


class Recorder:
    """What came, and what goes out next, with which header fields beside the usual ones."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[Asked] = []
        self.answer = "{}"
        self.answer_type = "application/json; charset=UTF-8"
        self.answer_headers: dict[str, str] = {}

    @property
    def address(self) -> str:
        """The server's root."""
        return f"http://127.0.0.1:{self.port}"

    def only(self) -> Asked:
        """Return the one request that came since, and forget it."""
        (asked,) = self.asked
        self.asked.clear()
        return asked


class Token:
    """A token such as emulators give, to whoever asks."""

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return it."""
        now: float = yield Now()
        return AccessToken("ya29.emu-interop", now + 3600)


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Lend a running recorder."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _record(self) -> None:
            parts = urlsplit(self.path)
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            query = tuple(sorted(pair for pair in pairs if not pair[0].startswith("$")))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.asked.append(Asked(self.command, parts.path, query, body, headers))
            content = kept.answer.encode()
            self.send_response(200)
            self.send_header("Content-Type", kept.answer_type)
            for name, value in kept.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _record  # noqa: N815  # http.server's names

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept = Recorder(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()
