"""The real gcloud and its stand-in, side by side: the same commands, exit codes, streams and files.

Both run inside `gemauth emulator run --auto-consent`, one after the other, each from an empty
configuration. The real one is the judge of the stand-in, and of the emulator; where it is not
installed its half is skipped, visibly. google-oauth.md section 7.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"
PERSON = "developer@example.com"
CLOUD = "https://www.googleapis.com/auth/cloud-platform"
TUNING = "https://www.googleapis.com/auth/generative-language.tuning"
GCLOUD_ADC = "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"
GCLOUD_LOGIN = "32555940559.apps.googleusercontent.com"

ADC = ("auth", "application-default")
LOGIN = (*ADC, "login")
OWN = ("--client-id-file={run}/client_secret.json", f"--scopes={CLOUD},{TUNING}")


@dataclass(frozen=True)
class Case:
    """A command, and what both have to do with it.

    Attributes:
        words: its arguments; `{run}` and `{project}` are filled in.
        code: the exit code.
        out: a pattern for all of stdout, the prompts of a login left out.
        err: what stderr has in it.
        typed: standard input.
        adc: members of the ADC file afterwards; None where there is to be no file; `...` where it
            does not matter.
    """

    words: tuple[str, ...]
    code: int
    out: str = ""
    err: tuple[str, ...] = ()
    typed: str = ""
    adc: Any = ...


TOKEN = r"ya29\.emu-\S+\n"
SAVED = "Credentials saved to file: ["
PLAIN = {"account", "client_id", "client_secret", "refresh_token", "type", "universe_domain"}
BILLED = {*PLAIN, "quota_project_id"}

CASES = [
    # Nobody is signed in.
    Case((*ADC, "print-access-token"), 1, err=("ERROR: (gcloud.auth.application-default.print",)),
    Case((*ADC, "revoke"), 0, err=("nothing to revoke",)),
    Case(
        (*ADC, "set-quota-project", "{project}"),
        1,
        err=("have not been set up", "gcloud auth application-default login"),
    ),
    Case(("auth", "list", "--format=json"), 0, r"\[\]\n"),
    Case(("auth", "print-access-token"), 1, err=("active account",)),
    Case(("config", "config-helper", "--format=json"), 1, err=("active account",)),
    Case(("config", "get", "project"), 0, err=("(unset)",)),
    # What is not understood.
    Case((*LOGIN, "--bogus"), 2, err=("unrecognized arguments: --bogus",)),
    Case((*ADC, "foo"), 2, err=("ERROR: (gcloud.auth.application-default) Invalid choice",)),
    Case(ADC, 2, err=("Command name argument expected",)),
    Case((*ADC, "set-quota-project"), 2, err=("QUOTA_PROJECT_ID",)),
    Case((*LOGIN, "--scopes"), 2, err=("expected one argument",)),
    Case((*LOGIN, "--no-browser", "--remote-bootstrap=x"), 2, err=("At most one of",)),
    # What makes no sense.
    Case((*LOGIN, "--scopes=openid"), 1, err=("Invalid value for [--scopes]", CLOUD)),
    Case((*LOGIN, "--scopes=cloud-platform"), 1, err=("Invalid value for [--scopes]",)),
    Case(
        (*LOGIN, "--no-launch-browser", OWN[0]),
        1,
        err=("Invalid value for [--no-launch-browser]", "--no-browser"),
    ),
    Case((*LOGIN, "--no-browser", "--client-id-file=/nowhere.json"), 1, err=("/nowhere.json",)),
    # A client of one's own, twice: the second time there is no consent page.
    Case((*LOGIN, "--no-browser", *OWN), 0, err=("--remote-bootstrap=", SAVED), adc=PLAIN),
    Case((*LOGIN, "--no-browser", *OWN), 0, err=(SAVED,), adc=PLAIN),
    Case((*ADC, "print-access-token"), 0, TOKEN),
    Case((*ADC, "print-access-token", "--format=value(token)"), 0, TOKEN),
    Case((*ADC, "print-access-token", f"--scopes={CLOUD}/x"), 1, err=("[--scopes]",)),
    Case((*ADC, "print-access-token", "--lifetime=60s"), 1, err=("[--lifetime]",)),
    Case(
        (*ADC, "set-quota-project", "{project}"),
        0,
        err=(SAVED, 'Quota project "'),
        adc=BILLED,
    ),
    Case((*ADC, "revoke"), 1, err=("You are about to revoke", "--quiet")),
    Case((*ADC, "revoke"), 1, err=("Aborted by user.",), typed="n\n", adc=BILLED),
    Case((*ADC, "revoke"), 0, err=("Credentials revoked.",), typed="y\n", adc=None),
    # gcloud's own client.
    Case(
        (*LOGIN, "--no-browser", "--project={project}"),
        0,
        err=(SAVED, 'Quota project "'),
        adc=BILLED,
    ),
    Case(
        (*LOGIN, "--no-launch-browser", "--disable-quota-project"),
        0,
        err=(SAVED, "Quota project is disabled."),
        adc=PLAIN,
    ),
    Case((*LOGIN, "--no-browser"), 0, err=("Cannot find a quota project",), adc=PLAIN),
    Case((*LOGIN, "--no-browser", OWN[1]), 1, err=("restricted_client", TUNING)),
    Case((*ADC, "revoke", "--quiet"), 0, err=("Credentials revoked.",), adc=None),
    # gcloud's own accounts.
    Case(("auth", "login", "--no-launch-browser"), 0, err=(f"logged in as [{PERSON}]",), adc=None),
    Case(("auth", "list", "--format=value(account)"), 0, rf"{PERSON}\n"),
    Case(
        ("auth", "list", "--filter=status:ACTIVE", "--format=value(account)"), 0, rf"{PERSON}\n"
    ),
    Case(("auth", "print-access-token"), 0, TOKEN),
    Case(("auth", "print-identity-token"), 0, r"eyJ\S+\n"),
    Case(
        ("config", "config-helper", "--format=value(credential.access_token)"), 0, TOKEN
    ),
    Case(("config", "set", "project", "my-project"), 0, err=("Updated property [core/project].",)),
    Case(("config", "get", "project"), 0, r"my-project\n"),
    Case(("config", "get-value", "core/project"), 0, r"my-project\n"),
    Case(("config", "unset", "project"), 0, err=("Unset property [core/project].",)),
    Case(("auth", "revoke"), 0, rf"Revoked credentials:\n - {PERSON}\n"),
    Case(("version",), 0, r"(?s)Google Cloud SDK \d+\.\d+\.\d+\n.*"),
]  # fmt: skip

DRIVER = """
import json, os, subprocess, sys, urllib.request
run, project = os.environ["GEMAUTH_RUN"], os.environ["GOOGLE_CLOUD_PROJECT"]
path = os.path.join(os.environ["CLOUDSDK_CONFIG"], "application_default_credentials.json")
done = []
for words, typed in json.load(sys.stdin):
    words = [word.replace("{run}", run).replace("{project}", project) for word in words]
    ended = subprocess.run(["gcloud", *words], input=typed, capture_output=True, text=True)
    there = os.path.exists(path)
    done.append({
        "code": ended.returncode, "out": ended.stdout, "err": ended.stderr,
        "adc": open(path).read() if there else None,
        "mode": os.stat(path).st_mode & 0o777 if there else None,
    })
