"""`--isolate` as a whole: a real child in real namespaces, and where the system forbids them."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gemauth.run.isolation import IsolationForbiddenError, isolated, namespace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's"),
]


class _Emulator(http.server.BaseHTTPRequestHandler):
    """Answers with the Host that it was called by."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']}\n".encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


@pytest.fixture
def emulator() -> Iterator[str]:
    """The address of a server that stands for the emulator."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Emulator) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The run's folder."""
    (tmp_path / "bundle.pem").write_text("OUR BUNDLE\n", encoding="ascii")
    return tmp_path


def run(emulator: str, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """What a shell script prints inside."""
    with isolated(emulator, folder) as isolation:
        return subprocess.run(
            isolation.wrap(["sh", "-c", script]),
            pass_fds=isolation.descriptors,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


# -I: without the outbound guard of this suite, which would refuse the names that lead to the
# emulator here; inside, the kernel is the guard.
_GET = f"""{sys.executable} -I -c '
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
print(opener.open(sys.argv[1], timeout=20).read().decode().strip())' """


def test_everything_of_googles_ends_at_the_emulator(emulator: str, folder: Path) -> None:
    """Port 80 of any Google name, the metadata address and the emulator's own reach it."""
    port = emulator.rpartition(":")[2]
    script = "; ".join(
        _GET + url
        for url in (
            "http://oauth2.googleapis.com/",
            "http://metadata.google.internal/",
            "http://169.254.169.254/",
            emulator,
            f"http://localhost:{port}/",
        )
    )
    done = run(emulator, folder, script)
    assert done.stdout.split() == [
        "oauth2.googleapis.com",
        "metadata.google.internal",
        "169.254.169.254",
        f"127.0.0.1:{port}",
        f"localhost:{port}",
    ], done.stderr


def test_port_443_reaches_the_emulator_byte_for_byte(folder: Path) -> None:
    """TLS is carried as it is, both ways, and a half-closed connection still gets its answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                data = stream.read()
                connection.sendall(b"%d bytes" % len(data))

        thread = threading.Thread(target=answer)
        thread.start()
        script = f"""{sys.executable} -I -c '
import socket
with socket.create_connection(("generativelanguage.googleapis.com", 443), 20) as s:
    s.sendall(bytes([22, 3, 1]) * 1000000)
    s.shutdown(socket.SHUT_WR)
    print(s.recv(100).decode())'"""
        done = run(f"http://127.0.0.1:{server.getsockname()[1]}", folder, script)
        thread.join()
    assert done.stdout == "3000000 bytes\n", done.stderr


def test_nothing_else_can_be_reached(emulator: str, folder: Path) -> None:
    """Other names do not exist, other addresses have no route, and one interface is there."""
    script = f"""{sys.executable} -I -c '
import socket
for name in ("example.com", "pypi.example"):
    try:
        socket.getaddrinfo(name, 443)
    except socket.gaierror as error:
        print(error.errno == socket.EAI_NONAME)
for address in ("192.0.2.1", "8.8.8.8"):
    try:
        socket.create_connection((address, 443), 5)
    except OSError as error:
        print(error.strerror)
print([name for _, name in socket.if_nameindex()])'"""
    done = run(emulator, folder, script)
    assert done.stdout.splitlines() == [
        "True",
        "True",
        "Network is unreachable",
        "Network is unreachable",
        "['lo']",
    ], done.stderr


def test_the_emulators_proxy_leads_nowhere_else(emulator: str, folder: Path) -> None:
    """A CONNECT to this machine, its network or any other host is refused at the border, however it
    is cut up; one to a host of Google's is the emulator's to answer (501 from this one).
    """
    port = emulator.rpartition(":")[2]
    script = f"""{sys.executable} -I -c '
import socket, time
for target in ("127.0.0.1:{port}", "192.168.1.1:443", "[::1]:80", "example.com:8443",
               "oauth2.googleapis.com:443", "metadata.google.internal:80"):
    with socket.create_connection(("127.0.0.1", {port}), 20) as s:
        s.sendall(b"CONN")
        time.sleep(0.05)
        s.sendall(("ECT " + target + " HTTP/1.1\\r\\n\\r\\n").encode())
        print(s.recv(12).decode(), target)'"""
    done = run(emulator, folder, script)
    assert [line.split()[1] for line in done.stdout.splitlines()] == [
        *["403"] * 4,
        *["501"] * 2,
    ], done.stderr


def test_authorities_and_user_are_the_runs(emulator: str, folder: Path) -> None:
    """Programs that know no variable trust our bundle; the user and the exit code stay theirs."""
    paths = [path for path in namespace._BUNDLES if os.path.exists(path)]  # noqa: PTH110
    done = run(emulator, folder, f"id -u; cat {' '.join(paths)} /etc/resolv.conf; exit 7")
    lines = done.stdout.splitlines()
    assert lines[0] == str(os.getuid())
    assert lines[1 : 1 + len(paths)] == ["OUR BUNDLE"] * len(paths)
    assert "nameserver 127.0.0.1" in lines
    assert done.returncode == 7


def test_the_machine_outside_is_unchanged(emulator: str, folder: Path) -> None:
    """Mounts and addresses are seen inside only."""
    before = subprocess.run(["cat", "/proc/mounts"], capture_output=True, check=True).stdout
    run(emulator, folder, "true")
    after = subprocess.run(["cat", "/proc/mounts"], capture_output=True, check=True).stdout
    assert before == after


@pytest.mark.parametrize(("command", "code"), [("no-such-command", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_start(emulator: str, folder: Path, command: str, code: int) -> None:
    """The shell's own exit codes: 127 for not found, 126 for not executable."""
    with isolated(emulator, folder) as isolation:
        done = subprocess.run(
            isolation.wrap([command]),
            pass_fds=isolation.descriptors,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, command in done.stderr) == (code, True)


def test_a_forbidden_namespace_is_named(
    emulator: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel refuses, the error says so before anything starts, and what to do."""
    refusing = folder / "refusing.py"
    refusing.write_text(
        "import sys\n"
        "from gemauth.run.isolation import namespace\n"
        "def refuse(): raise PermissionError(1, 'unshare: Operation not permitted')\n"
        "namespace.enter = refuse\n"
        "namespace.main(sys.argv[sys.argv.index('-S') + 2:])\n",
        encoding="ascii",
    )
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {refusing} "$@"\n', encoding="ascii")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    with (
        pytest.raises(IsolationForbiddenError, match="Operation not permitted") as error,
        isolated(emulator, folder),
    ):
        pytest.fail("nothing was refused")
    assert "seccomp" in str(error.value.next_step)
    assert error.value.exit_code == 2


def test_a_connection_that_is_left_open(
    emulator: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends with the run, at its other end too, and nothing is told of it."""
    port = urlsplit(emulator).port
    left = f"""{sys.executable} -I -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", {port}))
print("open", flush=True)
s.recv(1)
open(sys.argv[1], "x")' """
    ended = folder / "ended"
    done = run(
        emulator, folder, f"{left} {ended} > {folder}/said 2>&1 & sleep 1; cat {folder}/said"
    )
    assert done.stdout == "open\n", done.stderr
    until = time.monotonic() + 20
    while not ended.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert ended.exists()
    assert caplog.records == []


def test_nothing_is_left_behind(emulator: str, folder: Path) -> None:
    """After the block there is no thread and no descriptor of it, also if no child ever came."""
    before = (threading.active_count(), len(os.listdir("/proc/self/fd")))  # noqa: PTH208
    with isolated(emulator, folder):
        pass
    run(emulator, folder, "true")
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == before  # noqa: PTH208
