from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import gemauth
from gemauth.client.sdk.environment import environment
from gemauth.client.token import AccessToken
from tests.client.sdk.fakes import credentials
from tests.client.transcript import EMULATOR

PARENT = {
    "PATH": "/bin",
    "GEMINI_API_KEY": "AIza",
    "GOOGLE_API_KEY": "AIza",
    "GOOGLE_APPLICATION_CREDENTIALS": "/old.json",
    "GOOGLE_OAUTH_ACCESS_TOKEN": "old",
}


def test_a_file() -> None:
    """The file and the projects are named; keys, and what was there of another identity, go."""
    mine = credentials(path="adc.json", project="owner")
    assert environment(mine, PARENT) == {
        "PATH": "/bin",
        "GOOGLE_APPLICATION_CREDENTIALS": str(Path.cwd() / "adc.json"),
        "GOOGLE_CLOUD_QUOTA_PROJECT": "paying",
        "GOOGLE_CLOUD_PROJECT": "owner",
    }


def test_a_token() -> None:
    """For tools that read no file; keys stay where they are wanted."""
    mine = credentials(quota_project=None)
    child = environment(mine, PARENT, token=AccessToken("ya29.a0-x"), keep_api_keys=True)
    assert child == {
        "PATH": "/bin",
        "GEMINI_API_KEY": "AIza",
        "GOOGLE_API_KEY": "AIza",
        "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.a0-x",
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.a0-x",
    }


@pytest.mark.parametrize(
    ("named", "parents", "expected"),
    [(None, None, "paying"), (None, "theirs", "theirs"), ("mine", "theirs", "mine")],
)
def test_which_project(named: str | None, parents: str | None, expected: str) -> None:
    """The one named, the environment's, the credentials' own, the one that pays."""
    parent = {} if parents is None else {"GOOGLE_CLOUD_PROJECT": parents}
    child = environment(credentials(path="adc.json"), parent, project=named)
    assert child["GOOGLE_CLOUD_PROJECT"] == expected


def test_an_emulators() -> None:
    """Its credentials go to programs whose calls of Google end there, and to no others."""
    mine = credentials(endpoints=EMULATOR, path="adc.json")
    with pytest.raises(gemauth.UsageError, match="would send them to Google"):
        environment(mine, {})
    child = environment(mine, {"https_proxy": EMULATOR.gemini})
    assert child["GEMAUTH_EMULATOR"] == EMULATOR.gemini


def test_no_file() -> None:
    """A machine's own are found by every program; others without a file take a token."""
    machine = replace(credentials(), kind="metadata", quota_project=None)
    assert environment(machine, {"PATH": "/bin"}) == {"PATH": "/bin"}
    with pytest.raises(gemauth.UsageError, match="--access-token"):
        environment(credentials(), {})
