"""A stand-in for the Gemini API's half that the emulator does not do: it answers one of each.

It judges nothing: it lets a document's snippets run to their end. What they send is judged by the
published packages (tests/interop/test_typed_client.py and its neighbours).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.google import Google

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

FLASH = "POST /v1beta/models/gemini-2.5-flash"
EMBEDDER = "POST /v1beta/models/gemini-embedding-001"
CORPUS, DOCUMENT = "corpora/notes", "corpora/notes/documents/1843"
FILE = {
    "name": "files/notes",
    "mimeType": "text/plain",
    "uri": "https://generativelanguage.googleapis.com/v1beta/files/notes",
    "state": "ACTIVE",
}
SAYS = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}}],
    "usageMetadata": {"totalTokenCount": 2},
}
CHUNK = {"name": f"{DOCUMENT}/chunks/1", "data": {"stringValue": "Hello"}}
ANSWERS: dict[str, object] = {
    f"{FLASH}:generateContent": SAYS,
    f"{FLASH}:streamGenerateContent": [SAYS],  # an array, since its type is application/json
    f"{FLASH}:countTokens": {"totalTokens": 4},
    f"{EMBEDDER}:embedContent": {"embedding": {"values": [1.0, 2.0]}},
    "GET /v1beta/files/notes": FILE,
    "DELETE /v1beta/files/notes": {},
    "POST /v1beta/corpora": {"name": CORPUS},
    f"POST /v1beta/{CORPUS}/documents": {"name": DOCUMENT},
    f"POST /v1beta/{DOCUMENT}/chunks:batchCreate": {"chunks": [CHUNK]},
    f"POST /v1beta/{CORPUS}:query": {
        "relevantChunks": [{"chunkRelevanceScore": 0.9, "chunk": CHUNK}]
    },
}


class StandIn(Google):
    """The server; an upload is one piece (X-Goog-Upload-…: gemini-api.md section 9)."""

    @property
    def environ(self) -> dict[str, str]:
        """What leads a program here, signed in."""
        return {
            "GEMAUTH_EMULATOR": self.url,
            "GOOGLE_APPLICATION_CREDENTIALS": self.credentials(),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        self.answers |= {line: (200, value) for line, value in ANSWERS.items()}
        server, base = self, super()._handler()

        def upload(handler: BaseHTTPRequestHandler) -> None:
            if not handler.path.startswith("/upload/"):
                base.do_GET(handler)  # type: ignore[attr-defined]
                return
            sent = handler.rfile.read(int(handler.headers.get("content-length") or 0))
            server.asked.append((f"POST {handler.path}", {}, sent.decode()))
            started = handler.headers["x-goog-upload-command"] == "start"
            answer = b"{}" if started else json.dumps({"file": FILE}).encode()
            handler.send_response(200)
            if started:
                handler.send_header("x-goog-upload-url", f"{server.url}/upload/v1beta/files?id=1")
            handler.send_header("x-goog-upload-status", "active" if started else "final")
            handler.send_header("content-length", str(len(answer)))
            handler.end_headers()
            handler.wfile.write(answer)

        return type("Handler", (base,), {"do_POST": upload})
