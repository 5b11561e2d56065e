"""The local Google that the judges meet: the emulator as a process, and what stands in it.

The judges run in `.venv-interop`, where the emulator's own dependencies are not, so it is started
with the command of `.venv`. What a test knows of the server's side it asks the control API, or
reads in the emulator's log of requests.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gemauth.client.control import Control
from gemauth.client.transport import Transport
from gemauth.errors import GemauthError
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ADA = "ada@example.com"
"""Owns the project, is a tester, owns the tuned models."""
GRACE = "grace@example.com"
"""Is a tester, and no more."""
EVE = "eve@example.com"
"""Has an account, and is no tester."""
TEAM = "team@example.com"
"""A group with Grace in it."""
PROJECT = "judges-project"

_COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"
_RECORDING = Path(__file__).parent / "wire" / "recording.py"
_START = 20.0  # seconds
_REQUEST = re.compile(r"[A-Z]+ /(?!_emulator/)\S* \d{3}")


class Emulator:
    """`gemauth emulator start` in a process of its own, and the log of what it answered.

    With a `log` it writes down there every request as it came.
    """

    def __init__(self, environ: Mapping[str, str], *, log: Path | None = None) -> None:
        self._environ = dict(environ)
        python = str(_COMMAND.with_name("python"))
        self._command = [str(_COMMAND)] if log is None else [python, str(_RECORDING), str(log)]
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        words = ["emulator", "start", "--in-memory", "--port", "0", "--log", "--format", "json"]
        self._process = subprocess.Popen(
            [*self._command, *words],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reader = threading.Thread(target=self._read, args=[self._process.stderr], daemon=True)
        self._reader.start()
        started = self._process.stdout.readline()
        assert started, f"the emulator did not start: {self._lines}"
        self.address: str = json.loads(started)["address"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            assert self._process.wait(_START) == 0, self._lines
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join(_START)
            for stream in (self._process.stdout, self._process.stderr):
                assert stream is not None
                stream.close()

    @property
    def port(self) -> int:
        """Its TCP port."""
        return int(self.address.rpartition(":")[2])

    @property
    def log(self) -> list[str]:
        """Its lines so far: each request as `METHOD path status`, and every defect."""
        return list(self._lines)

    def _read(self, stream: Any) -> None:
        self._lines.extend(line.rstrip("\n") for line in iter(stream.readline, ""))


class Requests:
    """The requests that the emulator answers while a test looks, but for the control API's."""

    _marks = itertools.count(1)

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._control = Control(emulator.address)
        self._before = len(self._marked())

    def seen(self) -> list[str]:
        """Return them as `METHOD path status`, every one that was answered before this call."""
        new = self._marked()[self._before :]
        return [line for line in new if _REQUEST.fullmatch(line)]

    def count(self, line: str) -> int:
        """Return how many were exactly this."""
        return self.seen().count(line)

    def close(self) -> None:
        """Let go of the connection."""
        self._control.close()

    def _marked(self) -> list[str]:
        """Return the log up to a request of our own: it is written after the answer is sent."""
        mark = f"mark-{next(self._marks)}"
        with suppress(GemauthError):
            self._control.call("GET", "clients", mark)
        line = f"GET /_emulator/v1/clients/{mark} 404"
        until(lambda: line in self._emulator.log, line)
        log = self._emulator.log
        return log[: log.index(line)]


