"""What each way to the emulator costs: `python -m benchmarks.transports [CALLS]`.

One emulator in a process of its own, one client at a time, one call (models.get): plain HTTP,
CONNECT and TLS as intercepted programs come, HTTP/2 prior knowledge, gRPC on it and gRPC through
CONNECT and TLS. Rounds are interleaved, so that a busy machine is unfair to none. Printed are
medians of the round trip and of the emulator's CPU for each call, and their ratios to plain HTTP;
then what a new connection costs. Needs the development requirements (grpcio, h2).
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import grpc
import h2.connection
import h2.events

from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini.schema import schema
from gemauth.testing.emulator import EmulatorProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.control import Control

CALLS = 300
ROUNDS = 10
ADA = "ada@example.com"
PATH = "/v1beta/models/gemini-2.5-flash"
METHOD = "/google.ai.generativelanguage.v1beta.ModelService/GetModel"


def api_key(control: Control) -> str:
    """Make a project, and return a key of it."""
    control.call(
        "POST",
        "seed",
        body={
            "accounts": [{"email": ADA}],
            "projects": [
                {"projectId": "benchmark", "owner": ADA, "services": [GEMINI_SERVICE]},
            ],
        },
    )
    made = control.call("POST", "projects", "benchmark", "api-keys", body={"displayName": "b"})
    return str(made["key"])


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Http1:
    """HTTP/1.1 with keep-alive, plain or through CONNECT and TLS."""

    def __init__(self, port: int, key: str, trust: ssl.SSLContext | None) -> None:
        self._headers = {"x-goog-api-key": key}
        if trust is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", port)
        else:
            self._connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust)
            self._connection.set_tunnel(GEMINI_SERVICE, 443)

    def call(self) -> None:
        """Make one call."""
        self._connection.request("GET", PATH, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


class Http2:
    """HTTP/2 prior knowledge."""

    def __init__(self, port: int, key: str) -> None:
        self._key = key
        self._authority = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._h2 = h2.connection.H2Connection()
        self._h2.initiate_connection()
        self._socket.sendall(self._h2.data_to_send())

    def call(self) -> None:
        """Make one call."""
        stream = self._h2.get_next_available_stream_id()
        headers = [
            (":method", "GET"),
            (":path", PATH),
            (":scheme", "http"),
            (":authority", self._authority),
            ("x-goog-api-key", self._key),
        ]
        self._h2.send_headers(stream, headers, end_stream=True)
        self._socket.sendall(self._h2.data_to_send())
        while True:
            for event in self._h2.receive_data(self._socket.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    assert (b":status", b"200") in list(event.headers or []), event.headers
                elif isinstance(event, h2.events.DataReceived):
                    self._h2.acknowledge_received_data(
                        event.flow_controlled_length or 0, event.stream_id or 0
                    )
                elif isinstance(event, h2.events.StreamEnded):
                    self._socket.sendall(self._h2.data_to_send())
                    return

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()


class Grpc:
    """gRPC with the official client, plain or through CONNECT and TLS."""

    def __init__(self, port: int, key: str, authority: bytes | None) -> None:
        self._metadata = [("x-goog-api-key", key)]
        options: list[tuple[str, Any]] = [("grpc.use_local_subchannel_pool", 1)]
        if authority is None:
            self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        else:
            options.append(("grpc.http_proxy", f"http://127.0.0.1:{port}"))
            trust = grpc.ssl_channel_credentials(authority)
            self._channel = grpc.secure_channel(f"{GEMINI_SERVICE}:443", trust, options)
        messages = schema("v1beta")
        self._request = messages.message("GetModelRequest")(name="models/gemini-2.5-flash")
        self._call = self._channel.unary_unary(
            METHOD,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=messages.message("Model").FromString,
        )

    def call(self) -> None:
        """Make one call."""
        assert self._call(self._request, metadata=self._metadata, timeout=30).name

    def close(self) -> None:
        """Let go of the connection."""
        self._channel.close()


def measure(name: str, call: Callable[[], None], calls: int, pid: int) -> tuple[str, float, float]:
    """Return a way's name, seconds and server CPU seconds for each of some calls."""
    spent, times = cpu_seconds(pid), []
    for _ in range(calls):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return name, statistics.median(times), (cpu_seconds(pid) - spent) / calls


def report(rows: list[tuple[str, float, float]], names: list[str]) -> None:
    """Print the medians of all rounds, and their ratios to the first name's."""
    found = {
        name: (
            statistics.median(seconds for n, seconds, _ in rows if n == name),
            statistics.mean(cpu for n, _, cpu in rows if n == name),
        )
        for name in names
    }
    base = found[names[0]]
    for name, (seconds, cpu) in found.items():
        sys.stdout.write(
            f"{name:28} {seconds * 1e6:8.0f} µs {seconds / base[0]:6.2f}   "
            f"server CPU {cpu * 1e6:7.0f} µs {cpu / base[1]:6.2f}\n"
        )


def main(calls: int) -> None:
    """Measure and print."""
    with EmulatorProcess() as emulator, tempfile.TemporaryDirectory() as folder:
        key = api_key(emulator.control)
        port = int(emulator.address.rpartition(":")[2])
        pid = emulator.process.pid
        pem = emulator.control.call("GET", "ca")["certificate"].encode()
        file = Path(folder, "ca.pem")
        file.write_bytes(pem)
        trust = ssl.create_default_context(cafile=str(file))
        makers: dict[str, Callable[[], Http1 | Http2 | Grpc]] = {
            "HTTP/1.1": lambda: Http1(port, key, None),
            "HTTP/1.1, CONNECT and TLS": lambda: Http1(port, key, trust),
            "HTTP/2": lambda: Http2(port, key),
            "gRPC": lambda: Grpc(port, key, None),
            "gRPC, CONNECT and TLS": lambda: Grpc(port, key, pem),
        }
        names = list(makers)
        ways = {name: make() for name, make in makers.items()}
        for way in ways.values():
            way.call()  # the first gRPC call loads protobuf
        sys.stdout.write(f"A call on an open connection, {ROUNDS} rounds of {calls}\n")
        rows = [
            measure(name, way.call, calls, pid) for _ in range(ROUNDS) for name, way in ways.items()
        ]
        report(rows, names)
        for way in ways.values():
            way.close()
        sys.stdout.write("A call on a new connection\n")

        def cold(make: Callable[[], Http1 | Http2 | Grpc]) -> Callable[[], None]:
            def once() -> None:
                way = make()
                way.call()
                way.close()

            return once

        few = max(calls // 10, 1)
        report(
            [
                measure(name, cold(make), few, pid)
                for _ in range(ROUNDS)
                for name, make in makers.items()
            ],
            names,
        )
        memory = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        resident = memory.partition("VmRSS:")[2].split()[0]
        sys.stdout.write(f"The emulator afterwards: {int(resident) / 1024:.0f} MB resident\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
