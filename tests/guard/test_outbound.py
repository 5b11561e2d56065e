"""The audit hook: what it refuses, what it lets through, in this process and in a child."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.guard import outbound
from tests.isolation import GUARD

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", b"::1"]
ELSEWHERE = ["192.0.2.1", "0.0.0.0", "2001:db8::1", "169.254.169.254", "::ffff:192.0.2.1"]
NAMES = [
    "oauth2.googleapis.com",
    "localhost.example.com",
    "metadata.google.internal",
    "127.0.0.1.x",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_loopback(host: str | bytes) -> None:
    """Both address families, mapped addresses and the name itself stay on this machine."""
    assert outbound.is_loopback(host)


@pytest.mark.parametrize("host", [*ELSEWHERE, *NAMES, "", None, 5])
def test_everything_else_is_not(host: object) -> None:
    """Names that only look local, link-local addresses and the unspecified address do not."""
    assert not outbound.is_loopback(host)


@pytest.mark.parametrize(
    ("event", "arguments", "is_refused"),
    [
        ("socket.getaddrinfo", ("example.com", 443, 0, 0, 0), True),
        ("socket.getaddrinfo", (None, 0, 0, 0, 0), False),
        ("socket.getaddrinfo", ("", 0, 0, 0, 0), False),
        ("socket.gethostbyname", ("example.com",), True),
        ("socket.gethostbyaddr", ("127.0.0.1",), False),
        ("socket.getnameinfo", (("192.0.2.1", 80),), True),
        ("socket.getnameinfo", (("127.0.0.1", 80),), False),
    ],
)
def test_look_ups(event: str, arguments: tuple[Any, ...], is_refused: bool) -> None:  # noqa: FBT001
    """A look-up off loopback is refused: the query itself would leave the machine."""
    assert (outbound.refused(event, arguments) is not None) is is_refused


@pytest.mark.parametrize("event", ["socket.connect", "socket.sendto", "socket.sendmsg"])
def test_sends(event: str) -> None:
    """A socket may speak to loopback and to local families, to nothing else."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        assert outbound.refused(event, (six, ("2001:db8::1", 53, 0, 0)))
        assert outbound.refused(event, (six, ("::1", 53, 0, 0))) is None
    with socket.socket(socket.AF_UNIX) as local:
        assert outbound.refused(event, (local, "/run/something")) is None


def in_child(code: str, log: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a guarded child that writes its attempts to `log`, not to the run's own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {outbound.LOG: str(log)} | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_child_is_refused_and_recorded(tmp_path: Path) -> None:
    """A child that swallows the refusal is recorded all the same."""
    log = tmp_path / "attempts"
    code = """
import socket
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    lambda: socket.getaddrinfo("oauth2.googleapis.com", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
):
    try:
        attempt()
    except RuntimeError as error:
        print(type(error).__name__)
"""
    child = in_child(code, log, PYTHONWARNINGS="ignore")
    assert child.stdout.split() == ["OutboundRefusedError"] * 3, child.stderr
    first, second, third = log.read_text(encoding="utf-8").splitlines()
    assert first.startswith("socket.getaddrinfo to '192.0.2.1'")
    assert second.startswith("socket.getaddrinfo to 'oauth2.googleapis.com'")
    assert third.startswith("socket.sendto to '192.0.2.1'")


def test_a_child_reaches_loopback(tmp_path: Path) -> None:
    """The guard does not stand in the way of a server and a client on this machine."""
    log = tmp_path / "attempts"
    code = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(("localhost", server.getsockname()[1])):
        print("connected")
"""
    child = in_child(code, log)
    assert child.stdout == "connected\n", child.stderr
    assert not log.exists()


def test_the_guard_adds_nothing_to_start_up(tmp_path: Path) -> None:
    """A child that counts its own imports finds only the guard's two modules added."""
    code = "import sys; print(*sorted(sys.modules))"
    guarded = set(in_child(code, tmp_path / "attempts").stdout.split())
    bare = set(in_child(code, tmp_path / "attempts", PYTHONPATH="").stdout.split())
    assert guarded - bare <= {"sitecustomize", "outbound"}
    assert os.environ["PYTHONPATH"] == str(GUARD)
