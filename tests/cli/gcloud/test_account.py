"""`gcloud auth`: gcloud's own accounts against an emulator."""

from __future__ import annotations

import json

import pytest

from gemauth.google.client_secret import GCLOUD_LOGIN_CLIENT_ID
from gemauth.oauth import jwt
from tests.cli.gcloud.conftest import ADA, BOB, CLOUD, PROJECT, ROBOT, TUNING, Gcloud

LOGIN = ("auth", "login")
TOKEN = ("auth", "print-access-token")
IDENTITY = ("auth", "print-identity-token")


@pytest.fixture
def signed_in(gcloud: Gcloud) -> Gcloud:
    """Ada, signed in for gcloud's own commands."""
    assert gcloud.consenting(*LOGIN) == 0, gcloud.err
    return gcloud


@pytest.fixture
def with_robot(gcloud: Gcloud, robot_file: str) -> Gcloud:
    """The service account, activated."""
    code = gcloud("auth", "activate-service-account", f"--key-file={robot_file}")
    assert code == 0, gcloud.err
    assert f"[{ROBOT}]" in gcloud.err
    return gcloud


class TestLogin:
    def test_the_account_is_active(self, signed_in: Gcloud) -> None:
        """Whoever signed in is the active account; the ADC is another matter."""
        assert f"You are now logged in as [{ADA}]." in signed_in.err
        assert "[None]" in signed_in.err
        assert signed_in("config", "get", "account") == 0
        assert signed_in.out == f"{ADA}\n"
        assert not signed_in.has_adc

    def test_the_code_is_typed(self, gcloud: Gcloud) -> None:
        """The same ways as for the ADC, with gcloud's other client."""
        assert gcloud(*LOGIN, "--no-launch-browser", typed=gcloud.code) == 0, gcloud.err
        assert GCLOUD_LOGIN_CLIENT_ID in gcloud.url
        assert gcloud(*LOGIN, "--no-browser", typed=gcloud.redirect) == 0, gcloud.err
        assert 'gcloud auth login --remote-bootstrap="' in gcloud.err

    def test_options(self, gcloud: Gcloud) -> None:
        """--project is kept, --brief says less, --no-activate leaves the active account."""
        assert gcloud.consenting(*LOGIN, f"--project={PROJECT}") == 0
        assert f"[{PROJECT}]" in gcloud.err
        assert gcloud.consenting(*LOGIN, "--no-activate", "--brief", who=BOB) == 0
        assert "logged in" not in gcloud.err
        assert gcloud("config", "list", "--format=json") == 0
        assert json.loads(gcloud.out) == {"core": {"account": ADA, "project": PROJECT}}

    def test_a_known_account_is_activated(self, signed_in: Gcloud) -> None:
        """Who is signed in already need not sign in again, but for --force."""
        assert signed_in.consenting(*LOGIN, who=BOB) == 0
        assert signed_in(*LOGIN, ADA) == 0
        assert signed_in("config", "get", "account") == 0
        assert signed_in.out == f"{ADA}\n"
        assert signed_in(*LOGIN, ADA, "--force", "--no-browser") == 1, "nobody answers"

    def test_update_adc(self, gcloud: Gcloud) -> None:
        """--update-adc writes the same credentials for libraries."""
        assert gcloud.consenting(*LOGIN, "--update-adc") == 0
        assert gcloud.adc["client_id"] == GCLOUD_LOGIN_CLIENT_ID
        assert gcloud("auth", "application-default", "print-access-token") == 0

    def test_a_key_as_cred_file(self, gcloud: Gcloud, robot_file: str) -> None:
        """--cred-file takes a service account's key, and not a person's file."""
        assert gcloud(*LOGIN, f"--cred-file={robot_file}") == 0, gcloud.err
        assert gcloud(*TOKEN) == 0
        assert gcloud(*LOGIN, f"--cred-file={gcloud.client_file}") == 1

    def test_google_drive(self, gcloud: Gcloud) -> None:
        """What the emulator has not is said."""
        assert gcloud.consenting(*LOGIN, "--enable-gdrive-access") == 1
        assert "Drive" in gcloud.err


