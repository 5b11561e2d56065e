"""Google's generated clients with gemauth's credentials, unmodified, inside `gemauth emulator run`.

They call Google's own address with TLS, over gRPC, asyncio's gRPC and REST; the emulator says who
it was that called. Two generations of the package: 0.6 in `.venv-interop`, 0.12 in `.venv-sdks`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[3]
COMMAND = ROOT / ".venv" / "bin" / "gemauth"
PERSON = "developer@example.com"
PROGRAM = """
import asyncio, json, os, tempfile, threading, time, urllib.request
import gemauth.sdk
from gemauth.client.cache import tokens
from gemauth.client.token import AccessToken
from google.ai import generativelanguage_v1beta as glm

LEDGER = os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"

def seen():
    return json.load(urllib.request.urlopen(LEDGER))["requests"]

def once(transport, credentials, names):
    client = glm.ModelServiceClient(credentials=credentials, transport=transport)
    names.append([model.name for model in client.list_models()])
    client.transport.close()

async def on_a_loop(credentials, names):
    client = glm.ModelServiceAsyncClient(credentials=credentials)
    pagers = await asyncio.gather(*(client.list_models() for _ in range(4)))
    for pager in pagers:
        names.append([model.name async for model in pager])
    await client.transport.close()

def played(transport, spoiled=False):
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(dir=os.getcwd())  # no token is known yet
    before, names = len(seen()), []
    if spoiled:
        place, now = gemauth.default().credentials.source._place, time.time()
        tokens.store(place, AccessToken("ya29.emu-forgotten", now + 3000, (), now))
    credentials = gemauth.sdk.for_google_auth()
    if transport == "grpc_asyncio":
        asyncio.run(on_a_loop(credentials, names))
    else:
        words = [transport, credentials, names]
        threads = [threading.Thread(target=once, args=words) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    return {"names": names, "seen": seen()[before:]}

came = {transport: played(transport) for transport in ("grpc", "grpc_asyncio", "rest")}
print(json.dumps({**came, "refused": played("rest", spoiled=True)}))
"""


OLD = """
import json, os, urllib.request
import google.generativeai as genai
import gemauth.sdk

LEDGER = os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"

def seen():
    return json.load(urllib.request.urlopen(LEDGER))["requests"]

def played(transport):
    before = len(seen())
    gemauth.sdk.for_generativeai(transport=transport or None)
    names = [[model.name for model in genai.list_models()] for _ in range(4)]
    return {"names": names, "seen": seen()[before:]}

print(json.dumps({transport: played(transport) for transport in ("", "rest", "grpc")}))
"""
"""google-generativeai, which is made of the generated clients."""
DISCOVERED = """
import json, os, urllib.request
from googleapiclient.discovery import build
import gemauth.sdk

with build("generativelanguage", "v1beta", credentials=gemauth.sdk.for_google_auth(),
           static_discovery=False) as service:
    answers = [service.models().list(pageSize=50).execute() for _ in range(4)]
names = [[model["name"] for model in answer["models"]] for answer in answers]
seen = json.load(urllib.request.urlopen(os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"))
print(json.dumps({"names": names, "seen": seen["requests"]}))
"""
"""google-api-python-client, whose clients are made of the discovery document."""


def run(program: str, folder: Path) -> Any:
    """Run the program with API keys lying about in its environment; return what it tells."""
    keys = dict.fromkeys(("GOOGLE_API_KEY", "GEMINI_API_KEY"), "AIza-of-the-environment")
    words = ["emulator", "run", "--keep-api-keys", "--", sys.executable, "-W", "ignore", "-c"]
    ended = subprocess.run(
        [str(COMMAND), *words, program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **keys},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def called(came: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the emulator saw of a program that did its job: four times, at Google's host."""
    assert len(came["names"]) == 4
    assert all("models/gemini-2.5-flash" in names for names in came["names"])
    for call in came["seen"]:
        if "odels" in call["path"] and call["status"] == 200:
            assert (call["credential"], call["principal"]) == ("user", PERSON)
            assert call["host"] == "generativelanguage.googleapis.com"
    return list(came["seen"])


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What came of each transport of the generated clients, in one program."""
    return run(PROGRAM, tmp_path_factory.mktemp("generated"))


@pytest.mark.parametrize(
    ("transport", "protocol"), [("grpc", "grpc"), ("grpc_asyncio", "grpc"), ("rest", "http/1.1")]
)
def test_models(generated: Any, transport: str, protocol: str) -> None:
    """Four at a time list the models as the person who is signed in, for one refresh."""
    seen = called(generated[transport])
    calls = [one for one in seen if "odels" in one["path"]]
    assert [one["transport"] for one in calls] == [protocol] * 4
    assert [one["path"] for one in seen].count("/token") == 1


def test_refused_tokens(generated: Any) -> None:
    """Four threads that were answered with 401 are led to one new token, and nobody sees it."""
    seen = called(generated["refused"])
    statuses = [one["status"] for one in seen if "odels" in one["path"]]
    assert statuses.count(200) == 4
    assert 401 in statuses
    assert [one["path"] for one in seen].count("/token") == 1


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What came of each transport of google-generativeai, in one program."""
    return run(OLD, tmp_path_factory.mktemp("older"))


@pytest.mark.skipif(find_spec("google.generativeai") is None, reason="in the other environment")
@pytest.mark.parametrize("transport", ["", "grpc", "rest"])
def test_google_generativeai(older: Any, transport: str) -> None:
    """google-generativeai by its own transport, which is gRPC, and by the one that is asked for."""
    seen = called(older[transport])
    calls = [one for one in seen if "odels" in one["path"]]
    assert {one["transport"] for one in calls} == {"http/1.1" if transport == "rest" else "grpc"}


@pytest.mark.skipif(find_spec("googleapiclient") is None, reason="in the other environment")
def test_google_api_python_client(tmp_path: Path) -> None:
    """The discovery client takes them as it takes any of google-auth's."""
    seen = called(run(DISCOVERED, tmp_path))
    assert [one["path"] for one in seen].count("/v1beta/models") == 4
