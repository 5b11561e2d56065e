from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import adc, grants, tokens
from gemauth.client.revoke import revoke
from gemauth.client.token import AccessToken
from gemauth.errors import (
    CredentialError,
    DataError,
    NotFoundError,
    UnreachableError,
    UsageError,
)
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Response
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import EMULATOR, Sender, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x")
EMULATED = AuthorizedUser("1-emu1.apps.googleusercontent.com", "GOCSPX-emu-x", "1//emu-x")
GONE = Response(200, body=b"{}")


@pytest.fixture
def environ(home: Path) -> Mapping[str, str]:
    """A home with a sign-in, its remark and its cached token."""
    environ = {"HOME": str(home)}
    put(environ, USER, "")
    return environ


def put(environ: Mapping[str, str], user: AuthorizedUser, address: str) -> None:
    """Write a sign-in and what goes with it."""
    file = adc.write(adc.well_known(environ), user)
    grants.remember(environ, user.refresh_token, grants.Grant(("a",)))
    place = tokens.entry(environ, file.raw, (), address)
    assert place is not None
    tokens.store(place, AccessToken("ya29.x", 5e9))


def test_both_halves(environ: Mapping[str, str]) -> None:
    """The grant ends at the server, and the file, the remark and the cached token are gone."""
    sender = Sender(GONE)
    assert tokens.cached(environ, 0) == "ya29.x"
    done = revoke(environ=environ, transport=sender)
    assert (done.at_server, done.deleted, done.problem) == (True, True, None)
    assert sender.requests[0].url == GOOGLE.revocation
    path = adc.well_known(environ)
    assert done.path == str(path)
    assert not path.exists()
    assert grants.recall(environ, "1//0x") is None
    adc.write(path, USER)
    assert tokens.cached(environ, 0) is None


def test_a_grant_that_was_over(environ: Mapping[str, str]) -> None:
    """Google's 400 invalid_token means that there is nothing left to end."""
    done = revoke(environ=environ, transport=Sender(answer(400, error="invalid_token")))
    assert done.at_server
    assert done.deleted


@pytest.mark.parametrize("failure", [UnreachableError("down"), Response(503)])
def test_the_file_goes_whatever_the_server_says(
    failure: Response | Exception, environ: Mapping[str, str]
) -> None:
    """RFC 7009's advice; which half did not happen is reported with its reason."""
    done = revoke(environ=environ, transport=Sender(failure))
    assert not done.at_server
    assert done.deleted
    assert done.problem is not None
    assert not adc.well_known(environ).exists()


@pytest.mark.parametrize("what", ["application_default_credentials.json", "gemauth"])
def test_a_file_that_stays(
    what: str, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server did is told all the same, and the credentials go before any cache."""
    unlink = Path.unlink

    def refuse(self: Path, *, missing_ok: bool = False) -> None:
        if what in self.parts:
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    done = revoke(environ=environ, transport=Sender(GONE))
    assert done.at_server
    assert done.deleted is (what == "gemauth")
    assert isinstance(done.problem, DataError)


def test_nothing_to_revoke(environ: Mapping[str, str]) -> None:
    """No file is an error of its own kind."""
    with pytest.raises(NotFoundError):
        revoke("/nonexistent.json", environ=environ, transport=Sender())


def test_a_key_cannot_be_revoked(environ: Mapping[str, str], tmp_path: Path) -> None:
    """A service account's key is deleted in the console; its file is kept."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    with pytest.raises(UsageError, match="service_account"):
        revoke(path, environ=environ, transport=Sender())
    assert path.exists()


def test_nothing_crosses_the_wall(environ: Mapping[str, str]) -> None:
    """Neither side is asked about the other's token, and the file stays."""
    with pytest.raises(CredentialError):
        revoke(environ=environ, emulator=EMULATOR.gemini, transport=Sender())
    put(environ, EMULATED, EMULATOR.gemini)
    with pytest.raises(CredentialError):
        revoke(environ=environ, transport=Sender())
    assert adc.well_known(environ).exists()
    done = revoke(environ=environ, emulator=EMULATOR.gemini, transport=Sender(GONE))
    assert done.deleted
    assert tokens.cached(environ, 0, emulator=EMULATOR.gemini) is None


def test_it_opens_its_own_transport(environ: Mapping[str, str]) -> None:
    """Without one given: here no emulator answers, and the file goes all the same."""
    put(environ, EMULATED, "")
    done = revoke(environ=environ, emulator="http://127.0.0.1:9")
    assert isinstance(done.problem, UnreachableError)
    assert done.deleted


def test_without_a_home_a_named_file_works(tmp_path: Path) -> None:
    """There is no cache to look into."""
    adc.write(tmp_path / "adc.json", USER)
    assert revoke(tmp_path / "adc.json", environ={}, transport=Sender(GONE)).deleted


def test_what_only_others_can_end(environ: Mapping[str, str], tmp_path: Path) -> None:
    """Credentials that lead elsewhere end there; their file is kept."""
    path = tmp_path / "federated.json"
    path.write_text(json.dumps({"type": "gdch_service_account"}))
    with pytest.raises(UsageError, match="gdch_service_account") as caught:
        revoke(path, environ=environ, transport=Sender())
    assert "where it was set up" in (caught.value.next_step or "")
    assert path.exists()
