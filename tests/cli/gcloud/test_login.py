"""Which way a sign-in goes, and who answers it (google-oauth.md 7.1)."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.google.client_secret import GCLOUD_CODE_PAGES
from gemauth.run import consent
from tests.cli.gcloud.conftest import ADA, BOB, CLOUD, SCOPES, TUNING, Gcloud

LOGIN = ("auth", "application-default", "login")


def own(gcloud: Gcloud) -> str:
    """Return the flag for the client of one's own."""
    return f"--client-id-file={gcloud.client_file}"


class TestNoBrowser:
    """--no-browser: another machine's gcloud has the browser."""

    def test_what_other_programs_read(self, gcloud: Gcloud) -> None:
        """The command with its quoted URL on stderr, the prompt on stdout; the URL is Google's and
        names no address that the answer goes to.
        """
        assert gcloud(*LOGIN, "--no-browser", own(gcloud), SCOPES, typed=gcloud.redirect) == 0
        found = re.search(
            r'^gcloud auth application-default login --remote-bootstrap="(https://[^"]+)"$',
            gcloud.err,
            re.MULTILINE,
        )
        assert found is not None
        assert gcloud.out == "Enter the output of the above command: "
        url = urlsplit(found[1])
        assert (url.netloc, url.path) == ("accounts.google.com", "/o/oauth2/auth")
        query = parse_qs(url.query)
        assert "redirect_uri" not in query
        assert query["token_usage"] == ["remote"]
        assert query["response_type"] == ["code"]
        assert query["access_type"] == ["offline"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["scope"] == [f"{CLOUD} {TUNING}"]
        assert "372.0.0" in gcloud.err
        assert gcloud.adc["type"] == "authorized_user"

    def test_any_port_of_the_helper(self, gcloud: Gcloud) -> None:
        """The helper listens where it can; its answer tells where."""

        def answer() -> str:
            there = "http://localhost:8123/"
            return consent.answer(
                gcloud.url, ADA, gcloud.emulator.address, redirect_uri=there
            ).replace("http:", "https:")

        assert gcloud(*LOGIN, "--no-browser", own(gcloud), SCOPES, typed=answer) == 0, gcloud.err

    @pytest.mark.parametrize("quoted", ["'{}'", '  "{}"  \n', "{}\n"])
    def test_the_answer_may_be_quoted(self, gcloud: Gcloud, quoted: str) -> None:
        """People paste with quotes and spaces around."""
        code = gcloud(*LOGIN, "--no-browser", typed=lambda: quoted.format(gcloud.redirect()))
        assert code == 0, gcloud.err

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("nonsense\n", "[state, code]"),
            ("https://localhost:8085/?code=4/0A\n", "[state, code]"),
            ("https://localhost:8085/?code=4/0A&state=other\n", "another sign-in"),
            ("https://localhost/?code=4/0A&state=x\n", "port"),
            ("https://localhost:x/?code=4/0A&state=x\n", "port"),
            ("\n", "[state, code]"),
            ("", "ended"),
        ],
    )
    def test_what_is_no_answer(self, gcloud: Gcloud, typed: str, told: str) -> None:
        """Exit code 1 at once, with the reason; nothing is written and nothing hangs."""
        assert gcloud(*LOGIN, "--no-browser", typed=typed) == 1
        assert told in gcloud.err
        assert "ERROR: (gcloud.auth.application-default.login)" in gcloud.err
        assert not gcloud.has_adc

    def test_another_sign_in_s_answer(self, gcloud: Gcloud) -> None:
        """A code of somebody else's sign-in is not taken, whatever its state."""
        gcloud(*LOGIN, "--no-browser")
        earlier = gcloud.redirect(BOB)
        assert gcloud(*LOGIN, "--no-browser", typed=f"{earlier}\n") == 1
        assert not gcloud.has_adc

    def test_declining(self, gcloud: Gcloud) -> None:
        """Who presses Cancel is told so."""

        def answer() -> str:
            return consent.answer(gcloud.url, ADA, gcloud.emulator.address, decline=True)

        assert gcloud(*LOGIN, "--no-browser", typed=answer) == 1
        assert "declined" in gcloud.err


