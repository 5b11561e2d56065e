from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls.uploads import AnswerLostError
from gemauth.client.gemini.flows.files import Files
from gemauth.client.gemini.flows.waiting import FileFailedError, NotDoneError
from gemauth.errors import UsageError
from gemauth.flow import Open, Wait, run
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini.resources.files import File
from tests.client.calls.test_downloads import World
from tests.client.calls.test_streams import Parts
from tests.client.calls.test_uploads import Server
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gemauth.flow import Flow
    from gemauth.http import Request, Response

DO = Files(MINE)
F = "files/x"

# operation, verb, path (gemini-api.md section 9)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str]] = [
    (lambda: DO.list(page_size=3)("t"), "GET", "files?pageSize=3&pageToken=t"),
    (lambda: DO.get("x"), "GET", F),
    (lambda: DO.get(F), "GET", F),
    (lambda: DO.delete(F), "DELETE", F),
]


@pytest.mark.parametrize(("operation", "verb", "path"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str
) -> None:
    """Verb, path and query as the API has them."""
    play(operation(), expects(verb, path))


def test_an_upload(tmp_path: Path) -> None:
    """The type is the path's, the name is the caller's; the path's own name stays here."""
    path = tmp_path / "private-name.txt"
    path.write_bytes(b"hello")
    server = Server()
    file = run(DO.upload(path, display_name="Shown", name="x"), server)
    assert file == File(name="files/x")
    start = server.asked[0]
    assert json.loads(start.body) == {
        "file": {"name": "files/x", "displayName": "Shown", "mimeType": "text/plain"}
    }
    assert bytes(server.received) == b"hello"
    assert "private-name" not in repr([dict(r.headers) for r in server.asked]) + str(start.body)


def test_a_type_that_nobody_knows(tmp_path: Path) -> None:
    """It must be given; nothing is sent before."""
    for file in (b"x", tmp_path / "a.unheard-of"):
        if not isinstance(file, bytes):
            file.write_bytes(b"x")
        server = Server()
        with pytest.raises(UsageError, match="media type"):
            run(DO.upload(file), server)
        assert server.asked == []


def test_an_answer_that_was_lost() -> None:
    """With a name of the caller's own the file is looked up; without one it is an error."""

    class Named(Server):
        def _answer(self, request: Request) -> Response:
            if request.method == "GET":
                assert request.url == f"{GOOGLE.gemini}/v1beta/files/x"
                self.final = True
                return expects("GET", F, None, {"name": F, "state": "ACTIVE"})[1](_send(request))
            return super()._answer(request)

    file = run(DO.upload(b"0", mime_type="text/plain", name="x"), Named(faults=["answer lost"]))
    assert file.state == "ACTIVE"
    with pytest.raises(AnswerLostError):
        run(DO.upload(b"0", mime_type="text/plain"), Server(faults=["answer lost"]))


def _send(request: Request) -> Any:
    from gemauth.flow import Send

    return Send(request)


def test_waiting() -> None:
    """Until it is ACTIVE, or cannot be, or the time is over."""

    def seen(state: str) -> Any:
        return expects("GET", F, None, {"name": F, "state": state})

    lines = [seen("PROCESSING"), (Wait(1.0), None), seen("ACTIVE")]
    assert play(DO.wait("x"), *lines).state == "ACTIVE"
    with pytest.raises(FileFailedError, match=r"files/x could not be processed"):
        play(DO.wait("x"), seen("FAILED"))
    with pytest.raises(NotDoneError, match="files/x is not done after 0"):
        play(DO.wait("x", timeout=0), seen("PROCESSING"))


def test_downloads(tmp_path: Path) -> None:
    """`alt=media` asks for the content."""

    def check(step: Open) -> Parts:
        assert step.request.url == f"{GOOGLE.gemini}/v1beta/files/x:download?alt=media"
        assert step.request.headers["accept"] == "*/*"
        raise UsageError("enough")

    with pytest.raises(UsageError, match="enough"):
        play(DO.download("x"), (Open, check))
    assert run(DO.download("x"), World(Parts(b"one"))) == b"one"
    assert run(DO.download_to("x", str(tmp_path / "a")), World(Parts(b"one"))) == 3
    assert (tmp_path / "a").read_bytes() == b"one"
