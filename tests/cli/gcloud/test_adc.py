"""`gcloud auth application-default` against an emulator (google-oauth.md section 7)."""

from __future__ import annotations

import json
import stat

import pytest

from gemauth.google.client_secret import GCLOUD_CLIENT_ID
from tests.cli.gcloud.conftest import ADA, BOB, CLOUD, OTHERS, PROJECT, SCOPES, TUNING, Gcloud

LOGIN = ("auth", "application-default", "login")
TOKEN = ("auth", "application-default", "print-access-token")
REVOKE = ("auth", "application-default", "revoke")
QUOTA = ("auth", "application-default", "set-quota-project")


def scopes_of(gcloud: Gcloud, token: str) -> set[str]:
    """Ask the emulator what a token is good for."""
    from gemauth.client.transport import Transport
    from gemauth.http import Request

    with Transport({}) as sender:
        url = f"{gcloud.emulator.address}/tokeninfo?access_token={token.strip()}"
        return set(sender.send(Request("GET", url)).json()["scope"].split())


class TestLogin:
    def test_with_a_client_of_ones_own(self, gcloud: Gcloud) -> None:
        """The quickstart's command: the file is gcloud's own, and no quota project is written."""
        words = (*LOGIN, "--no-browser", "--client-id-file", str(gcloud.client_file), SCOPES)
        assert gcloud.consenting(*words, "--project", PROJECT) == 0, gcloud.err
        assert set(gcloud.adc) == {
            "account",
            "client_id",
            "client_secret",
            "refresh_token",
            "type",
            "universe_domain",
        }
        assert gcloud.adc["type"] == "authorized_user"
        assert gcloud.adc["account"] == ""
        path = gcloud.folder / "application_default_credentials.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [*gcloud.adc] == sorted(gcloud.adc)
        assert gcloud.out == ""
        assert f"Credentials saved to file: [{path}]" in gcloud.err
        assert gcloud.adc["refresh_token"] not in gcloud.err

    def test_with_gclouds_own_client(self, gcloud: Gcloud) -> None:
        """Without a file gcloud's own client signs in, and the project to bill is asked for."""
        assert gcloud.consenting(*LOGIN, "--project", PROJECT) == 0, gcloud.err
        assert gcloud.adc["client_id"] == GCLOUD_CLIENT_ID
        assert gcloud.adc["quota_project_id"] == PROJECT
        assert f'Quota project "{PROJECT}" was added to ADC' in gcloud.err

    def test_no_project_to_bill(self, gcloud: Gcloud) -> None:
        """Without a project in gcloud's context there is a warning, and the login has worked."""
        assert gcloud.consenting(*LOGIN) == 0
        assert "WARNING: Cannot find a quota project" in gcloud.err
        assert "quota_project_id" not in gcloud.adc

    def test_a_project_that_may_not_be_billed(self, gcloud: Gcloud) -> None:
        """Without serviceusage.services.use no quota project is written."""
        assert gcloud.consenting(*LOGIN, "--project", PROJECT, who=BOB) == 0
        assert f'WARNING: Cannot add the project "{PROJECT}"' in gcloud.err
        assert "quota_project_id" not in gcloud.adc

    def test_the_billing_project_goes_before_the_project(self, gcloud: Gcloud) -> None:
        """billing/quota_project is what is billed where it is set."""
        assert gcloud.consenting(*LOGIN, "--project=other", f"--billing-project={PROJECT}") == 0
        assert gcloud.adc["quota_project_id"] == PROJECT

    def test_no_quota_project_wanted(self, gcloud: Gcloud) -> None:
        """--disable-quota-project leaves it out and says what that means."""
        words = (*LOGIN, "--project", PROJECT, "--disable-quota-project")
        assert gcloud.consenting(*words) == 0
        assert "WARNING: Quota project is disabled." in gcloud.err
        assert "quota_project_id" not in gcloud.adc

    def test_gemini_scopes_need_a_client_of_ones_own(self, gcloud: Gcloud) -> None:
        """With gcloud's client they end on the page that they end on at Google (decision 0006)."""
        assert gcloud.consenting(*LOGIN, SCOPES) == 1
        assert gcloud.err.startswith("Signing in")
        assert "ERROR: (gcloud.auth.application-default.login)" in gcloud.err
        assert "restricted_client" in gcloud.err
        assert "--client-id-file" in gcloud.err
        assert not gcloud.has_adc

    def test_cloud_platform_is_required(self, gcloud: Gcloud) -> None:
        """Gcloud insists on cloud-platform, in full: exit code 1, before anything is asked."""
        for scopes in (f"--scopes={TUNING}", "--scopes=cloud-platform"):
            assert gcloud(*LOGIN, scopes) == 1
            assert "Invalid value for [--scopes]" in gcloud.err
            assert CLOUD in gcloud.err

    def test_no_launch_browser_with_a_client_file(self, gcloud: Gcloud) -> None:
        """That flow is for Google's own clients."""
        words = (*LOGIN, "--no-launch-browser", "--client-id-file", str(gcloud.client_file))
        assert gcloud(*words) == 1
        assert "Invalid value for [--no-launch-browser]" in gcloud.err
        assert "--no-browser" in gcloud.err

    def test_impersonation(self, gcloud: Gcloud) -> None:
        """The sign-in is wrapped, as google-auth reads it (6.3); no quota project goes along."""
        robot = f"robot@{PROJECT}.iam.gserviceaccount.com"
        words = (*LOGIN, "--project", PROJECT, f"--impersonate-service-account=via@x.y,{robot}")
        assert gcloud.consenting(*words) == 0
        assert gcloud.adc["type"] == "impersonated_service_account"
        assert gcloud.adc["service_account_impersonation_url"].endswith(
            f"/serviceAccounts/{robot}:generateAccessToken"
        )
        assert gcloud.adc["delegates"] == ["via@x.y"]
        assert gcloud.adc["source_credentials"]["type"] == "authorized_user"
        assert gcloud(*TOKEN) == 1  # there is no such service account
        assert "via@x.y" in gcloud.err
        assert "roles/iam.serviceAccountTokenCreator" in gcloud.err

    def test_a_second_login_overwrites(self, gcloud: Gcloud) -> None:
        """As gcloud does, even without a consent page in between."""
        words = (*LOGIN, "--client-id-file", str(gcloud.client_file), SCOPES)
        assert gcloud.consenting(*words) == 0
        first = gcloud.adc["refresh_token"]
        assert gcloud.consenting(*words) == 0
        assert gcloud.adc["refresh_token"] != first

    def test_a_person_s_own_sign_in_at_google_is_spared(self, gcloud: Gcloud) -> None:
        """Outside of the run's folder, what Google granted never gives way to an emulator's."""
        gcloud.folder.mkdir()
        path = gcloud.folder / "application_default_credentials.json"
        real = {
            "type": "authorized_user",
            "client_id": "1.apps.googleusercontent.com",
            "client_secret": "GOCSPX-x",
            "refresh_token": "1//real",
        }
        path.write_text(json.dumps(real), encoding="utf-8")
        assert gcloud.consenting(*LOGIN) == 1
        assert gcloud.adc == real
        code = gcloud(*LOGIN, GEMAUTH_RUN=str(gcloud.home), GEMAUTH_AUTO_CONSENT=ADA)
        assert code == 0, "the run's own folder is its own"

    def test_an_account_is_held_to(self, gcloud: Gcloud) -> None:
        """Who is named has to be who signs in; then the file says so, and a login is spared."""
        assert gcloud.consenting(*LOGIN, BOB, who=ADA) == 1
        assert BOB in gcloud.err
        assert not gcloud.has_adc
        assert gcloud.consenting(*LOGIN, BOB, who=BOB) == 0
        assert gcloud.adc["account"] == BOB
        token = gcloud.adc["refresh_token"]
        assert gcloud(*LOGIN, BOB) == 0
        assert "WARNING: Valid credentials already exist" in gcloud.err
        assert gcloud.adc["refresh_token"] == token


