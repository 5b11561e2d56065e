from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client import status as reader
from gemauth.client.cache import adc, files, grants, keyring, tokens
from gemauth.client.profiles import store, upkeep, using
from gemauth.client.sources import chain
from gemauth.client.sources.cached import Stored
from gemauth.client.token import AccessToken
from gemauth.errors import CredentialError, DataError, NotFoundError, UsageError
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.http import Headers, Response
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import NOON, Sender, answer, play
from tests.client.transcript import tokens as token_answer

if TYPE_CHECKING:
    from pathlib import Path

USER = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x", account="ada@x.org")


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A home with a sign-in that is known, and its token in the cache."""
    environ = {"HOME": str(home)}
    file = adc.write(adc.well_known(environ), USER)
    known = grants.Grant((scopes.TUNING,), "ada@x.org", NOON + 500_000, "demo")
    grants.remember(environ, USER.refresh_token, known)
    place = tokens.entry(environ, file.raw, (), "")
    assert place is not None
    tokens.store(place, AccessToken("ya29.x", NOON + 600))
    return environ


def states(status: reader.Status) -> list[str]:
    """The states of the places, in their order."""
    return [place.state for place in status.places]


def test_a_sign_in(environ: dict[str, str]) -> None:
    """Without a request: who, what for, until when, and where it was found."""
    status = reader.read(environ)
    assert status.credentials is not None
    assert status.credentials.account == "ada@x.org"
    assert status.credentials.scopes == (scopes.TUNING,)
    assert status.credentials.refresh_until == NOON + 500_000
    assert status.token_until == NOON + 600
    assert states(status) == ["empty", "used", "shadowed"]
    assert status.places[1].holds == "authorized_user ada@x.org"


def test_the_variable_shadows_the_sign_in(environ: dict[str, str], home: Path) -> None:
    """GOOGLE_APPLICATION_CREDENTIALS goes before the well-known file, which is told to be there."""
    key = home / "key.json"
    key.write_text(json.dumps(KEY.to_json()))
    status = reader.read({**environ, "GOOGLE_APPLICATION_CREDENTIALS": str(key)})
    assert states(status) == ["used", "shadowed", "shadowed"]
    assert status.places[0].holds == f"service_account {KEY.client_email}"
    assert status.credentials is not None
    assert status.credentials.kind == "service_account"
    assert status.token_until is None


def test_the_variable_may_name_the_well_known_file(environ: dict[str, str]) -> None:
    """Then it is one place and not two, and nothing is shadowed."""
    path = str(adc.well_known(environ))
    status = reader.read({**environ, "GOOGLE_APPLICATION_CREDENTIALS": path})
    assert states(status) == ["used", "shadowed"]
    assert status.problem is None


def test_a_named_file_goes_first(environ: dict[str, str], home: Path) -> None:
    """`--credentials` goes before every place."""
    other = adc.write(
        home / "other.json", replace(USER, account="bob@x.org", refresh_token="1//0y")
    )
    status = reader.read(environ, credentials=str(other.path))
    assert states(status) == ["used", "empty", "shadowed", "shadowed"]
    assert status.credentials is not None
    assert status.credentials.account == "bob@x.org"
    assert status.credentials.scopes == ()


def test_a_variable_that_leads_nowhere_is_the_end(environ: dict[str, str]) -> None:
    """It is an error in every library, and so nothing behind it is used."""
    status = reader.read({**environ, "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere"})
    assert isinstance(status.problem, UsageError)
    assert states(status) == ["empty", "shadowed", "shadowed"]


def test_nothing_there_and_nobody_asked(home: Path) -> None:
    """Offline the metadata server is not asked, and said not to have been."""
    status = reader.read({"HOME": str(home)})
    assert isinstance(status.problem, CredentialError)
    assert states(status) == ["empty", "empty", "unasked"]


def test_a_machine_that_is_asked(home: Path) -> None:
    """With a transport the metadata server is looked for."""
    there = Response(200, Headers({"Metadata-Flavor": "Google"}))
    status = reader.read({"HOME": str(home)}, transport=Sender(there))
    assert states(status) == ["empty", "empty", "used"]
    assert status.token_until is None


def test_gcloud_is_asked_for(home: Path) -> None:
    """A gcloud that is asked for by its name is a place of its own, before others; here is none."""
    status = reader.read({"HOME": str(home), "PATH": str(home)}, credentials="gcloud")
    assert isinstance(status.problem, NotFoundError)
    assert states(status) == ["used", "empty", "empty", "shadowed"]
    assert (status.places[0].path, status.places[0].holds) == ("gcloud", "gcloud's own sign-in")


def test_a_file_with_gclouds_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stands in the working folder is not read in its place."""
    monkeypatch.chdir(home)
    (home / "gcloud").write_text("no JSON")
    found = chain.from_token("ya29.x", environ={})
    status = reader.read({"HOME": str(home)}, credentials="gcloud", find=lambda _: found)
    assert status.problem is None
    assert (status.places[0].holds, status.profile) == ("gcloud's own sign-in", None)


