"""Many callers, one expired token: a machine for it, and processes that all ask at one moment.

    with EmulatorServer() as server, Slow(server.address, 0.2) as slow:
        machine = Machine(home, slow)
        with Fleet(machine, processes=8, callers=32) as fleet:
            outcome = fleet.go()
        machine.refreshes()      how many requests the token endpoint got

Used by `tests/client/sources/test_stampede.py` and `benchmarks/stampede.py`. The same file is the
program that each process runs; in it `Kind` says how it asks.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

ADA = "ada@example.com"
PROJECT = "stampede-project"

Kind = Literal["threads", "own", "tasks", "google-auth"]
"""Threads that share their credentials, threads that each look for their own, tasks; or
google-auth's credentials, shared by threads."""


class Slow:
    """Stands before an emulator, and lets each request to its token endpoint take a while."""

    def __init__(self, address: str, delay: float) -> None:
        upstream = urlsplit(address)
        slow = self
        self.upstream = address
        self.delay = delay
        self.status: int | None = None  # answered instead, where it is set
        self.requests = 0
        self.took = 0.0  # seconds, from the last request's arrival to its answer's last byte
        self.closing = contextlib.ExitStack()  # what is to end with it

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:  # the base class' name
                came = time.time()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                slow.requests += 1
                time.sleep(slow.delay)
                if slow.status is not None:
                    self._answer(slow.status, b'{"error": "server_error"}')
                    return
                connection = HTTPConnection(upstream.hostname or "", upstream.port, timeout=30)
                kind = {"Content-Type": self.headers["Content-Type"]}
                connection.request("POST", self.path, body, kind)
                answer = connection.getresponse()
                self._answer(answer.status, answer.read())
                slow.took = time.time() - came
                connection.close()

            def _answer(self, status: int, body: bytes) -> None:
                head = (
                    f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                self.wfile.write(head.encode() + body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 512

            def handle_error(self, *_: object) -> None:
                """A client that was killed is none of ours."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Machine:
    """A home with a person's credentials, of an emulator that is reached through `slow`."""

    def __init__(self, home: Path, slow: Slow) -> None:
        from gemauth.client.control import Control

        self.home, self.address = home, slow.address
        self._control = slow.closing.enter_context(Control(slow.upstream))
        seeded = self._control.seed(
            {
                "accounts": [{"email": ADA}],
                "projects": [
                    {
                        "projectId": PROJECT,
                        "owner": ADA,
                        "consentScreen": {"appName": "Stampede", "supportEmail": ADA},
                        "testUsers": [ADA],
                        "clients": [{"kind": "desktop", "name": "stampede"}],
                    }
                ],
            }
        )
        client = seeded["clients"][0]["file"]["installed"]
        granted = self._control.create_grant(
            ADA, client_id=client["client_id"], scopes=["cloud-platform"]
        )
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": str(home),
            "GEMAUTH_EMULATOR": slow.address,
        }
        self.adc = home / ".config" / "gcloud" / "application_default_credentials.json"
        self.adc.parent.mkdir(parents=True, exist_ok=True)
        body = {
            "type": "authorized_user",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "refresh_token": granted["refresh_token"],
        }
        self.adc.write_text(json.dumps(body))

    @property
    def entry(self) -> str:
        """Where the token is kept."""
        from gemauth.client.cache.tokens import entry

        place = entry(self.environ, self.adc.read_bytes(), (), self.address)
        assert place is not None
        return place

    def expire(self) -> None:
        """Leave a token that was over an hour ago."""
        from gemauth.client.cache.tokens import store
        from gemauth.client.token import AccessToken

        now = time.time()
        store(self.entry, AccessToken("ya29.emu-expired", now - 3600, (), now - 7200))

    def refreshes(self) -> int:
        """How many refresh tokens the emulator has seen spent."""
        return sum(
            request.get("grantType") == "refresh_token" for request in self._control.requests()
        )


@dataclass
class Outcome:
    """What the processes had when all of them were done.

    Attributes:
        tokens: of each caller.
        errors: what went wrong, one line for each caller that has no token.
        seconds: from the word to the last caller's token.
    """

    tokens: list[str]
    errors: list[str]
    seconds: float


class MountForbidden(Exception):  # noqa: N818  # it says what happened
    """This machine lets nobody mount a file system in a namespace of their own."""


class Fleet:
    """Processes that are ready and wait for the word.

    Args:
        machine: whose token they want.
        processes: how many.
        callers: how many in each.
        kind: how they ask.
        python: the interpreter.
        fresh: whether they ask past the cache.
        mount: `ro`, or the options of a tmpfs that is filled to the brim, to be seen by each
            process alone in place of its cache folder.

    Raises:
        MountForbidden: when it is entered.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        processes: int,
        callers: int,
        kind: Kind = "threads",
        python: str = sys.executable,
        fresh: bool = False,
        mount: str = "",
    ) -> None:
        words = [python, __file__, kind, str(callers), "fresh" if fresh else "", mount]
        self._processes = [
            subprocess.Popen(  # noqa: S603, RUF100  # this very file
                words,
                env=machine.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]

    def __enter__(self) -> Self:
        for process in self._processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            if line == "forbidden\n":
                self.__exit__()
                raise MountForbidden
            assert line == "ready\n"
        return self

    def go(self) -> Outcome:
        """Give the word, and wait for all."""
        start = time.time()
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        outcome, end = Outcome([], [], 0.0), start
        for process in self._processes:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            outcome.tokens += told["tokens"]
            outcome.errors += told["errors"]
            end = max(end, told["end"])
        outcome.seconds = end - start
        return outcome

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


class _Callers:
    """The program's side: one process' callers."""

    def __init__(self, kind: str, number: int, *, fresh: bool) -> None:
        self.number = number
        self.fresh = fresh
        self.tokens: list[str] = []
        self.errors: list[str] = []
        self.end = 0.0
        self.go = self.tasks if kind == "tasks" else self.threads
        self.ask = getattr(self, f"{kind.replace('-', '_')}_ask", None)
        if kind == "google-auth":
            self._load_google_auth()
        else:
            self._load_gemauth()

    def _load_gemauth(self) -> None:
        import gemauth
        import gemauth.client.flows.refresh  # as the first request would; google-auth has its own
        from gemauth.client.transport import Transport

        self.transport = Transport()
        self.credentials: Any = gemauth.default().credentials

    def _load_google_auth(self) -> None:
        import google.auth.transport.requests
        import google.oauth2.credentials

        home = Path(os.environ["HOME"], ".config/gcloud/application_default_credentials.json")
        body = json.loads(home.read_text())
        self.request = google.auth.transport.requests.Request()
        self.credentials = google.oauth2.credentials.Credentials(
            None,
            refresh_token=body["refresh_token"],
            client_id=body["client_id"],
            client_secret=body["client_secret"],
            token_uri=f"{os.environ['GEMAUTH_EMULATOR']}/token",
        )

    def threads_ask(self) -> str:
        """Ask the process' credentials."""
        token = self.credentials.token(fresh=self.fresh, transport=self.transport)
        return str(token.value)

    def own_ask(self) -> str:
        """Ask credentials that nobody else has."""
        import gemauth

        found = gemauth.default().credentials
        return found.token(fresh=self.fresh, transport=self.transport).value

    def google_auth_ask(self) -> str:
        """Ask as google-auth's own sessions do before each request."""
        headers: dict[str, str] = {}
        self.credentials.before_request(self.request, "GET", "http://127.0.0.1/", headers)
        return headers["authorization"].removeprefix("Bearer ")

    def threads(self) -> None:
        """Ask on as many threads, which all start at the word."""
        word = threading.Barrier(self.number + 1)

        def caller() -> None:
            word.wait()
            try:
                assert self.ask is not None
                self.tokens.append(self.ask())
            except Exception as error:  # noqa: BLE001  # told to the other side
                self.errors.append(repr(error))
            self.end = max(self.end, time.time())

        threads = [threading.Thread(target=caller) for _ in range(self.number)]
        for thread in threads:
            thread.start()
        self.wait_for_the_word()
        word.wait()
        for thread in threads:
            thread.join()

    def tasks(self) -> None:
        """Ask in as many tasks of one event loop."""
        import asyncio

        import gemauth.client.connections.connection_async  # noqa: F401  # as above

        async def caller() -> None:
            try:
                token = await self.credentials.token_async(fresh=self.fresh)
                self.tokens.append(token.value)
            except Exception as error:  # noqa: BLE001  # told to the other side
                self.errors.append(repr(error))
            self.end = max(self.end, time.time())

        async def go() -> None:
            self.wait_for_the_word()
            await asyncio.gather(*[caller() for _ in range(self.number)])

        asyncio.run(go())

    def wait_for_the_word(self) -> None:
        """Say that everything is loaded, and wait."""
        print("ready", flush=True)
        sys.stdin.readline()

    def tell(self) -> None:
        """Say what came of it."""
        told = {"tokens": self.tokens, "errors": self.errors, "end": self.end}
        print(json.dumps(told), flush=True)


def mount_over(folder: Path, options: str) -> bool:
    """Mount a file system over a folder, for this process alone; whether this machine let us.

    As mount(2) and unshare(2) have it; a tmpfs that is not read-only is filled.
    """
    import ctypes

    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    new_mounts, private, recursive, read_only = 0x20000, 1 << 18, 1 << 14, 1
    flags, data = (read_only, b"") if options == "ro" else (0, options.encode())
    if (
        libc.unshare(new_mounts)
        or libc.mount(b"none", b"/", None, private | recursive, None)
        or libc.mount(b"tmpfs", bytes(folder), b"tmpfs", flags, data)
    ):
        return False
    if options != "ro":
        with contextlib.suppress(OSError), (folder / "fill").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    return True


if __name__ == "__main__":
    if sys.argv[4] and not mount_over(Path(os.environ["HOME"], ".config/gemauth"), sys.argv[4]):
        print("forbidden", flush=True)
        sys.exit()
    callers = _Callers(sys.argv[1], int(sys.argv[2]), fresh=bool(sys.argv[3]))
    callers.go()
    callers.tell()
