from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.profiles import store
from gemauth.client.sources import gcloud
from gemauth.client.sources.chain import default, load
from gemauth.errors import CredentialError, DataError, NotFoundError, UnreachableError, UsageError
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Headers, Request, Response
from tests.client.flows.test_assertion import EMULATED as EMULATED_KEY
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import EMULATOR, Sender, form_of, play, tokens

USER = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x", "of-the-file", "a@x")
EMULATED = AuthorizedUser("1-emu1.apps.googleusercontent.com", "GOCSPX-emu-x", "1//emu-x")
METADATA = Response(200, Headers({"Metadata-Flavor": "Google"}))


def put(path: Path, content: Any) -> str:
    """Write a credential file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = content if isinstance(content, dict) else content.to_json()
    path.write_text(json.dumps(body))
    return str(path)


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A home without credentials."""
    return {"HOME": str(home)}


@pytest.fixture
def well_known(environ: dict[str, str]) -> Path:
    """Where the ADC file goes."""
    return adc.well_known(environ)


def outcomes(found: Any) -> list[str]:
    """Return what was tried."""
    return [attempt.outcome for attempt in found.tried]


class TestProfile:
    """A profile that is named goes before every place where Google's libraries look."""

    @pytest.fixture(autouse=True)
    def _places(self, environ: dict[str, str], well_known: Path, tmp_path: Path) -> None:
        put(well_known, USER)
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = put(tmp_path / "key.json", KEY)
        for name in ("work", "home"):
            put(store.place(environ, name), replace(USER, account=f"{name}@x"))

    def test_by_hand_and_by_variable(self, environ: dict[str, str]) -> None:
        """By hand before the variable; the reasoning names which it was."""
        environ["GEMAUTH_PROFILE"] = "home"
        found = default(environ=environ)
        assert found.credentials.account == "home@x"
        assert "GEMAUTH_PROFILE names the profile 'home'" in found.reason
        assert [attempt.place for attempt in found.tried] == ["GEMAUTH_PROFILE=home"]
        found = default(profile="work", environ=environ)
        assert found.credentials.account == "work@x"
        assert found.credentials.path == found.source == str(store.place(environ, "work"))
        assert found.reason == "The profile 'work' was named."
        assert outcomes(found) == ["used"]

    def test_a_file_named_by_hand_goes_first(self, environ: dict[str, str], tmp_path: Path) -> None:
        """`load` looks at no variable."""
        environ["GEMAUTH_PROFILE"] = "home"
        assert load(tmp_path / "key.json", environ=environ).credentials.kind == "service_account"

    def test_an_empty_variable_is_unset(self, environ: dict[str, str]) -> None:
        """As Google's own are."""
        found = default(environ=environ | {"GEMAUTH_PROFILE": ""})
        assert found.credentials.kind == "service_account"

    def test_never_a_fall_through(self, environ: dict[str, str]) -> None:
        """What names no profile is an error, though there is a file at the next place."""
        with pytest.raises(NotFoundError, match="no profile 'none'"):
            default(profile="none", environ=environ)
        for name in ("none", "../work"):
            with pytest.raises(UsageError, match=f"GEMAUTH_PROFILE={name}: "):
                default(environ=environ | {"GEMAUTH_PROFILE": name})
        with pytest.raises(NotFoundError):
            default(profile="work", environ={})


