"""A server whose certificate the emulator's authority made, and the preloads that lead to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authority import Authority
from gemauth.run import preload

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers with the Host that was asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell what came."""
        body = json.dumps({"host": self.headers["Host"], "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """TLS or not, by the first byte: as the emulator's one port."""

    authority: Authority

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept one connection."""
        connection, peer = self.socket.accept()
        return connection, peer

    def finish_request(self, request: object, client_address: object) -> None:
        """End TLS in the connection's own thread."""
        import socket

        assert isinstance(request, socket.socket)
        assert isinstance(client_address, tuple)
        if request.recv(1, socket.MSG_PEEK) == b"\x16":
            try:
                request = self.authority.server_context().wrap_socket(request, server_side=True)
            except OSError:
                return
        with request:
            Handler(request, client_address, self)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error here."""


@dataclass(frozen=True, slots=True)
class Place:
    """A run's preloads and the address they lead to."""

    folder: Path
    port: int
    ca: Path

    def python(
        self, code: str, *words: str, executable: str = sys.executable, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run code in a Python that starts with the preload, and the outbound guard behind it.

        Other Pythons than ours go without the guard, which is not written for them.
        """
        path = str(self.folder / "python")
        if executable == sys.executable:
            path += os.pathsep + os.environ["PYTHONPATH"]
        return self._run([executable, *words, "-c", code], {"PYTHONPATH": path, **variables})

    def node(self, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run code in a Node that starts with the preload."""
        required = f"--require {self.folder / 'node' / 'preload.cjs'}"
        more = {"NODE_OPTIONS": required, "NODE_EXTRA_CA_CERTS": str(self.ca)}
        return self._run(["node", "-e", code], {**more, **variables})

    @staticmethod
    def _run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=os.environ | {"GEMAUTH_DEBUG": "1"} | variables,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )


@pytest.fixture(scope="session")
def authority() -> Authority:
    """One authority for the suite: making one takes a while."""
    return Authority()


@pytest.fixture
def place(authority: Authority, tmp_path: Path) -> Iterator[Place]:
    """The preloads of a run whose emulator is a server that answers everything."""
    ca = tmp_path / "ca.pem"
    ca.write_text(authority.certificate_pem, encoding="utf-8")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.authority = authority
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        port = server.server_address[1]
        preload.write(tmp_path / "preload", ("127.0.0.1", port), ca)
        yield Place(tmp_path / "preload", port, ca)
        server.shutdown()
        thread.join()
