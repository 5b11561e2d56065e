from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gemauth.client.doctor.examination import CHECKS
from gemauth.google import scopes
from tests.cli.api import refused
from tests.cli.google import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google


def doctor(google: Google, *words: str, tty: bool = False, **environ: str) -> Terminal:
    """Run the doctor with the stand-in's person."""
    path = google.credentials()
    os.chmod(path, 0o600)  # noqa: PTH101  # a string
    there = Terminal(tty=tty, environ={**os.environ, "GEMAUTH_EMULATOR": google.url, **environ})
    there.run("doctor", "--credentials", path, *words)
    return there


@pytest.fixture
def healthy(google: Google) -> Google:
    """A stand-in that answers everything."""
    info = {"aud": CLIENT_ID, "scope": " ".join(scopes.DEFAULT), "exp": "4102444800"}
    google.answers |= {
        "GET /tokeninfo": (400, {"error": "invalid_request"}),
        "POST /tokeninfo": (200, info),
        "GET /v1beta/models": (200, {"models": []}),
        "GET /v1beta/tunedModels": (200, {}),
    }
    return google


def test_all_is_well(healthy: Google) -> None:
    """One paragraph per check on stdout, the count on stderr, exit code 0, no colour in a pipe."""
    there = doctor(healthy)
    assert there.code == 0, there.out
    assert f"{len(CHECKS)} checks: " in there.err
    assert "ok        models: models.list is answered." in there.out
    assert "\x1b" not in there.out


def test_a_fault(healthy: Google) -> None:
    """Evidence, fault and next step below the finding, and the exit code of its class."""
    healthy.answers["GET /v1beta/models"] = refused(
        403, "PERMISSION_DENIED", "Off.", reason="SERVICE_DISABLED"
    )
    there = doctor(healthy)
    assert there.code == 4
    assert "failed    models: Off.\n          evidence: HTTP 403 PERMISSION_DENIED" in there.out
    assert "\n          fault: the Google Cloud project's settings\n" in there.out
    assert "\n          next: gemauth emulator services enable PROJECT" in there.out
    assert "Begin with the first that failed: models." in there.err


def test_for_programs(healthy: Google) -> None:
    """One object with every check; stderr stays empty."""
    healthy.answers["POST /token"] = (400, {"error": "invalid_grant"})
    there = doctor(healthy, "--format", "json")
    assert there.code == there.json["exitCode"] == 3
    rows = {row["check"]: row for row in there.json["checks"]}
    assert [*rows] == [*CHECKS]
    assert rows["refresh"]["state"] == "failed"
    assert rows["refresh"]["fault"] == "you"
    assert rows["refresh"]["next"] == "gemauth login --client-id-file FILE"
    assert rows["models"] == {
        "check": "models",
        "state": "skipped",
        "message": "There is no token to call with.",
        "fault": None,
        "evidence": None,
        "next": None,
        "exitCode": 0,
    }
    assert there.err == ""


def test_a_terminal(healthy: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour there, but not with NO_COLOR or on a dumb one; lines as wide as it; commands whole."""
    monkeypatch.setenv("COLUMNS", "50")
    there = doctor(healthy, tty=True, GEMINI_API_KEY="AIzaSecret", GOOGLE_API_KEY="AIzaOther")
    assert "\x1b[32mok\x1b[0m        models:" in there.out
    assert "\x1b[33mwarning\x1b[0m   api keys:" in there.out
    assert "next: unset GOOGLE_API_KEY GEMINI_API_KEY\n" in there.out
    long = [line for line in there.out.replace("\x1b", "").splitlines() if len(line) > 62]
    assert all(" " not in line.strip() or "next:" in line for line in long), long
    assert "AIza" not in there.out
    assert "\x1b" not in doctor(healthy, tty=True, NO_COLOR="1").out
    assert "\x1b" not in doctor(healthy, tty=True, TERM="dumb").out


def test_no_secret_is_told(healthy: Google) -> None:
    """Not even where the server repeats one."""
    healthy.answers["GET /v1beta/models"] = refused(
        403, "PERMISSION_DENIED", f"No {ACCESS_TOKEN}.", reason=REFRESH_TOKEN
    )
    for form in ("table", "json"):
        there = doctor(healthy, "--format", form)
        assert there.code == 4
        for secret in (ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET):
            assert secret not in there.out + there.err
        assert "[secret]" in there.out
    assert not any(ACCESS_TOKEN in line for line in healthy.lines)


def test_as_a_service_account(healthy: Google) -> None:
    """What is examined is the account that the options name, and the calls are its own."""
    robot = "robot@p.iam.gserviceaccount.com"
    answer = {"accessToken": "ya29.emu-robot", "expireTime": "2999-01-01T00:00:00Z"}
    path = f"POST /v1/projects/-/serviceAccounts/{robot}:generateAccessToken"
    healthy.answers[path] = (200, answer)
    there = doctor(healthy, "--impersonate-service-account", robot)
    assert there.code == 0, there.out
    assert f"(impersonated_service_account, {robot})" in there.out
    assert "The server gives tokens" in there.out
    headers = next(h for line, h, _ in healthy.asked[::-1] if "/v1beta/models" in line)
    assert headers["authorization"] == "Bearer ya29.emu-robot"


def test_a_given_token(healthy: Google) -> None:
    """It is used as it is, and shadows nothing."""
    healthy.folder.joinpath("token").write_text("ya29.emu-given\n")
    environ = {**os.environ, "GEMAUTH_EMULATOR": healthy.url}
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = healthy.credentials()
    there = Terminal(environ=environ)
    there.run("doctor", "--access-token-file", str(healthy.folder / "token"))
    assert there.code == 0, there.out
    assert "skipped   refresh: The token was given as it is" in there.out
    assert "is not used" not in there.out
    assert "POST /token" not in healthy.lines
    headers = next(h for line, h, _ in healthy.asked[::-1] if "/v1beta/models" in line)
    assert headers["authorization"] == "Bearer ya29.emu-given"
