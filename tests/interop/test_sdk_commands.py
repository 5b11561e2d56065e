"""`gemauth exec`, `serve-metadata` and `gemauth.sdk` in processes, against Google's own URLs.

The programs run under `gemauth emulator run`, and know of no emulator.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from tests.interop.local_google import Google

ROOT = Path(__file__).parents[2]
GEMAUTH = str(ROOT / ".venv" / "bin" / "gemauth")

OF_THE_FILE = """
import google.auth, os
from google.auth.transport.requests import AuthorizedSession
credentials, project = google.auth.default()
assert "GEMINI_API_KEY" not in os.environ
session = AuthorizedSession(credentials)
session.get("https://generativelanguage.googleapis.com/v1beta/models").raise_for_status()
print(project)
"""

OF_THE_TOKEN = """
import os, requests
headers = {"Authorization": "Bearer " + os.environ["GOOGLE_OAUTH_ACCESS_TOKEN"]}
url = "https://generativelanguage.googleapis.com/v1beta/models"
requests.get(url, headers=headers).raise_for_status()
"""

OF_THE_METADATA = """
import os, subprocess, sys
gemauth, program = sys.argv[1:]
server = subprocess.Popen([gemauth, "serve-metadata", "--quiet"], stdout=subprocess.PIPE, text=True)
lines = [server.stdout.readline() for _ in range(3)]
gone = ("GOOGLE_APPLICATION_CREDENTIALS", "NO_GCE_CHECK")
environ = {k: v for k, v in os.environ.items() if k not in gone}
environ |= dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
try:
    code = subprocess.run([sys.executable, "-c", program], env=environ).returncode
finally:
    server.terminate()
    server.wait()
sys.exit(code or server.returncode)
"""

BY_GENAI = """
import gemauth
with gemauth.sdk.for_genai() as client:
    print(client.models.list()[0].name)
"""


def run(google: Google, *command: str) -> tuple[str, list[dict[str, Any]]]:
    """Run a program as Ada; what it printed, and the API calls that were seen."""
    before = max((entry["number"] for entry in google.control.requests()), default=0)
    hidden = {f"{name}_proxy" for name in ("http", "https", "no", "all", "grpc", "no_grpc")}
    environ = {k: v for k, v in os.environ.items() if k.lower() not in hidden}
    world = ("--emulator", google.address, "--project", PROJECT, "--as", ADA, "--keep-api-keys")
    done = subprocess.run(
        [GEMAUTH, "emulator", "run", "--quiet", *world, "--", *command],
        env={**environ, "PYTHONPATH": str(ROOT / "src"), "GEMINI_API_KEY": google.api_key},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    entries = google.control.requests(after=before)
    calls = [e for e in entries if e["host"] == "generativelanguage.googleapis.com"]
    return done.stdout, calls or [e for e in entries if e["path"].endswith("/models")]


def as_ada(calls: list[dict[str, Any]]) -> None:
    """See that there was one call, by Ada's token."""
    who = [(e["credential"], e["principal"]) for e in calls if e["status"] == 200]
    assert who == [("user", ADA)], calls


def test_exec_with_the_file(google: Google) -> None:
    """google-auth finds the file and the project of `gemauth exec`, and no key."""
    words = ("--project", "my-own", "--", sys.executable, "-W", "ignore", "-c", OF_THE_FILE)
    out, calls = run(google, GEMAUTH, "exec", *words)
    assert out == "my-own\n"
    as_ada(calls)


def test_exec_with_a_token(google: Google) -> None:
    """A program that knows of no credential file takes the token."""
    words = ("--access-token", "--", sys.executable, "-c", OF_THE_TOKEN)
    as_ada(run(google, GEMAUTH, "exec", *words)[1])


def test_serve_metadata(google: Google) -> None:
    """google-auth takes it for a Google machine, whose account is Ada."""
    program = OF_THE_FILE.replace('assert "GEMINI_API_KEY" not in os.environ', "")
    words = (sys.executable, "-W", "ignore", "-c", OF_THE_METADATA, GEMAUTH, program)
    as_ada(run(google, *words)[1])


def test_google_genai_in_a_run(google: Google) -> None:
    """Google's own address is called with Ada's token, and not with the key: sdks/test_gapic.py
    has the same of Google's other SDKs.
    """
    out, calls = run(google, sys.executable, "-W", "ignore", "-c", BY_GENAI)
    assert out.startswith("models/")
    as_ada(calls)
