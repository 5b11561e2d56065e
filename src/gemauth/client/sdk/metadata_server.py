"""A metadata server on loopback: tools that only know a Google machine's find the credentials.

The paths and rules are Google's (google-oauth.md 5.6), of what tools ask: account, scopes, project,
tokens, and ID tokens where Google gives the credentials one for the audience. Whoever can reach the
port gets tokens, which is how this protocol is; browsers cannot (the header, and Host, against DNS
rebinding).
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from gemauth.clock import SystemClock
from gemauth.errors import GemauthError, UnreachableError, UsageError
from gemauth.google.hosts import METADATA
from gemauth.http import LOOPBACK, parse_form

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from gemauth.client.credentials import Credentials
    from gemauth.client.world import Sender
    from gemauth.clock import Clock

__all__ = ["Answer", "MetadataServer", "answer"]

_HTML = "text/html; charset=UTF-8"
_TEXT = "application/text"
_JSON = "application/json"
# This machine by the names that containers have for it, beside its own.
_HOSTS = LOOPBACK | METADATA | {"host.docker.internal", "host.containers.internal"}
_TOKEN = "token"  # noqa: S105  # the last part of a path
_IDENTITY = "identity"
_IDLE = 60.0  # seconds that a connection may be silent


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, media type and text."""

    status: int
    media_type: str
    text: str


def answer(
    credentials: Credentials,
    path: str,
    query: Mapping[str, str],
    clock: Clock,
    transport: Sender | None = None,
) -> Answer:
    """Return the answer to a request that was let in.

    Args:
        credentials: whose account and projects are told.
        path: decoded, without the query.
        query: `recursive`, `alt`, `audience`, `format`; others are ignored, `scopes` too, as on
            Compute Engine.
        clock: tells how long a token lives.
        transport: sends the requests for tokens; None opens one for each.
    """
    names = [name for name in path.split("/") if name]
    node: Any = _tree(credentials)
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    if node is None or "//" in path:
        return _page(404, f"There is nothing at {path}.")
    if isinstance(node, dict):
        return _directory(node, path, query)
    if path.endswith("/"):
        return _page(404, f"{path} is no directory.")
    if node == names[-1] == _TOKEN:
        return _token(credentials, clock, transport)
    if node == names[-1] == _IDENTITY:
        return _identity(credentials, query, transport)
    return _leaf(node, query)


def _directory(node: dict[str, Any], path: str, query: Mapping[str, str]) -> Answer:
    if not path.endswith("/"):
        return _page(301, f"{path} is a directory.")
    if query.get("recursive", "").lower() == "true":
        return Answer(200, _JSON, json.dumps(_values(node)))
    lines = (f"{name}/" if isinstance(below, dict) else name for name, below in node.items())
    return Answer(200, _TEXT, "".join(f"{line}\n" for line in lines))


def _tree(credentials: Credentials) -> dict[str, Any]:
    email = credentials.account or "default"
    account = {
        "aliases": ["default"],
        "email": email,
        "identity": _IDENTITY,
        "scopes": list(credentials.scopes),
        "token": _TOKEN,
    }
    project = credentials.project or credentials.quota_project
    return {
        "computeMetadata": {
            "v1": {
                "instance": {"service-accounts": {"default": account, email: account}},
                "project": {} if project is None else {"project-id": project},
                "universe": {"universe-domain": "googleapis.com"},
            }
        }
    }


def _leaf(value: str | list[str], query: Mapping[str, str]) -> Answer:
    if query.get("alt") == "json":
        return Answer(200, _JSON, json.dumps(value))
    if isinstance(value, str):
        return Answer(200, _TEXT, value)
    return Answer(200, _TEXT, "".join(f"{line}\n" for line in value))


def _values(node: dict[str, Any]) -> dict[str, Any]:
    """Return what `recursive=true` shows: everything but tokens."""
    return {
        name: _values(below) if isinstance(below, dict) else below
        for name, below in node.items()
        if below not in (_TOKEN, _IDENTITY)
    }


