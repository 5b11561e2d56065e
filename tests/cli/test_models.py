from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.api import call, refused
from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google

FLASH = {
    "name": "models/gemini-2.5-flash",
    "version": "001",
    "displayName": "Flash",
    "inputTokenLimit": 1048576,
    "outputTokenLimit": 65536,
}


def test_list(google: Google) -> None:
    """The list is a plain table on a pipe, of every page, asked with the person's token."""
    google.answers["GET /v1beta/models"] = (200, {"models": [FLASH]})
    there = call(google, "models", "list")
    assert there.out == (
        "NAME                     DISPLAY NAME  VERSION  INPUT TOKEN LIMIT  OUTPUT TOKEN LIMIT\n"
        "models/gemini-2.5-flash  Flash         001      1048576            65536\n"
    )
    assert (there.code, there.err) == (0, "")
    assert google.asked[-1][1]["authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_list_for_programs(google: Google) -> None:
    """As json it is an array of the API's own objects."""
    google.answers["GET /v1beta/models"] = (200, {"models": [FLASH]})
    assert call(google, "models", "list", "--format", "json").json == [FLASH]
    google.answers["GET /v1beta/models"] = (200, {})
    assert call(google, "models", "list", "--format", "json").json == []


def test_list_is_all_that_the_api_says(google: Google) -> None:
    """A member of tomorrow is shown today, by a command that was written yesterday."""
    tomorrow = {**FLASH, "tomorrow": {"a": [1]}}
    google.answers["GET /v1beta/models"] = (200, {"models": [tomorrow]})
    assert call(google, "models", "list", "--format", "json").json == [tomorrow]


def test_list_loads_no_classes(google: Google) -> None:
    """What it prints is JSON already; msgspec's import would be an eighth of the command."""
    google.answers["GET /v1beta/models"] = (200, {"models": [FLASH]})
    words = ["models", "list", "--credentials", google.credentials(), "--emulator", google.url]
    code = (
        "import sys; from gemauth.cli.main import main; "
        f"code = main({words}); sys.exit(code or 'msgspec' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_get(google: Google) -> None:
    """One model is its members, line by line, or a JSON object."""
    google.answers["GET /v1beta/models/gemini-2.5-flash"] = (200, FLASH)
    there = call(google, "models", "get", "models/gemini-2.5-flash")
    assert "displayName       Flash\n" in there.out
    short = call(google, "models", "get", "gemini-2.5-flash", "--format=json")
    assert short.json == FLASH


def test_quota_project(google: Google) -> None:
    """--quota-project is sent with the call."""
    google.answers["GET /v1beta/models"] = (200, {})
    call(google, "models", "list", "--quota-project", "my-project")
    assert google.asked[-1][1]["x-goog-user-project"] == "my-project"


def test_emulator_from_the_environment(google: Google) -> None:
    """GEMAUTH_EMULATOR and GOOGLE_APPLICATION_CREDENTIALS do what the options do."""
    google.answers["GET /v1beta/models"] = (200, {"models": [FLASH]})
    environ = {
        **os.environ,
        "GEMAUTH_EMULATOR": google.url,
        "GOOGLE_APPLICATION_CREDENTIALS": google.credentials(),
    }
    there = Terminal(environ=environ)
    assert there.run("models", "list") == 0
    assert "gemini-2.5-flash" in there.out


def test_refused(google: Google) -> None:
    """A refusal exits with 4, keeps Google's text, and names whose fault and what to do."""
    google.answers["GET /v1beta/models"] = refused(
        403,
        "PERMISSION_DENIED",
        "Generative Language API has not been used in project 42.",
        reason="SERVICE_DISABLED",
        metadata={"consumer": "projects/42", "service": "generativelanguage.googleapis.com"},
    )
    there = call(google, "models", "list")
    assert (there.code, there.out) == (4, "")
    assert "error: Generative Language API has not been used in project 42.\n" in there.err
    assert "evidence: HTTP 403 PERMISSION_DENIED, SERVICE_DISABLED\n" in there.err
    assert "fault: the Google Cloud project's settings\n" in there.err
    assert "gemauth emulator services enable 42 generativelanguage.googleapis.com" in there.err


def test_not_found(google: Google) -> None:
    """An unknown model exits with 6."""
    google.answers["GET /v1beta/models/x"] = refused(404, "NOT_FOUND", "models/x is not found.")
    assert call(google, "models", "get", "x").code == 6
