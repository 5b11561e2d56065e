from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.testing.emulator import EmulatorServer
from tests.cli.google import TUNING, tokens
from tests.cli.terminal import Terminal
from tests.cli.test_end_to_end import ADA, BOB, Machine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.google import Google

QUESTION = "POST /v1/projects/my-project:testIamPermissions"
MAY = {"permissions": ["serviceusage.services.use"]}


def change(google: Google, *words: str, **more: str) -> Terminal:
    """Change the person's credential file, at the stand-in."""
    there = Terminal(environ={**os.environ, **more})
    path = google.folder / "credentials.json"
    file = str(path) if path.exists() else google.credentials()
    there.run("set-quota-project", *words, "--credentials", file, "--emulator", google.url)
    return there


def kept(google: Google) -> Any:
    """Return the file's quota project."""
    return json.loads((google.folder / "credentials.json").read_text()).get("quota_project_id")


def test_checked_and_written(google: Google) -> None:
    """The account is asked for first; then the file names the project, until it is cleared."""
    google.answers[QUESTION] = (200, MAY)
    there = change(google, "my-project")
    assert (there.code, there.out) == (0, "")
    assert "names my-project as its quota project" in there.err
    assert google.lines == ["POST /token", QUESTION]
    assert kept(google) == "my-project"
    again = change(google, "my-project")
    assert "named already" in again.err
    gone = change(google, "--clear")
    assert (gone.code, kept(google)) == (0, None)
    assert "names no quota project" in gone.err


def test_refused(google: Google) -> None:
    """Exit code 4, with the role and who can grant it; the file names no project."""
    google.answers[QUESTION] = (200, {})
    there = change(google, "my-project")
    assert there.code == 4
    assert "serviceusage.services.use" in there.err
    assert "gemauth emulator iam add my-project roles/serviceusage.serviceUsageConsumer" in (
        there.err
    )
    assert kept(google) is None


def test_without_the_check(google: Google) -> None:
    """Nobody is asked, and for programs it says so."""
    there = change(google, "my-project", "--no-check", "--format", "json")
    assert there.code == 0
    assert google.asked == []
    assert there.json == {
        "credentials": str(google.folder / "credentials.json"),
        "quotaProject": "my-project",
        "before": None,
        "checked": False,
        "unchecked": None,
    }


def test_unchecked(google: Google) -> None:
    """Without the scope nobody can be asked: it is written, and said."""
    google.answers["POST /token"] = (200, tokens(TUNING))
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "googleapis.com"}
    error = {
        "code": 403,
        "message": "Request had insufficient authentication scopes.",
        "status": "PERMISSION_DENIED",
        "details": [info | {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],
    }
    google.answers[QUESTION] = (403, {"error": error})
    there = change(google, "my-project", "--format", "json")
    assert there.code == 0
    assert "scope cloud-platform" in there.json["unchecked"]
    assert "warning: Whether the account may have my-project billed is unchecked" in there.err
    assert kept(google) == "my-project"


@pytest.mark.parametrize("words", [(), ("my-project", "--clear")])
def test_one_of_the_two(words: tuple[str, ...], google: Google) -> None:
    """A project or none; exit code 2."""
    assert change(google, *words).code == 2


def test_what_goes_before(google: Google) -> None:
    """Variables that keep the file from counting are named."""
    there = change(
        google,
        "my-project",
        "--no-check",
        GOOGLE_CLOUD_QUOTA_PROJECT="other",
        GOOGLE_APPLICATION_CREDENTIALS="/else.json",
    )
    assert "GOOGLE_CLOUD_QUOTA_PROJECT=other goes before" in there.err
    assert "GOOGLE_APPLICATION_CREDENTIALS names /else.json" in there.err


def test_against_the_emulator(home: Path) -> None:
    """With the API off nobody knows. Then: who owns the project may have it billed, a stranger may
    not, until the command that the refusal names has been run.
    """
    with EmulatorServer() as emulator:
        machine = Machine(emulator, home)

        def administer(*words: str) -> None:
            there = Terminal(environ={**os.environ, "GEMAUTH_EMULATOR": emulator.address})
            assert there.run("emulator", *words) == 0, there.err

        assert machine.login(ADA).code == machine.login(BOB).code == 0
        unknown = machine.run(ADA, "set-quota-project", "my-project", "--format", "json")
        assert (unknown.code, unknown.json["checked"]) == (0, False)
        administer("services", "enable", "my-project", "cloudresourcemanager.googleapis.com")
        known = machine.run(ADA, "set-quota-project", "my-project", "--format", "json")
        assert (known.code, known.json["checked"]) == (0, True)
        assert machine.run(ADA, "set-quota-project", "nobodys-project").code == 4
        refused = machine.run(BOB, "set-quota-project", "my-project", "--format", "json")
        assert refused.code == 4
        _, _, step = json.loads(refused.err)["error"]["next"].partition("gemauth emulator ")
        administer(*step.replace("user:EMAIL", f"user:{BOB}").split())
        assert machine.run(BOB, "set-quota-project", "my-project").code == 0
        assert machine.run(BOB, "models", "list").code == 0
