from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls.downloads import Download, to_memory, to_path
from gemauth.client.transport import ConnectionLostError
from gemauth.errors import DataError
from gemauth.flow import Disk, Now, Open, Read, run
from gemauth.google.endpoints import GOOGLE
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import Headers, Request
from tests.client.calls.test_call import credentials
from tests.client.calls.test_streams import Parts
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer

if TYPE_CHECKING:
    from pathlib import Path

DOWNLOAD = Download(
    credentials(Fixed()), Request("GET", f"{GOOGLE.gemini}/v1beta/files/x:download?alt=media")
)


class World:
    """Opens the answers that were given, and does the rest."""

    def __init__(self, *answers: Parts) -> None:
        self.answers = list(answers)

    def do(self, step: object) -> Any:
        """Carry out a step."""
        match step:
            case Now():
                return 0.0
            case Open():
                return self.answers.pop(0)
            case Read(incoming):
                return incoming.read()
            case Disk(work):
                return work()
        raise AssertionError(step)

    def close(self) -> None:
        """Nothing is open."""


def test_into_memory() -> None:
    """Part by part; the answer is closed."""
    parts = Parts(b"one", b"two")
    assert run(to_memory(DOWNLOAD), World(parts)) == b"onetwo"
    assert parts.closed


def test_to_a_path(tmp_path: Path) -> None:
    """What was there is replaced when all has come; progress is told with the length."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    parts = Parts(b"one", b"two")
    parts.headers = Headers({"Content-Length": "6"})
    told: list[Any] = []
    flow = to_path(DOWNLOAD, str(target), lambda *numbers: told.append(numbers))
    assert run(flow, World(parts)) == 6
    assert target.read_bytes() == b"onetwo"
    assert told == [(3, 6), (6, 6)]
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_half_a_download(tmp_path: Path) -> None:
    """The old file stays; nothing half lies about."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    parts = Parts(b"one", ConnectionLostError("cut"))
    with pytest.raises(ConnectionLostError):
        run(to_path(DOWNLOAD, str(target)), World(parts))
    assert parts.closed
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    """Named with the system's words."""
    with pytest.raises(DataError, match="No such file"):
        run(to_path(DOWNLOAD, str(tmp_path / "none" / "a")), World(Parts(b"one")))


def test_a_refusal() -> None:
    """As for any call."""
    body = answer(**Status(Code.PERMISSION_DENIED, "not you").to_json()).body
    with pytest.raises(StatusError, match="not you"):
        run(to_memory(DOWNLOAD), World(Parts(body, status=403)))


def test_through_a_link(tmp_path: Path) -> None:
    """What it leads to is written; the link stays."""
    (tmp_path / "real").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("real")
    assert run(to_path(DOWNLOAD, str(link)), World(Parts(b"new"))) == 3
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_into_a_pipe(tmp_path: Path) -> None:
    """What is no file is written to, and not replaced: think of root and /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run(to_path(DOWNLOAD, str(pipe)), World(Parts(b"one", b"two"))) == 6
    assert os.read(reader, 100) == b"onetwo"
    os.close(reader)
    assert pipe.is_fifo()


def test_two_to_one_path(tmp_path: Path) -> None:
    """Each grows under a name of its own: the later one stands there whole."""
    target = str(tmp_path / "a")

    def meanwhile(written: int, _: int | None) -> None:
        if written == 3:
            assert run(to_path(DOWNLOAD, target), World(Parts(b"second"))) == 6

    flow = to_path(DOWNLOAD, target, meanwhile)
    assert run(flow, World(Parts(b"fir", b"st"))) == 5
    assert (tmp_path / "a").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1
