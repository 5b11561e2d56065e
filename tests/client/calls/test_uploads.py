from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.client.calls import uploads
from gemauth.client.calls.upload_source import UploadSource
from gemauth.client.calls.uploads import AnswerLostError, Upload
from gemauth.client.transport import ConnectionLostError
from gemauth.errors import DataError, GemauthError, UnreachableError
from gemauth.flow import Disk, Now, Send, Wait, run
from gemauth.google.endpoints import GOOGLE
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import Headers, Request, Response
from tests.client.calls.test_call import credentials
from tests.client.calls.test_upload_source import Pipe
from tests.client.test_credentials import Fixed

if TYPE_CHECKING:
    from pathlib import Path

SESSION = f"{GOOGLE.gemini}/upload/v1beta/files?upload_id=secret-id"
FILE = {"file": {"name": "files/x"}}
# How a request may go wrong: never sent, sent in part, or carried out and the answer lost.
FAULTS = ("unsent", "half", "answer lost", "busy")


@dataclass
class Server:
    """Google's side of an upload, with the faults that a test names, one for each request."""

    faults: list[str | None] = field(default_factory=list)
    url: str = SESSION
    granularity: str | None = None
    received: bytearray = field(default_factory=bytearray)
    final: bool = False
    asked: list[Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    def do(self, step: object) -> Any:
        """Carry out a step."""
        match step:
            case Now():
                return self.now
            case Wait(seconds, spread):
                self.waits.append(spread)
                self.now += seconds + spread
                return None
            case Disk(work):
                return work()
            case Send(request):
                self.asked.append(request)
                return self._answer(request)
        raise AssertionError(step)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: Request) -> Response:
        command = request.headers["x-goog-upload-command"]
        fault = self.faults.pop(0) if self.faults and command != "start" else None
        if fault == "unsent":
            raise ConnectionLostError("cut")
        if fault == "busy":
            body = Status(Code.UNAVAILABLE, "busy").to_json()
            return Response(503, body=json.dumps(body).encode())
        if fault == "gone":
            body = Status(Code.NOT_FOUND, "no such upload").to_json()
            return Response(404, body=json.dumps(body).encode())
        if command == "start":
            headers = {"X-Goog-Upload-URL": self.url, "X-Goog-Upload-Status": "active"}
            if self.granularity:
                headers["X-Goog-Upload-Chunk-Granularity"] = self.granularity
            return Response(200, Headers(headers))
        assert request.url == SESSION
        if command != "query":
            assert int(request.headers["x-goog-upload-offset"]) == len(self.received)
            whole = request.body if fault != "half" else request.body[: len(request.body) // 2]
            self.received += whole
            if fault == "half":
                raise ConnectionLostError("cut")
            self.final = command == "upload, finalize"
        if fault == "answer lost":
            raise ConnectionLostError("cut")
        headers = {"X-Goog-Upload-Status": "final" if self.final else "active"}
        if command == "query":
            headers["X-Goog-Upload-Size-Received"] = str(len(self.received))
            return Response(200, Headers(headers))
        return Response(200, Headers(headers), json.dumps(FILE).encode() if self.final else b"")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let four bytes be a piece."""
    monkeypatch.setattr(uploads, "PIECE", 4)


def upload(server: Server, file: Any, **more: Any) -> dict[str, Any]:
    """Return what an upload became."""
    source = UploadSource(file)
    metadata = {"file": {"mimeType": "text/plain"}}
    flow = Upload(
        credentials(Fixed()), "v1beta/files", metadata, source, "text/plain", **more
    ).run()
    try:
        return run(flow, server)
    finally:
        source.close()


def test_an_upload() -> None:
    """Started with credentials and the metadata; the pieces go to its address without any."""
    server = Server()
    told: list[tuple[int, int | None]] = []
    progress = lambda *numbers: told.append(numbers)  # noqa: E731
    assert upload(server, b"0123456789", progress=progress) == FILE
    assert bytes(server.received) == b"0123456789"
    assert told == [(4, 10), (8, 10), (10, 10)]
    start, *pieces = server.asked
    assert (start.method, start.url) == ("POST", f"{GOOGLE.gemini}/upload/v1beta/files")
    assert dict(start.headers) == {
        "accept": "application/json",
        "content-type": "application/json",
        "authorization": "Bearer ya29.real",
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-type": "text/plain",
        "x-goog-upload-header-content-length": "10",
    }
    assert json.loads(start.body) == {"file": {"mimeType": "text/plain"}}
    sent = [(p.headers["x-goog-upload-command"], p.headers["x-goog-upload-offset"]) for p in pieces]
    assert sent == [("upload", "0"), ("upload", "4"), ("upload, finalize", "8")]
    assert not any("authorization" in piece.headers for piece in pieces)


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 8])
def test_every_size_ends_with_finalize(size: int) -> None:
    """Empty files and whole pieces too; where nobody knows the size, an empty piece ends it."""
    for file in (bytes(size), Pipe(bytes(size)), io.BytesIO(bytes(size))):
        server = Server()
        assert upload(server, file) == FILE
        assert bytes(server.received) == bytes(size)


def test_a_file_that_grows(tmp_path: Path) -> None:
    """What was announced is sent, and no byte more: think of a log that is being written."""
    path = tmp_path / "log"
    path.write_bytes(b"012345")
    server = Server()

    def grow(*_: object) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    assert upload(server, path, progress=grow) == FILE
    assert bytes(server.received) == b"012345"


@given(
    st.binary(max_size=20),
    st.lists(st.sampled_from([None, *FAULTS]), max_size=12),
    st.booleans(),
)
def test_whatever_breaks(data: bytes, faults: list[str | None], pipe: Any) -> None:
    """What arrives is the file, byte for byte, or the upload ends with an error that is ours."""
    server = Server(faults=list(faults))
    try:
        assert upload(server, Pipe(data) if pipe else data) == FILE
    except AnswerLostError:
        assert server.final
        assert bytes(server.received) == data
    except GemauthError:
        assert len(faults) >= 5
    else:
        assert bytes(server.received) == data
    assert "secret-id" not in repr(server.asked)


def test_going_on_where_it_broke_off() -> None:
    """Asked how much arrived, the rest is sent from there, after a wait."""
    server = Server(faults=[None, "half"])
    assert upload(server, b"0123456789") == FILE
    sent = [(r.headers["x-goog-upload-command"], r.body) for r in server.asked[1:]]
    assert sent == [
        ("upload", b"0123"),
        ("upload", b"4567"),
        ("query", b""),
        ("upload, finalize", b"6789"),
    ]
    assert server.waits == [1.0]


def test_a_connection_that_stays_lost() -> None:
    """Five times without a byte, with longer and longer waits; then the last error."""
    server = Server(faults=["unsent"] * 20)
    with pytest.raises(ConnectionLostError):
        upload(server, b"0123456789")
    assert server.waits == [1, 2, 4, 8, 16]


def test_an_answer_that_was_lost() -> None:
    """The file is there, and the error says how to find it."""
    server = Server(faults=["answer lost"])
    with pytest.raises(AnswerLostError) as caught:
        upload(server, b"012")
    assert "List the files" in (caught.value.next_step or "")


def test_refusals() -> None:
    """At the start and in the middle; an upload that is gone is not asked for five times."""
    server = Server(faults=[None, "gone"])
    with pytest.raises(StatusError, match="no such upload"):
        upload(server, b"0123456789")
    assert len(server.asked) == 3

    class Closed(Server):
        def _answer(self, request: Request) -> Response:
            body = Status(Code.PERMISSION_DENIED, "not you").to_json()
            return Response(403, body=json.dumps(body).encode())

    with pytest.raises(StatusError, match="not you"):
        upload(Closed(), b"0")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/upload/v1beta/files?upload_id=secret-id",
        SESSION.replace("https", "http"),
        SESSION.replace(".com", ".com:444"),
        SESSION.replace("https://", "https://evil@"),
        "https://[/",
    ],
)
def test_an_address_elsewhere(url: str) -> None:
    """The bytes go to the Google that was asked, or nowhere."""
    server = Server(url=url)
    with pytest.raises(UnreachableError, match=r"another host|no address") as caught:
        upload(server, b"0")
    assert len(server.asked) == 1
    assert "secret-id" not in str(caught.value)


def test_an_address_with_its_port() -> None:
    """The port that https has anyway is no other host."""
    server = Server(url=SESSION.replace(".com", ".com:443"))
    with pytest.raises(AssertionError, match="443"):  # the server of the tests sees the address
        upload(server, b"0")


def test_pieces_of_the_servers_size() -> None:
    """All but the last are multiples of the granularity that the server names."""
    server = Server(granularity="3")
    assert upload(server, b"0123456789") == FILE
    assert [len(r.body) for r in server.asked[1:]] == [3, 3, 3, 1]


def test_a_server_that_is_odd() -> None:
    """Numbers that cannot be are not believed."""

    class Odd(Server):
        def _answer(self, request: Request) -> Response:
            if request.headers["x-goog-upload-command"] == "query":
                headers = {"X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": "99"}
                return Response(200, Headers(headers))
            return super()._answer(request)

    with pytest.raises(UnreachableError, match="99 bytes arrived"):
        upload(Odd(faults=["half"]), b"0123456789")


def test_a_file_that_shrinks(tmp_path: Any) -> None:
    """It is not finished as if nothing was missing."""
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")

    class Shrinks(Server):
        def _answer(self, request: Request) -> Response:
            path.write_bytes(b"01234")
            return super()._answer(request)

    server = Shrinks()
    with pytest.raises(DataError, match="ended after 5 bytes instead of 10"):
        upload(server, path)
    assert not server.final