class TestList:
    def test_nobody(self, gcloud: Gcloud) -> None:
        """Nobody is signed in: exit code 0, and what to run on stderr."""
        assert gcloud("auth", "list") == 0
        assert gcloud.out == ""
        assert "gcloud auth login" in gcloud.err
        assert gcloud("auth", "list", "--format=json") == 0
        assert json.loads(gcloud.out) == []

    @pytest.mark.parametrize(
        ("words", "out"),
        [
            (["--format=value(account)"], f"{ADA}\n{BOB}\n"),
            (["--filter=status:ACTIVE", "--format=value(account)"], f"{BOB}\n"),
            (["--filter=status=ACTIVE", "--format=value(account)"], f"{BOB}\n"),
            (["--filter=-status:ACTIVE", "--format=value(account)"], f"{ADA}\n"),
            (["--filter=account:ada*", "--format=value(account)"], f"{ADA}\n"),
            (["--filter-account", ADA, "--format=value(account)"], f"{ADA}\n"),
            ([], f"Credentialed Accounts\nACTIVE  ACCOUNT\n        {ADA}\n*       {BOB}\n"),
        ],
    )
    def test_two(self, signed_in: Gcloud, words: list[str], out: str) -> None:
        """The forms that scripts ask for; the active account has a star."""
        assert signed_in.consenting(*LOGIN, who=BOB) == 0
        assert signed_in("auth", "list", *words) == 0, signed_in.err
        assert signed_in.out == out

    def test_another_filter(self, signed_in: Gcloud) -> None:
        """A filter that is not understood is not ignored."""
        assert signed_in("auth", "list", "--filter=name:x") == 1
        assert "--filter" in signed_in.err


class TestTokens:
    def test_alone_on_stdout(self, signed_in: Gcloud) -> None:
        """The token and a line end."""
        assert signed_in(*TOKEN) == 0
        assert signed_in.out.startswith("ya29.emu-")
        assert signed_in.err == ""

    def test_of_an_account(self, signed_in: Gcloud) -> None:
        """ACCOUNT or --account chooses; an unknown one is told."""
        assert signed_in.consenting(*LOGIN, who=BOB) == 0
        for words in ([ADA], [f"--account={ADA}"]):
            assert signed_in(*TOKEN, *words) == 0, signed_in.err
        assert signed_in(*TOKEN, "eve@example.com") == 1
        assert "[eve@example.com]" in signed_in.err
        assert signed_in(*TOKEN, "../../etc") == 1

    def test_nobody(self, gcloud: Gcloud) -> None:
        """No account is active: exit code 1, stdout empty."""
        for words in (TOKEN, IDENTITY, ("config", "config-helper", "--format=json")):
            assert gcloud(*words) == 1
            assert "do not currently have an active account" in gcloud.err
            assert gcloud.out == ""

    def test_a_service_account(self, with_robot: Gcloud) -> None:
        """A key's token, with gcloud's scopes or one's own."""
        assert with_robot(*TOKEN) == 0
        assert with_robot.out.startswith("ya29.c.emu-")
        assert with_robot(*TOKEN, f"--scopes={CLOUD},{TUNING}") == 0, with_robot.err

    def test_identity(self, signed_in: Gcloud) -> None:
        """A person's id token is for gcloud's client, and no other audience can be had."""
        assert signed_in(*IDENTITY) == 0
        claims = jwt.decode(signed_in.out.strip()).claims
        assert claims["aud"] == GCLOUD_LOGIN_CLIENT_ID
        assert claims["email"] == ADA
        assert signed_in(*IDENTITY, "--audiences=https://x.example") == 1
        assert "Requires a service account" in signed_in.err

    def test_a_service_account_s_identity(self, with_robot: Gcloud) -> None:
        """A service account's is for whom it is asked."""
        assert with_robot(*IDENTITY, "--audiences=https://x.example") == 0, with_robot.err
        assert jwt.decode(with_robot.out.strip()).claims["aud"] == "https://x.example"

    @pytest.mark.parametrize("flag", ["--lifetime=60s", "--impersonate-service-account=a@b.c"])
    def test_impersonation_is_refused(self, signed_in: Gcloud, flag: str) -> None:
        """What it cannot do it does not pretend."""
        assert signed_in(*TOKEN, flag) == 1
        assert signed_in.out == ""


