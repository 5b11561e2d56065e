from __future__ import annotations

import json
import socket
import struct
import threading
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.client.identity import IdentityToken, NoIdentityError
from gemauth.client.sdk.metadata_server import MetadataServer
from gemauth.errors import CredentialError, UnreachableError
from gemauth.testing.clock import FakeClock
from tests.client.sdk.fakes import FAR, Source, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.flow import Flow

pytestmark = pytest.mark.processes

FLAVOR = {"Metadata-Flavor": "Google"}
DEFAULT = "/computeMetadata/v1/instance/service-accounts/default"


class There:
    """A server, and a client of it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        mine = credentials(source, scopes=("a", "b"), project="owner")
        self.server = MetadataServer(mine, clock=FakeClock(FAR - 100.5))

    def get(self, path: str, headers: Any = FLAVOR) -> tuple[int, str, Any]:
        """Return status, text and headers."""
        connection = HTTPConnection(self.server.host, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers


@pytest.fixture
def there() -> Iterator[There]:
    """A server that runs."""
    there = There(Source())
    with there.server:
        yield there


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "computeMetadata/\n"),
        ("/computeMetadata/v1/", "instance/\nproject/\nuniverse/\n"),
        ("/computeMetadata/v1/project/project-id", "owner"),
        ("/computeMetadata/v1/universe/universe-domain", "googleapis.com"),
        (
            "/computeMetadata/v1/instance/service-accounts/",
            "default/\nada@example.com/\n",
        ),
        (f"{DEFAULT}/", "aliases\nemail\nidentity\nscopes\ntoken\n"),
        (f"{DEFAULT}/email", "ada@example.com"),
        (f"{DEFAULT}/scopes", "a\nb\n"),
        (f"{DEFAULT}/scopes?alt=json", '["a", "b"]'),
        (
            f"{DEFAULT}/?recursive=true",
            '{"aliases": ["default"], "email": "ada@example.com", "scopes": ["a", "b"]}',
        ),
    ],
)
def test_what_there_is(there: There, path: str, text: str) -> None:
    """Google's paths, with the headers that its libraries look for; no token is asked for."""
    status, said, headers = there.get(path)
    assert (status, said) == (200, text)
    assert headers["Metadata-Flavor"] == "Google"
    assert headers["Server"] == "Metadata Server for VM"
    assert headers["Content-Type"] in {"application/text", "application/json"}
    assert len(headers["ETag"]) == 16
    assert there.source.asked == 0


@pytest.mark.parametrize("account", ["default", "ada@example.com", "ada%40example.com"])
def test_a_token(there: There, account: str) -> None:
    """By either name; with the whole seconds that it has left."""
    path = f"/computeMetadata/v1/instance/service-accounts/{account}/token?scopes=x"
    status, text, _ = there.get(path)
    assert status == 200
    assert json.loads(text) == {
        "access_token": "ya29.a0-0",
        "expires_in": 100,
        "token_type": "Bearer",
    }


def test_a_token_of_unknown_end(there: There) -> None:
    """It is not to be kept."""
    there.source.end = None
    assert json.loads(there.get(f"{DEFAULT}/token")[1])["expires_in"] == 0


@pytest.mark.parametrize(
    ("error", "status"), [(CredentialError("Ended."), 403), (UnreachableError("Off."), 503)]
)
def test_no_token(there: There, error: Exception, status: int) -> None:
    """What ended is refused; what may come back may be asked for again."""
    there.source.error = error
    found, text, _ = there.get(f"{DEFAULT}/token")
    assert (found, str(error) in text) == (status, True)


class Identified(Source):
    """Has ID tokens for one audience."""

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return one, with the address where that is wanted."""
        token = yield from self.token()
        if audience != "https://x":
            raise NoIdentityError("None for them.")
        return IdentityToken(f"{token.value} for {audience} {include_email}", audience, FAR)


def test_an_id_token(there: There) -> None:
    """For the audience that is asked for; a full one has the address, as on Compute Engine."""
    there = There(Identified())
    with there.server:
        path = f"{DEFAULT}/identity?audience=https%3A%2F%2Fx"
        assert there.get(path)[:2] == (200, "ya29.a0-0 for https://x False")
        assert there.get(f"{path}&format=full")[:2] == (200, "ya29.a0-0 for https://x True")
        assert there.get(f"{path}&format=standard")[2]["Content-Type"] == "application/text"
        for none in ("", "?audience=", "?format=full"):
            status, text, _ = there.get(f"{DEFAULT}/identity{none}")
            assert (status, "non-empty audience parameter required" in text) == (400, True)
        status, text, _ = there.get(f"{DEFAULT}/identity?audience=y")
        assert (status, "None for them." in text) == (404, True)
        for error, code in ((CredentialError("Ended."), 403), (UnreachableError("Off."), 503)):
            there.source.error = error
            assert there.get(path)[0] == code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Metadata-Flavor": "Other"},
        {**FLAVOR, "X-Forwarded-For": "10.0.0.1"},
        {**FLAVOR, "Host": "evil.example"},
        {**FLAVOR, "Host": "127.0.0.1.evil.example:80"},
        {**FLAVOR, "Host": "[::1"},
    ],
)
def test_who_is_not_let_in(there: There, headers: dict[str, str]) -> None:
    """Without the header, from a proxy, by another name: no token."""
    status, text, _ = there.get(f"{DEFAULT}/token", headers)
    assert status in {400, 403}
    assert "ya29" not in text
    assert there.source.asked == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/computeMetadata/v1/instance/id", 404),
        (f"{DEFAULT}/identity?audience=a", 404),
        (f"{DEFAULT}/email/", 404),
        (f"{DEFAULT}/email/x", 404),
        ("/computeMetadata/v1//project/", 404),
        (DEFAULT, 301),
    ],
)
def test_what_there_is_not(there: There, path: str, status: int) -> None:
    """404 as a page; a directory without its slash is moved there."""
    found, _, headers = there.get(path)
    assert found == status
    assert headers["Location"] == (f"{path}/" if status == 301 else None)


def test_nobody_known() -> None:
    """Without account and project there is the default account, and no project."""
    mine = credentials(account=None, quota_project=None)
    there = There(Source())
    there.server = MetadataServer(mine)
    with there.server:
        assert there.get(f"{DEFAULT}/email")[1] == "default"
        assert there.get("/computeMetadata/v1/project/project-id")[0] == 404
        assert json.loads(there.get(f"{DEFAULT}/token")[1])["access_token"] == "ya29.a0-0"


def test_a_client_that_goes_away(there: There, capfd: pytest.CaptureFixture[str]) -> None:
    """A program that breaks off in the middle of its request puts no traceback on the terminal."""
    host, port = there.server.host.split(":")
    for _ in range(3):
        with socket.create_connection((host, int(port)), timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHo")
            linger = struct.pack("ii", 1, 0)  # closed with a reset
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    while any("process_request" in thread.name for thread in threading.enumerate()):
        time.sleep(0.01)
    assert there.get("/")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_nothing_is_left(there: There) -> None:
    """A second server on its port is refused while it runs; afterwards nothing listens."""
    port = int(there.server.host.rpartition(":")[2])
    with pytest.raises(gemauth.UsageError, match=str(port)):
        MetadataServer(credentials(), port).__enter__()
    with pytest.raises(gemauth.UsageError, match=r"listened on: ports are 0 to 65535\."):
        MetadataServer(credentials(), 99_999).__enter__()
    with MetadataServer(credentials()) as other:
        port = int(other.host.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