class Proxy:
    """Stands before the emulator as `HTTPS_PROXY`, hands every byte on, and notes who asked.

    What it notes is the emulator's own answer: it refuses nothing by itself.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.tunnels: list[tuple[str, int]] = []
        """(host:port asked for, status of the emulator's answer), one for each attempt."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop taking connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(_START)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=[connection], daemon=True).start()

    def _relay(self, connection: socket.socket) -> None:
        emulator = socket.create_connection(("127.0.0.1", self._target), timeout=_START)
        with connection, emulator, suppress(OSError):
            connection.settimeout(_START)
            asked, answer = _head(connection), b""
            emulator.sendall(asked)
            answer = _head(emulator)
            method, target, _ = asked.split(b" ", 2)
            status = int(answer.split(b" ", 2)[1])
            self.tunnels.append((f"{method.decode()} {target.decode()}", status))
            connection.sendall(answer)
            # A tunnel that was opened carries on, a refusal has the rest of its text to come.
            back = threading.Thread(target=_carry, args=[emulator, connection], daemon=True)
            back.start()
            _carry(connection, emulator)
            back.join(_START)


def _head(connection: socket.socket) -> bytes:
    """Return what comes up to an empty line, and perhaps more, or until the end."""
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
        head += more
    return head


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while more := source.recv(65536):
            sink.sendall(more)
        sink.shutdown(socket.SHUT_WR)


class Google:
    """One emulator with a project, people and an OAuth client, and verbs to make more."""

    _names = itertools.count(1)

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.address = emulator.address
        self._transport = Transport({})
        self.control = Control(self.address, transport=self._transport)
        made = self.control.seed(
            {
                "accounts": [
                    {"email": ADA, "name": "Ada Lovelace", "workspace": True},
                    {"email": GRACE, "name": "Grace Hopper", "workspace": True},
                    {"email": EVE, "name": "Eve"},
                ],
                "groups": [{"email": TEAM, "members": [GRACE]}],
                "projects": [
                    {
                        "projectId": PROJECT,
                        "owner": ADA,
                        "services": [GEMINI_SERVICE, "iam.googleapis.com"],
                        "consentScreen": {"appName": "Judges", "supportEmail": ADA},
                        "testUsers": [ADA, GRACE],
                        "clients": [{"kind": "desktop", "name": "cli"}],
                        "apiKeys": [{"displayName": "ci"}],
                    }
                ],
            }
        )
        self.client_file: dict[str, Any] = made["clients"][0]["file"]
        """The downloaded client_secret_….json."""
        self.api_key: str = made["apiKeys"][0]["key"]
        self.client_id: str = self.client_file["installed"]["client_id"]
        self.client_secret: str = self.client_file["installed"]["client_secret"]
        self._token = self.tokens(ADA, "cloud-platform", "tuning")["access_token"]

    def close(self) -> None:
        """Let go of the connections."""
        self.control.close()

    def tokens(self, email: str, *scopes: str) -> dict[str, Any]:
        """Return the token endpoint's answer to a consent that the person gave earlier."""
        body = {"account": email, "clientId": self.client_id, "scopes": list(scopes)}
        return self.control.call("POST", "grants", body=body)

    def tuned_model(self, owner: str = ADA) -> str:
        """Return the name of a new tuned model."""
        name = f"model-{next(self._names)}"
        body = {"id": name, "owner": owner, "project": PROJECT, "resource": {"displayName": name}}
        made = self.control.call("POST", "tuned-models", body=body)
        return str(made["name"])

    def roles(self, tuned_model: str) -> dict[str, str]:
        """Return a tuned model's roles by e-mail address or EVERYONE, as the server has them."""
        models = self.control.tuned_models()
        return next(dict(model["roles"]) for model in models if model["name"] == tuned_model)

    def get(self, path: str) -> dict[str, Any]:
        """Return what an API answers to Ada."""
        return self._call("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an API answers to what Ada sends."""
        return self._call("POST", path, body)

    def service_account(self) -> dict[str, Any]:
        """Return the key file of a new service account, made through the IAM API as Ada."""
        account = self._call(
            "POST",
            f"/v1/projects/{PROJECT}/serviceAccounts",
            {"accountId": f"robot-{next(self._names)}"},
        )
        key = self._call("POST", f"/v1/{account['name']}/keys", {})
        return dict(json.loads(base64.b64decode(key["privateKeyData"])))

    def delete_key(self, key: Mapping[str, Any]) -> None:
        """Delete a service account's key through the IAM API."""
        account = f"projects/{PROJECT}/serviceAccounts/{key['client_email']}"
        self._call("DELETE", f"/v1/{account}/keys/{key['private_key_id']}", None)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        headers = Headers({"Authorization": f"Bearer {self._token}", "Content-Type": JSON})
        raw = b"" if body is None else json.dumps(body).encode()
        answer = self._transport.send(Request(method, self.address + path, headers, raw))
        assert answer.ok, answer.body
        return answer.json()


def until(true: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Wait until something is true; fail when it stays false."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds} seconds")
        time.sleep(0.01)