class TestNoLaunchBrowser:
    """--no-launch-browser: a page shows the code."""

    def test_the_code_is_typed(self, gcloud: Gcloud) -> None:
        """The link on stderr, gcloud's prompt on stdout, the code through a pipe."""
        assert gcloud(*LOGIN, "--no-launch-browser", typed=gcloud.code) == 0, gcloud.err
        assert gcloud.out.endswith("enter the verification code provided in your browser: ")
        query = parse_qs(urlsplit(gcloud.url).query)
        assert query["redirect_uri"] == [GCLOUD_CODE_PAGES[0]]
        assert query["token_usage"] == ["remote"]
        assert gcloud.has_adc

    def test_a_person_s_browser_finds_the_page(self, gcloud: Gcloud) -> None:
        """The link is the emulator's: a browser outside the run has no way to Google's."""
        assert gcloud(*LOGIN, "--no-launch-browser") == 1
        assert gcloud.url.startswith(gcloud.emulator.address)

    def test_a_wrong_code(self, gcloud: Gcloud) -> None:
        """The emulator's refusal is told."""
        assert gcloud(*LOGIN, "--no-launch-browser", typed="4/0Awrong\n") == 1
        assert "invalid_grant" in gcloud.err
        assert "4/0Awrong" not in gcloud.err


class TestChoice:
    """Without a flag it depends on the browser and the client."""

    def test_no_browser_here(self, gcloud: Gcloud) -> None:
        """Gcloud's own client has a code shown, one's own takes another machine's browser."""
        gcloud(*LOGIN)
        assert "verification code" in gcloud.out
        gcloud(*LOGIN, own(gcloud), SCOPES)
        assert "--remote-bootstrap=" in gcloud.err

    def test_this_machine_s_browser(self, gcloud: Gcloud) -> None:
        """With a browser the answer comes to a listener, and no line is asked for.

        The browser is a program that plays Ada and delivers the redirect, as the run's own does.
        """
        from shlex import quote
        from sys import executable

        browser = gcloud.home / "browser"
        browser.write_text(
            f'#!/bin/sh\nexec {quote(executable)} -P -m gemauth.run.browser "$@"\n',
            encoding="utf-8",
        )
        browser.chmod(0o700)
        environ = {"BROWSER": f"{browser} %s", "GEMAUTH_AUTO_CONSENT": ADA}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environ | gcloud.environ).items():
                patch.setenv(name, value)
            code = gcloud(*LOGIN, own(gcloud), SCOPES, BROWSER=environ["BROWSER"])
        assert code == 0, gcloud.err
        assert gcloud.out == ""
        query = parse_qs(urlsplit(gcloud.url).query)
        assert query["redirect_uri"][0].startswith("http://127.0.0.1:")
        assert gcloud.has_adc


class TestAutoConsent:
    """GEMAUTH_AUTO_CONSENT: no input and no terminal."""

    @pytest.mark.parametrize("flag", ["--browser", "--no-browser", "--no-launch-browser"])
    @pytest.mark.parametrize("command", [LOGIN, ("auth", "login")])
    def test_every_way(self, gcloud: Gcloud, command: tuple[str, ...], flag: str) -> None:
        """Each sign-in completes, and stdout stays empty."""
        assert gcloud.consenting(*command, flag) == 0, gcloud.err
        assert gcloud.out == ""

    def test_questions_are_answered(self, gcloud: Gcloud) -> None:
        """The question about GOOGLE_APPLICATION_CREDENTIALS too."""
        code = gcloud(
            *LOGIN, GEMAUTH_AUTO_CONSENT=ADA, GOOGLE_APPLICATION_CREDENTIALS="/some/key.json"
        )
        assert code == 0, gcloud.err

    def test_who_is_no_tester(self, gcloud: Gcloud) -> None:
        """A page that blocks the sign-in ends it, with its name and the cure."""
        assert gcloud.consenting(*LOGIN, own(gcloud), SCOPES, who=BOB) == 1
        assert "access_denied" in gcloud.err
        assert "gemauth emulator test-users add" in gcloud.err

    def test_who_has_no_account(self, gcloud: Gcloud) -> None:
        """An address that the emulator does not know is named."""
        assert gcloud.consenting(*LOGIN, who="eve@example.com") == 1
        assert "eve@example.com" in gcloud.err