def test_a_torn_file(environ: dict[str, str]) -> None:
    """It is in use, as every library would try to, and what is wrong with it is told."""
    adc.well_known(environ).write_text("{")
    status = reader.read(environ)
    assert isinstance(status.problem, DataError)
    assert "is no JSON file" in status.places[1].holds


def test_a_file_that_may_not_be_looked_at(environ: dict[str, str], home: Path) -> None:
    """A place that the system refuses to tell of is one of those listed, and no end of them."""
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(home / ("x" * 300))
    status = reader.read(environ)
    assert status.places[0].state == "used"
    assert "cannot be read" in status.places[0].holds
    assert isinstance(status.problem, DataError)


def test_a_cached_token_that_was_revoked(environ: dict[str, str], home: Path) -> None:
    """A token that the server does not know is no sign-in that is over: a new one is asked for."""
    status = reader.read({**environ, "XDG_CONFIG_HOME": str(home / "empty")})
    told = play(
        reader.ask(status),
        (Send, token_answer()),
        (Send, answer(400, error="invalid_token")),
        (Send, token_answer(access_token="ya29.another")),
        (Send, answer(scope=scopes.RETRIEVER)),
    )
    assert told.asked


def test_the_servers_word(environ: dict[str, str], home: Path) -> None:
    """Asked, the server's scopes and account replace what was remembered."""
    status = reader.read({**environ, "XDG_CONFIG_HOME": str(home / "empty")})
    told = play(
        reader.ask(status),
        (Send, token_answer()),
        (Send, answer(scope=scopes.RETRIEVER, exp=str(int(NOON) + 60), email="eve@x.org")),
    )
    assert told.asked
    assert told.token_until == NOON + 60
    assert told.credentials is not None
    assert (told.credentials.scopes, told.credentials.account) == ((scopes.RETRIEVER,), "eve@x.org")


def test_a_profile(environ: dict[str, str], home: Path) -> None:
    """The one that is named goes before every place, then GEMAUTH_PROFILE; the ADC file says whose
    copy it is.
    """
    upkeep.save(environ, "work", adc.well_known(environ))
    using.use(environ, "work")
    copied = reader.read(environ)
    assert (copied.profile, copied.keyring) == ("work", None)
    other = adc.write(home / "x.json", replace(USER, account="bob@x.org", refresh_token="1//0y"))
    upkeep.save(environ, "play", other.path)
    named = reader.read(environ, profile="play")
    assert named.credentials is not None
    assert (named.profile, named.credentials.account) == ("play", "bob@x.org")
    assert states(named) == ["used", "empty", "shadowed", "shadowed"]
    assert named.places[0].name == "--profile play"
    chosen = reader.read({**environ, "GEMAUTH_PROFILE": "play"})
    assert chosen.places[0].name == "GEMAUTH_PROFILE=play"
    assert chosen.profile == "play"
    lost = reader.read(environ, profile="nobody")
    assert states(lost) == ["empty", "empty", "shadowed", "shadowed"]
    assert lost.problem is not None


def test_a_keyring(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the secrets are is told without opening it more than the credentials' own finding."""
    pointer = keyring.Pointer.to(USER, "keyring.backends.macOS.Keyring")
    files.write_private(store.place(environ, "safe"), adc.form(pointer.to_json()))
    asked = []

    def read(_: object) -> AuthorizedUser:
        asked.append(1)
        return USER

    monkeypatch.setattr(keyring, "read", read)
    status = reader.read(environ, profile="safe")
    assert (status.keyring, status.profile) == ("keyring.backends.macOS.Keyring", "safe")
    assert "in the keyring" in status.places[0].holds
    assert asked == [1]


def test_a_token_that_is_given(environ: dict[str, str], home: Path) -> None:
    """It goes before everything, and nothing is known of its end."""
    found = chain.from_token("ya29.given", environ=environ)
    path = str(home / "token")
    status = reader.read(environ, token_file=path, find=lambda _: found)
    assert states(status) == ["used", "empty", "shadowed", "shadowed"]
    assert status.credentials is not None
    assert (status.credentials.kind, status.token_until) == ("access_token", None)


def test_a_token_of_an_account_to_act_as(environ: dict[str, str]) -> None:
    """The cached one is the account's, not the person's."""
    found = chain.default(impersonate="robot@p.iam.gserviceaccount.com", environ=environ)
    assert isinstance(found.credentials.source, Stored)
    assert reader.read(environ, find=lambda _: found).token_until is None
    tokens.store(found.credentials.source.place, AccessToken("ya29.robot", NOON + 900))
    assert reader.read(environ, find=lambda _: found).token_until == NOON + 900