def _token(credentials: Credentials, clock: Clock, transport: Sender | None) -> Answer:
    try:
        had = credentials.token(transport=transport)
    except GemauthError as error:
        return _refused(error)
    left = 0 if had.expires_at is None else max(int(had.expires_at - clock.now()), 0)
    body = {"access_token": had.value, "expires_in": left, "token_type": "Bearer"}
    return Answer(200, _JSON, json.dumps(body))


def _identity(
    credentials: Credentials, query: Mapping[str, str], transport: Sender | None
) -> Answer:
    audience = query.get("audience")
    if not audience:
        return _page(400, "non-empty audience parameter required")
    full = query.get("format") == "full"  # which on Compute Engine is what has the address
    try:
        had = credentials.identity_token(audience, include_email=full, transport=transport)
    except GemauthError as error:
        return _refused(error)
    return Answer(200, _TEXT, had.value)


def _refused(error: GemauthError) -> Answer:
    if isinstance(error, UnreachableError):
        return _page(503, str(error))  # which Google's libraries try again
    return _page(404 if isinstance(error, UsageError) else 403, str(error))


def _page(status: int, text: str) -> Answer:
    return Answer(status, _HTML, f"<!doctype html><title>{status}</title><p>{escape(text)}\n")


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away; of anything else, only what it was."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            sys.stderr.write(f"gemauth: a request failed: {type(error).__name__}\n")


class MetadataServer:
    """Serves credentials on 127.0.0.1 while its block runs; nothing listens afterwards.

    Args:
        credentials: who everybody is.
        port: 0 for any free one.
        transport: sends the requests for tokens; None opens one for each.
        clock: tells the time.
    """

    def __init__(
        self,
        credentials: Credentials,
        port: int = 0,
        *,
        transport: Sender | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._credentials = credentials
        self._port = port
        self._transport = transport
        self._clock = clock or SystemClock()

    def __enter__(self) -> Self:
        """Listen and serve, on a thread.

        Raises:
            UsageError: the port is in use.
        """
        try:
            self._server = _Server(("127.0.0.1", self._port), self._handler())
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"Port {self._port} of 127.0.0.1 cannot be listened on: "
                f"{getattr(error, 'strerror', None) or 'ports are 0 to 65535'}.",
                next_step="Choose another one, or none: --port 0 takes any that is free.",
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="gemauth-metadata", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        """Its address for GCE_METADATA_HOST and GCE_METADATA_IP, such as `127.0.0.1:40123`."""
        return f"127.0.0.1:{self._server.server_port}"

    def _answer(self, target: str, headers: Message) -> Answer:
        """Let a request in or not, and answer it."""
        try:
            parts = urlsplit(target)
            host = urlsplit(f"//{headers.get('Host', '')}").hostname
        except ValueError:
            return _page(400, "The address is none.")
        if host not in _HOSTS:
            return _page(403, "This is not the name of a metadata server.")
        if headers.get("Metadata-Flavor", "").lower() != "google":
            return _page(403, "The header Metadata-Flavor: Google is missing.")
        if "X-Forwarded-For" in headers:
            return _page(403, "Forwarded requests are not answered.")
        path = unquote(parts.path)
        query = parse_form(parts.query)
        return answer(self._credentials, path, query, self._clock, self._transport)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = _IDLE

            def do_GET(self) -> None:
                found = server._answer(self.path, self.headers)
                body = found.text.encode()
                self.send_response(found.status)
                if found.status == 301:
                    where, mark, query = self.path.partition("?")
                    self.send_header("Location", f"{where}/{mark}{query}")
                self.send_header("Content-Type", found.media_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", hashlib.sha256(body).hexdigest()[:16])
                self.send_header("Metadata-Flavor", "Google")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def version_string(self) -> str:
                return "Metadata Server for VM"

            def log_message(self, *_: object) -> None:
                """Say nothing: who asks for a token is nobody's business on this terminal."""

        return Handler
