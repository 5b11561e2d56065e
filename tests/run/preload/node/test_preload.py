"""Every test is a real Node that starts with the preload."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.run.preload.conftest import Place

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node on PATH"),
]

HTTPS = """
require("https").get("https://oauth2.googleapis.com/token", (response) => {
  response.on("data", (data) => console.log(String(data)));
});
"""
FETCH = """
fetch("https://oauth2.googleapis.com/token").then(async (r) => console.log(await r.text()));
"""
PLAIN = """
require("http").get("http://metadata.google.internal/computeMetadata/v1/", (response) => {
  response.on("data", (data) => console.log(String(data)));
});
"""
MODULE = """
import("node:https").then(({ default: https }) => https.get(
  { host: "oauth2.googleapis.com", path: "/token" },
  (response) => response.on("data", (data) => console.log(String(data)))));
"""


@pytest.mark.parametrize("code", [HTTPS, FETCH, PLAIN, MODULE], ids=["https", "fetch", "http", "m"])
def test_clients_reach_the_emulator(place: Place, code: str) -> None:
    """With no proxy variable, whatever carries the request"""
    ran = place.node(code)
    assert '"path":' in ran.stdout, ran.stderr
    assert "google" in ran.stdout
    assert ran.stderr == ""


def test_http2_reaches_the_emulator(place: Place) -> None:
    """http2.connect ends at the emulator with a certificate that Node has checked"""
    code = """
const session = require("http2").connect("https://generativelanguage.googleapis.com");
session.on("connect", (_, socket) => {
  console.log(socket.remotePort, socket.authorized, socket.alpnProtocol);
  session.destroy();
});
session.on("error", (error) => console.log(error.message));
"""
    assert place.node(code).stdout == f"{place.port} true h2\n"


def test_a_bare_socket_reaches_the_emulator(place: Place) -> None:
    """Each of the ways to name a destination, and the callback"""
    code = """
const net = require("net");
const done = function () {
  console.log(this.remoteAddress, this.remotePort);
  this.destroy();
};
net.connect(443, "www.googleapis.com", done);
net.connect({ port: 443, host: "WWW.googleapis.com." }, done);
new net.Socket().connect({ port: 443, host: "goog" }, done);
net.connect(443, "oauth2\\u3002googleapis.com..", done);
net.connect(80, "2852039166", done);
"""
    assert place.node(code).stdout == f"127.0.0.1 {place.port}\n" * 5


def test_other_destinations_are_left_alone(place: Place) -> None:
    """This machine's own servers, by port, name and path of a Unix socket"""
    local = str(place.folder / "s")
    code = f"""
const net = require("net");
const server = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1", () => {{
  const {{ port }} = server.address();
  net.connect(port, () => console.log("port"));
  net.connect(port, "127.0.0.1", function () {{ console.log(this.remotePort === port); }});
}});
const local = net.createServer((socket) => socket.end()).listen({local!r}, () => {{
  net.connect({local!r}, () => {{ console.log("unix"); local.close(); }});
}});
setTimeout(() => process.exit(), 500);
"""
    assert sorted(place.node(code).stdout.split()) == ["port", "true", "unix"]


def test_a_certificate_of_anybody_elses_is_refused(place: Place) -> None:
    """Without our authority nothing is trusted that was not before"""
    ran = place.node(HTTPS, NODE_EXTRA_CA_CERTS="")
    assert ran.stdout == ""
    assert "certificate" in ran.stderr