class TestConsentIsPartial:
    def test_cloud_platform_is_needed(self, gcloud: Gcloud) -> None:
        """A box left unticked that gcloud needs is an error, another one a remark."""

        def without(scope: str) -> str:
            home = gcloud.emulator.address
            return consent.answer(gcloud.url, ADA, home, untick=[scope])

        words = (*LOGIN, "--no-browser", own(gcloud), SCOPES)
        assert gcloud(*words, typed=lambda: without(CLOUD)) == 1
        assert "required but not consented" in gcloud.err
        assert not gcloud.has_adc
        assert gcloud(*words, typed=lambda: without(TUNING)) == 0
        assert f"Missing scopes: {TUNING}" in gcloud.err


class TestRemoteBootstrap:
    """The other machine's part."""

    def bootstrap(self, gcloud: Gcloud) -> str:
        """Return what --no-browser prints."""
        gcloud(*LOGIN, "--no-browser", own(gcloud), SCOPES)
        return f"--remote-bootstrap={gcloud.url}"

    def test_its_line_completes_the_sign_in(self, gcloud: Gcloud) -> None:
        """What it prints last is what the waiting gcloud takes."""
        other = Gcloud(gcloud.emulator, gcloud.home / "..", json.loads(
            gcloud.client_file.read_text("utf-8")
        ))  # fmt: skip

        def answer() -> str:
            words = (*LOGIN, f"--remote-bootstrap={gcloud.url}")
            assert other.consenting(*words) == 0, other.err
            line = other.err.splitlines()[-1]
            assert line.startswith("https://localhost:8085/?")
            return f"{line}\n"

        assert gcloud(*LOGIN, "--no-browser", own(gcloud), SCOPES, typed=answer) == 0, gcloud.err
        assert "WARNING" in other.err

    def test_no_is_the_default(self, gcloud: Gcloud) -> None:
        """Without a yes nobody is signed in; gcloud's exit code for that is 0."""
        flag = self.bootstrap(gcloud)
        for typed in ("", "\n", "n\n"):
            assert gcloud(*LOGIN, flag, typed=typed) == 0
            assert "(y/N)?" in gcloud.err
            assert "localhost" not in gcloud.err
        assert gcloud(*LOGIN, flag, "--quiet") == 0
        assert gcloud.err == ""

    def test_a_foreign_page(self, gcloud: Gcloud) -> None:
        """A URL of somebody else's is not opened."""
        for typed in ("y\n",):
            assert (
                gcloud(*LOGIN, "--remote-bootstrap=https://evil.example/o/oauth2/auth", typed=typed)
                == 1
            )
            assert "it leads to evil.example" in gcloud.err


AT_GOOGLE = {
    "client_id": "1-x.apps.googleusercontent.com",
    "client_secret": "GOCSPX-x",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
}
HERE = AT_GOOGLE | {"client_secret": "GOCSPX-emu-x"}
ELSEWHERE = HERE | {"token_uri": "https://evil.example/token"}


class TestClientFile:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (None, "no OAuth client file"),
            ("no json", "no JSON"),
            (json.dumps({"web": HERE}), "'web'"),
            (json.dumps({"installed": AT_GOOGLE}), "Google's"),
            (json.dumps({"installed": ELSEWHERE}), "neither"),
            ("{}", "installed"),
            ('{"type": "authorized_user"}', "the credentials of a sign-in"),
        ],
    )
    def test_what_is_no_client_here(self, gcloud: Gcloud, content: str | None, told: str) -> None:
        """No file, no JSON, a web client, a client at Google: exit code 1, nothing sent."""
        path = gcloud.home / "other.json"
        if content is not None:
            path.write_text(content, encoding="utf-8")
        assert gcloud(*LOGIN, f"--client-id-file={path}") == 1
        assert told in gcloud.err

    def test_the_console_s_own_file(self, gcloud: Gcloud) -> None:
        """A file that names Google's endpoints, as the run writes it, is used at the emulator."""
        content = json.loads(gcloud.client_file.read_text("utf-8"))
        content["installed"] |= {
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
        gcloud.client_file.write_text(json.dumps(content), encoding="utf-8")
        assert gcloud.consenting(*LOGIN, own(gcloud), SCOPES) == 0, gcloud.err

    def test_workforce_pools(self, gcloud: Gcloud) -> None:
        """--login-config is for what the emulator has not."""
        assert gcloud(*LOGIN, "--login-config=f") == 1
        assert "--login-config" in gcloud.err
