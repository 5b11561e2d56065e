"""A stand-in for the far side on loopback: answers what a test has put, remembers what was asked.

It decides nothing; the emulator has its own tests, and `test_end_to_end.py` runs against it.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from pathlib import Path

CLIENT_ID = "1234-emutest.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-emu-secret"
REFRESH_TOKEN = "1//emu-refresh"
ACCESS_TOKEN = "ya29.emu-access"
CLOUD = "https://www.googleapis.com/auth/cloud-platform"
TUNING = "https://www.googleapis.com/auth/generative-language.tuning"


class Google:
    """One server; `answers` maps `METHOD /path` to (status, body), `asked` keeps the requests:
    line, headers by their lowercase names, body.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.answers: dict[str, tuple[int, Any]] = {
            "POST /token": (200, tokens()),
            "POST /revoke": (200, {}),
            "GET /v1beta/models": (200, {"models": []}),
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def client_file(self, kind: str = "installed") -> str:
        """Write a client_secret.json that names this server, and return its path."""
        client = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_uri": f"{self.url}/o/oauth2/v2/auth",
            "token_uri": f"{self.url}/token",
            "redirect_uris": ["http://localhost"],
        }
        path = self.folder / "client_secret.json"
        path.write_text(json.dumps({kind: client}))
        return str(path)

    def credentials(self) -> str:
        """Write a signed-in person's credential file, and return its path."""
        path = self.folder / "credentials.json"
        user = {
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
        }
        path.write_text(json.dumps(user))
        return str(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        google = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length).decode("utf-8", "surrogateescape")
                headers = {name.lower(): value for name, value in self.headers.items()}
                google.asked.append((f"{self.command} {self.path}", headers, body))
                line = f"{self.command} {self.path.partition('?')[0]}"
                status, value = google.answers.get(line, (404, {"error": {"code": 404}}))
                raw = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    @property
    def lines(self) -> list[str]:
        """The request lines, oldest first."""
        return [line for line, _, _ in self.asked]

    def form(self, line: str) -> dict[str, str]:
        """The form of the last request with that line."""
        return next(dict(parse_qsl(body)) for asked, _, body in self.asked[::-1] if asked == line)


def tokens(scope: str = f"{CLOUD} {TUNING}", **more: Any) -> dict[str, Any]:
    """A token endpoint's answer."""
    answer = {
        "access_token": ACCESS_TOKEN,
        "expires_in": 3599,
        "refresh_token": REFRESH_TOKEN,
        "scope": scope,
        "token_type": "Bearer",
    }
    return answer | more


def id_token(email: str) -> str:
    """An id token that says who signed in; nobody checks its signature."""
    claims = {"iss": "https://accounts.google.com", "aud": CLIENT_ID, "email": email}
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    signed = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*signed, "c2ln"])