requests = os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"
seen = json.load(urllib.request.urlopen(requests))
json.dump({"done": done, "seen": seen}, sys.stdout)
"""
"""Runs inside the run: all commands, one after the other; then what the emulator saw."""

PROMPTS = re.compile(
    r"Enter the output of the above command: |"
    r"Once finished, enter the verification code provided in your browser: "
)


def play(which: str, cases: list[Case], *options: str) -> dict[str, Any]:
    """Run cases one after the other in a run of their own; return what came of them."""
    if which == "real" and shutil.which("gcloud") is None:
        pytest.skip("the real gcloud is not installed")
    words = ["emulator", "run", *options, "--gcloud", "shim" if which == "stand-in" else "system"]
    environ = {**os.environ, "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1"}
    ended = subprocess.run(
        [str(COMMAND), *words, "--", sys.executable, "-c", DRIVER],
        env=environ,
        input=json.dumps([(case.words, case.typed) for case in cases]),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


WHICH = pytest.mark.parametrize("which", ["stand-in", "real"])


@pytest.fixture(scope="module", params=["stand-in", "real"])
def played(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What came of all the cases, in one run."""
    return play(request.param, CASES, "--no-credentials", "--auto-consent", PERSON)


def compare(case: Case, came: dict[str, Any]) -> None:
    """Exit code, stdout, stderr's contract and the file are as the case says."""
    told = f"{case.words}\n{came['out']}\n{came['err']}"
    assert came["code"] == case.code, told
    assert re.fullmatch(case.out, PROMPTS.sub("", came["out"])), told
    for text in case.err:
        assert text in came["err"], told
    if case.adc is None:
        assert came["adc"] is None, told
    elif case.adc is not ...:
        members = json.loads(came["adc"])
        assert set(members) == case.adc
        assert [*members] == sorted(members)
        assert came["adc"].startswith('{\n  "account": "",\n')
        assert came["mode"] == 0o600