class TestOrder:
    """google-oauth.md 6.5: the variable, the well-known file, the metadata server."""

    def test_the_variable_goes_first(
        self, environ: dict[str, str], well_known: Path, tmp_path: Path
    ) -> None:
        """GOOGLE_APPLICATION_CREDENTIALS shadows the sign-in, and the reason says so."""
        put(well_known, USER)
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = put(tmp_path / "key.json", KEY)
        found = default(environ=environ)
        assert found.credentials.kind == "service_account"
        assert found.source == str(tmp_path / "key.json")
        assert "GOOGLE_APPLICATION_CREDENTIALS" in found.reason
        assert outcomes(found) == ["used"]

    def test_a_variable_that_names_no_file_is_an_error(
        self, environ: dict[str, str], well_known: Path
    ) -> None:
        """Never a fall-through, though there is a file at the next place."""
        put(well_known, USER)
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent.json"
        with pytest.raises(UsageError, match=r"names /nonexistent\.json"):
            default(environ=environ)

    def test_then_the_well_known_file(self, environ: dict[str, str], well_known: Path) -> None:
        """The one that a sign-in writes."""
        put(well_known, USER)
        found = default(environ=environ)
        assert found.credentials.kind == "authorized_user"
        assert found.credentials.path == str(well_known)
        assert outcomes(found) == ["not set", "used"]

    def test_the_variable_may_name_the_well_known_file(
        self, environ: dict[str, str], well_known: Path
    ) -> None:
        """Then it is the second step, as in google-auth: missing it is no error there."""
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(well_known)
        with pytest.raises(CredentialError, match="No credentials"):
            default(environ=environ, transport=Sender(UnreachableError("none")))
        put(well_known, USER)
        assert "well-known" in default(environ=environ).reason

    def test_an_empty_variable_is_unset(self, environ: dict[str, str], well_known: Path) -> None:
        """As in google-auth."""
        put(well_known, USER)
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = ""
        assert default(environ=environ).source == str(well_known)

    def test_then_the_metadata_server(self, environ: dict[str, str]) -> None:
        """Its token is asked for with the default scopes, only when it is needed."""
        sender = Sender(METADATA)
        found = default(environ=environ, transport=sender, quota_project="billed")
        assert found.credentials.kind == "metadata"
        assert found.credentials.quota_project == "billed"
        assert found.credentials.scopes == scopes.DEFAULT
        assert outcomes(found) == ["not set", "no such file", "used"]
        token = play(found.credentials.source.token(), (Send, tokens(access_token="ya29.c.x")))
        assert token.value == "ya29.c.x"

    @pytest.mark.parametrize(
        ("more", "emulator", "outcome"),
        [
            ({}, None, "no answer"),
            ({"NO_GCE_CHECK": "true"}, None, "NO_GCE_CHECK"),
            ({}, EMULATOR.gemini, "calls go to an emulator"),
        ],
    )
    def test_nothing_anywhere(
        self, environ: dict[str, str], more: dict[str, str], emulator: str | None, outcome: str
    ) -> None:
        """The error lists each place with why it was nothing, and how to get credentials."""
        with pytest.raises(CredentialError) as caught:
            default(
                environ=environ | more,
                emulator=emulator,
                transport=Sender(UnreachableError("none")),
            )
        for words in ("GOOGLE_APPLICATION_CREDENTIALS: not set", "no such file", outcome):
            assert words in caught.value.message
        assert "gemauth login" in (caught.value.next_step or "")

    def test_without_a_home(self) -> None:
        """There is no well-known place; the search goes on."""
        found = default(environ={}, transport=Sender(METADATA))
        assert outcomes(found) == ["not set", "no HOME to look in", "used"]

    def test_an_emulators_metadata_server(self, environ: dict[str, str]) -> None:
        """It is asked where GCE_METADATA_HOST names one, since only then it is of its kind."""
        environ |= {"GCE_METADATA_HOST": "127.0.0.1:1", "GEMAUTH_EMULATOR": EMULATOR.gemini}
        found = default(environ=environ, transport=Sender(METADATA))
        assert found.credentials.endpoints == EMULATOR

    def test_it_looks_for_itself(self, environ: dict[str, str]) -> None:
        """Without a transport one is opened and closed for the probe."""
        environ |= {"GCE_METADATA_HOST": "127.0.0.1:9", "GCE_METADATA_TIMEOUT": "1"}
        with pytest.raises(CredentialError, match="no answer"):
            default(environ=environ)