class TestShadow:
    """GOOGLE_APPLICATION_CREDENTIALS goes before the file that a login writes."""

    def test_asked(self, gcloud: Gcloud) -> None:
        """Gcloud asks; no is the end of it."""
        assert gcloud(*LOGIN, typed="n\n", GOOGLE_APPLICATION_CREDENTIALS="/some/key.json") == 1
        assert "[/some/key.json]" in gcloud.err
        assert "Aborted by user." in gcloud.err

    def test_nobody_to_ask(self, gcloud: Gcloud) -> None:
        """An input that has ended is no yes."""
        assert gcloud(*LOGIN, GOOGLE_APPLICATION_CREDENTIALS="/some/key.json") == 1
        assert "--quiet" in gcloud.err

    def test_quiet(self, gcloud: Gcloud) -> None:
        """--quiet takes the default, which is yes; the sign-in itself still has to be answered."""
        words = (*LOGIN, "--quiet", "--no-browser")
        code = gcloud(*words, typed=gcloud.redirect, GOOGLE_APPLICATION_CREDENTIALS="/x")
        assert code == 0, gcloud.err
        assert gcloud.has_adc


@pytest.fixture
def signed_in(gcloud: Gcloud) -> Gcloud:
    """Ada, signed in with a client of her own."""
    words = (*LOGIN, "--client-id-file", str(gcloud.client_file), SCOPES)
    assert gcloud.consenting(*words) == 0, gcloud.err
    return gcloud


