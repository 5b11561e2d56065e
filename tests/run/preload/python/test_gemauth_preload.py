"""Every test is a real Python that starts with the preload; the outbound guard is behind it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.run.preload import MARKER

if TYPE_CHECKING:
    from tests.run.preload.conftest import Place

pytestmark = pytest.mark.processes

URL = "https://oauth2.googleapis.com/token"
# Other Pythons beside this one, where versions are installed side by side.
PYTHONS = sorted(
    {sys.executable}
    | {
        str(found)
        for found in Path(sys.base_prefix).parent.glob("3.*/bin/python3")
        if int(found.parents[1].name.split(".")[1]) >= 8
    }
)

HTTP_CLIENT = """
import http.client
connection = http.client.HTTPSConnection("oauth2.googleapis.com")
connection.request("GET", "/token")
print(connection.getresponse().read().decode())
connection.close()
"""
URLLIB = f"""
import urllib.request
with urllib.request.urlopen({URL!r}) as response:
    print(response.read().decode())
"""
PLAIN = """
import urllib.request
for host in ("metadata.google.internal", "169.254.169.254"):
    with urllib.request.urlopen(f"http://{host}/computeMetadata/v1/") as response:
        print(response.read().decode())
"""
ASYNCIO = """
import asyncio
async def main():
    reader, writer = await asyncio.open_connection("OAuth2.googleapis.com", 443, ssl=True)
    writer.write(b"GET /token HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
    print((await reader.read()).decode())
    writer.close()
asyncio.run(main())
"""
# As anyio does: resolve, then connect to a port of one's own.
RESOLVED_FIRST = """
import asyncio, ssl
async def main():
    loop = asyncio.get_running_loop()
    (found, *_) = await loop.getaddrinfo("oauth2.googleapis.com", 443, type=1)
    reader, writer = await asyncio.open_connection(
        found[4][0], 443, ssl=ssl.create_default_context(), server_hostname="oauth2.googleapis.com")
    writer.write(b"GET /token HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
    print((await reader.read()).decode())
    writer.close()
asyncio.run(main())
"""
# As httplib2 does: a socket that connects by name; and a context that trusts nothing at first.
BY_NAME = """
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
for connect in ("connect", "connect_ex"):
    with socket.socket() as plain:
        assert not getattr(plain, connect)(("oauth2.googleapis.com", 443))
        with context.wrap_socket(plain, server_hostname="oauth2.googleapis.com") as secure:
            secure.sendall(b"GET /token HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
            print(b"".join(iter(lambda: secure.recv(4096), b"")).decode())
print("trusted:", len(context.get_ca_certs()))
"""


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    "code", [HTTP_CLIENT, URLLIB, PLAIN, ASYNCIO, RESOLVED_FIRST, BY_NAME], ids=lambda _: ""
)
def test_the_standard_library_reaches_the_emulator(place: Place, python: str, code: str) -> None:
    """With no proxy and no CA variable, in every Python that is at hand, with no warning"""
    ran = place.python(code, "-W", "error", executable=python)
    assert ran.returncode == 0, ran.stderr
    assert '"path": "/' in ran.stdout
    assert ran.stderr == ""


def test_certifi_and_proxyless_clients_reach_the_emulator(place: Place) -> None:
    """What trusts certifi's file alone, as requests does, and is told to ignore the environment"""
    code = f"""
import requests
with requests.Session() as session:
    session.trust_env = False
    print(session.get({URL!r}).json()["host"])
"""
    ran = place.python(code)
    assert ran.stdout == "oauth2.googleapis.com\n", ran.stderr


def test_hosts_that_no_emulator_serves_go_there_too(place: Place) -> None:
    """A name of Google's that nobody emulates gets no further than this machine"""
    code = """
import http.client
connection = http.client.HTTPSConnection("us-central1-aiplatform.googleapis.com")
connection.request("GET", "/x")
print(connection.getresponse().read().decode())
"""
    assert "aiplatform" in place.python(code).stdout


def test_other_hosts_go_their_own_way(place: Place) -> None:
    """Names that only look like Google's, and this machine's own, are left alone"""
    code = """
import gemauth_preload, socket
hosts = ["google.com", "a.GOOGLE.com.", b"oauth2.googleapis.com", "goog", "169.254.169.254"]
print([gemauth_preload.is_googles(host) for host in hosts])
hosts = ["notgoogle.com", "google.com.example", "localhost", "", None, 5, "127.0.0.1"]
print([gemauth_preload.is_googles(host) for host in hosts])
print(socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)[-1][4])
with socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(server.getsockname()) as client:
        print(client.getpeername() == server.getsockname())
context = __import__("ssl").create_default_context()
print(hasattr(context, "_trusts_gemauth"))
"""
    ran = place.python(code)
    assert ran.stdout.splitlines() == [
        str([True] * 5),
        str([False] * 7),
        "('127.0.0.1', 80)",
        "True",
        "False",
    ], ran.stderr


def test_other_spellings_are_the_same_names(place: Place) -> None:
    """What IDNA turns into a name of Google's would be resolved as one"""
    code = """
import socket
for name in ("oauth2\\u3002googleapis.com", "OAuth2.Google.com\\uff0e", "\\uff47oogle.com"):
    print(socket.getaddrinfo(name, 443)[0][4][0])
"""
    assert place.python(code).stdout.split() == [MARKER] * 3


def test_a_name_resolves_whatever_the_flags(place: Place) -> None:
    """Also where this machine has no address but loopback's, which AI_ADDRCONFIG does not count"""
    code = """
import socket
flags = socket.AI_ADDRCONFIG | socket.AI_CANONNAME
(found,) = socket.getaddrinfo("oauth2.googleapis.com", "https", type=1, flags=flags)
print(found[0].name, found[4])
try:
    socket.getaddrinfo("oauth2.googleapis.com", 443, socket.AF_INET6)
except socket.gaierror as error:
    print(error.errno == socket.EAI_NONAME)
print(socket.gethostbyname("oauth2.googleapis.com"))
"""
    ran = place.python(code)
    assert ran.stdout.splitlines() == [
        f"AF_INET ('{MARKER}', 443)",
        "True",
        MARKER,
    ], ran.stderr


def test_a_program_pays_only_for_what_it_imports(place: Place) -> None:
    """Neither socket nor ssl is loaded by the preload itself"""
    code = "import sys; print(sorted({'socket', 'ssl', 're', 'importlib.util'} & {*sys.modules}))"
    bare = place.python(code, PYTHONPATH="")
    with_preload = place.python(code, PYTHONPATH=str(place.folder / "python"))
    assert with_preload.stdout == bare.stdout


def test_loaders_keep_their_kind(place: Place) -> None:
    """Whoever reads a module's source finds it as ever"""
    code = """
import inspect, socket
print(type(socket.__spec__.loader).__name__, "def create_connection" in inspect.getsource(socket))
"""
    assert place.python(code).stdout == "SourceFileLoader True\n"


def test_a_patch_that_fails_breaks_no_program(place: Place) -> None:
    """A module of an unknown shape is left as it is"""
    (place.folder / "uvloop.py").write_text("Loop = None\n", encoding="utf-8")
    paths = f"{place.folder / 'python'}:{place.folder}"
    quiet = place.python("import uvloop; print('on')", PYTHONPATH=paths, GEMAUTH_DEBUG="")
    assert (quiet.stdout, quiet.stderr) == ("on\n", "")
    told = place.python("import uvloop; print('on')", PYTHONPATH=paths)
    assert told.stdout == "on\n"
    assert "AttributeError" in told.stderr