class TestUser:
    def test_what_is_known_of_the_grant(self, environ: dict[str, str], well_known: Path) -> None:
        """Account, scopes and end come from the remark on this very refresh token."""
        put(well_known, USER)
        grants.remember(environ, "1//0x", grants.Grant(("a",), "ada@x", 5.0, "demo"))
        mine = default(environ=environ).credentials
        assert (mine.account, mine.scopes, mine.refresh_until, mine.project) == (
            "a@x",
            ("a",),
            5.0,
            "demo",
        )

    @pytest.mark.parametrize(
        ("argument", "variable", "expected"),
        [("arg", "env", "arg"), (None, "env", "env"), (None, None, "of-the-file")],
    )
    def test_the_quota_projects_order(
        self,
        environ: dict[str, str],
        well_known: Path,
        argument: str | None,
        variable: str | None,
        expected: str,
    ) -> None:
        """Argument, GOOGLE_CLOUD_QUOTA_PROJECT, file."""
        put(well_known, USER)
        if variable is not None:
            environ["GOOGLE_CLOUD_QUOTA_PROJECT"] = variable
        found = default(environ=environ, quota_project=argument)
        assert found.credentials.quota_project == expected

    def test_the_token_is_kept_for_the_next_time(
        self, environ: dict[str, str], well_known: Path
    ) -> None:
        """A second process asks nobody."""
        put(well_known, USER)
        play(default(environ=environ).credentials.source.token(), (Send, tokens()))
        again = play(default(environ=environ).credentials.source.token())
        assert again.value == "ya29.a0"

    def test_fewer_scopes(self, environ: dict[str, str], well_known: Path) -> None:
        """Short names are spelled out and go into the refresh."""
        put(well_known, USER)
        source = default(["tuning"], environ=environ).credentials.source

        def check(step: Send) -> Response:
            assert form_of(step)["scope"] == scopes.TUNING
            return tokens()

        play(source.token(), (Send, check))

    def test_an_emulators_sign_in_does_not_go_to_google(
        self, environ: dict[str, str], well_known: Path
    ) -> None:
        """The error names the emulator that it came from, where that is remembered."""
        put(well_known, EMULATED)
        with pytest.raises(CredentialError, match="not sent to Google"):
            default(environ=environ)
        grants.remember(environ, "1//emu-x", grants.Grant(emulator="http://127.0.0.1:8085"))
        with pytest.raises(CredentialError) as caught:
            default(environ=environ)
        assert "GEMAUTH_EMULATOR=http://127.0.0.1:8085" in (caught.value.next_step or "")
        assert default(environ=environ, emulator=EMULATOR.gemini).credentials.endpoints == EMULATOR

    def test_googles_sign_in_does_not_go_to_an_emulator(
        self, environ: dict[str, str], well_known: Path
    ) -> None:
        """By the variable, the argument or endpoints."""
        put(well_known, USER)
        with pytest.raises(CredentialError):
            default(environ=environ | {"GEMAUTH_EMULATOR": EMULATOR.gemini})
        with pytest.raises(CredentialError):
            default(environ=environ, endpoints=EMULATOR)

    def test_without_a_home_nothing_is_kept(self, tmp_path: Path) -> None:
        """A named file works without a place for caches."""
        found = load(put(tmp_path / "adc.json", USER), environ={})
        assert play(found.credentials.source.token(), (Send, tokens())).value == "ya29.a0"