class TestPrintAccessToken:
    def test_alone_on_stdout(self, signed_in: Gcloud) -> None:
        """The token and a line end, and nothing else anywhere; it has all that was granted."""
        assert signed_in(*TOKEN) == 0
        assert signed_in.out.startswith("ya29.emu-")
        assert signed_in.out.count("\n") == 1
        assert signed_in.err == ""
        assert scopes_of(signed_in, signed_in.out) == {CLOUD, TUNING}

    def test_a_new_one_each_time(self, signed_in: Gcloud) -> None:
        """Gcloud asks the server every time: a revoked sign-in is noticed."""
        assert signed_in(*TOKEN) == 0
        first = signed_in.out
        assert signed_in(*TOKEN) == 0
        assert signed_in.out != first

    def test_format(self, signed_in: Gcloud) -> None:
        """--format=json and value(token) have the same token in them."""
        assert signed_in(*TOKEN, "--format=json") == 0
        assert json.loads(signed_in.out)["token"].startswith("ya29.emu-")
        assert signed_in(*TOKEN, "--format=value(token)") == 0
        assert signed_in.out.startswith("ya29.emu-")
        assert signed_in(*TOKEN, "--format=csv(token)") == 1
        assert "--format" in signed_in.err

    def test_fewer_scopes(self, gcloud: Gcloud) -> None:
        """--scopes narrows the token, to what was granted; openid and the address come along."""
        assert gcloud.consenting(*LOGIN) == 0
        assert gcloud(*TOKEN, f"--scopes={CLOUD}") == 0
        assert scopes_of(gcloud, gcloud.out) == {
            CLOUD,
            "openid",
            "https://www.googleapis.com/auth/userinfo.email",
        }
        assert gcloud(*TOKEN, f"--scopes={TUNING}") == 1
        assert "Invalid value for [--scopes]" in gcloud.err
        assert gcloud.out == ""

    def test_no_credentials(self, gcloud: Gcloud) -> None:
        """Nobody is signed in: exit code 1, and what to run."""
        assert gcloud(*TOKEN) == 1
        assert gcloud.err.startswith("ERROR: (gcloud.auth.application-default.print-access-token)")
        assert "gcloud auth application-default login" in gcloud.err
        assert "gemauth login" not in gcloud.err

    def test_a_sign_in_that_is_over(self, signed_in: Gcloud) -> None:
        """invalid_grant is told, with the command that cures it."""
        from gemauth.client.transport import Transport
        from gemauth.http import FORM, Headers, Request, form

        token = signed_in.adc["refresh_token"]
        with Transport({}) as sender:
            url = f"{signed_in.emulator.address}/revoke"
            sender.send(
                Request("POST", url, Headers({"Content-Type": FORM}), form({"token": token}))
            )
        assert signed_in(*TOKEN) == 1
        assert "invalid_grant" in signed_in.err
        assert "gcloud auth application-default login" in signed_in.err
        assert token not in signed_in.err

    @pytest.mark.parametrize("flag", ["--lifetime=60s", "--impersonate-service-account=a@b.c"])
    def test_impersonation_is_refused(self, signed_in: Gcloud, flag: str) -> None:
        """What it cannot do it does not pretend."""
        assert signed_in(*TOKEN, flag) == 1
        assert flag.partition("=")[0] in signed_in.err
        assert signed_in.out == ""

    def test_a_service_account_s_key(self, gcloud: Gcloud, robot_file: str) -> None:
        """GOOGLE_APPLICATION_CREDENTIALS may name a key; its token is for cloud-platform."""
        assert gcloud(*TOKEN, GOOGLE_APPLICATION_CREDENTIALS=robot_file) == 0, gcloud.err
        assert scopes_of(gcloud, gcloud.out) == {CLOUD}


