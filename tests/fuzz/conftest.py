"""One running emulator with something of every kind in it, and a wire that judges every answer."""

from __future__ import annotations

import io
import json
import logging
import socket
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from gemauth.emulator.iam import policy
from gemauth.testing.emulator import EmulatorServer
from tests.fuzz.nasty import ACCOUNT, PROJECT, REDIRECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 10.0
"""Seconds after which an answer is called missing: far more than any takes."""
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; status 0 is a connection that was closed without one."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, repr=False)
class Target:
    """An emulator to be fuzzed, and what is good in it: its credentials and names."""

    emulator: EmulatorServer
    log: io.StringIO
    client_id: str
    client_secret: str
    access_token: str
    refresh_token: str
    api_key: str
    robot: str
    key_id: str
    private_key: str

    @property
    def host(self) -> str:
        """Its Host header."""
        return urlsplit(self.emulator.address).netloc

    def raw(self, data: bytes, *, half_close: bool = False) -> Answer:
        """Send bytes as they are; return the last answer that came."""
        parts = urlsplit(self.emulator.address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE) as wire:
            try:
                wire.sendall(data)
                if half_close:
                    wire.shutdown(socket.SHUT_WR)
                received = b""
                while part := wire.recv(65536):
                    received += part
            except TimeoutError:
                pytest.fail(f"no answer within {PATIENCE} s to {data[:300]!r}")
            except (ConnectionError, OSError):
                pass  # it may be cut off: that is an answer to noise, too
        return _read(received)

    def send(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Answer:
        """Send one request and judge its answer.

        Whatever was sent, the caller is told in the protocol: never 500, never nothing, and JSON
        where JSON is announced.
        """
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}", "", ""]
        answer = self.raw("\r\n".join(lines).encode("utf-8", "surrogatepass") + body)
        sent = f"{method} {target[:500]} {body[:500]!r}"
        assert answer.status in range(200, 500) or answer.status == 501, (answer.status, sent)
        if method != "HEAD" and answer.headers.get("content-type", "").startswith(JSON):
            answer.json()
        self.judge(sent)
        return answer

    def judge(self, sent: object) -> None:
        """Fail if the emulator's log tells of a defect."""
        told = self.log.getvalue()
        assert not told, f"{sent}\n{told}"

    def repair(self) -> None:
        """Give the owner the role back that a fuzzed policy may have taken."""
        with self.emulator.context.store.write() as tx:
            policy.grant_role(tx, f"projects/{PROJECT}", "roles/owner", f"user:{ACCOUNT}")


class _Errors(logging.Handler):
    """Keeps what asyncio says of exceptions that nobody has handled."""

    def __init__(self, log: io.StringIO) -> None:
        super().__init__(logging.ERROR)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write(f"asyncio: {self.format(record)}\n")


@pytest.fixture
def target() -> Iterator[Target]:
    """A new emulator; when the test is over its log must be empty and it must still answer."""
    log = io.StringIO()
    errors = _Errors(log)
    logging.getLogger("asyncio").addHandler(errors)
    with EmulatorServer(log=log) as emulator:
        target = _furnished(emulator, log)
        yield target
        started = time.monotonic()
        assert target.send("GET", "/_emulator/v1/status").status == 200
        assert time.monotonic() - started < PATIENCE
    logging.getLogger("asyncio").removeHandler(errors)
    assert not log.getvalue()


def _furnished(emulator: EmulatorServer, log: io.StringIO) -> Target:
    bare = Target(emulator, log, *[""] * 8)

    def control(method: str, path: str, **members: Any) -> Any:
        answer = bare.send(
            method,
            f"/_emulator/v1{path}",
            [("Content-Type", JSON)],
            json.dumps(members).encode(),
        )
        assert answer.status == 200, answer.body
        return answer.json()

    for email in (ACCOUNT, "bob@example.com"):
        control("POST", "/accounts", email=email)
    control("POST", "/groups", email="team@example.com", members=["bob@example.com"])
    # Credentials belong to a project of their own, which no request here names: a fuzzed call may
    # delete the other one.
    for project in ("home-project", PROJECT):
        control("POST", "/projects", projectId=project, owner=ACCOUNT)
        for service in ("generativelanguage", "iam", "cloudresourcemanager", "iamcredentials"):
            control("PUT", f"/projects/{project}/services/{service}")
        control(
            "PUT",
            f"/projects/{project}/consent-screen",
            appName="Fuzz",
            supportEmail=ACCOUNT,
            publishingStatus="production",
        )
    home = "/projects/home-project"
    client = control("POST", f"{home}/clients", kind="desktop", name="home")
    granted = control(
        "POST",
        "/grants",
        account=ACCOUNT,
        clientId=client["clientId"],
        scopes=["cloud-platform", "tuning", "retriever", "openid"],
    )
    key = control("POST", f"{home}/api-keys", displayName="home")
    control("POST", "/tuned-models", id="fuzz-model", owner=ACCOUNT, project=PROJECT, resource={})
    bearer = [("Authorization", f"Bearer {granted['access_token']}"), ("Content-Type", JSON)]
    accounts = "/v1/projects/home-project/serviceAccounts"
    robot = bare.send("POST", accounts, bearer, b'{"accountId": "robot-one"}').json()["email"]
    made = bare.send("POST", f"{accounts}/{robot}/keys", bearer, b"{}").json()
    file = json.loads(b64decode(made["privateKeyData"]))
    return Target(
        emulator,
        log,
        client_id=client["clientId"],
        client_secret=client["file"]["installed"]["client_secret"],
        access_token=granted["access_token"],
        refresh_token=granted["refresh_token"],
        api_key=key["key"],
        robot=robot,
        key_id=file["private_key_id"],
        private_key=file["private_key"],
    )


def _read(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    if not first.startswith(b"HTTP/1."):
        return Answer(0, {}, received)
    fields = [line.decode("latin-1").partition(":") for line in lines]
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    return Answer(int(first.split(b" ")[1]), headers, body)


__all__ = ["FORM", "JSON", "REDIRECT", "Answer", "Target"]
