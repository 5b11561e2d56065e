"""A project with a desktop client at a running emulator, and an app that waits for its redirect."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterable

ADA = "ada@example.com"
EVE = "eve@example.com"
"""Has an account, and is no tester."""
GOOGLES = GOOGLE.authorization


class Lab:
    """An emulator with an app in Testing whose only tester is Ada."""

    def __init__(self) -> None:
        self.emulator = EmulatorServer()

    def __enter__(self) -> Self:
        self.emulator.__enter__()
        control = self.emulator.control
        for email in (ADA, EVE):
            control.create_account(email)
        control.create_project("my-project", owner=ADA)
        control.set_consent_screen("my-project", app_name="Demo", support_email=ADA)
        control.add_test_user("my-project", ADA)
        file: dict[str, Any] = control.create_client("my-project", "cli")["file"]
        self.client_id: str = file["installed"]["client_id"]
        return self

    def __exit__(self, *_: object) -> None:
        self.emulator.__exit__()

    @property
    def address(self) -> str:
        """The emulator's."""
        return self.emulator.address

    def url(self, redirect_uri: str | None, *, base: str = GOOGLES, **changes: str) -> str:
        """Return the authorization URL that an app shows: Google's own address."""
        parameters = {
            "client_id": self.client_id,
            "response_type": "code",
            "scope": f"{CLOUD_PLATFORM} {TUNING}",
            "state": "secret-state",
        }
        if redirect_uri is not None:
            parameters["redirect_uri"] = redirect_uri
        return f"{base}?{urlencode(parameters | changes)}"


class App:
    """What listens at a loopback redirect URI, and notes what it is asked."""

    def __init__(self, port: int = 0, locations: Iterable[str] = ()) -> None:
        self.paths: list[str] = []
        asked, there = self.paths, iter(locations)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                location = next(there, None)
                self.send_response(200 if location is None else 302)
                if location is not None:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Its port."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Its redirect URI."""
        return f"http://localhost:{self.port}/"