class TestKey:
    def test_googles_key(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Exchanged for a token with the default scopes; the file's quota project is none."""
        found = load(put(tmp_path / "key.json", KEY), environ=environ)
        mine = found.credentials
        assert (mine.kind, mine.account, mine.scopes) == (
            "service_account",
            KEY.client_email,
            scopes.DEFAULT,
        )
        assert mine.endpoints is GOOGLE

        def check(step: Send) -> Response:
            assert form_of(step)["grant_type"].endswith("jwt-bearer")
            return tokens(access_token="ya29.c.x")

        assert play(mine.source.token(), (Send, check)).value == "ya29.c.x"

    def test_an_emulators_key_finds_its_emulator(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """Its token_uri says where; another address may be given."""
        path = put(tmp_path / "key.json", EMULATED_KEY)
        assert load(path, environ=environ).credentials.endpoints == EMULATOR
        moved = load(path, environ=environ, emulator="http://127.0.0.1:9999").credentials
        assert moved.endpoints.token == "http://127.0.0.1:9999/token"

    def test_a_foreign_token_uri(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Refused when it is read, before anything is signed."""
        path = put(tmp_path / "key.json", KEY.to_json() | {"token_uri": "https://evil.example/"})
        with pytest.raises(UsageError, match="neither"):
            load(path, environ=environ)


class TestLoad:
    def test_a_missing_file(self, environ: dict[str, str], tmp_path: Path) -> None:
        """The file that was named, or nothing."""
        with pytest.raises(NotFoundError):
            load(tmp_path / "none.json", environ=environ)

    def test_types_that_are_not_ours(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Named by their type; never used as if they were something else."""
        path = put(tmp_path / "gdch.json", {"type": "gdch_service_account"})
        with pytest.raises(UsageError, match="gdch_service_account"):
            load(path, environ=environ)

    def test_no_credentials_in_it(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A client file given as credentials is told apart."""
        path = put(tmp_path / "client.json", {"installed": {}})
        with pytest.raises(DataError, match="OAuth client file"):
            load(path, environ=environ)

    def test_a_persons_file_without_a_type(
        self, environ: dict[str, str], well_known: Path, tmp_path: Path
    ) -> None:
        """google-auth's to_json() writes such: one that is named is taken, ADC's places' is not."""
        body = {name: value for name, value in USER.to_json().items() if name != "type"}
        path = put(tmp_path / "token.json", body)
        assert load(path, environ=environ).credentials.quota_project == "of-the-file"
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = path
        with pytest.raises(DataError, match="has no type") as refused:
            default(environ=environ)
        assert f"--credentials {path}" in (refused.value.next_step or "")
        del environ["GOOGLE_APPLICATION_CREDENTIALS"]
        put(well_known, body)
        with pytest.raises(DataError, match="has no type"):
            default(environ=environ)

    def test_the_token_may_be_used_at_once(self, environ: dict[str, str], tmp_path: Path) -> None:
        """From a file to an authorized request."""
        found = load(put(tmp_path / "adc.json", USER), environ=environ)
        sender = Sender(tokens())
        request = Request("GET", f"{GOOGLE.gemini}/v1/models")
        authorized = found.credentials.authorize(request, transport=sender)
        assert authorized.headers["Authorization"] == "Bearer ya29.a0"
        assert authorized.headers["x-goog-user-project"] == "of-the-file"
        assert found.tried[0].place == str(tmp_path / "adc.json")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="pipes have no names here")
def test_a_pipe_is_a_file(environ: dict[str, str]) -> None:
    """`--credentials <(vault …)` keeps a key off the disk."""
    reader, writer = os.pipe()
    os.write(writer, json.dumps(KEY.to_json()).encode())
    os.close(writer)
    try:
        assert load(f"/dev/fd/{reader}", environ=environ).credentials.kind == "service_account"
    finally:
        os.close(reader)


def test_a_name_that_no_system_takes(environ: dict[str, str]) -> None:
    """What the system refuses is an error of the file, wherever it was named."""
    with pytest.raises(DataError, match="File name too long"):
        load("x" * 5000, environ=environ)
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = "x" * 5000
    with pytest.raises(DataError, match="File name too long"):
        default(environ=environ)


class TestGcloud:
    """gcloud's sign-in is used if it is asked for by its name, and in no other case."""

    @pytest.fixture
    def signed_in(self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        """A gcloud on the PATH with somebody in it."""
        program = Path(environ["HOME"]) / "gcloud"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        environ["PATH"] = environ["HOME"]
        credential = {"access_token": "ya29.a0-gcloud", "token_expiry": "2099-01-01T00:00:00Z"}
        core = {"core": {"account": "ada@example.com", "project": "working"}}
        said = {"credential": credential, "configuration": {"properties": core}}
        monkeypatch.setattr(gcloud, "_run", lambda *_: (0, json.dumps(said), ""))

    @pytest.mark.usefixtures("signed_in")
    def test_asked_for(self, environ: dict[str, str]) -> None:
        """The reason says what its tokens do not open; nothing else was looked at."""
        found = load("gcloud", environ=environ)
        assert (found.source, outcomes(found)) == ("gcloud", ["used"])
        assert "none of the Gemini API's own" in found.reason
        assert (found.credentials.kind, found.credentials.quota_project) == ("gcloud", "working")
        billed = load("gcloud", environ={**environ, "GOOGLE_CLOUD_QUOTA_PROJECT": "paying"})
        assert billed.credentials.quota_project == "paying"

    @pytest.mark.usefixtures("signed_in")
    def test_to_act_as_somebody(self, environ: dict[str, str]) -> None:
        """The account's calls count against its own project, not against gcloud's."""
        robot = "robot@project-1.iam.gserviceaccount.com"
        found = load("gcloud", [scopes.TUNING], impersonate=robot, environ=environ)
        assert (found.credentials.account, found.credentials.quota_project) == (robot, None)
        assert found.credentials.scopes == (scopes.TUNING,)
        assert "none of the Gemini API's own" not in found.reason

    @pytest.mark.usefixtures("signed_in")
    def test_not_asked_for(self, environ: dict[str, str]) -> None:
        """No Google library falls back to it, and neither does gemauth; a path names a file."""
        with pytest.raises(CredentialError, match="No credentials"):
            default(environ=environ, transport=Sender(UnreachableError("none")))
        for path in ("./gcloud", Path("gcloud")):
            with pytest.raises(NotFoundError, match="no credential file"):
                load(path, environ=environ)