@pytest.mark.interop
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{n}-{'-'.join(c.words)}"[:60] for n, c in enumerate(CASES)]
)
def test_side_by_side(played: dict[str, Any], number: int) -> None:
    """Exit code, stdout, stderr's contract and the file are what they are in gcloud."""
    compare(CASES[number], played["done"][number])


@pytest.mark.interop
@pytest.mark.timeout(300)
def test_what_the_emulator_saw(played: dict[str, Any]) -> None:
    """The person's sign-ins with each of the three clients, and nothing on any other host."""
    seen = played["seen"]["requests"]
    tokens = [one for one in seen if one["path"] == "/token" and one["status"] == 200]
    assert {one.get("principal") for one in tokens} == {PERSON}
    clients = {one.get("clientId") for one in tokens}
    assert {GCLOUD_ADC, GCLOUD_LOGIN} < clients
    assert len(clients) == 3
    checks = [one for one in seen if one["path"].endswith(":testIamPermissions")]
    assert checks
    assert all(one["status"] == 200 for one in checks)
    revoked = [one for one in seen if one["path"] == "/revoke"]
    assert [one["status"] for one in revoked] == [200, 200, 200]


ROBOT = r"robot-one@\S+\.iam\.gserviceaccount\.com\n"
ON_A_MACHINE = [
    Case(("auth", "list", "--format=value(account)"), 0, ROBOT),
    Case(("config", "get", "account"), 0, ROBOT),
    Case(("config", "get", "project"), 0, r"gemauth-run\n"),
    Case(("auth", "print-access-token"), 0, r"ya29\.c\.emu-\S+\n"),
    Case(("auth", "print-identity-token", "--audiences=https://x.example"), 0, r"eyJ\S+\n"),
    Case((*ADC, "print-access-token"), 0, r"ya29\.c\.emu-\S+\n"),
    Case((*LOGIN, "--no-browser"), 1, err=("(Y/n)?", "--quiet"), adc=None),
    Case((*LOGIN, "--no-browser"), 1, err=("Aborted by user.",), typed="n\n", adc=None),
]
"""With a service account attached by the metadata server."""

WITH_A_KEY = [
    Case(
        ("auth", "activate-service-account", "--key-file={run}/adc.json"),
        0,
        err=("Activated service account credentials for: [robot-one@",),
    ),
    Case(("auth", "list", "--format=value(account)"), 0, ROBOT),
    Case(("auth", "print-access-token"), 0, r"ya29\.c\.emu-\S+\n"),
    Case(("auth", "print-identity-token", "--audiences=https://x.example"), 0, r"eyJ\S+\n"),
    Case((*ADC, "print-access-token"), 0, r"ya29\.c\.emu-\S+\n"),
    Case((*LOGIN, "--no-browser"), 1, err=("GOOGLE_APPLICATION_CREDENTIALS",), adc=None),
    Case(("auth", "activate-service-account", "--key-file={run}/ca.pem"), 1),
]
"""With a service account's key in GOOGLE_APPLICATION_CREDENTIALS."""


@pytest.mark.interop
@pytest.mark.timeout(300)
@WHICH
@pytest.mark.parametrize(
    ("attach", "cases"), [("metadata", ON_A_MACHINE), ("key", WITH_A_KEY)], ids=["machine", "key"]
)
def test_service_accounts(which: str, attach: str, cases: list[Case]) -> None:
    """A service account's gcloud, on a machine of Google's and with a key."""
    played = play(which, cases, "--as-service-account", "robot-one", "--attach", attach)
    for case, came in zip(cases, played["done"], strict=True):
        compare(case, came)