class TestRevoke:
    def test_yes(self, signed_in: Gcloud) -> None:
        """Ended at the server, and gone from the disk."""
        assert signed_in(*REVOKE, typed="y\n") == 0
        assert "You are about to revoke the credentials stored in:" in signed_in.err
        assert signed_in.err.endswith("Credentials revoked.\n")
        assert not signed_in.has_adc

    def test_no(self, signed_in: Gcloud) -> None:
        """No leaves all as it was."""
        assert signed_in(*REVOKE, typed="what\nn\n") == 1
        assert "Aborted by user." in signed_in.err
        assert signed_in.has_adc

    def test_nobody_to_ask(self, signed_in: Gcloud) -> None:
        """Unattended, it does nothing without --quiet."""
        assert signed_in(*REVOKE) == 1
        assert signed_in.has_adc
        assert signed_in(*REVOKE, "--quiet") == 0
        assert not signed_in.has_adc

    def test_nothing_there(self, gcloud: Gcloud) -> None:
        """Nothing to revoke is no failure."""
        assert gcloud(*REVOKE) == 0
        assert "nothing to revoke" in gcloud.err

    def test_a_key(self, gcloud: Gcloud, robot_file: str) -> None:
        """A service account's key is not revoked, and not deleted."""
        from pathlib import Path

        gcloud.folder.mkdir()
        path = gcloud.folder / "application_default_credentials.json"
        path.write_bytes(Path(robot_file).read_bytes())
        assert gcloud(*REVOKE, "--quiet") == 1
        assert "service account credential" in gcloud.err
        assert gcloud.has_adc

    def test_what_no_server_revokes(self, gcloud: Gcloud) -> None:
        """Other kinds are deleted, with a warning."""
        words = (*LOGIN, "--impersonate-service-account=a@b.c")
        assert gcloud.consenting(*words) == 0
        assert gcloud(*REVOKE, "--quiet") == 0
        assert "WARNING: The credentials stored in" in gcloud.err
        assert not gcloud.has_adc


class TestSetQuotaProject:
    def test_of_a_project_that_may_be_billed(self, signed_in: Gcloud) -> None:
        """The file gets the project, and keeps everything else."""
        before = signed_in.adc
        assert signed_in(*QUOTA, PROJECT) == 0, signed_in.err
        assert signed_in.adc == before | {"quota_project_id": PROJECT}
        assert "Credentials saved to file:" in signed_in.err
        assert "was added to ADC" in signed_in.err

    def test_of_another(self, signed_in: Gcloud) -> None:
        """Without the permission the file stays as it was: checked first, written once."""
        assert signed_in(*QUOTA, PROJECT) == 0
        before = signed_in.adc
        assert signed_in(*QUOTA, OTHERS) == 1
        assert f'Cannot add the project "{OTHERS}"' in signed_in.err
        assert "serviceusage.services.use" in signed_in.err
        assert signed_in.adc == before
        assert signed_in(*QUOTA, "no-such-project") == 1
        assert "may not exist" in signed_in.err
        assert signed_in.adc == before

    def test_nothing_there(self, gcloud: Gcloud) -> None:
        """Who has not signed in is told to."""
        assert gcloud(*QUOTA, PROJECT) == 1
        assert "gcloud auth application-default login" in gcloud.err

    def test_a_key(self, gcloud: Gcloud, robot_file: str) -> None:
        """Only a person's credentials have one."""
        from pathlib import Path

        gcloud.folder.mkdir()
        path = gcloud.folder / "application_default_credentials.json"
        path.write_bytes(Path(robot_file).read_bytes())
        assert gcloud(*QUOTA, PROJECT) == 1
        assert "not user credentials" in gcloud.err


def test_it_talks_to_an_emulator_only(gcloud: Gcloud) -> None:
    """Outside of a run there is no emulator, and nothing goes to Google in its place."""
    for words in ((*LOGIN, "--no-browser"), TOKEN):
        assert gcloud(*words, GEMAUTH_EMULATOR="") == 1
        assert "GEMAUTH_EMULATOR" in gcloud.err
