from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google

pytestmark = pytest.mark.processes

TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"


def start(google: Google, *more: str) -> subprocess.Popen[str]:
    """Start the command as a process."""
    words = ("--credentials", google.credentials(), "--emulator", google.url, *more)
    return subprocess.Popen(
        [sys.executable, "-m", "gemauth", "serve-metadata", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def get(host: str) -> Any:
    """Ask for a token."""
    connection = HTTPConnection(host, timeout=5)
    connection.request("GET", TOKEN, headers={"Metadata-Flavor": "Google"})
    body = json.loads(connection.getresponse().read())
    connection.close()
    return body


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_it_is_ended(google: Google, number: signal.Signals) -> None:
    """It tells the variables, hands out tokens, and leaves no listener behind."""
    with start(google, "--quota-project", "paying") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        told = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        host = told["GCE_METADATA_HOST"]
        assert told == {
            "GCE_METADATA_HOST": host,
            "GCE_METADATA_IP": host,
            "GCE_METADATA_ROOT": host,
            "GOOGLE_CLOUD_QUOTA_PROJECT": "paying",
        }
        assert get(host)["access_token"] == ACCESS_TOKEN
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert "Ctrl-C" in err
    assert ACCESS_TOKEN not in err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(host.rpartition(":")[2]))) != 0


def test_ended_while_it_begins(google: Google) -> None:
    """Ctrl-C does not wait for a token server that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        port = silent.getsockname()[1]
        with start(google, "--emulator", f"http://127.0.0.1:{port}") as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
            connection.close()
    assert (process.returncode, out, err) == (130, "", "\nStopped.\n")


def test_for_programs(google: Google) -> None:
    """As json the variables are one object."""
    with start(google, "--format", "json", "--quiet") as process:
        assert process.stdout is not None
        text = "".join(process.stdout.readline() for _ in range(7))
        assert set(json.loads(text)["set"]) == {
            "GCE_METADATA_HOST",
            "GCE_METADATA_IP",
            "GCE_METADATA_ROOT",
        }
        process.terminate()
        process.communicate(timeout=20)


def test_credentials_that_have_ended(google: Google) -> None:
    """What cannot give a token is told at the start, and nothing is served."""
    google.answers["POST /token"] = (400, {"error": "invalid_grant"})
    there = Terminal(environ=os.environ)
    words = ("--credentials", google.credentials(), "--emulator", google.url)
    assert there.run("serve-metadata", *words) == 3
    assert there.out == ""
