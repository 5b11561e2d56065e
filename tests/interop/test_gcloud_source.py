"""`--credentials gcloud`: gemauth with the sign-in of the real gcloud, and of its stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.interop, pytest.mark.timeout(240)]

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"
PERSON = "developer@example.com"
ROBOT = "acts-as@{project}.iam.gserviceaccount.com"
MAY = {
    "policy": {
        "bindings": [
            {
                "role": "roles/iam.serviceAccountTokenCreator",
                "members": [f"user:{PERSON}"],
            }
        ]
    }
}
STEPS: list[tuple[str, ...]] = [
    ("gemauth", "print-access-token"),
    ("gcloud", "auth", "login", "--no-launch-browser"),
    ("gcloud", "config", "set", "project", "{project}"),
    ("gemauth", "status", "--format=json"),
    ("gemauth", "print-access-token"),
    ("gcloud", "auth", "print-access-token"),
    ("gemauth", "models", "list"),
    ("gemauth", "service-accounts", "create", "acts-as"),
    (
        "gemauth",
        "request",
        "POST",
        f"{{gemauth}}/v1/projects/-/serviceAccounts/{ROBOT}:setIamPolicy",
        f"--data={json.dumps(MAY)}",
    ),
    ("gemauth", "tuned-models", "list", "--format=json", f"--impersonate-service-account={ROBOT}"),
    ("gcloud", "auth", "revoke"),
    ("gemauth", "print-access-token"),
]
DRIVER = """
import json, os, subprocess, sys, urllib.request
own, fill = os.environ["GEMAUTH_COMMAND"], {
    "{project}": os.environ["GOOGLE_CLOUD_PROJECT"], "{gemauth}": os.environ["GEMAUTH_EMULATOR"]}
environ = {n: v for n, v in os.environ.items() if n != "GOOGLE_CLOUD_QUOTA_PROJECT"}
done = []
for program, *words in json.load(sys.stdin):
    for name, value in fill.items():
        words = [word.replace(name, value) for word in words]
    ours = [own, *words, "--credentials", "gcloud"]
    command = ours if program == "gemauth" else [program, *words]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True)
    done.append((ended.returncode, ended.stdout, ended.stderr))
requests = os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"
seen = json.load(urllib.request.urlopen(requests))["requests"]
json.dump({"done": done, "seen": seen, "project": fill["{project}"]}, sys.stdout)
"""


@pytest.mark.parametrize("which", ["shim", "system"])
def test_gclouds_sign_in(which: str) -> None:
    """Tokens, projects and accounts are gcloud's; what they open is Google Cloud, IAM with it."""
    if which == "system" and shutil.which("gcloud") is None:
        pytest.skip("the real gcloud is not installed")
    words = ["emulator", "run", "--no-credentials", "--auto-consent", PERSON, "--gcloud", which]
    ended = subprocess.run(
        [str(COMMAND), *words, "--", sys.executable, "-c", DRIVER],
        env={
            **os.environ,
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "GEMAUTH_COMMAND": str(COMMAND),
        },
        input=json.dumps(STEPS),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    came = json.loads(ended.stdout)
    nobody, _, _, status, ours, theirs, refused, *acting, _, gone = came["done"]
    for code, _, err in (nobody, gone):
        assert code == 3
        assert "Nobody is signed in to gcloud." in err
        assert "gcloud auth login" in err
    found: Any = json.loads(status[1])["credentials"]
    assert found is not None, status
    assert (found["type"], found["account"]) == ("gcloud", PERSON)
    assert found["quotaProject"] == came["project"]
    assert "tuning" in found["missingScopes"]
    assert ours[0] == 0
    assert "none of the Gemini API's own" in ours[2]
    if which == "system":  # the stand-in keeps no token
        assert ours[1] == theirs[1]
    assert refused[0] == 4
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in refused[2]
    assert [code for code, *_ in acting] == [0, 0, 0], acting[-1]
    assert "none of the Gemini API's own" not in acting[-1][2]
    shared = [one for one in came["seen"] if one["path"] == "/v1beta/tunedModels"]
    (call,) = [(one["principal"], one["consumerProject"]) for one in shared]
    assert call == (ROBOT.format(project=came["project"]), came["project"])