class TestActivate:
    def test_no_key(self, gcloud: Gcloud) -> None:
        """The flag, the file and its kind are checked."""
        activate = ("auth", "activate-service-account")
        assert gcloud(*activate) == 1
        assert gcloud(*activate, "--key-file=/nowhere.json") == 1
        assert gcloud(*activate, f"--key-file={gcloud.client_file}") == 1
        assert "ERROR: (gcloud.auth.activate-service-account)" in gcloud.err

    def test_another_account(self, gcloud: Gcloud, robot_file: str) -> None:
        """ACCOUNT has to be the key's."""
        words = ("auth", "activate-service-account", ADA, f"--key-file={robot_file}")
        assert gcloud(*words) == 1
        assert ROBOT in gcloud.err

    def test_a_key_of_google_s(self, gcloud: Gcloud, robot_file: str) -> None:
        """A key that the emulator did not make is not signed with."""
        from pathlib import Path

        key = json.loads(Path(robot_file).read_text("utf-8"))
        key["token_uri"] = "https://oauth2.googleapis.com/token"
        key["private_key_id"] = "0123456789abcdef0123456789abcdef01234567"
        Path(robot_file).write_text(json.dumps(key), encoding="utf-8")
        words = ("auth", "activate-service-account", f"--key-file={robot_file}")
        assert gcloud(*words) == 1
        assert "Google" in gcloud.err

    def test_a_key_that_is_not_accepted(self, gcloud: Gcloud, robot_file: str) -> None:
        """It is told at once, and not kept."""
        from pathlib import Path

        key = json.loads(Path(robot_file).read_text("utf-8"))
        key["client_email"] = f"deleted@{PROJECT}.iam.gserviceaccount.com"
        Path(robot_file).write_text(json.dumps(key), encoding="utf-8")
        words = ("auth", "activate-service-account", f"--key-file={robot_file}")
        assert gcloud(*words) == 1
        assert "account not found" in gcloud.err
        assert gcloud("auth", "list", "--format=json") == 0
        assert json.loads(gcloud.out) == []


class TestRevoke:
    def test_the_active_account(self, signed_in: Gcloud) -> None:
        """Ended at the server, forgotten here, and no account is active."""
        assert signed_in("auth", "revoke") == 0
        assert signed_in.out == f"Revoked credentials:\n - {ADA}\n"
        assert signed_in("config", "get", "account") == 0
        assert signed_in.out == ""
        assert signed_in("auth", "revoke") == 1

    def test_all_and_some(self, signed_in: Gcloud) -> None:
        """--all takes everybody; an unknown account is nobody's."""
        assert signed_in.consenting(*LOGIN, who=BOB) == 0
        assert signed_in("auth", "revoke", "eve@example.com") == 1
        assert signed_in("auth", "revoke", "--all") == 0
        assert signed_in.out == f"Revoked credentials:\n - {ADA}\n - {BOB}\n"

    def test_a_service_account(self, with_robot: Gcloud) -> None:
        """A key stays valid at the server, and the warning says so."""
        assert with_robot("auth", "revoke", ROBOT) == 0
        assert "WARNING" in with_robot.err
        assert with_robot("auth", "list", "--format=json") == 0
        assert json.loads(with_robot.out) == []
